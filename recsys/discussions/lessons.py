"""Which questions are learned from, and how many of their candidates. Knows logs and draws; knows no features."""

from __future__ import annotations

from typing import Final

import numpy as np

from recsys.discussions.messages import Integers, Log, Mask
from recsys.discussions.replay import latest

KEPT: Final = 0.5
"""The share of topics not joined that a thinned question keeps: twice the questions in the same memory teach more."""
WHOLE: Final = 0.15
"""The latest share of the questions keeps all candidates: among these are the ones that decide on parameters."""


def lessons(log: Log, asked: Mask, rows: int, alive: float) -> tuple[Mask, Mask]:
    """The latest of the messages asked about whose candidates, thinned, are about `rows`; and which of them to thin.

    Where everything fits into `rows` as it is, nothing is thinned. Each of shape (messages,).
    """
    found = latest(log, asked, rows, alive)
    thin = np.zeros(len(log), dtype=np.bool_)
    if found.sum() < asked.sum():
        found = latest(log, asked, round(rows / (WHOLE + (1 - WHOLE) * KEPT)), alive)
        where = np.flatnonzero(found)
        thin[where[: len(where) - round(WHOLE * len(where))]] = True
    return found, thin


def drawn(candidates: int, truth: int, rng: np.random.Generator) -> tuple[Integers, int]:
    """Places of the candidates kept of a thinned question, and the place of the true one among them.

    Drawn evenly: keeping those written in last makes rankers that are worse than with half the questions.
    """
    stay = rng.random(candidates) < KEPT
    stay[truth] = True
    return np.flatnonzero(stay), int(stay[:truth].sum())
