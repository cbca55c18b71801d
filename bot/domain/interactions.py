"""What members do, as facts that can be repeated without harm. Knows signals; knows no recommender."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.consent import ConsentKind
from bot.domain.items import ItemId
from bot.domain.refs import AccountRef


class Signal(StrEnum):
    """What a member did with an item. Weights are configuration of the recommender, not of this list."""

    BROWSE = "browse"
    CLICK = "click"
    SAVE = "save"
    ENROL = "enrol"
    PROGRESS = "progress"
    COMPLETE = "complete"
    RATE = "rate"
    DISMISS = "dismiss"
    POST = "post"
    REPLY = "reply"
    REACT = "react"
    ATTEND = "attend"
    SOLVED = "solved"
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"
    KNOWN = "known"
    """ "I know this": it needs not be taken, and what builds on it may be."""

    @property
    def consent(self) -> ConsentKind | None:
        """Which switch must be on before this signal is stored or used; None: a press made for this purpose."""
        match self:
            case Signal.ENROL | Signal.PROGRESS | Signal.COMPLETE | Signal.RATE | Signal.BROWSE | Signal.ATTEND:
                return ConsentKind.ENROLMENTS
            case Signal.POST | Signal.REPLY:
                return ConsentKind.MESSAGES
            case Signal.REACT:
                return ConsentKind.REACTIONS
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Interaction:
    """`key` makes it idempotent within a community; `value`: progress 0-1, stars 1-5, otherwise 1."""

    member_id: int
    item: ItemId
    signal: Signal
    at: datetime
    key: str
    value: float = 1.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RawInteraction:
    """An interaction as a file tells it: by account, before it is known whose that is. `line` of the file, from 1.

    `key` is the same whenever the same row is read again.
    """

    account: AccountRef
    item: ItemId
    signal: Signal
    value: float
    at: datetime
    key: str
    line: int


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One additive part of a score, as shown: `source` names the candidate generator or term.

    `plain`: what it would have been under the weights set by hand, where learnt ones changed it.
    `count` people, where it says so out of `of`, `times` as often as others.
    """

    source: str
    value: float
    items: tuple[ItemId, ...] = ()
    count: int = 0
    note: str = ""
    plain: float | None = None
    of: int = 0
    times: float = 0.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """An item was shown: to whom, where in which list, why, under which policy and with which probability.

    `slate`: what a drawn place was drawn from, as (item, score, probability).
    """

    member_id: int | None
    item: ItemId
    rank: int
    score: float
    parts: tuple[ScorePart, ...]
    policy: str
    surface: str
    at: datetime
    key: str
    propensity: float = 1.0
    slate: tuple[tuple[ItemId, float, float], ...] = ()
