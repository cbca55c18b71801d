"""Files become courses, rooms, messages and interactions. Two passes: look at everything, then write it in batches.

Nothing is written from a broken file unless the broken rows may be skipped; importing twice changes nothing, so an
import that was cut off is simply started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from bot.domain.incoming import Incoming, MemberJoined, MemberLeft, MessagePosted, Place, ReactionChanged, Sender
from bot.domain.interactions import Interaction, RawInteraction, Signal
from bot.domain.items import Course, ItemId
from bot.domain.people import Member
from bot.domain.refs import AccountRef, MessageRef
from bot.domain.rooms import Room
from bot.domain.text import clean_line
from bot.errors import BadInput
from bot.ports import SkippedRow, Store, UnitOfWork
from bot.usecases.discussions import refresh_post
from bot.usecases.ingest import Ingest, cleaned, cleaned_sender

BATCH: Final = 500
_SHOWN: Final = 5
_WHOLE: Final = 1_000_000
"""Messages of one discussion: all of them, because each is an interaction."""
Row = TypeVar("Row")
Read = Callable[[], Iterator[Row | SkippedRow]]
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class ImportReport:
    """What an import did; `read` counts usable rows."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[SkippedRow] = field(default_factory=list)
    rooms: int = 0
    members: int = 0
    messages: int = 0
    replies: int = 0
    reactions: int = 0
    closed: int = 0
    """Rooms of the file whose discussions may not be suggested."""
    unknown: dict[ItemId, int] = field(default_factory=dict)
    """Items that are in no catalogue yet, each with how many rows name it, most named first."""


class BrokenFile(BadInput):
    """Some rows cannot be used and may not be skipped; nothing was written. `read`: how many could be used."""

    def __init__(self, skipped: Sequence[SkippedRow], read: int = 0) -> None:
        lines = "\n".join(f"  line {row.line}, {row.column or 'row'}: {row.problem}" for row in skipped[:_SHOWN])
        more = f"\n  and {len(skipped) - _SHOWN} more" if len(skipped) > _SHOWN else ""
        super().__init__(
            f"{len(skipped)} row(s) cannot be used, so nothing was imported:\n{lines}{more}\n",
            hint="Mend them, or import the others with --skip-bad.",
        )
        self.skipped = tuple(skipped)
        self.read = read


def look_through(read: Read[Row], *, skip_bad: bool) -> tuple[int, list[SkippedRow]]:
    """First pass: count what can be used. Raises BrokenFile, or BadInput where the file as a whole is broken."""
    total = 0
    skipped: list[SkippedRow] = []
    try:
        for row in read():
            if isinstance(row, SkippedRow):
                skipped.append(row)
            else:
                total += 1
    except BadInput as error:
        if not skip_bad or not total:
            # Nothing came before what broke it (a wrong encoding, another format): there is nothing to keep.
            raise
        skipped.append(SkippedRow(0, "", str(error)))
    broken = [row for row in skipped if not row.harmless]
    if broken and not skip_bad:
        raise BrokenFile(broken, total)
    return total, skipped


def usable(read: Read[Row]) -> Iterator[Row]:
    """Second pass, after the first one decided that bad rows may be left out."""
    try:
        for row in read():
            if not isinstance(row, SkippedRow):
                yield row
    except BadInput:
        # The first pass reported this place; what came before it is what --skip-bad asks for.
        return


def batches(rows: Iterable[Row], size: int = BATCH) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class ImportCourses:
    """A catalogue: adds and updates by id."""

    store: Store

    def __call__(
        self, community_id: int, read: Read[Course], *, skip_bad: bool = False, progress: Progress | None = None
    ) -> ImportReport:
        total, skipped = look_through(read, skip_bad=skip_bad)
        report = ImportReport(read=total, skipped=skipped)
        done = 0
        for batch in batches(usable(read)):
            with self.store.write() as uow:
                for change in uow.courses.upsert_many(community_id, batch):
                    match change:
                        case "added":
                            report.added += 1
                        case "updated":
                            report.updated += 1
                        case "unchanged":
                            report.unchanged += 1
                uow.commit()
            done += len(batch)
            if progress is not None:
                progress(done, total)
        return report


