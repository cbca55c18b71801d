"""A prerequisite that somebody or something suggests. Knows two items and how sure it is; binds nobody."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SEQUENCE: Final = "sequence"
"""The same learners usually take the one before the other."""
NAMED: Final = "named"
"""The text of the later one asks for the earlier one by its title."""
ASKED: Final = "asked"
"""The text of the later one asks for a topic, and the earlier one teaches it from the start."""
LEVEL: Final = "level"
"""The same topics, near in meaning, one level apart."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`needs` is usually learnt before `item`. `confidence` 0-1.

    count, of: learners who took `needs` first, of those who took both (0 of 0 where the order says nothing). note: the
    words or topic that it rests on.
    """

    item: str
    needs: str
    source: str
    confidence: float
    count: int = 0
    of: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if self.item == self.needs:
            raise ValueError(f"nothing comes before itself: {self.item!r}")
        if not (math.isfinite(self.confidence) and 0.0 <= self.confidence <= 1.0):
            raise ValueError(f"a confidence is 0-1, got {self.confidence!r}")
