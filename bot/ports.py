"""What the application needs from outside, as Protocols. Knows the domain; knows no implementation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bot.domain.incoming import Incoming, MessagePosted, Place, Sender
from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.introductions import Introduction
from bot.domain.items import Course, Event, ItemId, Post
from bot.domain.outgoing import Outgoing, Receipt, Sending
from bot.domain.paths import Decision, Prerequisite
from bot.domain.people import Community, Identity, Member
from bot.domain.permissions import Audience, Viewer
from bot.domain.quality import CourseAct, CourseQuality, Mark
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Message, Room
from bot.domain.rules import Rule, RuleAction
from bot.domain.schedules import DigestSettings, Job, Occurrence, Outcome, Schedule
from recsys.gathering import ActionColumns
from recsys.types import Filter, Hit, Passage, Query, Recommendation
from recsys.types import Item as RankedItem

Change = Literal["added", "updated", "unchanged"]


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Ids(Protocol):
    def code(self) -> str:
        """A short random id (base 32, at least 80 bits) for buttons and links."""
        ...


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the counters of a community have come: items' revision, the sequence of interactions, withdrawals and
    what members declare, and the number of the last change of anybody's consent. As long as all three stand, nothing
    that lists rest on changed.
    """

    revision: int = 0
    sequence: int = 0
    consents: int = 0


class Communities(Protocol):
    def add(self, name: str, *, language: str, timezone: str, sample: bool) -> Community: ...
    def get(self, community_id: int) -> Community | None: ...
    def all(self) -> list[Community]: ...
    def marks(self, community_id: int) -> Marks:
        """In one look; all 0 for a community that is not there."""
        ...


class Members(Protocol):
    """People and their accounts."""

    def get(self, member_id: int) -> Member | None: ...
    def by_account(self, community_id: int, account: AccountRef) -> Member | None: ...
    def resolve(self, community_id: int, sender: Sender, at: datetime) -> Member:
        """The member behind an account; made, with an identity, when the account is new. Names follow the platform."""
        ...

    def create(self, member: Member, accounts: Sequence[AccountRef]) -> Member:
        """`member.id` is ignored; returns it with its id. ValueError when an account belongs to somebody."""
        ...

    def update(self, member: Member) -> None:
        """Name, language, timezone, role, profile, consent (changes of consent are kept as history with the time)."""
        ...

    def attach(self, member_id: int, account: AccountRef, name: str) -> Identity: ...
    def identities(self, member_id: int) -> list[Identity]: ...
    def all(self, community_id: int, *, include_bots: bool = False) -> list[Member]: ...
    def some(self, member_ids: Iterable[int]) -> list[Member]:
        """Those who are there, in no order."""
        ...

    def names(self, member_ids: Iterable[int]) -> dict[int, str]: ...
    def declared_after(self, community_id: int, sequence: int) -> list[tuple[int, int]]:
        """(sequence, member id) of who changed topics, level or language after `sequence`, in that order; the sequence
        is that of interactions."""
        ...

    def consent_revision(self, community_id: int) -> int:
        """Grows with every change of anybody's consent: what was counted before must be counted anew."""
        ...


class Rooms(Protocol):
    def get(self, room_id: int) -> Room | None: ...
    def by_ref(self, community_id: int, ref: RoomRef) -> Room | None: ...
    def ensure(self, community_id: int, place: Place) -> Room:
        """The room behind an address; made when it is new, renamed when the platform renamed it.

        A private room's audience is ``room:<id>``; a direct room's is ``member:<id>`` once `join` says whose it is.
        """
        ...

    def direct(self, community_id: int, platform: str, member_id: int) -> Room:
        """The room in which the bot and a member talk; made when it is new, address ``dm-<member id>``."""
        ...

    def join(self, room_id: int, member_id: int, at: datetime) -> None: ...
    def leave(self, room_id: int, member_id: int, at: datetime) -> None: ...
    def members_of(self, room_id: int) -> list[int]: ...
    def all(self, community_id: int) -> list[Room]: ...
    def viewer(self, member: Member) -> Viewer:
        """What a member may read now: public, own direct rooms, private rooms joined and not left."""
        ...

    def configure(self, room_id: int, *, indexed: bool) -> None: ...
    def move(self, community_id: int, old: RoomRef, new: RoomRef) -> bool: ...


