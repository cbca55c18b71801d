"""What the models are shown of a question: the basic and the full table. Knows feature parts; knows no models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recsys.discussions.basic import BASIC, basic
from recsys.discussions.board import Board, Question
from recsys.discussions.content import CONTENT, TitleVectors, Words, likeness
from recsys.discussions.examples import Table
from recsys.discussions.features import features
from recsys.discussions.measures import places
from recsys.discussions.messages import Log
from recsys.discussions.names import NAMES
from recsys.types import Encoder

MEANING = tuple(f"content-{name}" for name in CONTENT)
WORDS = tuple(f"words-{name}" for name in CONTENT)
_SHORT = 2
"""Mean and best are what the basic features have of the content."""


class Sight:
    """Features by name; with titles also content: by meaning (a frozen encoder) and by words."""

    def __init__(self, titles: Sequence[str] = (), encoder: Encoder | None = None, early: Sequence[str] = ()) -> None:
        """titles: by topic. early: titles from which the rarity of words may be learned."""
        self._vectors: list[TitleVectors] = []
        self.names: tuple[Sequence[str], Sequence[str]] = (BASIC, NAMES)
        if any(titles):
            words = Words(early)
            known = TitleVectors(titles, words, words.dimension)
            self._vectors.append(known)
            if encoder is not None:
                self._vectors.insert(0, TitleVectors(titles, encoder.encode, encoder.dimension))
            shown = [*MEANING, *WORDS][: len(CONTENT) * len(self._vectors)]
            ranks = [f"{name}-rank" for name in shown]
            self.names = ((*BASIC, *MEANING[:_SHORT]), (*NAMES, *shown, *ranks))

    def __call__(self, board: Board, question: Question, *, full: bool) -> tuple[Table, Table]:
        few = basic(board, question)
        many = features(board, question) if full else np.zeros((len(question), 0), dtype=np.float32)
        if self._vectors:
            known = [likeness(board, question, vectors) for vectors in self._vectors]
            few = np.concatenate([few, known[0][:, :_SHORT]], axis=1)
            if full:
                alike = np.concatenate(known, axis=1)
                many = np.concatenate([many, alike, places(-alike).astype(np.float32)], axis=1)
        return few, many


def early_titles(log: Log, titles: Sequence[str], since: float) -> list[str]:
    """Titles of topics that had begun before `since`."""
    begun = np.unique(log.topics[log.times < since])
    return [titles[topic] for topic in begun.tolist()]
