"""What can be suggested, and what is known of it: what the application needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.domain.items import Course, Event, ItemId
from bot.domain.paths import Decision, Prerequisite
from bot.domain.permissions import Audience
from bot.domain.quality import CourseAct, CourseQuality, Mark
from recsys.types import Item as RankedItem

Change = Literal["added", "updated", "unchanged"]


class Courses(Protocol):
    def upsert(self, community_id: int, course: Course) -> Change: ...
    def upsert_many(self, community_id: int, courses: Sequence[Course]) -> list[Change]: ...
    def get(self, community_id: int, ids: Iterable[str]) -> dict[str, Course]: ...
    def all(self, community_id: int) -> list[Course]: ...
    def remove(self, community_id: int, course_id: str) -> bool: ...


class Events(Protocol):
    def upsert(self, community_id: int, event: Event) -> Change: ...
    def get(self, community_id: int, ids: Iterable[str]) -> dict[str, Event]: ...
    def all(self, community_id: int, *, since: datetime | None = None) -> list[Event]: ...
    def remove(self, community_id: int, event_id: str) -> bool:
        """It is not suggested any more; whether it was there."""
        ...


@dataclass(frozen=True, slots=True)
class ToEmbed:
    """An item whose text has no vector of this encoder yet."""

    row: int
    item: ItemId
    text: str
    text_hash: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """The state of an item after `revision`; `ranked` None: it is gone. `vector` None: not embedded yet."""

    revision: int
    row: int
    item: ItemId
    audience: Audience
    ranked: RankedItem | None
    vector: NDArray[np.float32] | None


class Items(Protocol):
    """One row for everything that can be suggested: what the index is made of."""

    def pending(
        self, community_id: int, encoder: str, *, limit: int, kinds: frozenset[str] = frozenset()
    ) -> list[ToEmbed]:
        """What has no vector of this encoder yet; `kinds`: only of these, all when empty."""
        ...

    def pending_count(self, community_id: int, encoder: str, *, kinds: frozenset[str] = frozenset()) -> int: ...
    def vectors(self, encoder: str, rows: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """By row, of those whose present text has one."""
        ...

    def embedded(self, encoder: str, vectors: Sequence[tuple[ToEmbed, NDArray[np.float32]]]) -> int:
        """Store vectors (float32 bytes); one whose text has changed meanwhile is dropped. How many were kept."""
        ...

    def changed(
        self,
        community_id: int,
        encoder: str,
        *,
        after: int,
        limit: int,
        until: int | None = None,
        vectors: bool = True,
    ) -> list[ItemChange]:
        """In order of revision; every change of text, counts, audience, vector or existence raises it.

        `until`: the last revision wanted. Without `vectors` they are left out, for readers that have them already.
        """
        ...

    def revision(self, community_id: int) -> int: ...
    def get(self, community_id: int, items: Iterable[ItemId]) -> dict[ItemId, RankedItem]: ...
    def forget_vectors(self, community_id: int, *, keep: str) -> int:
        """Delete the vectors of every encoder but `keep`."""
        ...


class Prerequisites(Protocol):
    """What comes before what beside the catalogue's own word: inferred, and decided on by moderators."""

    def propose(self, community_id: int, proposals: Sequence[Prerequisite], at: datetime) -> int:
        """Replace what nobody has decided on yet by `proposals`; what was decided stays. How many were new."""
        ...

    def all(self, community_id: int, *, state: Decision | None = None) -> list[Prerequisite]:
        """The surest first, ties by number."""
        ...

    def get(self, community_id: int, number: int) -> Prerequisite | None: ...
    def decide(self, community_id: int, number: int, state: Decision, *, by: str, at: datetime) -> Prerequisite | None:
        """As it is now, its course's item brought in step; None: no such number. Deciding anew replaces it."""
        ...


class Qualities(Protocol):
    """Marks of experts, who the experts are, and the quality made of everything people said and did."""

    def put_mark(self, community_id: int, mark: Mark) -> bool:
        """False when the same mark was there."""
        ...

    def marks(self, community_id: int, courses: Collection[str] | None = None) -> list[Mark]: ...
    def set_expert(self, community_id: int, member_id: int, *, expert: bool, by: str, at: datetime) -> bool:
        """Whether that changed anything."""
        ...

    def experts(self, community_id: int) -> set[int]: ...
    def put(self, community_id: int, qualities: Sequence[CourseQuality], at: datetime) -> int:
        """Store and bring the items in step; how many changed noticeably. Courses that are gone are left out."""
        ...

    def forget(self, community_id: int, courses: Sequence[str]) -> int:
        """Nothing is known of these any more; how many were there."""
        ...

    def get(self, community_id: int, courses: Collection[str] | None = None) -> dict[str, CourseQuality]: ...
    def evidence(self, community_id: int, courses: Collection[str] | None = None) -> list[CourseAct]:
        """What people did with courses that says something about them, in order of time; only what they allow, never
        of bots."""
        ...