class Messages(Protocol):
    def add(self, room: Room, member: Member, posted: MessagePosted, *, payload: str = "") -> tuple[Message, bool]:
        """Store a message; False when it was there already (redelivery). An older redelivery changes nothing.

        Text must be clean. Finds its discussion by `reply_to` (also when the answered message comes later).
        """
        ...

    def add_many(self, rows: Sequence[tuple[Room, Member, MessagePosted]]) -> list[tuple[Message, bool]]:
        """The same for imports: one statement per kind of change, order kept."""
        ...

    def get(self, message_id: int) -> Message | None: ...
    def by_ref(self, community_id: int, ref: MessageRef) -> Message | None: ...
    def within(self, community_id: int, ref: MessageRef) -> Message | None:
        """The same, also where it is in a thread of that room: some platforms name only the room."""
        ...

    def edit(self, community_id: int, ref: MessageRef, text: str, at: datetime, *, payload: str = "") -> Message | None:
        """None when unknown, unchanged, deleted, or when a later edit is already stored."""
        ...

    def delete(self, community_id: int, ref: MessageRef, at: datetime) -> Message | None:
        """Removes the text (and payload, attachments, poll) at once and leaves a tombstone."""
        ...

    def quoting(self, community_id: int, refs: Sequence[MessageRef]) -> list[Message]:
        """The bot's messages whose payload names one of these messages (candidates: look before you change them)."""
        ...

    def react(
        self, community_id: int, ref: MessageRef, member_id: int, emoji: str, *, present: bool, at: datetime
    ) -> bool:
        """Whether anything changed."""
        ...

    def react_count(self, community_id: int, ref: MessageRef, emoji: str, count: int) -> bool:
        """Reactions known only by number (anonymous or from an export that names nobody)."""
        ...

    def page(
        self, room_id: int, *, before: int | None = None, limit: int = 50, viewer_id: int | None = None
    ) -> list[Message]:
        """The newest `limit` messages older than message id `before`, in order of time, reactions filled in."""
        ...

    def since(self, room_id: int, after: int, *, limit: int = 200) -> list[Message]: ...
    def discussion(self, root_id: int, *, limit: int = 200, viewer_id: int | None = None) -> list[Message]:
        """The opening message and its answers, in order of time."""
        ...

    def last_native(self, room_id: int) -> str | None: ...


class Posts(Protocol):
    """Discussions worth suggesting; the store keeps their counts."""

    def promote(self, root_id: int, *, title: str, text: str, language: str, solved: bool) -> tuple[Post, Change]:
        """Make or refresh the Post of an opening message (counts are computed); its item is marked
        to be embedded when its text changed."""
        ...

    def withdraw(self, root_id: int) -> bool:
        """The opening message is gone: remove the post, its item, its vectors."""
        ...

    def get(self, post_ids: Iterable[int]) -> dict[int, Post]: ...
    def by_root(self, root_id: int) -> Post | None: ...
    def all(self, community_id: int, *, since: datetime | None = None, limit: int = 1000) -> list[Post]: ...
    def participants(self, post_id: int) -> list[int]: ...


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
class ButtonRow:
    """What a code means. `owner` None: anybody who can see it may press it."""

    code: str
    action: str
    payload: Mapping[str, Any]
    owner: int | None
    created_at: datetime
    expires_at: datetime | None = None


class Buttons(Protocol):
    def add(self, community_id: int, rows: Sequence[ButtonRow]) -> None: ...
    def get(self, community_id: int, code: str) -> ButtonRow | None: ...
    def sweep(self, before: datetime) -> int:
        """Forget what expired before, or, where it has no end, was made before; returns how many."""
        ...


class Conversations(Protocol):
    """Half-finished forms, such as onboarding: they survive a restart."""

    def get(self, member_id: int, kind: str) -> dict[str, Any] | None: ...
    def put(self, member_id: int, kind: str, state: Mapping[str, Any], at: datetime) -> None: ...
    def end(self, member_id: int, kind: str) -> None: ...
    def sweep(self, before: datetime) -> int:
        """Forget what nobody has touched since then; returns how many."""
        ...


