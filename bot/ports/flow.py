"""What comes in, what goes out, what is due, what a button means: needs of a store. Knows Protocols only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from bot.domain.outgoing import Receipt, Sending
from bot.domain.refs import MessageRef
from bot.domain.schedules import Job, Occurrence, Outcome, Schedule
from bot.domain.setup import DeliveryProblem, RefusalCause


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
    def end(self, community_id: int, code: str) -> None:
        """It means nothing any more."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget what expired before, or, where it has no end, was made before; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class KeptFile:
    """`member_id`: whose it is alone; None: whoever may read the message that shows it."""

    content: bytes
    media: str
    member_id: int | None = None


class Files(Protocol):
    """Pictures and documents that messages of ours show (`FileRef.key`)."""

    def put(self, community_id: int, key: str, file: KeptFile, at: datetime) -> None: ...
    def get(self, community_id: int, key: str) -> KeptFile | None: ...
    def sweep(self, before: datetime) -> int:
        """Forget what was made before; returns how many."""
        ...


class Conversations(Protocol):
    """Half-finished forms, such as onboarding: they survive a restart."""

    def get(self, member_id: int, kind: str) -> dict[str, Any] | None: ...
    def put(self, member_id: int, kind: str, state: Mapping[str, Any], at: datetime) -> None: ...
    def put_many(self, community_id: int, states: Sequence[tuple[int, str, Mapping[str, Any]]], at: datetime) -> None:
        """(member id, kind, state) of members of this community; what was there is replaced."""
        ...

    def end(self, member_id: int, kind: str) -> None: ...
    def sweep(self, before: datetime) -> int:
        """Forget what nobody has touched since then; returns how many."""
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

    def next_at(self, community_id: int, job: Job, recipient: str) -> datetime | None:
        """When it is due next, as far as that was planned; None: it is off, or not planned yet."""
        ...

    def all(self, community_id: int, job: Job | None = None) -> list[Schedule]: ...
    def claim(self, community_id: int, occurrence: Occurrence, *, at: datetime) -> int | None:
        """A fencing token for whoever comes first; None for everybody else: the database refuses the second claim."""
        ...

    def finish(self, community_id: int, occurrence: Occurrence, outcome: Outcome, *, note: str = "") -> None: ...
    def last(self, community_id: int, job: Job, recipient: str) -> Occurrence | None: ...
    # The same for many of one job: the work of a whole hour in a few statements.
    def last_many(self, community_id: int, job: Job, recipients: Collection[str]) -> dict[str, Occurrence]: ...
    def set_next_many(self, community_id: int, job: Job, moments: Mapping[str, datetime | None]) -> None: ...
    def claim_many(self, community_id: int, occurrences: Sequence[Occurrence], *, at: datetime) -> list[Occurrence]:
        """Those that nobody had claimed. `at` marks the claims as one's own until somebody takes them over."""
        ...

    def take_over(self, community_id: int, job: Job, *, before: datetime, at: datetime, limit: int) -> list[Occurrence]:
        """Claims made before `before` that came to no end: whoever made them is gone. They are one's own from now on,
        marked `at`; the longest due first."""
        ...

    def left_open(self, community_id: int, job: Job, *, before: datetime) -> bool:
        """Whether there is any such claim: a quick look."""
        ...

    def held(self, community_id: int, occurrences: Sequence[Occurrence], *, at: datetime) -> list[Occurrence]:
        """Those whose claim is still the one marked `at`; nobody else can take them before this transaction ends."""
        ...

    def finish_many(self, community_id: int, ended: Sequence[tuple[Occurrence, Outcome, str]]) -> None:
        """With outcome and note."""
        ...

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
    def pending_of(self, community_id: int, platform: str, native_ids: Sequence[str]) -> list[InboxRow]:
        """Those of these updates that wait, in order of arrival."""
        ...

    def since(self, community_id: int, platform: str, at: datetime, *, limit: int) -> list[InboxRow]:
        """What was received since then, handled or not, as far as its raw text is still there, oldest first; of the
        newest `limit` rows of all platforms."""
        ...

    def finish(self, inbox_id: int) -> bool:
        """True once: the caller's effects and this mark are one transaction, so a second run changes nothing."""
        ...

    def finish_all(self, inbox_ids: Sequence[int]) -> set[int]:
        """The same for many at once: those for which it is true."""
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
class Unasked:
    """A message that a member did not ask for, on its way or sent: `at` is when it went out, or when it may."""

    id: int
    key: str
    at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """`attempts`: failed ones so far; having had to wait is no failure."""

    id: int
    community_id: int
    sending: Sending
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """A message of ours that repeats somebody's words. `refs`: where its parts are; none: it did not go out yet."""

    id: int
    sending: Sending
    refs: tuple[MessageRef, ...]


class Outbox(Protocol):
    def add(self, community_id: int, sending: Sending, at: datetime) -> bool:
        """False when its key was queued before."""
        ...

    def revise(self, community_id: int, sending: Sending) -> bool:
        """Replace what was queued under the same key, as long as nobody has begun to send it; False: too late."""
        ...

    def withdraw(self, community_id: int, keys: Collection[str]) -> int:
        """What was queued and nobody has begun to send is not sent; how many."""
        ...

    def state(self, community_id: int, key: str) -> str:
        """``pending``, ``sending``, ``sent``, or why it was not; empty: no such key."""
        ...

    def add_many(self, community_id: int, sendings: Sequence[Sending], at: datetime) -> int:
        """How many had a new key."""
        ...

    def unasked(self, member_ids: Iterable[int], *, since: datetime) -> dict[int, list[Unasked]]:
        """What members get, or got since then, without having asked; nothing that was refused or dropped. By member,
        in order of time."""
        ...

    def cause(self, community_id: int, key: str) -> RefusalCause | None:
        """Why the platform refused it; None: it did not."""
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
        self,
        outbox_id: int,
        state: Literal["refused", "in_doubt", "malformed", "dropped"],
        reason: str,
        *,
        cause: RefusalCause | None = None,
    ) -> None: ...
    def problems(self, community_id: int, *, since: datetime) -> list[DeliveryProblem]:
        """What could not be delivered of what was queued since, counted; the most frequent first. What was dropped
        because its reader may not see it any more is no problem."""
        ...

    def recover(self, at: datetime) -> dict[str, int]:
        """After a crash: what was being sent goes back or into doubt, by its delivery class."""
        ...

    def showing(self, community_id: int, quoted: Sequence[MessageRef]) -> list[Showing]:
        """What went out, or waits to, and may repeat one of these messages (look before you change it).

        Kept of what was sent: messages that quote, until they are changed, deleted by `forget` or swept; not where the
        platform's messages are stored anyway.
        """
        ...

    def reword(self, outbox_id: int, sending: Sending) -> None:
        """Of what waits to go out."""
        ...

    def forget(self, outbox_id: int) -> None:
        """Of what went out, the words."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget the words of what went out before; returns of how many."""
        ...

    def waiting(self, community_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Those that wait to go out or are on their way."""
        ...

    def counts(self) -> dict[str, int]: ...
    def receipts(self, community_id: int, key: str) -> tuple[MessageRef, ...]: ...
    def latest(self, community_id: int, prefix: str) -> tuple[MessageRef, ...]:
        """Where the newest one is that was sent under a key that begins so; nothing where there is none."""
        ...
