"""From a log of who wrote where and when to a ranker of discussions. Knows order and time; never a text or a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.discussions.board import Board
from recsys.discussions.boosting import RICH, Boosting, grow
from recsys.discussions.examples import Collector, gains
from recsys.discussions.features import features
from recsys.discussions.lessons import drawn, lessons
from recsys.discussions.messages import DAY, Log
from recsys.discussions.model import DiscussionModel, model_of
from recsys.discussions.names import NAMES
from recsys.discussions.replay import UNREACHABLE, replay
from recsys.types import Progress

ALIVE: Final = 7 * DAY
"""How long a discussion is offered as going on after its last message."""
ROWS: Final = 1_200_000
FEWEST: Final = 200
"""Fewer questions than this teach nothing that the time of the last message does not say."""
_HELD: Final = 0.1
_FEWEST_HELD: Final = 40


@dataclass(eq=False)
class TooLittle(ValueError):
    """There is not enough to learn from; `questions` is how much there was.

    Not frozen: contextlib sets the traceback of what passes through a context.
    """

    questions: int

    def __str__(self) -> str:
        return f"{self.questions} questions are too few to learn from"


def fit_discussions(
    log: Log,
    *,
    now: float,
    seed: int = 0,
    alive: float = ALIVE,
    plan: Boosting | None = None,
    progress: Progress | None = None,
) -> DiscussionModel:
    """Learn which topic a member joins next from the latest joins of the log; of many, half the topics not joined.

    The latest tenth is held back: it chooses how many trees there are and its figures say how good they are, beside
    the time of the last message alone ("recency"). Raises TooLittle. now: seconds, when it was trained.
    """
    asked, thin = lessons(log, log.joins(), ROWS, alive)
    board, collected, rng = Board(alive), Collector(), np.random.default_rng(seed)
    for moment in replay(log, asked, board):
        if moment.truth != UNREACHABLE and len(moment.question) > 1:
            table = features(board, moment.question)
            stay, truth = drawn(len(table), moment.truth, rng) if thin[moment.at] else (slice(None), moment.truth)
            collected.add(moment.question.topics[stay], truth, table[stay, :0], table[stay])
        if progress is not None and moment.at % 500 == 0:
            progress(moment.at, 2 * len(log))
    examples = collected.taken()
    if len(examples) < FEWEST:
        raise TooLittle(len(examples))
    cut = len(examples) - max(_FEWEST_HELD, round(_HELD * len(examples)))
    train, held = examples.part(0, cut), examples.part(cut, len(examples))
    grown = grow((train.full, held.full), train, held, NAMES, plan or RICH, seed)
    recency = gains(-held.full[:, NAMES.index("gap")].astype(np.float64), held)
    if progress is not None:
        progress(1, 1)
    return model_of(grown, held, held.full, cut, now, {"recency": float(recency.mean())})
