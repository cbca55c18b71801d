"""Digests on their way: prepared for many at once, queued once a period. Knows claims and the gate; ranks nothing.

Two steps, so that the first can run elsewhere and as often as need be:

* `PrepareDigests` reads, composes and puts into words; it changes nothing;
* `QueueDigests` writes, in one transaction: it asks which claims are still held, looks at the settings as they are now
  and at the gate, puts messages, buttons and exposures into the store and ends the claims. A crash before its commit
  leaves the claims open, to be taken over; after it there is nothing left to do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.digests import DigestSettings
from bot.domain.incoming import RoomKind
from bot.domain.interactions import Exposure
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Community, Member
from bot.domain.permissions import Viewer, member_audience
from bot.domain.refs import RoomRef
from bot.domain.rooms import Room
from bot.domain.schedules import Frequency, Occurrence, Outcome
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.digest import ComposeDigest, ComposeDigests, Letter, Wanted
from bot.usecases.digest_controls import control_row
from bot.usecases.letters import letter_message
from bot.usecases.turn import Answering, Turn, named_items
from bot.usecases.unasked import LOOK_BACK, Refusal, digest_key, is_digest, slot, unasked
from bot.usecases.views import View, button_rows, exposures_of, view_state
from bot.wording import choose

APART: Final = {
    Frequency.DAILY: timedelta(hours=12),
    Frequency.WEEKLY: timedelta(days=5),
    Frequency.BIWEEKLY: timedelta(days=11),
    Frequency.MONTHLY: timedelta(days=20),
    Frequency.OFF: timedelta(0),
}
"""At least this long between two digests, whatever is changed in between."""
_PLATFORM: Final = "web"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one occurrence. Only one that is to be sent has a message; everything in it is plain values."""

    occurrence: Occurrence
    member_id: int
    outcome: Outcome
    note: str
    told: str = ""
    """What the settings say of it."""
    message: Outgoing | None = None
    items: tuple[str, ...] = ()
    state: tuple[str, Mapping[str, Any]] | None = None
    buttons: tuple[ButtonRow, ...] = ()
    exposures: tuple[Exposure, ...] = ()


def member_of(occurrence: Occurrence) -> int:
    """Whose digest it is: recipients are ``member:7``."""
    return int(occurrence.recipient.partition(":")[2])


@dataclass(frozen=True, slots=True)
class PrepareDigests:
    """Compose the digests of one community that are due; nothing is changed."""

    store: Store
    ids: Ids
    compose: ComposeDigests

    def __call__(self, community: Community, occurrences: Sequence[Occurrence], at: datetime) -> list[Prepared]:
        """One for each occurrence, in no order."""
        ids = [member_of(one) for one in occurrences]
        with self.store.read() as uow:
            members = {member.id: member for member in uow.members.some(ids)}
            settings = uow.digests.some(ids)
            viewers = uow.rooms.viewers(members.values())
            last = uow.exposures.last_on(ids, surface="digest")
        prepared: list[Prepared] = []
        wanted: list[Wanted] = []
        for one in occurrences:
            member = members.get(member_of(one))
            if member is None or not settings[member.id].enabled:
                prepared.append(_skipped(one, "off"))
            elif member.id in last and last[member.id] > at - APART[settings[member.id].frequency]:
                prepared.append(_skipped(one, "one was sent lately"))
            elif settings[member.id].skip_next:
                prepared.append(_skipped(one, "skipped by the member", "skipped"))
            else:
                mine = settings[member.id]
                wanted.append(Wanted(turn_of(community, member, viewers[member.id], mine, at), mine))
        by_member = {member_of(one): one for one in occurrences}
        for asked, letter in zip(wanted, self.compose(wanted), strict=True):
            occurrence = by_member[asked.turn.member.id]
            if letter.worth_sending:
                prepared.append(self._said(occurrence, asked, letter))
            else:
                prepared.append(_skipped(occurrence, "nothing good enough", "little"))
        return prepared

    def _said(self, occurrence: Occurrence, asked: Wanted, letter: Letter) -> Prepared:
        turn = asked.turn
        view = letter.framed(self.ids.code(), turn, asked.settings, preview=False)
        assert view.frame is not None
        message = letter_message(turn, view, view.frame, asked.settings, letter.known, letter.rated)
        return Prepared(
            occurrence,
            turn.member.id,
            Outcome.DONE,
            f"{letter.suggested} items",
            "sent",
            message,
            letter_items(view, message),
            view_state(view),
            letter_buttons(view, turn),
            tuple(exposures_of(view, turn, "digest")),
        )


