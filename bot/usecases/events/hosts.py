"""What a host does: a draft with its preview, publishing, edits, the guest list, the check-in code, cancelling.

Drafts are events that only their host sees. Every change asks once more whether whoever makes it may, within the
transaction of the change, and leaves a row in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.events import (
    DEFAULT_REMINDERS,
    EventState,
    Flaw,
    HostedEvent,
    flaws,
)
from bot.domain.forms import Filled, Unsure, prefilled
from bot.domain.outgoing import Block, Button, Heading, Note, Outgoing, Paragraph, Strong, Text
from bot.domain.permissions import PUBLIC, StaffAction, visible
from bot.domain.rooms import Room
from bot.domain.text import clean_line
from bot.ports import Ids, Store, UnitOfWork
from bot.usecases.events import forms
from bot.usecases.events.announcing import announceable
from bot.usecases.events.cards import arrangements, crowd_of, room_card
from bot.usecases.events.codes import check_in_code
from bot.usecases.events.guest_list import REMOVE, guest_list, remove_form
from bot.usecases.events.inviting import WHO, Wrong, read_who, who_form
from bot.usecases.events.managing import manage_buttons
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.reading import Problem, minutes, reminders, seats, start, title, venue
from bot.usecases.events.repeating import REPEATS, moved, read_repeats, repeats_form
from bot.usecases.events.series import Made, Series
from bot.usecases.events.thread_chat import EventThreads, wanted_by_default
from bot.usecases.events.threads import Traits
from bot.usecases.forms import AskForm, Receive
from bot.usecases.onboarding import common_topics
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of

_WINDOWS: Final = {"12h": timedelta(hours=12), "2h": timedelta(hours=2), "30m": timedelta(minutes=30)}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """``/newevent``: the first form. Words after the command become the title."""

    store: Store
    answering: Answering
    ask: AskForm

    def __call__(self, turn: Turn, words: str) -> None:
        if not turn.may(StaffAction.HOST_EVENTS):
            say_plainly(self.store, self.answering, turn, turn.wording.say("event-staff-only"))
            return
        with self.store.write() as uow:
            if turn.begin(uow):
                form = forms.basics(turn.wording, None, turn.member.timezone)
                if words:
                    form = prefilled(form, {"title": (clean_line(words, limit=1000),)})
                room = 0 if turn.personal else turn.room.id
                self.ask(uow, turn, form, forms.BASICS, {"event": "", "room": room})
                uow.commit()


@dataclass(frozen=True, slots=True)
class Hosts:
    """Buttons and forms of whoever manages an event."""

    answering: Answering
    ids: Ids
    ask: AskForm
    threads: Traits = field(default_factory=dict)

    # Buttons

    def press(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, act: str) -> bool:
        """False: there is no such act."""
        if act not in _ACTS:
            return False
        if not event.may_manage(turn.member, turn.role):
            self.answering.notice(uow, turn, turn.wording.say("event-notice-not-yours"))
            return True
        _ACTS[act](self, uow, turn, event)
        return True

    def overview(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, notice: str = "") -> None:
        """The event as members see it, with what can be done about it."""
        self.answering.edit(uow, turn, self.managed(uow, turn, event), notice=notice)

    def managed(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Outgoing:
        say = turn.wording.say
        card = room_card(turn.wording, event, crowd_of(uow, turn.community.id, event))
        posted = turn.wording.in_full(event.publish_at, event.timezone) if event.publish_at else ""
        state = say(f"event-manage-{event.state.value}", number=event.number, when=posted)
        blocks: list[Block] = [Paragraph((Strong(state),)), *card.blocks]
        if event.state in {EventState.DRAFT, EventState.SCHEDULED}:
            full = turn.wording.in_full(event.starts_at, event.timezone, minutes=event.minutes)
            blocks.append(Note((Text(say("event-preview-time", when=full)),)))
            blocks += [Paragraph((Strong(say(f"event-flaw-{flaw.value}")),)) for flaw in flaws(event, self._now())]
        if event.state in {EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED}:
            blocks.append(Note((Text(" · ".join(arrangements(turn.wording, event))),)))
        blocks.append(Note((Text(self._announced(uow, turn, event)),)))
        threads = EventThreads(uow, turn, self.threads)
        blocks += threads.lines(event)
        rows = threads.beside(manage_buttons(turn.wording, event), event)
        return Outgoing(tuple(blocks), rows, turn.wording.language)

    def thread(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        event, notice = EventThreads(uow, turn, self.threads).switch(event)
        self.overview(uow, turn, event, notice)

    def edit(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        form = forms.basics(turn.wording, event, event.timezone)
        self.ask(uow, turn, form, forms.BASICS, {"event": event.id}, edit=turn.personal, back=_back(event))

    def edit_guests(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        form = forms.guests(turn.wording, event, announceable(uow, turn, event))
        self.ask(uow, turn, form, forms.GUESTS, {"event": event.id}, edit=turn.personal, back=_back(event))

    def edit_who(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        topics = common_topics(uow, turn.community.id, n=12)
        form = who_form(turn.wording, event, uow, turn.community.id, topics)
        self.ask(uow, turn, form, WHO, {"event": event.id}, edit=turn.personal, back=_back(event))

    def publish(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        if event.state not in {EventState.DRAFT, EventState.SCHEDULED}:
            self.overview(uow, turn, event, turn.wording.say("event-notice-published-already"))
            return
        wrong = next(iter(self._blocking(event)), None)
        if wrong is not None:
            self.overview(uow, turn, event, turn.wording.say(f"event-flaw-{wrong.value}"))
            return
        event = self._hosting(uow, turn).publish(event)
        self._series(uow, turn).extend(event)
        self.overview(uow, turn, event, turn.wording.say("event-notice-published", count=len(event.rooms)))

    def later(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        self._ask_words(uow, turn, event, forms.LATER)

    def discard(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        if event.state in {EventState.DRAFT, EventState.SCHEDULED}:
            self._hosting(uow, turn).discard(event)
            gone = turn.wording.say("event-discarded")
            message = Outgoing((Paragraph((Text(gone),)),), language=turn.wording.language)
            self.answering.edit(uow, turn, message, notice=gone)

    def list_guests(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        """Everybody by name: that it was looked at is in the audit log."""
        self._hosting(uow, turn).seen(event, "event.guests")
        self.answering.edit(uow, turn, guest_list(uow, turn, event))

    def remove(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        form = remove_form(uow, turn, event) if event.open else None
        if form is None:
            self.list_guests(uow, turn, event)
        else:
            self.ask(uow, turn, form, REMOVE, {"event": event.id}, edit=turn.personal, back=_back(event))

    def show_code(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        say = turn.wording.say
        self._hosting(uow, turn).seen(event, "event.code")
        blocks = (
            Heading(event.code),
            Paragraph((Text(say("event-code", code=event.code)),)),
        )
        back = ((Button(say("button-back"), code_of("manage", event.token)),),)
        self.answering.edit(uow, turn, Outgoing(blocks, back, turn.wording.language))

    def close(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        after = self._hosting(uow, turn).change(event, event.changed(closed=not event.closed))
        notice = turn.wording.say("event-notice-now-closed" if after.closed else "event-notice-now-open")
        self.overview(uow, turn, after, notice)

    def write(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        self._ask_words(uow, turn, event, forms.WRITE)

    def cancel(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        if event.open:
            self._ask_words(uow, turn, event, forms.CANCEL)
        else:
            self.overview(uow, turn, event)

    def _ask_words(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, name: str) -> None:
        form = forms.words(turn.wording, name)
        self.ask(uow, turn, form, name, {"event": event.id}, edit=turn.personal, back=_back(event))

    # Series

    def repeat(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        series = self._series(uow, turn)
        head = series.head(event) or event
        following = len(series.following(event)) if event.open else 0
        form = repeats_form(turn.wording, head.repeats, following)
        self.ask(uow, turn, form, REPEATS, {"event": event.id}, edit=turn.personal, back=_back(event))

    def confirm(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        event = self._series(uow, turn).confirm(event, f"member:{turn.member.id}")
        self.overview(uow, turn, event, turn.wording.say("event-notice-on"))

    def skip(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        """This one does not take place; the series goes on."""
        if event.open:
            event = self._series(uow, turn).call_off(event, "", f"member:{turn.member.id}")
        self.overview(uow, turn, event)

    def resume(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        series = self._series(uow, turn)
        head = series.head(event) or event
        self.overview(
            uow, turn, series.resume(head, f"member:{turn.member.id}"), turn.wording.say("event-notice-resumed")
        )

    def stop(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        series = self._series(uow, turn)
        series.stop(series.head(event) or event, f"member:{turn.member.id}")
        self.overview(uow, turn, event, turn.wording.say("event-notice-stopped"))

    def _series(self, uow: UnitOfWork, turn: Turn) -> Series:
        return Series(uow, turn.community, self._now(), self.ids)

    # Forms

    @property
    def receivers(self) -> dict[str, Receive]:
        """Who takes in which form."""
        return {
            forms.BASICS: self.take_basics,
            forms.GUESTS: self.take_guests,
            WHO: self.take_who,
            REMOVE: self.take_remove,
            REPEATS: self.take_repeats,
            forms.LATER: self.take_later,
            forms.WRITE: self.take_write,
            forms.CANCEL: self.take_cancel,
        }

    def take_basics(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        """A new draft, or an edit of what, when and where."""
        known = uow.hosted.get(turn.community.id, str(about["event"])) if about.get("event") else None
        if not self._may(turn, known, new=not about.get("event")):
            return self._refused(uow, turn)
        timezone = known.timezone if known else turn.member.timezone
        given = {name: (values[0] if values else "") for name, values in answers.items()}
        read: dict[str, Any] = {
            "title": title(given["title"]),
            "when": start(given["when"], turn.wording, timezone, self._now()),
            "length": minutes(given["length"]),
            "place": venue(given.get("place", ""), _seen(uow, turn)),
        }
        wrong = {name: value.asked(turn.wording) for name, value in read.items() if isinstance(value, Problem)}
        if wrong:
            return wrong
        values = {
            "title": read["title"],
            "starts_at": read["when"],
            "minutes": read["length"],
            "venue": read["place"],
            "description": given.get("about", ""),
        }
        if known is None:
            draft = self._draft(uow, turn, int(about.get("room") or 0), **values)
            event = self._hosting(uow, turn).create(draft)
        else:
            after = moved(known.changed(**values))
            if known.open and (flaw := next(iter(self._blocking(after)), None)) is not None:
                return {"when": turn.wording.say(f"event-flaw-{flaw.value}")}
            event = self._hosting(uow, turn).change(known, after)
            if known.open and known.series and known.starts_at != event.starts_at:
                self.overview(uow, turn, event, turn.wording.say("event-notice-this-one"))
                return None
        self.overview(uow, turn, event)
        return None

    def take_guests(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        given = {name: (values[0] if values else "") for name, values in answers.items()}
        capacity, offsets = seats(given.get("seats", "")), reminders(given.get("reminders", ""))
        wrong = {
            name: value.said(turn.wording)
            for name, value in (("seats", capacity), ("reminders", offsets))
            if isinstance(value, Problem)
        }
        if wrong or isinstance(capacity, Problem) or isinstance(offsets, Problem):
            return wrong
        late = [m for m in offsets if known.starts_at - timedelta(minutes=m) <= self._now()]
        if any(m not in (*DEFAULT_REMINDERS, *known.reminders) for m in late):
            return {"reminders": turn.wording.say("event-flaw-late-reminders")}
        allowed = {room.id for room in announceable(uow, turn, known)}
        kept = tuple(int(value) for value in answers.get("rooms", ()) if value.isdecimal() and int(value) in allowed)
        queue = given.get("queue", "12h")
        after = known.changed(
            capacity=capacity,
            reminders=offsets,
            waitlist=queue != "off",
            longest_offer=_WINDOWS.get(queue, known.longest_offer),
            rooms=kept if "rooms" in answers else known.rooms,
        )
        self.overview(uow, turn, self._hosting(uow, turn).change(known, after))
        return None

    def take_who(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        read = read_who(uow, turn.wording, turn.community.id, answers, self._now())
        if isinstance(read, Wrong):
            return {read.field: read.problem.said(turn.wording)}
        self.overview(uow, turn, self._hosting(uow, turn).change(known, known.changed(admission=read)))
        return None

    def take_remove(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        hosting = self._hosting(uow, turn)
        for member in uow.members.some(int(value) for value in answers["who"]):
            hosting.remove(known, member)
        self.answering.edit(uow, turn, guest_list(uow, turn, known))
        return None

    def take_repeats(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        rule = read_repeats(known, answers)
        if isinstance(rule, Problem):
            return {"ends": rule.said(turn.wording)}
        if known.open:
            made = Made((answers.get("made") or (Made.KEEP.value,))[0])
            event = self._series(uow, turn).change_rule(known, rule, made, f"member:{turn.member.id}")
        else:
            after = known.changed(repeats=rule, series=known.id if rule else "", paused=False)
            event = self._hosting(uow, turn).change(known, after)
        self.overview(uow, turn, event)
        return None

    def take_later(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        """When the draft is to be published by itself."""
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        at = start(_first(answers), turn.wording, known.timezone, self._now())
        if isinstance(at, Problem):
            return {"words": at.asked(turn.wording)}
        if at <= self._now() or at >= known.starts_at:
            return {"words": turn.wording.say("event-wrong-later")}
        if known.state not in {EventState.DRAFT, EventState.SCHEDULED}:
            self.overview(uow, turn, known, turn.wording.say("event-notice-published-already"))
            return None
        if (flaw := next(iter(self._blocking(known)), None)) is not None:
            return {"words": turn.wording.say(f"event-flaw-{flaw.value}")}
        event = self._hosting(uow, turn).schedule(known, at)
        self.overview(uow, turn, event)
        return None

    def take_write(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known) or not known.open:
            return self._refused(uow, turn)
        told = self._hosting(uow, turn).write(known, _first(answers))
        self.overview(uow, turn, known, turn.wording.say("event-notice-written", count=told))
        return None

    def take_cancel(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str | Unsure] | None:
        known = uow.hosted.get(turn.community.id, str(about["event"]))
        if known is None or not self._may(turn, known):
            return self._refused(uow, turn)
        if known.open:
            known = self._series(uow, turn).call_off(known, _first(answers), f"member:{turn.member.id}")
        self.overview(uow, turn, known)
        return None

    # Within

    def _draft(self, uow: UnitOfWork, turn: Turn, room_id: int, **values: Any) -> HostedEvent:
        """Announced where it was asked for, if that is a room; what is planned in a closed room belongs to it."""
        room = uow.rooms.get(room_id) if room_id else None
        room = room if room is not None and visible(turn.viewer, room.audience) else None
        return HostedEvent(
            id=self.ids.code(),
            timezone=turn.member.timezone,
            host_id=turn.member.id,
            host_name=turn.member.name,
            host_platform=turn.room.ref.platform,
            rooms=(room.id,) if room else (),
            thread=wanted_by_default(uow, turn.community.id, room),
            audience=room.audience if room else PUBLIC,
            language=turn.wording.language,
            code=check_in_code(self.ids),
            token=self.ids.code(),
            **values,
        )

    def _announced(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> str:
        known = [room for room_id in event.rooms if (room := uow.rooms.get(room_id)) is not None]
        if not known:
            return turn.wording.say("event-announced-nowhere")
        named = [f"#{room.name or room.id} ({room.ref.platform})" for room in known]
        return turn.wording.say("event-announced", rooms=turn.wording.listing(named))

    def _blocking(self, event: HostedEvent) -> list[Flaw]:
        """Default reminders that lie behind are left out without a word."""
        return list(flaws(event, self._now()))

    def _may(self, turn: Turn, event: HostedEvent | None, *, new: bool = False) -> bool:
        if new:
            return turn.may(StaffAction.HOST_EVENTS)
        return event is not None and event.may_manage(turn.member, turn.role)

    def _refused(self, uow: UnitOfWork, turn: Turn) -> Mapping[str, str | Unsure]:
        sentence = turn.wording.say("event-notice-not-yours")
        message = Outgoing((Paragraph((Text(sentence),)),), language=turn.wording.language)
        self.answering.edit(uow, turn, message, notice=sentence)
        return {}

    def _hosting(self, uow: UnitOfWork, turn: Turn) -> Hosting:
        return Hosting(uow, turn.community, self._now(), f"member:{turn.member.id}")

    def _now(self) -> datetime:
        return self.answering.clock.now()


_ACTS: Final[Mapping[str, Callable[[Hosts, UnitOfWork, Turn, HostedEvent], None]]] = {
    "manage": Hosts.overview,
    "m-edit": Hosts.edit,
    "m-guests": Hosts.edit_guests,
    "m-who": Hosts.edit_who,
    "m-publish": Hosts.publish,
    "m-later": Hosts.later,
    "m-discard": Hosts.discard,
    "m-list": Hosts.list_guests,
    "m-remove": Hosts.remove,
    "m-code": Hosts.show_code,
    "m-close": Hosts.close,
    "m-write": Hosts.write,
    "m-cancel": Hosts.cancel,
    "m-repeat": Hosts.repeat,
    "m-on": Hosts.confirm,
    "m-skip": Hosts.skip,
    "m-resume": Hosts.resume,
    "m-stop": Hosts.stop,
    "m-thread": Hosts.thread,
}


def _seen(uow: UnitOfWork, turn: Turn) -> list[Room]:
    return [room for room in uow.rooms.all(turn.community.id) if visible(turn.viewer, room.audience)]


def _back(event: HostedEvent) -> str:
    """Of the button that leads from a form to the event as it is."""
    return code_of("manage", event.token)


def _first(answers: Filled) -> str:
    return next((values[0] for values in answers.values() if values), "")