@dataclass(frozen=True, slots=True)
class ImportInteractions:
    """What members did on the platform that sells the courses; unknown accounts become members."""

    store: Store

    def __call__(
        self,
        community_id: int,
        read: Read[RawInteraction],
        *,
        skip_bad: bool = False,
        progress: Progress | None = None,
    ) -> ImportReport:
        total, skipped = look_through(read, skip_bad=skip_bad)
        report = ImportReport(read=total, skipped=skipped)
        members: dict[AccountRef, Member] = {}
        named: Counter[ItemId] = Counter()
        done = 0
        for batch in batches(usable(read)):
            with self.store.write() as uow:
                rows = []
                for raw in batch:
                    member = members.get(raw.account)
                    if member is None:
                        sender = Sender(raw.account, raw.account.native_id)
                        found = uow.members.by_account(community_id, raw.account)
                        member = found or uow.members.resolve(community_id, sender, raw.at)
                        report.members += found is None
                        members[raw.account] = member
                    rows.append(Interaction(member.id, raw.item, raw.signal, raw.at, raw.key, raw.value))
                added = uow.interactions.add_many(community_id, rows)
                uow.commit()
            report.added += added
            report.unchanged += len(batch) - added
            named.update(raw.item for raw in batch)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        with self.store.read() as uow:
            known = uow.items.get(community_id, named)
        report.unknown = {item: rows for item, rows in named.most_common() if item not in known}
        return report


@dataclass(slots=True)
class _Cache:
    """Rooms and members met during one import: most messages are of few people in few rooms. `indexed`: what becomes of
    rooms that are new; those that are known stay as moderators decided."""

    indexed: bool
    rooms: dict[Place, Room] = field(default_factory=dict)
    members: dict[Sender, Member] = field(default_factory=dict)
    inside: set[tuple[int, int]] = field(default_factory=set)

    def room(self, uow: UnitOfWork, community_id: int, place: Place) -> Room:
        room = self.rooms.get(place)
        if room is None:
            room = self.rooms[place] = uow.rooms.ensure(community_id, replace(place, indexed=self.indexed))
        return room

    def member(self, uow: UnitOfWork, community_id: int, sender: Sender, at: datetime) -> Member:
        member = self.members.get(sender)
        if member is None:
            member = self.members[sender] = uow.members.resolve(community_id, cleaned_sender(sender), at)
        return member