@dataclass(frozen=True, slots=True)
class QueueDigests:
    """Write what was prepared. `spread`: each member has a moment of their own within it, so that one hour's digests
    do not all want to leave in its first second."""

    store: Store
    spread: timedelta = timedelta(0)

    def __call__(
        self, community: Community, prepared: Sequence[Prepared], at: datetime, *, claimed_at: datetime | None = None
    ) -> list[tuple[Occurrence, Outcome, str]]:
        """What became of each. `claimed_at`: only those whose claim still bears this mark are done, and their claims
        are ended; None: somebody else ends them."""
        with self.store.write() as uow:
            mine = prepared
            if claimed_at is not None:
                held = set(uow.schedules.held(community.id, [one.occurrence for one in prepared], at=claimed_at))
                mine = [one for one in prepared if one.occurrence in held]
            ended = self._write(uow, community, mine, at)
            if claimed_at is not None:
                uow.schedules.finish_many(community.id, ended)
            uow.commit()
        return ended

    def _write(
        self, uow: UnitOfWork, community: Community, prepared: Sequence[Prepared], at: datetime
    ) -> list[tuple[Occurrence, Outcome, str]]:
        ids = [one.member_id for one in prepared]
        settings = uow.digests.some(ids)
        members = {member.id: member for member in uow.members.some(ids)}
        others = uow.outbox.unasked(ids, since=at - LOOK_BACK)
        rooms = self._rooms(uow, community, settings, [one.member_id for one in prepared if one.message is not None])
        ended: list[tuple[Occurrence, Outcome, str]] = []
        notes: dict[int, str] = {}
        sendings: list[Sending] = []
        kept: list[Prepared] = []
        for one in prepared:
            outcome, note, told = one.outcome, one.note, one.told
            member, mine = members.get(one.member_id), settings[one.member_id]
            if one.message is not None and member is None:
                # Became one with another since it was prepared: the letter of them both is due by itself.
                outcome, note, told = Outcome.SKIPPED, "off", ""
            elif one.message is not None and member is not None:
                due = max(at, one.occurrence.due_at) + self.jitter(member)
                known = others.get(member.id, ())
                when = slot(mine, member.timezone, known, due, digest=True)
                if isinstance(when, Refusal):
                    outcome, note, told = Outcome.SKIPPED, when.value, ""
                elif any(is_digest(other) and other.waits for other in known):
                    # It takes the place of this one: put off behind it, each would come a day late from then on.
                    outcome, note, told = Outcome.SKIPPED, "one waits still", ""
                else:
                    sendings.append(unasked(_sending(one, rooms[member.id]), member, when))
                    kept.append(one)
            ended.append((one.occurrence, outcome, note))
            if told:
                notes[one.member_id] = told
        uow.outbox.add_many(community.id, sendings, at)
        uow.buttons.add(community.id, [row for one in kept for row in one.buttons])
        uow.exposures.add(community.id, [exposure for one in kept for exposure in one.exposures])
        states = [(one.member_id, *one.state) for one in kept if one.state is not None]
        uow.conversations.put_many(community.id, states, at)
        uow.digests.note(notes)
        return ended

    def jitter(self, member: Member) -> timedelta:
        """Always the same for one member, so that days are whole days apart."""
        drawn = int.from_bytes(hashlib.blake2b(f"spread:{member.id}".encode(), digest_size=4).digest())
        return self.spread * (drawn / 2**32)

    def _rooms(
        self, uow: UnitOfWork, community: Community, settings: Mapping[int, DigestSettings], members: Sequence[int]
    ) -> dict[int, Room]:
        by_platform: dict[str, list[int]] = {}
        for member in members:
            by_platform.setdefault(settings[member].platform or _PLATFORM, []).append(member)
        rooms: dict[int, Room] = {}
        for platform, theirs in by_platform.items():
            rooms |= uow.rooms.directs(community.id, platform, theirs)
            for member in theirs:
                if member not in rooms:
                    rooms[member] = uow.rooms.direct(community.id, platform, member)
        return rooms


@dataclass(frozen=True, slots=True)
class PreviewDigest:
    """The digest as it would be now; nothing is counted as sent or shown."""

    store: Store
    compose: ComposeDigest
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn) -> None:
        with self.store.read() as uow:
            settings = uow.digests.get(turn.member.id)
        turn = replace(turn, wording=choose(settings.language, turn.wording.language))
        letter = self.compose(turn, settings)
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            if letter.worth_sending:
                view = letter.framed(self.ids.code(), turn, settings, preview=True)
                assert view.frame is not None
                uow.conversations.put(turn.member.id, *view_state(view), turn.at)
                uow.buttons.add(turn.community.id, letter_buttons(view, turn))
                message = letter_message(turn, view, view.frame, settings, letter.known, letter.rated)
                self.answering.reply(uow, turn, message, items=letter_items(view, message))
            else:
                text = Text(turn.wording.say("digest-too-little"))
                message = Outgoing((Paragraph((text,)),), language=turn.wording.language)
                self.answering.reply(uow, turn, message)
            uow.commit()


def turn_of(community: Community, member: Member, viewer: Viewer, settings: DigestSettings, at: datetime) -> Turn:
    """As if the member had asked for it, in the room that they share with the bot; where that is, is known later."""
    ref = RoomRef(settings.platform or _PLATFORM, f"dm-{member.id}")
    audience = member_audience(member.id)
    room = Room(0, community.id, ref, member.name, RoomKind.DIRECT, audience=audience, indexed=False)
    wording = choose(settings.language, member.language, community.language)
    return Turn(community, member, room, viewer, wording, at)


def letter_buttons(view: View, turn: Turn) -> tuple[ButtonRow, ...]:
    assert view.frame is not None
    control = control_row(view.frame.control, turn, letter=view.id)
    return (*button_rows(view, turn.member.id, turn.at), control)


def letter_items(view: View, message: Outgoing) -> tuple[str, ...]:
    """All that a digest names and that its reader must still be allowed to see when it goes out."""
    frame = view.frame
    beside = () if frame is None else (*((frame.unfinished,) if frame.unfinished else ()), *frame.going)
    return tuple(dict.fromkeys((*named_items(message), *beside)))


def _sending(one: Prepared, room: Room) -> Sending:
    assert one.message is not None
    return Sending(
        key=digest_key(one.occurrence.recipient, one.occurrence.period),
        room=room.ref,
        message=one.message,
        delivery=DeliveryClass.AT_MOST_ONCE,
        items=one.items,
        exposures=tuple(exposure.key for exposure in one.exposures),
    )


def _skipped(occurrence: Occurrence, note: str, told: str = "") -> Prepared:
    return Prepared(occurrence, member_of(occurrence), Outcome.SKIPPED, note, told)
