"""The development questions of the search: what its weights and means may be chosen by, so that nothing else is.

68 courses that are described both in English and in Chinese (`cs-self-learning.parquet` in FOLDER), and a question in
either language for each (`paraphrases_dev.csv`). In every one of several draws half of the courses are there in
English and the other half in Chinese; then the halves change places. MRR by direction, mean over the draws.
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.parquet as parquet

from benchmarks.report import Report, one_thread, run
from benchmarks.search import DIRECTIONS, Asked, embedded, models, searched, shelf_of
from recsys.encoders import CachedEncoder
from recsys.types import Item

QUESTIONS: Final = Path(__file__).with_name("paraphrases_dev.csv")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_NO_PROSE: Final = ("#", "-", "*", ">", "!", "|", "<", "`", "1.")
_LONGEST: Final = {"en": 900, "zh": 330}


def described(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Title and the first prose of every description by (path without ending, language)."""
    rows: list[dict[str, Any]] = parquet.read_table(folder / "cs-self-learning.parquet").to_pylist()
    found = {}
    for row in rows:
        path = row["path"].removeprefix("docs/").removesuffix(".md").removesuffix(".en")
        parts = [part.strip() for part in re.split(r"\n\s*\n", row["text"])]
        prose = [_LINK.sub(r"\1", part) for part in parts if len(part) > 30 and not part.startswith(_NO_PROSE)]
        found[path, row["lang"]] = (row["title"] or "", "\n".join(prose)[: _LONGEST[row["lang"]]])
    return found


def measure(report: Report, options: argparse.Namespace) -> None:
    texts = described(options.folder)
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [(row["course"], language) for language in ("en", "zh") for row in rows]
    items = [
        Item(f"{path} {language}", at, "course", *texts[path, language], language=language)
        for at, (path, language) in enumerate(keys)
    ]
    with models() as (process, courses):
        first, second = embedded(process, courses, items)
        found: dict[str, list[float]] = {direction: [] for direction in DIRECTIONS}
        encoder = CachedEncoder(process)
        for draw in range(2 if report.quick else 10):
            half = np.random.default_rng(draw).permutation(len(rows))[: len(rows) // 2]
            for chinese_ones in (set(half.tolist()), set(range(len(rows))) - set(half.tolist())):
                places = [at + len(rows) * (at in chinese_ones) for at in range(len(rows))]
                here = [items[at] for at in places]
                shelf = shelf_of(here, first[places], second[places], encoder, courses)
                asked = [
                    Asked("", item.id, row[spoken], f"{spoken[:2].replace('ch', 'zh')}-{item.language}")
                    for item, row in zip(here, rows, strict=True)
                    for spoken in ("english", "chinese")
                ]
                for question, rank in zip(asked, searched(shelf, asked), strict=True):
                    found[question.direction].append(1 / rank)
    for direction, places_ in found.items():
        report.add(f"development, {direction}", float(np.mean(places_)), "MRR", f"{len(rows)} courses")
    report.add("development, all", float(np.mean([np.mean(one) for one in found.values()])), "MRR")


if __name__ == "__main__":
    one_thread()
    raise SystemExit(run("search_dev", __doc__, measure, [("folder", {"type": Path})]))