class Digests(Protocol):
    def get(self, member_id: int) -> DigestSettings: ...
    def put(self, community_id: int, settings: DigestSettings) -> None:
        """Also keeps the member's `Schedule` row in step."""
        ...


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule and when it is due next. `next_at` None: not computed since the schedule was put or changed."""

    schedule: Schedule
    next_at: datetime | None


class Schedules(Protocol):
    def put(self, community_id: int, schedule: Schedule) -> None:
        """A new or changed schedule has to be planned again; putting the same one twice keeps its plan."""
        ...

    def due_before(self, community_id: int, at: datetime, *, jobs: Collection[Job], limit: int) -> list[Planned]:
        """Enabled schedules of `jobs` never planned, or planned for `at` or earlier; the longest due first."""
        ...

    def set_next(self, community_id: int, job: Job, recipient: str, at: datetime | None) -> None:
        """Remember when it is due next; None: never, until it is put again."""
        ...

    def all(self, community_id: int, job: Job | None = None) -> list[Schedule]: ...
    def claim(self, community_id: int, occurrence: Occurrence, *, at: datetime) -> int | None:
        """A fencing token for whoever comes first; None for everybody else: the database refuses the second claim."""
        ...

    def finish(self, community_id: int, occurrence: Occurrence, outcome: Outcome, *, note: str = "") -> None: ...
    def last(self, community_id: int, job: Job, recipient: str) -> Occurrence | None: ...
    def outcomes(self, community_id: int, job: Job) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class InboxRow:
    id: int
    community_id: int
    platform: str
    native_id: str
    raw: str
    received_at: datetime
    attempts: int


class Inbox(Protocol):
    """Raw updates, stored before the platform is told that we have them."""

    def put(self, community_id: int, platform: str, updates: Sequence[tuple[str, str]], at: datetime) -> int:
        """(native update id, raw JSON); returns how many were new."""
        ...

    def pending(self, *, limit: int) -> list[InboxRow]: ...
    def finish(self, inbox_id: int) -> bool:
        """True once: the caller's effects and this mark are one transaction, so a second run changes nothing."""
        ...

    def park(self, inbox_id: int, reason: str) -> None: ...
    def forget(self, community_id: int, platform: str, words: str) -> int:
        """Empty the raw text of what was handled and contains `words` (a message's own id): it was deleted."""
        ...

    def retry(self, inbox_id: int, reason: str) -> int:
        """Count a failed attempt; returns how many there were."""
        ...

    def counts(self) -> dict[str, int]: ...
    def sweep(self, before: datetime) -> int:
        """Delete the raw text of what is done (raw updates are kept no longer than needed)."""
        ...


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """`attempts`: failed ones so far; having had to wait is no failure."""

    id: int
    community_id: int
    sending: Sending
    attempts: int
    created_at: datetime


class Outbox(Protocol):
    def add(self, community_id: int, sending: Sending, at: datetime) -> bool:
        """False when its key was queued before."""
        ...

    def claim(self, platforms: Sequence[str], *, at: datetime, limit: int) -> list[OutboxRow]:
        """Rows due, marked as being sent; answers before what nobody asked for.

        Order within a room is kept, for answers and for the unsolicited apart: a row is not claimed while an older one
        of its room and kind is due, being sent or deferred, so at most one of each comes back.
        """
        ...

    def sent(self, outbox_id: int, receipt: Receipt, at: datetime) -> None:
        """Also tells the exposures where they were shown."""
        ...

    def defer(self, outbox_id: int, until: datetime, reason: str, *, failed: bool = True) -> None:
        """Claim it again at `until`. `failed` False: it only had to wait (a limit); that is no attempt."""
        ...

    def park(
        self, outbox_id: int, state: Literal["refused", "in_doubt", "malformed", "dropped"], reason: str
    ) -> None: ...
    def recover(self, at: datetime) -> dict[str, int]:
        """After a crash: what was being sent goes back or into doubt, by its delivery class."""
        ...

    def counts(self) -> dict[str, int]: ...
    def receipts(self, community_id: int, key: str) -> tuple[MessageRef, ...]: ...


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


