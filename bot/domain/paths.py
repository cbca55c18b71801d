"""What must be learnt before what, as moderators decided it. Knows courses by id; knows no platform and no storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    """PROPOSED: inferred, shown as "often taken before", binds nobody. CONFIRMED binds; REFUSED is not asked again."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Course `needs` before course `course` (ids of the catalogue). `id` 0: not stored yet.

    source: where the thought came from; confidence 0-1; count of `of` learners took `needs` first; note: the words it
    rests on. decided_by: who confirmed or refused it, empty while nobody has.
    """

    course: str
    needs: str
    source: str
    confidence: float
    count: int = 0
    of: int = 0
    note: str = ""
    state: Decision = Decision.PROPOSED
    id: int = 0
    proposed_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""

    def __post_init__(self) -> None:
        if self.course == self.needs:
            raise ValueError(f"a course cannot come before itself: {self.course!r}")
