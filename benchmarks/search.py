"""How well courses are found by questions in other words than theirs, in English, Chinese and across: MRR.

60 courses of the sample, 30 in each language, and two questions for each (`paraphrases.csv`), one in either language;
then the same questions among the whole sample, where many courses answer a question as well as the one it was written
for, so that the figures compare with each other only. One index holds both languages. Beside the search stands what
each model finds by itself, its language means taken away where the search does so too.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.report import Report, one_thread, run
from bot.sample import catalogue_path
from recsys.embedding import embed_items
from recsys.encoders import CachedEncoder, EncoderProcess, ProcessLimits
from recsys.encoders.chunked import normalised
from recsys.encoders.means import chinese
from recsys.shelf import Shelf
from recsys.types import Filter, Item, Matrix, QuestionEncoder

QUESTIONS = Path(__file__).with_name("paraphrases.csv")
DIRECTIONS = ("en-en", "zh-zh", "en-zh", "zh-en")
_DEPTH = 100


def figures(shelf: Shelf, languages: dict[str, str], asked: list[tuple[str, str]]) -> dict[str, float]:
    """MRR by direction (language of the question, of the course), and of all."""
    found: dict[str, list[float]] = defaultdict(list)
    for course, question in asked:
        hits = [hit.item for hit in shelf.search(question, k=_DEPTH, where=Filter(), now=0.0)]
        place = 1 / (1 + hits.index(course)) if course in hits else 0.0
        found[f"{'zh' if chinese(question) else 'en'}-{languages[course]}"].append(place)
        found["all"].append(place)
    return {name: float(np.mean(places)) for name, places in found.items()}


def alone(
    items: list[Item], passages: Matrix, questions: Matrix, languages: dict[str, str], asked: list[tuple[str, str]]
) -> dict[str, float]:
    """The same figures for the cosines of one kind of vectors, without words and without anything of ours."""
    place = {item.id: at for at, item in enumerate(items)}
    found: dict[str, list[float]] = defaultdict(list)
    for (course, question), vector in zip(asked, questions, strict=True):
        cosines = passages @ vector
        # Of equal cosines the wanted one comes last: a vector of nothing finds nothing.
        rank = int((cosines >= cosines[place[course]]).sum())
        found[f"{'zh' if chinese(question) else 'en'}-{languages[course]}"].append(1 / rank)
        found["all"].append(1 / rank)
    return {name: float(np.mean(places)) for name, places in found.items()}


def kinds(first: Matrix, second: Matrix) -> dict[str, Matrix]:
    """What could be searched by instead: each model's vectors, and two of them side by side in one index."""
    half = second.shape[1] // 2
    e5, english = normalised(second[:, :half].astype(np.float64)), normalised(second[:, half:].astype(np.float64))
    both = normalised(np.concatenate([first, e5], axis=1).astype(np.float64))
    return {"USE alone": first, "e5 alone": e5, "MiniLM alone": english, "USE beside e5": both}


def shelf_of(
    items: list[Item], first: Matrix | None, second: Matrix, encoder: CachedEncoder, courses: QuestionEncoder | None
) -> Shelf:
    shelf = Shelf(encoder, courses=courses)
    vectors = [None] * len(items) if first is None else list(first)
    shelf.put(list(zip(items, vectors, strict=True)), courses={i.row: v for i, v in zip(items, second, strict=True)})
    return shelf


def measure(report: Report, _: argparse.Namespace) -> None:
    with catalogue_path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        asked = [(f"course:{row['course']}", row["question"]) for row in csv.DictReader(file)]
    items = [
        Item(
            id=f"course:{row['id']}",
            row=at,
            kind="course",
            title=row["title"],
            text=row["summary"],
            language=row["language"],
        )
        for at, row in enumerate(rows)
    ]
    languages = {item.id: item.language for item in items}
    wanted = {course for course, _ in asked}
    with EncoderProcess("use-multilingual-v3", limits=ProcessLimits(patience=60.0)) as process:
        courses = process.courses
        if courses is None:
            raise SystemExit("the models for courses are not made for this machine")
        titles, texts = [item.title for item in items], [item.text for item in items]
        first, second = embed_items(process.bulk, titles, texts), embed_items(courses, titles, texts, title_share=0.0)
        questions = [question for _, question in asked]
        by_kind = kinds(process.bulk.encode(questions), courses.encode_questions(questions))
        encoder = CachedEncoder(process)
        for name, places in (
            ("60 courses", [at for at, item in enumerate(items) if item.id in wanted]),
            (f"{len(items)} courses", list(range(len(items)))),
        ):
            some = [items[at] for at in places]
            for kind, passages in kinds(first[places], second[places]).items():
                made = alone(some, passages, by_kind[kind], languages, asked)
                for direction in (*DIRECTIONS, "all"):
                    report.add(f"{name}, {kind}, {direction}", made[direction], "MRR", "no words")
            for label, vectors, models in (
                ("words only", None, None),
                ("first encoder and words", first[places], None),
                ("with the models for courses", first[places], courses),
            ):
                made = figures(shelf_of(some, vectors, second[places], encoder, models), languages, asked)
                for direction in (*DIRECTIONS, "all"):
                    report.add(f"{name}, {label}, {direction}", made[direction], "MRR", "")


if __name__ == "__main__":
    one_thread()
    raise SystemExit(run("search", __doc__, measure))