@dataclass(frozen=True, slots=True)
class ImportHistory:
    """A community's past: rooms, members, messages with replies, edits, reactions."""

    store: Store
    ingest: Ingest

    def __call__(
        self,
        community_id: int,
        read: Read[Incoming],
        *,
        skip_bad: bool = False,
        indexed: bool = True,
        progress: Progress | None = None,
    ) -> ImportReport:
        """`indexed`: the discussions of public rooms that are new may be suggested."""
        total, skipped = look_through(read, skip_bad=skip_bad)
        report = ImportReport(read=total, skipped=skipped)
        with self.store.read() as uow:
            before = uow.stats(community_id)
        cache = _Cache(indexed)
        roots: dict[int, Room] = {}
        done = 0
        heard: Iterator[Incoming] = usable(read)
        for batch in batches(heard):
            with self.store.write() as uow:
                self._batch(uow, community_id, batch, cache, roots, report)
                uow.commit()
            done += len(batch)
            if progress is not None:
                progress(done, total)
        self._discussions(roots)
        with self.store.read() as uow:
            after = uow.stats(community_id)
        report.rooms = after["rooms"] - before["rooms"]
        report.closed = len({room.id for room in cache.rooms.values() if not room.indexed})
        report.members = after["members"] - before["members"]
        report.added = report.messages + report.reactions
        report.read = report.added + report.unchanged
        return report

    def _batch(
        self,
        uow: UnitOfWork,
        community_id: int,
        batch: list[Incoming],
        cache: _Cache,
        roots: dict[int, Room],
        report: ImportReport,
    ) -> None:
        # All messages at once, then what happened to them: a file tells a reaction after its message.
        told = self._messages(
            uow,
            community_id,
            [cleaned(incoming) for incoming in batch if isinstance(incoming, MessagePosted)],
            cache,
            roots,
            report,
        )
        for incoming in batch:
            match incoming:
                case MessagePosted():
                    continue
                case ReactionChanged():
                    changed = self._reaction(uow, community_id, incoming, cache, roots, told)
                    report.reactions += changed
                    report.unchanged += not changed
                case MemberJoined(sender=sender) | MemberLeft(sender=sender):
                    # Who was there once; membership of public rooms is not kept.
                    cache.member(uow, community_id, sender, incoming.at)

    def _messages(
        self,
        uow: UnitOfWork,
        community_id: int,
        run: list[MessagePosted],
        cache: _Cache,
        roots: dict[int, Room],
        report: ImportReport,
    ) -> set[MessageRef]:
        """Where the messages are that are there now."""
        rows = []
        for posted in run:
            room = cache.room(uow, community_id, posted.place)
            member = cache.member(uow, community_id, posted.sender, posted.at)
            rows.append((room, member, posted))
            if posted.place.private and (room.id, member.id) not in cache.inside:
                # Who wrote in a private room was let in there; nobody else is by an import.
                uow.rooms.join(room.id, member.id, posted.at)
                cache.inside.add((room.id, member.id))
        for (room, _, posted), (message, new) in zip(rows, uow.messages.add_many(rows), strict=True):
            # Also for messages that were there: an import cut off before its discussions were made is repeated.
            roots[message.root_id] = room
            if new:
                report.messages += 1
                report.replies += posted.reply_to is not None
            else:
                report.unchanged += 1
        return {posted.ref for posted in run}

    def _reaction(
        self,
        uow: UnitOfWork,
        community_id: int,
        heard: ReactionChanged,
        cache: _Cache,
        roots: dict[int, Room],
        told: set[MessageRef],
    ) -> int:
        emoji = clean_line(heard.emoji, limit=64)
        if not emoji:
            return 0
        if heard.sender is None:
            changed = uow.messages.react_count(community_id, heard.ref, emoji, heard.count)
        else:
            member = cache.member(uow, community_id, heard.sender, heard.at)
            changed = uow.messages.react(community_id, heard.ref, member.id, emoji, present=heard.present, at=heard.at)
        if heard.ref not in told:
            # Of a message from before this batch; the discussions of those in it are known already.
            message = uow.messages.by_ref(community_id, heard.ref)
            room = uow.rooms.get(message.room_id) if message is not None else None
            if message is not None and room is not None:
                roots.setdefault(message.root_id, room)
        return int(changed)

    def _discussions(self, roots: dict[int, Room]) -> None:
        """Posts and interactions of every discussion touched, in batches of their own: safe to repeat."""
        people: dict[int, Member | None] = {}
        for batch in batches(roots.items(), 200):
            with self.store.write() as uow:
                for root_id, room in batch:
                    self._discussion(uow, root_id, room, people)
                uow.commit()

    def _discussion(self, uow: UnitOfWork, root_id: int, room: Room, people: dict[int, Member | None]) -> None:
        messages = uow.messages.discussion(root_id, limit=_WHOLE)
        root = next((m for m in messages if m.id == root_id), None)
        if root is not None and root.root_id != root_id:
            # A parent came later in the file and took this message with it: it is an answer there, no discussion.
            self._discussion(uow, root.root_id, room, people)
            return
        post = refresh_post(uow, room, root_id)
        if post is None:
            return
        said = []
        for message in messages:
            if message.member_id not in people:
                people[message.member_id] = uow.members.get(message.member_id)
            member = people[message.member_id]
            if member is not None and not member.bot and not message.service:
                signal = Signal.POST if message.id == root_id else Signal.REPLY
                said.append(Interaction(member.id, post.item, signal, message.at, f"said:{message.id}"))
        uow.interactions.add_many(room.community_id, said)