class Demand(Protocol):
    """Searches and questions, and how well they could be answered: what members need."""

    def add(
        self, community_id: int, member_id: int | None, kind: str, words: str, best: float, at: datetime
    ) -> None: ...
    def all(self, community_id: int, *, since: datetime, below: float) -> list[tuple[str, str, float, datetime]]: ...


class Introductions(Protocol):
    """What members chose about each other."""

    def put(self, community_id: int, introduction: Introduction) -> bool:
        """False when just this was chosen before; the latest choice of a member about another replaces the former."""
        ...

    def withdraw(self, member_id: int, other_id: int) -> bool: ...
    def about(self, member_id: int) -> list[Introduction]:
        """What the member chose about others, and others about the member; oldest first."""
        ...


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


class UnitOfWork(Protocol):
    """One transaction; rolled back unless `commit()` was called."""

    communities: Communities
    members: Members
    rooms: Rooms
    messages: Messages
    posts: Posts
    courses: Courses
    events: Events
    items: Items
    interactions: Interactions
    exposures: Exposures
    buttons: Buttons
    conversations: Conversations
    digests: Digests
    schedules: Schedules
    inbox: Inbox
    outbox: Outbox
    audit: Audit
    demand: Demand
    prerequisites: Prerequisites
    qualities: Qualities
    introductions: Introductions

    rules: Rules

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def stats(self, community_id: int) -> dict[str, int]:
        """Rows of everything, by name."""
        ...


class Store(Protocol):
    """Where everything is kept. One writer, many readers."""

    def write(self) -> UnitOfWork:
        """A transaction that may write. `commit()` returns when the rows are durable (group commit).

        Raises StoreUnavailable when the disk is full or read-only.
        """
        ...

    def read(self) -> UnitOfWork:
        """A consistent snapshot; `commit()` raises."""
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Units of work of this thread become durable together at the end of the block (imports, inbox)."""
        ...

    def on_commit(self, callback: Callable[[frozenset[str]], None]) -> None:
        """Called, in the writing thread, after every durable commit, with the topics that changed:
        ``inbox``, ``outbox``, ``items``, ``interactions``, ``schedules`` and ``room:<id>``."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """The recommender and the search over what the store holds; kept in step by `refresh`."""

    def recommend(self, query: Query) -> list[Recommendation]: ...
    def explain(self, query: Query, item: str) -> Recommendation | None:
        """The parts of one item's score for a query, whether or not it would be listed; None: unknown item."""
        ...

    def search(self, words: str, *, k: int, where: Filter, now: float) -> list[Hit]: ...
    def passages(self, words: str, texts: Sequence[tuple[str, str]], *, k: int) -> list[Passage]:
        """Of (key, text) pairs the sentence of each that is nearest to the words; the k best, best first."""
        ...

    def related(self, item: str, *, k: int, where: Filter) -> list[Hit]: ...
    def item(self, item: str) -> RankedItem | None: ...
    def items(self, where: Filter) -> Iterable[RankedItem]:
        """Everything that the filter admits, in no order."""
        ...

    def vector(self, item: str) -> NDArray[np.float32] | None:
        """Of length 1, shape (dimension,); None: unknown, or not embedded yet."""
        ...

    def refresh(self) -> int:
        """Take in what the store changed since the last time; returns how many changes."""
        ...


class Messenger(Protocol):
    """How a platform is spoken to. One per platform; renderers and limits are its own business."""

    @property
    def platform(self) -> str: ...
    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        """Raises DeliveryError. `key` identifies the send to platforms that refuse doubles."""
        ...

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt: ...
    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        """A short answer to a press (a toast), where the platform has one."""
        ...


Parse = Callable[[str], Incoming | Sequence[Incoming] | None]
"""Raw JSON of a platform to what it says; None or nothing: of no interest. ValueError: park it with the reason.

Commands and presses come alone; of other things one update may say several."""


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """A row that cannot be used: `line` from 1, `column` the name of the field.

    `harmless`: the file is as it should be and nothing can be mended (a kind of message that the exporter leaves out);
    it is reported and never holds up an import.
    """

    line: int
    column: str
    problem: str
    harmless: bool = False
