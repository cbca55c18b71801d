"""The weekly letter: composed from what is good enough, sent at most once a period, stopped with one tap.

Knows sections and the contract with the reader; knows no schedule arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bot.domain.interactions import Signal
from bot.domain.items import Course, Post
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Community, Member
from bot.domain.permissions import Viewer
from bot.domain.schedules import DigestSettings, Frequency, Occurrence, Outcome
from bot.ports import Clock, Ids, Store, UnitOfWork
from bot.usecases.curating import decisions_for
from bot.usecases.digest_controls import control_row
from bot.usecases.letters import shown_now
from bot.usecases.lists import Lists
from bot.usecases.suggest import details
from bot.usecases.turn import Answering, Turn, named_items
from bot.usecases.views import Frame, View, button_rows, exposures_of, save_view
from bot.wording import choose

FEWEST: Final = 2
"""Fewer items than this are not worth a letter."""
FLOOR: Final = 0.15
"""An item below this score is not good enough to be sent unasked."""
APART: Final = {
    Frequency.DAILY: timedelta(hours=12),
    Frequency.WEEKLY: timedelta(days=5),
    Frequency.BIWEEKLY: timedelta(days=11),
    Frequency.OFF: timedelta(0),
}
"""At least this long between two letters, whatever is changed in between."""
SENT_BEFORE: Final = timedelta(days=365)
_LOOK_BACK: Final = timedelta(days=14)
_HELP_POOL: Final = 400


@dataclass(frozen=True, slots=True)
class Letter:
    """A composed digest, not yet said. `unfinished`: a course begun and not completed, with progress 0-1."""

    view: View
    unfinished: tuple[Course, float] | None = None
    helpable: Post | None = None

    def framed(self, control: str, turn: Turn, *, preview: bool) -> View:
        """The view with all that the letter says around it."""
        course, progress = self.unfinished or (None, 0.0)
        frame = Frame(
            control,
            turn.at.date(),
            preview,
            unfinished=course.item if course else "",
            progress=progress,
            helpable=self.helpable.item if self.helpable else "",
        )
        return replace(self.view, frame=frame)

    @property
    def worth_sending(self) -> bool:
        return len(self.view.items) >= FEWEST


@dataclass(frozen=True, slots=True)
class ComposeDigest:
    """Choose the letter's content for one member; reads only."""

    store: Store
    lists: Lists

    def __call__(self, turn: Turn, settings: DigestSettings) -> Letter:
        with self.store.read() as uow:
            barred: set[str] = set(uow.exposures.shown(turn.member.id, since=turn.at - SENT_BEFORE, surface="digest"))
            shown = uow.exposures.shown(turn.member.id, since=turn.at - SENT_BEFORE)
            unfinished = _unfinished(uow, turn)
            _, banned = decisions_for(uow, turn.community.id, turn.at)
            helpable = _helpable(uow, turn, banned)
        barred |= {item for item, count in shown.items() if count >= 2}
        if unfinished:
            barred.add(unfinished[0].item)
        if helpable:
            barred.add(helpable.item)
        view = self.lists.suggested(turn, before=sorted(barred), surface="digest", k=settings.length + 2)
        good = [shown for shown in view.items if shown.score >= FLOOR or shown.explored or shown.pinned]
        view = replace(view, items=tuple(good[: settings.length]), before=(), more=False)
        return Letter(view, unfinished, helpable)


def _unfinished(uow: UnitOfWork, turn: Turn) -> tuple[Course, float] | None:
    """The course touched last that was begun and not finished."""
    progress: dict[str, float] = {}
    done: set[str] = set()
    for interaction in uow.interactions.of_member(turn.member.id):
        match interaction.signal:
            case Signal.PROGRESS:
                progress.pop(interaction.item, None)
                progress[interaction.item] = interaction.value
            case Signal.COMPLETE | Signal.DISMISS:
                done.add(interaction.item)
            case _:
                continue
    for item, value in reversed(progress.items()):
        if item not in done and 0 < value < 1:
            course = details(uow, turn.viewer, [item]).get(item)
            if isinstance(course, Course):
                return course, value
    return None


def _helpable(uow: UnitOfWork, turn: Turn, banned: frozenset[str]) -> Post | None:
    """A recent question without an answer whose room or words the member knows from helping before."""
    topics = {topic.replace("-", " ") for topic in turn.member.profile.topics}
    recent = uow.posts.all(turn.community.id, since=turn.at - _LOOK_BACK, limit=_HELP_POOL)
    helped = {i.item for i in uow.interactions.of_member(turn.member.id) if i.signal in {Signal.REPLY, Signal.SOLVED}}
    rooms = {detail.room_id for detail in details(uow, turn.viewer, helped).values() if isinstance(detail, Post)}
    open_questions = [
        post
        for post in recent
        if post.replies == 0
        and not post.solved
        and post.author_id != turn.member.id
        and post.audience in turn.viewer.audiences
        and post.item not in banned
    ]
    for post in sorted(open_questions, key=lambda p: (p.created_at, p.id)):
        words = f"{post.title} {post.text}".casefold()
        if post.room_id in rooms or any(topic in words for topic in topics):
            return post
    return None


