"""What moderators decide about suggestions: pin, ban, boost. Knows rules and where they hold; knows no storage."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.items import ItemId, Kind

COMMUNITY: Final = "community"
MOST_BOOST: Final = 0.5
"""A part of the score of somebody's dearest topic is about 0.4: a boost may win, and not by any distance."""
LONGEST_REASON: Final = 300


class RuleAction(StrEnum):
    """PIN: the first place of a list. BAN: never suggested. BOOST: so much is added to its score."""

    PIN = "pin"
    BAN = "ban"
    BOOST = "boost"


def room_scope(room_id: int) -> str:
    return f"room:{room_id}"


def kind_scope(kind: Kind) -> str:
    return f"kind:{kind.value}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One decision. `scope`: ``community``, ``room:<id>`` (what is suggested in that room) or ``kind:<kind>`` (lists of
    nothing else). `amount`: what a boost adds to the score. `until`: not from then on. `reason` is shown to members.

    ValueError for a rule without a reason, or with an amount that it may not have.
    """

    action: RuleAction
    item: ItemId
    reason: str
    actor: str
    made_at: datetime
    scope: str = COMMUNITY
    amount: float = 0.0
    until: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.reason) <= LONGEST_REASON:
            raise ValueError(f"a rule needs a reason of 1 to {LONGEST_REASON} characters")
        if self.action is RuleAction.BOOST and not 0 < abs(self.amount) <= MOST_BOOST:
            raise ValueError(f"a boost is at most {MOST_BOOST} up or down, and not 0")

    def holds(self, at: datetime, *, kinds: Collection[Kind] = (), room_id: int | None = None) -> bool:
        """In a list of these kinds (none: of any), in that room, at that time?"""
        if self.until is not None and at >= self.until:
            return False
        if self.scope == COMMUNITY:
            return True
        return self.scope in {
            room_scope(room_id) if room_id is not None else "",
            kind_scope(next(iter(kinds))) if len(kinds) == 1 else "",
        }
