"""How well courses are found by questions in other words than theirs, in English, Chinese and across.

Two sets of 60 courses of the sample, 30 in each language, and two questions for each course (`paraphrases.csv`), one in
either language; then all of these among the whole sample, where many courses answer a question as well as the one it
was written for, so that the figures compare with each other only. One index holds both languages. Beside the search
stands what each model finds by itself, its language means taken away where the search does so too.

Each line: mean reciprocal rank, its standard error (bootstrap over questions), how many questions have their course
among the first three; for the search also its difference from the best single column of that direction, question by
question. Then subjects of one to three words in both languages and mixed (`subjects.csv`): how many of the first ten
courses have the tag, and how far the share of Chinese ones among them is from their share among all that have it.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report, one_thread, run
from bot.sample import catalogue_path
from recsys.embedding import embed_items
from recsys.encoders import CachedEncoder, EncoderProcess, ProcessLimits
from recsys.encoders.chunked import normalised
from recsys.encoders.means import chinese
from recsys.evaluation.stats import bootstrap_means
from recsys.shelf import Shelf
from recsys.types import Filter, Item, Matrix, QuestionEncoder

QUESTIONS: Final = Path(__file__).with_name("paraphrases.csv")
SUBJECTS: Final = Path(__file__).with_name("subjects.csv")
PARTS: Final = ("first", "added")
DIRECTIONS: Final = ("en-en", "zh-zh", "en-zh", "zh-en")
SERVED: Final = "with the models for courses"
_DEPTH: Final = 100
_SHORT: Final = 10
_FAR: Final = 1_000_000
"""The rank of what was not found."""

Ranks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a part, the course it was written for and the direction: language of the one, of the other."""

    part: str
    course: str
    words: str
    direction: str


def searched(shelf: Shelf, asked: Sequence[Asked]) -> Ranks:
    """The place of each question's course in the search, from 1."""
    ranks = []
    for question in asked:
        hits = [hit.item for hit in shelf.search(question.words, k=_DEPTH, where=Filter(), now=0.0)]
        ranks.append(1 + hits.index(question.course) if question.course in hits else _FAR)
    return np.asarray(ranks)


def alone(items: Sequence[Item], passages: Matrix, questions: Matrix, asked: Sequence[Asked]) -> Ranks:
    """The same for the cosines of one kind of vectors, without words and without anything of ours."""
    place = {item.id: at for at, item in enumerate(items)}
    ranks = []
    for question, vector in zip(asked, questions, strict=True):
        cosines = passages @ vector
        # Of equal cosines the wanted one comes last: a vector of nothing finds nothing.
        ranks.append(int((cosines >= cosines[place[question.course]]).sum()))
    return np.asarray(ranks)


def kinds(first: Matrix, second: Matrix) -> dict[str, Matrix]:
    """What could be searched by instead: each model's vectors, and two of them side by side in one index."""
    half = second.shape[1] // 2
    e5, english = normalised(second[:, :half].astype(np.float64)), normalised(second[:, half:].astype(np.float64))
    both = normalised(np.concatenate([first, e5], axis=1).astype(np.float64))
    return {"USE alone": first, "e5 alone": e5, "MiniLM alone": english, "USE beside e5": both}


def shelf_of(
    items: Sequence[Item],
    first: Matrix | None,
    second: Matrix,
    encoder: CachedEncoder,
    courses: QuestionEncoder | None,
) -> Shelf:
    shelf = Shelf(encoder, courses=courses)
    vectors = [None] * len(items) if first is None else list(first)
    shelf.put(list(zip(items, vectors, strict=True)), courses={i.row: v for i, v in zip(items, second, strict=True)})
    return shelf


def compared(
    report: Report, name: str, asked: Sequence[Asked], columns: dict[str, Ranks], others: dict[str, Ranks]
) -> None:
    """Every column and way of searching, by direction."""
    for direction in (*DIRECTIONS, "all"):
        rows = np.asarray([direction in (question.direction, "all") for question in asked])
        for label, ranks in (columns | others).items():
            report.add(f"{name}, {label}, {direction}", *_figure(ranks[rows]))
        best = max(columns, key=lambda label: float(np.mean(1 / columns[label][rows])))
        gain = 1 / others[SERVED][rows] - 1 / columns[best][rows]
        report.add(f"{name}, {SERVED} less {best}, {direction}", float(gain.mean()), "MRR", f"± {_error(gain):.3f}")