def save_letter(uow: UnitOfWork, turn: Turn, view: View) -> None:
    """The letter's state and the codes of its buttons."""
    assert view.frame is not None
    save_view(uow, turn.member.id, view, turn.at)
    control = control_row(view.frame.control, turn, letter=view.id)
    uow.buttons.add(turn.community.id, [*button_rows(view, turn.member.id, turn.at), control])


def letter_items(view: View, message: Outgoing) -> tuple[str, ...]:
    """All that the letter names and that its reader must still be allowed to see when it goes out."""
    helpable = view.frame.helpable if view.frame else ""
    return (*named_items(message), *((helpable,) if helpable else ()))


@dataclass(frozen=True, slots=True)
class SendDigest:
    """The job: one letter for one member for one period. The claim was made before; this writes the outbox row."""

    store: Store
    clock: Clock
    ids: Ids
    compose: ComposeDigest
    answering: Answering

    def __call__(self, community: Community, occurrence: Occurrence) -> tuple[Outcome, str]:
        member_id = int(occurrence.recipient.partition(":")[2])
        with self.store.read() as uow:
            member = uow.members.get(member_id)
            settings = uow.digests.get(member_id)
            viewer = uow.rooms.viewer(member) if member else None
        if member is None or viewer is None or not settings.enabled:
            return Outcome.SKIPPED, "off"
        if self._lately(member_id, settings):
            return Outcome.SKIPPED, "one was sent lately"
        if settings.skip_next:
            self._note(community, member_id, skip_next=False, last_note="skipped")
            return Outcome.SKIPPED, "skipped by the member"
        turn = self._turn(community, member, viewer, settings)
        letter = self.compose(turn, settings)
        if not letter.worth_sending:
            self._note(community, member_id, last_note="little")
            return Outcome.SKIPPED, "nothing good enough"
        if not self._queue(turn, letter, occurrence):
            return Outcome.SKIPPED, "off"
        return Outcome.DONE, f"{len(letter.view.items)} items"

    def _lately(self, member_id: int, settings: DigestSettings) -> bool:
        """Moving the day must not bring two letters in one week."""
        since = self.clock.now() - APART[settings.frequency]
        with self.store.read() as uow:
            return bool(uow.exposures.shown(member_id, since=since, surface="digest"))

    def _turn(self, community: Community, member: Member, viewer: Viewer, settings: DigestSettings) -> Turn:
        with self.store.write() as uow:
            room = uow.rooms.direct(community.id, settings.platform or "web", member.id)
            uow.commit()
        wording = choose(settings.language, member.language, community.language)
        return Turn(community, member, room, viewer, wording, self.clock.now())

    def _note(self, community: Community, member_id: int, **changes: Any) -> None:
        """Change the settings as they are now: the member may have pressed something meanwhile."""
        with self.store.write() as uow:
            uow.digests.put(community.id, replace(uow.digests.get(member_id), **changes))
            uow.commit()

    def _queue(self, turn: Turn, letter: Letter, occurrence: Occurrence) -> bool:
        """False: it was stopped while it was being composed."""
        with self.store.write() as uow:
            settings = uow.digests.get(turn.member.id)
            if not settings.enabled:
                return False
            view = letter.framed(self.ids.code(), turn, preview=False)
            exposures = exposures_of(view, turn, "digest")
            message = shown_now(uow, turn, view)
            queued = uow.outbox.add(
                turn.community.id,
                Sending(
                    key=f"digest:{occurrence.recipient}:{occurrence.period}",
                    room=turn.room.ref,
                    message=message,
                    delivery=DeliveryClass.AT_MOST_ONCE,
                    items=letter_items(view, message),
                    unsolicited=True,
                    not_before=settings.awake_from(turn.at, turn.member.timezone),
                    to_member=turn.member.id,
                    exposures=tuple(exposure.key for exposure in exposures),
                ),
                turn.at,
            )
            if not queued:
                return True
            save_letter(uow, turn, view)
            uow.exposures.add(turn.community.id, exposures)
            uow.digests.put(turn.community.id, replace(settings, last_note="sent"))
            uow.commit()
        return True


@dataclass(frozen=True, slots=True)
class PreviewDigest:
    """The letter as it would be now; nothing is counted as sent or shown."""

    store: Store
    compose: ComposeDigest
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn) -> None:
        with self.store.read() as uow:
            settings = uow.digests.get(turn.member.id)
        letter = self.compose(turn, settings)
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            if letter.worth_sending:
                view = letter.framed(self.ids.code(), turn, preview=True)
                save_letter(uow, turn, view)
                message = shown_now(uow, turn, view)
                self.answering.reply(uow, turn, message, items=letter_items(view, message))
            else:
                text = Text(turn.wording.say("digest-too-little"))
                message = Outgoing((Paragraph((text,)),), language=turn.wording.language)
                self.answering.reply(uow, turn, message)
            uow.commit()
