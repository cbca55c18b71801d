"""What became of bringing two members together. Knows outcomes; knows no ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What one member chose about another."""

    HELLO = "hello"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Introduction:
    """`member_id` chose about `other_id`; only the latest choice counts."""

    member_id: int
    other_id: int
    outcome: Outcome
    at: datetime