def _figure(ranks: Ranks) -> tuple[float, str, str]:
    found = 1 / ranks
    note = f"± {_error(found):.3f}, recall@3 {(ranks <= 3).mean():.2f}, {len(ranks)} questions"
    return float(found.mean()), "MRR", note


def _error(figures: NDArray[np.float64]) -> float:
    return float(bootstrap_means(figures[:, None], seed=0).std())


def subjects(report: Report, shelf: Shelf, tags: dict[str, frozenset[str]], languages: dict[str, str]) -> None:
    """How short questions do, by the kind of question."""
    with SUBJECTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for kind in ("english", "chinese", "mixed"):
        right, leaning = [], []
        for row in rows:
            if row["kind"] != kind:
                continue
            having = [course for course, has in tags.items() if row["tag"] in has]
            hits = [hit.item for hit in shelf.search(row["question"], k=_SHORT, where=Filter(), now=0.0)]
            good = [course for course in hits if course in having]
            right.append(len(good) / min(_SHORT, len(having)))
            if good:
                share = np.mean([languages[course] == "zh" for course in having])
                leaning.append(float(np.mean([languages[course] == "zh" for course in good]) - share))
        note = f"± {_error(np.asarray(right)):.3f}, {len(right)} questions"
        report.add(f"subjects, {kind}: of the first ten", float(np.mean(right)), "share", note)
        report.add(f"subjects, {kind}: Chinese ones too many", float(np.mean(leaning)), "share", "")


def _questions(languages: dict[str, str]) -> list[Asked]:
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        return [
            Asked(
                row["part"],
                f"course:{row['course']}",
                row["question"],
                f"{'zh' if chinese(row['question']) else 'en'}-{languages['course:' + row['course']]}",
            )
            for row in csv.DictReader(file)
        ]


@contextmanager
def models() -> Iterator[tuple[EncoderProcess, QuestionEncoder]]:
    """The encoder's process, and in it the models for courses."""
    with EncoderProcess("use-multilingual-v3", limits=ProcessLimits(patience=600.0)) as process:
        if process.courses is None:
            raise SystemExit("the models for courses are not made for this machine")
        yield process, process.courses


def embedded(process: EncoderProcess, courses: QuestionEncoder, items: Sequence[Item]) -> tuple[Matrix, Matrix]:
    """The vectors of items by the first encoder and by the models for courses."""
    titles, texts = [item.title for item in items], [item.text for item in items]
    return embed_items(process.bulk, titles, texts), embed_items(courses, titles, texts, title_share=0.0)


def measure(report: Report, _: argparse.Namespace) -> None:
    with catalogue_path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = [
        Item(f"course:{row['id']}", at, "course", row["title"], row["summary"], language=row["language"])
        for at, row in enumerate(rows)
    ]
    languages = {item.id: item.language for item in items}
    asked = _questions(languages)
    with models() as (process, courses):
        first, second = embedded(process, courses, items)
        words = [question.words for question in asked]
        by_kind = kinds(process.bulk.encode(words), courses.encode_questions(words))
        encoder = CachedEncoder(process)
        sets = [(f"{part} 60 courses", [at for at, one in enumerate(asked) if one.part == part]) for part in PARTS]
        for name, chosen in (*sets, (f"{len(items)} courses", list(range(len(asked))))):
            some = [asked[at] for at in chosen]
            wanted = {question.course for question in some}
            places = [at for at, item in enumerate(items) if item.id in wanted or len(chosen) == len(asked)]
            here = [items[at] for at in places]
            columns = {
                kind: alone(here, passages, by_kind[kind][chosen], some)
                for kind, passages in kinds(first[places], second[places]).items()
            }
            ways = {
                label: searched(shelf_of(here, vectors, second[places], encoder, more), some)
                for label, vectors, more in (
                    ("words only", None, None),
                    ("first encoder and words", first[places], None),
                    (SERVED, first[places], courses),
                )
            }
            compared(report, name, some, columns, ways)
        tags = {f"course:{row['id']}": frozenset(row["tags"].split(";")) for row in rows}
        subjects(report, shelf_of(items, first, second, encoder, courses), tags, languages)


if __name__ == "__main__":
    one_thread()
    raise SystemExit(run("search", __doc__, measure))
