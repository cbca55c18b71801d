"""The recap of an event: a draft for its host, edited and posted with a tap, and what members answer to it.

What is related is shown as a suggestion, with its exposure; whoever wants such an event again adds to what members look
for, from which the next ideas are made (`bot.usecases.events.ideas`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.events import EventState, HostedEvent
from bot.domain.forms import Choice, ChoiceField, Filled, Form, TextField
from bot.domain.interactions import Exposure, ScorePart
from bot.domain.items import Course, Post
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    DeliveryClass,
    Heading,
    Inlines,
    Link,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Sending,
    Strong,
    Style,
    Text,
)
from bot.domain.people import Community
from bot.domain.permissions import PUBLIC
from bot.domain.rooms import Room
from bot.domain.text import clean, clip
from bot.domain.threads import CLOSES_AFTER
from bot.ports import AuditRow, Engine, UnitOfWork
from bot.usecases.events.answering import Manage
from bot.usecases.events.cards import local_time
from bot.usecases.events.letters import Letters
from bot.usecases.events.recap import Asked, Recap, Related, Shared, find_recap
from bot.usecases.events.thread_places import Reader
from bot.usecases.events.thread_words import way_to
from bot.usecases.forms import AskForm, Receive
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording, choose

RECAP_AFTER: Final = timedelta(minutes=35)
"""After the end, when what is said around it has been said."""
FORM: Final = "event-recap"
MAX_LEAD: Final = 1000
_LABEL: Final = 80
_NAME: Final = 90


@dataclass(frozen=True, slots=True)
class Draft:
    """What the host made of it: words of their own at the beginning, and what they left out."""

    lead: str = ""
    without: frozenset[str] = frozenset()

    def of(self, recap: Recap) -> Recap:
        return replace(
            recap,
            questions=tuple(asked for asked in recap.questions if _key(asked) not in self.without),
            links=tuple(link for link in recap.links if _key(link) not in self.without),
        )


def _key(one: Asked | Shared) -> str:
    return f"q:{one.ref.native_id}" if isinstance(one, Asked) else f"l:{one.url}"


def recap_message(
    wording: Wording, event: HostedEvent, recap: Recap, lead: str, buttons: Rows, reader: Reader | None = None
) -> Outgoing:
    """`reader`: who reads the room that it is for; the way to the thread is for them."""
    say = wording.say
    blocks: list[Block] = [Heading(say("recap-heading", title=event.title))]
    if lead:
        blocks.append(Paragraph((Text(lead),)))
    blocks.append(Paragraph((Text(_attendance(wording, recap)),)))
    if recap.questions:
        blocks.append(Paragraph((Strong(say("recap-questions")),)))
        blocks.append(Bullets(tuple((MessageLink(clip(q.text, _NAME * 2), q.ref),) for q in recap.questions)))
    if recap.links:
        blocks.append(Paragraph((Strong(say("recap-links")),)))
        blocks.append(Bullets(tuple((Link(link.shown, link.url),) for link in recap.links)))
    if recap.related:
        blocks.append(Paragraph((Strong(say("recap-related")),)))
        blocks.append(Bullets(tuple(_line(wording, one.detail) for one in recap.related)))
    if recap.threads:
        closes = local_time(wording, event.ends_at + CLOSES_AFTER, event.timezone)
        blocks.append(Note((Text(say("event-thread-recap") + " "), closes)))
        way = way_to(wording, recap.threads, reader)
        blocks += [Paragraph(way)] if way else []
    return Outgoing(tuple(blocks), buttons, wording.language)


def _attendance(wording: Wording, recap: Recap) -> str:
    if recap.came is None:
        return wording.say("recap-seats", count=recap.seats)
    return wording.say("recap-came", came=recap.came, seats=recap.seats)


def _line(wording: Wording, detail: Course | Post) -> Inlines:
    if isinstance(detail, Course):
        kind = Text(f" · {wording.say('kind-course')}")
        title = clip(detail.title, _NAME)
        return (
            (Link(title, detail.url), kind) if detail.url.startswith(("https://", "http://")) else (Text(title), kind)
        )
    return (MessageLink(clip(detail.title, _NAME), detail.root),)


def draft_message(wording: Wording, event: HostedEvent, recap: Recap, draft: Draft) -> Outgoing:
    """As it would be posted, with what the host can do about it."""
    say = wording.say
    buttons: Rows = (
        (
            Button(say("button-recap-post"), code_of("recap-post", event.token), style=Style.SUCCESS),
            Button(say("button-recap-edit"), code_of("recap-edit", event.token)),
        ),
    )
    message = recap_message(wording, event, draft.of(recap), draft.lead, buttons)
    return replace(message, blocks=(*message.blocks, Note((Text(say("recap-draft-note")),))))


@dataclass(frozen=True, slots=True)
class SendRecap:
    """When an event is over: the draft, for its host alone."""

    engine: Engine

    def __call__(self, uow: UnitOfWork, community: Community, event: HostedEvent, now: datetime) -> None:
        host = uow.members.get(event.host_id) if event.host_id is not None else None
        if host is None:
            return
        recap = find_recap(uow, self.engine, community.id, event)
        if not (recap.seats or recap.questions or recap.links):
            return  # nobody came and nothing was said: there is nothing to tell of
        wording = choose(host.language, community.language)
        message = draft_message(wording, event, recap, Draft())
        Letters(uow, community, event, now).send(host, None, "recap", message, hidden=True)


@dataclass(frozen=True, slots=True)
class Recaps:
    """What is tapped under a recap. `otherwise`: who answers the host's other buttons."""

    engine: Engine
    answering: Answering
    ask: AskForm
    otherwise: Manage

    def press(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, act: str) -> bool:
        match act:
            case "again" | "not-again":
                self._vote(uow, turn, event, again=act == "again")
            case "recap-post" | "recap-edit" | "recap-show" if (
                not event.may_manage(turn.member, turn.role) or event.state is not EventState.OVER
            ):
                self.answering.notice(uow, turn, turn.wording.say("event-notice-not-yours"))
            case "recap-post":
                self._post(uow, turn, event)
            case "recap-edit":
                self._edit(uow, turn, event)
            case "recap-show":
                self._show(uow, turn, event)
            case _:
                return self.otherwise(uow, turn, event, act)
        return True

    @property
    def receivers(self) -> dict[str, Receive]:
        return {FORM: self.take}

    def _edit(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        recap = find_recap(uow, self.engine, turn.community.id, event)
        form, back = _form(turn.wording, recap, _draft(uow, turn, event)), code_of("recap-show", event.token)
        self.ask(uow, turn, form, FORM, {"event": event.id}, edit=turn.personal, back=back)

    def _show(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        recap = find_recap(uow, self.engine, turn.community.id, event)
        self.answering.edit(uow, turn, draft_message(turn.wording, event, recap, _draft(uow, turn, event)))

    def take(self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled) -> Mapping[str, str] | None:
        event = uow.hosted.get(turn.community.id, str(about["event"]))
        if event is None or not event.may_manage(turn.member, turn.role):
            self.answering.notice(uow, turn, turn.wording.say("event-notice-not-yours"))
            return None
        recap = find_recap(uow, self.engine, turn.community.id, event)
        kept = set(answers.get("keep", ()))
        shown = [*map(_key, recap.questions), *map(_key, recap.links)]
        lead = clean(next(iter(answers.get("words", ())), ""), limit=MAX_LEAD)
        draft = Draft(lead, frozenset(key for place, key in enumerate(shown) if str(place) not in kept))
        state = {"lead": draft.lead, "without": sorted(draft.without)}
        uow.conversations.put(turn.member.id, _place(event), state, turn.at)
        row = AuditRow(turn.at, f"member:{turn.member.id}", "event.recap-edit", event.item, event.title)
        uow.audit.add(turn.community.id, row)
        self.answering.edit(uow, turn, draft_message(turn.wording, event, recap, draft))
        return None

    def _post(self, uow: UnitOfWork, turn: Turn, event: HostedEvent) -> None:
        """Once in every room that has the event's card, however often it is tapped."""
        say, now = turn.wording.say, self.answering.clock.now()
        draft = _draft(uow, turn, event)
        recap = draft.of(find_recap(uow, self.engine, turn.community.id, event))
        rooms = _rooms(uow, event)
        fresh = [room for room in rooms if self._posted(uow, turn.community, event, room, recap, draft, now)]
        if fresh:
            row = AuditRow(now, f"member:{turn.member.id}", "event.recap", event.item, event.title)
            uow.audit.add(turn.community.id, row)
        named = turn.wording.listing([f"#{room.name}" for room in fresh])
        notice = (
            say("recap-posted", rooms=named) if fresh else say("recap-posted-already" if rooms else "recap-nowhere")
        )
        if not rooms:
            self.answering.notice(uow, turn, notice)
            return
        # The draft has done its work: what was posted, and that it was, is left of it.
        posted = recap_message(turn.wording, event, recap, draft.lead, ())
        posted = replace(posted, blocks=(*posted.blocks, Note((Text(notice),))))
        self.answering.edit(uow, turn, posted, notice=notice)

    def _posted(
        self,
        uow: UnitOfWork,
        community: Community,
        event: HostedEvent,
        room: Room,
        recap: Recap,
        draft: Draft,
        now: datetime,
    ) -> bool:
        say, token = choose(community.language).say, event.token
        buttons: Rows = (
            (
                Button(say("button-again"), code_of("again", token)),
                Button(say("button-not-again"), code_of("not-again", token)),
            ),
        )
        message = recap_message(choose(community.language), event, recap, draft.lead, buttons, Reader.of(room))
        key = f"recap:{event.id}:{room.id}"
        exposures = [_exposure(one, rank, key, now) for rank, one in enumerate(recap.related, 1)]
        sending = Sending(
            key=key,
            room=room.ref,
            message=message,
            delivery=DeliveryClass.AT_MOST_ONCE,
            items=tuple(one.detail.item for one in recap.related),
            exposures=tuple(exposure.key for exposure in exposures),
        )
        if not uow.outbox.add(community.id, sending, now):
            return False
        uow.exposures.add(community.id, exposures)
        return True

    def _vote(self, uow: UnitOfWork, turn: Turn, event: HostedEvent, *, again: bool) -> None:
        """Wanting it again is a wish like any other that finds no good answer; said twice it counts once."""
        kind = f"again:{event.id}"
        known = uow.conversations.get(turn.member.id, kind)
        if again and not (known or {}).get("counted"):
            words = event.title
            uow.demand.add(turn.community.id, turn.member.id, "again", words, 0.0, turn.at)
        counted = again or bool((known or {}).get("counted"))
        uow.conversations.put(turn.member.id, kind, {"again": again, "counted": counted}, turn.at)
        self.answering.notice(uow, turn, turn.wording.say("recap-again" if again else "recap-not-again"))


def _exposure(one: Related, rank: int, key: str, now: datetime) -> Exposure:
    """It was shown to a room: because it is near to the event, or because the host named it."""
    item, score = one.detail.item, one.score or 0.0
    parts = () if one.score is None else (ScorePart("semantic", score),)
    policy = "pin" if one.score is None else "recap"
    return Exposure(None, item, rank, score, parts, policy, "recap", now, f"{key}:{item}")


def _place(event: HostedEvent) -> str:
    return f"recap:{event.id}"


def _draft(uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Draft:
    known = uow.conversations.get(turn.member.id, _place(event)) or {}
    return Draft(str(known.get("lead", "")), frozenset(known.get("without", ())))


def _form(wording: Wording, recap: Recap, draft: Draft) -> Form:
    say = wording.say
    fields: list[TextField | ChoiceField] = [
        TextField("words", say("recap-field-words"), value=draft.lead, most=MAX_LEAD, long=True, required=False)
    ]
    parts: list[Asked | Shared] = [*recap.questions, *recap.links]
    if parts:
        choices = tuple(
            Choice(str(place), clip(one.text if isinstance(one, Asked) else one.shown, _LABEL))
            for place, one in enumerate(parts)
        )
        kept = tuple(str(place) for place, one in enumerate(parts) if _key(one) not in draft.without)
        fields.append(ChoiceField("keep", say("recap-field-keep"), choices, kept, least=0, most=len(choices)))
    return Form(say("recap-form"), tuple(fields), say("event-form-save"))


def _rooms(uow: UnitOfWork, event: HostedEvent) -> list[Room]:
    found: list[Room] = []
    for card in uow.cards.all(event.number):
        room = uow.rooms.get(card.room_id)
        if room is not None and not card.lost and event.audience in {PUBLIC, room.audience}:
            found.append(room)
    return found
