"""What people did, what they were shown, what moderators decided: needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.refs import MessageRef
from bot.domain.rules import Rule, RuleAction
from recsys.gathering import ActionColumns


class Interactions(Protocol):
    def add(self, community_id: int, interaction: Interaction) -> bool:
        """False when its key was there."""
        ...

    def add_many(self, community_id: int, interactions: Sequence[Interaction]) -> int: ...
    def withdraw(self, community_id: int, key: str) -> bool:
        """Undo: the interaction is gone as if it had never been."""
        ...

    def of_member(self, member_id: int, *, limit: int = 300) -> list[Interaction]:
        """Oldest first, the newest `limit`."""
        ...

    def of_members(self, member_ids: Iterable[int], *, limit: int = 300) -> dict[int, list[Interaction]]:
        """The same of many at once; who did nothing is left out."""
        ...

    def known_of(self, member_ids: Iterable[int]) -> dict[int, dict[Signal, list[ItemId]]]:
        """`known` of many at once; who did nothing is left out."""
        ...

    def known(self, member_id: int) -> dict[Signal, list[ItemId]]:
        """Every item that the member ever did something with, by signal, latest first; without limit."""
        ...

    def keys_of(self, member_id: int, item: ItemId, signal: Signal) -> list[str]: ...
    def after(self, community_id: int, sequence: int, *, limit: int) -> list[tuple[int, Interaction]]: ...
    def withdrawn_after(self, community_id: int, sequence: int) -> list[tuple[int, Interaction]]: ...
    def for_training(self, community_id: int, signals: frozenset[str]) -> ActionColumns:
        """Explicit actions of members who consent to enrolments being used; never anything made of message text.

        In order of sequence. Leaves out bots, private items and what is gone.
        """
        ...

    def explicit(
        self, community_id: int, signals: frozenset[str], *, since: datetime | None = None
    ) -> Iterable[Interaction]:
        """The same one by one, from a moment on, in order of time: for who needs to know whose they are."""
        ...

    def newer_for_training(self, community_id: int, signals: frozenset[str], after: int) -> tuple[int, set[ItemId]]:
        """How many actions of these signals have a sequence above `after`, and on which items: a quick look."""
        ...

    def pressed(self, community_id: int, signals: frozenset[str], *, since: datetime) -> dict[ItemId, int]:
        """How often each item's card was answered with one of the signals."""
        ...

    def count(self, community_id: int) -> int: ...
    def last(self, community_id: int) -> int:
        """The highest sequence given out; what comes later has a higher one."""
        ...


class Exposures(Protocol):
    def add(self, community_id: int, exposures: Sequence[Exposure]) -> None: ...
    def get(self, community_id: int, key: str) -> Exposure | None: ...
    def shown(self, member_id: int, *, since: datetime, surface: str | None = None) -> dict[ItemId, int]:
        """How often each item was shown to a member; on one surface (``digest`` ...) or on any."""
        ...

    def shown_to(
        self, member_ids: Iterable[int], *, since: datetime, surfaces: Collection[str] = ()
    ) -> dict[int, dict[ItemId, int]]:
        """`shown` of many at once, on some surfaces or on any; to whom nothing was shown is left out."""
        ...

    def keyed(self, community_id: int, prefix: str) -> set[ItemId]:
        """What was shown under keys that begin so, whenever."""
        ...

    def last_on(self, member_ids: Iterable[int], *, surface: str) -> dict[int, datetime]:
        """When each was shown anything on a surface for the last time."""
        ...

    def traffic(
        self, community_id: int, *, since: datetime, today: datetime
    ) -> tuple[dict[ItemId, tuple[int, int, int]], int]:
        """By item: how often it was shown to members since `since`, how many of them met it since `today`, how many of
        its places were drawn. And how many members were shown anything since `today`."""
        ...

    def all(self, community_id: int, *, since: datetime) -> Iterable[Exposure]:
        """In order of time."""
        ...

    def for_training(self, community_id: int, *, since: datetime, limit: int) -> Iterable[Exposure]:
        """In order of time, the newest `limit`: public items put before members who consent to enrolments being used;
        nothing that went to a room, nothing about bots."""
        ...

    def place(self, community_id: int, keys: Sequence[str], message: MessageRef) -> None: ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    at: datetime
    actor: str
    action: str
    target: str
    reason: str


class Audit(Protocol):
    def add(self, community_id: int, row: AuditRow) -> None: ...
    def all(self, community_id: int, *, limit: int = 100) -> list[AuditRow]: ...


class Rules(Protocol):
    """What moderators decided about suggestions."""

    def put(self, community_id: int, rule: Rule) -> None:
        """Ends the rule of the same action, item and scope, if there is one."""
        ...

    def end(self, community_id: int, action: RuleAction, item: ItemId, scope: str | None, at: datetime) -> int:
        """How many ended; `scope` None: in every scope."""
        ...

    def active(self, community_id: int, at: datetime) -> list[Rule]:
        """Those that have not ended, newest first."""
        ...
