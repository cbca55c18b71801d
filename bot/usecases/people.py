"""``/people``: partners who opted in, why each, and what one wants to do about it. Knows views; knows no scores."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from bot.domain.consent import ConsentKind
from bot.domain.interactions import ScorePart
from bot.domain.introductions import Introduction, Outcome
from bot.domain.items import Kind, item_id
from bot.domain.outgoing import (
    Block,
    Button,
    Card,
    DeliveryClass,
    Heading,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Sending,
    Style,
    Text,
)
from bot.domain.people import LANGUAGES, Member
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.partners import Partners, may_be_met
from bot.usecases.reach import platform_for
from bot.usecases.suggest import details, score_parts
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording, choose
from bot.wording.partners import partner_reasons
from recsys.partners import Match

LIST: Final = 5
ACTS: Final = frozenset({"hello", "decline", "undo"})


@dataclass(frozen=True, slots=True)
class Person:
    """One partner of a view. `state`: empty, hello or declined; `token` is what its buttons carry."""

    other: int
    token: str
    parts: tuple[ScorePart, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class PeopleView:
    """What one message shows. `greeting`: somebody said hello, and this is their card."""

    id: str
    people: tuple[Person, ...] = field(default=())
    greeting: bool = False


_CODEC: Final = TypeAdapter(PeopleView)


def _save(uow: UnitOfWork, member_id: int, view: PeopleView, at: datetime) -> None:
    uow.conversations.put(member_id, f"people:{view.id}", _CODEC.dump_python(view, mode="json"), at)


def _buttons(view: PeopleView, owner: int, at: datetime) -> list[ButtonRow]:
    rows: list[dict[str, Any]] = [{"view": view.id, "other": person.other} for person in view.people]
    return [ButtonRow(person.token, "person", row, owner, at) for person, row in zip(view.people, rows, strict=True)]


def render(uow: UnitOfWork, turn: Turn, view: PeopleView) -> Outgoing:
    """The message as it reads now: whoever has switched matching off since is no longer in it."""
    say = turn.wording.say
    known = {person.other: uow.members.get(person.other) for person in view.people}
    items = {item for person in view.people for part in person.parts for item in part.items if ":" in item}
    titles = {item: detail.title for item, detail in details(uow, turn.viewer, items).items()}
    cards = [
        _card(turn, person, member, titles)
        for person in view.people
        if (member := known[person.other]) is not None and may_be_met(member, turn.community.id)
    ]
    if view.greeting:
        lead: tuple[Block, ...] = (Heading(say("people-greeted")),)
    else:
        lead = (Heading(say("people-heading")), *(() if cards else (Paragraph((Text(say("people-nobody")),)),)))
    return Outgoing((*lead, *cards, Note((Text(say("people-note")),))), language=turn.wording.language)


def _card(turn: Turn, person: Person, member: Member, titles: dict[str, str]) -> Card:
    say = turn.wording.say
    facts = [
        *([say(f"level-{member.profile.level.value}")] if member.profile.level else []),
        *([say(f"language-{member.language}")] if member.language in LANGUAGES else []),
    ]
    reasons = partner_reasons(turn.wording, person.parts, titles, timezone=turn.member.timezone, at=turn.at)
    return Card(
        kind=say("kind-member"),
        title=member.name,
        item=item_id(Kind.MEMBER, member.id),
        facts=tuple(facts),
        reasons=() if person.state == Outcome.DECLINED else reasons,
        buttons=_card_buttons(turn.wording, person),
        state=say(f"person-state-{person.state}") if person.state else "",
    )


def _card_buttons(wording: Wording, person: Person) -> Rows:
    if person.state == Outcome.DECLINED:
        return ((Button(wording.say("button-undo"), code_of("undo", person.token)),),)
    if person.state:
        return ()
    hello = Button(wording.say("button-hello"), code_of("hello", person.token), style=Style.SUCCESS)
    return ((hello, Button(wording.say("button-not-this-one"), code_of("decline", person.token))),)


@dataclass(frozen=True, slots=True)
class PeopleCommand:
    """``/people``: who might learn well with whoever asks; who has not switched matching on is asked to first."""

    store: Store
    partners: Partners
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        if not turn.member.consent.allows(ConsentKind.MATCHING):
            self._invited(turn)
            return
        found = self.partners(turn.member, k=LIST, at=turn.at)
        view = PeopleView(self.ids.code(), tuple(_person(match, self.ids) for match in found))
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            _save(uow, turn.member.id, view, turn.at)
            uow.buttons.add(turn.community.id, _buttons(view, turn.member.id, turn.at))
            self.answering.reply(uow, turn, render(uow, turn, view))
            uow.commit()

    def _invited(self, turn: Turn) -> None:
        say, token = turn.wording.say, self.ids.code()
        on = Button(say("people-switch-on"), code_of("c-matching", token), style=Style.PRIMARY)
        message = Outgoing(
            (Heading(say("people-heading")), Paragraph((Text(say("people-off")),))), ((on,),), turn.wording.language
        )
        with self.store.write() as uow:
            if turn.begin(uow):
                uow.buttons.add(turn.community.id, [ButtonRow(token, "profile", {}, turn.member.id, turn.at)])
                self.answering.reply(uow, turn, message)
                uow.commit()


def _person(match: Match, ids: Ids) -> Person:
    return Person(int(match.id), ids.code(), score_parts(match.reasons))


@dataclass(frozen=True, slots=True)
class PressPerson:
    """[Say hello] and [Not this one]: stored, told to the one it is about only when it is a hello."""

    store: Store
    partners: Partners
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, act: str, view_id: str, other_id: int) -> bool:
        """False: there is no such button, list or person."""
        if act not in ACTS:
            return False
        with self.store.read() as uow:
            state = uow.conversations.get(turn.member.id, f"people:{view_id}")
            other = uow.members.get(other_id)
        view = None if state is None else _CODEC.validate_python(state)
        person = next((p for p in view.people if p.other == other_id), None) if view else None
        if view is None or person is None or other is None:
            return False
        back = self.partners.between(other, turn.member, turn.at) if act == "hello" else None
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            other = uow.members.get(other_id) or other
            state_now, notice = self._apply(uow, turn, act, person, other, back)
            people = tuple(replace(p, state=state_now) if p.other == other_id else p for p in view.people)
            view = replace(view, people=people)
            _save(uow, turn.member.id, view, turn.at)
            self.answering.edit(uow, turn, render(uow, turn, view), notice=notice)
            uow.commit()
        return True

    def _apply(
        self, uow: UnitOfWork, turn: Turn, act: str, person: Person, other: Member, back: Match | None
    ) -> tuple[str, str]:
        say, me = turn.wording.say, turn.member
        if act == "undo":
            if person.state == Outcome.DECLINED:
                uow.introductions.withdraw(me.id, other.id)
            return ("" if person.state == Outcome.DECLINED else person.state), say("notice-undone")
        if person.state:
            return person.state, say("notice-already")
        if act == "decline":
            uow.introductions.put(turn.community.id, Introduction(me.id, other.id, Outcome.DECLINED, turn.at))
            return Outcome.DECLINED, say("notice-declined")
        # Both must still want to be met: either may have switched it off since the list was made.
        both = may_be_met(other, turn.community.id) and me.consent.allows(ConsentKind.MATCHING)
        if not both or _declined(uow, other.id, me.id):
            return "", say("notice-person-gone")
        if uow.introductions.put(turn.community.id, Introduction(me.id, other.id, Outcome.HELLO, turn.at)):
            self._tell(uow, turn, other, back)
        return Outcome.HELLO, say("notice-hello", name=other.name)

    def _tell(self, uow: UnitOfWork, turn: Turn, other: Member, back: Match | None) -> None:
        """The one who was greeted sees who it was and why, and may answer."""
        me, platform = turn.member, turn.room.ref.platform
        room = uow.rooms.direct(turn.community.id, platform_for(uow, other.id, platform) or platform, other.id)
        theirs = replace(
            turn,
            member=other,
            viewer=uow.rooms.viewer(other),
            wording=choose(other.language, turn.community.language),
            room=room,
            cause=None,
            on=None,
        )
        answered = any(i.member_id == other.id and i.outcome is Outcome.HELLO for i in uow.introductions.about(me.id))
        parts = score_parts(back.reasons) if back else ()
        state = Outcome.HELLO.value if answered else ""
        view = PeopleView(self.ids.code(), (Person(me.id, self.ids.code(), parts, state),), greeting=True)
        _save(uow, other.id, view, turn.at)
        uow.buttons.add(turn.community.id, _buttons(view, other.id, turn.at))
        message = render(uow, theirs, view)
        if answered:
            message = replace(message, blocks=(Heading(theirs.wording.say("people-answered")), *message.blocks[1:]))
        sending = Sending(
            key=f"hello:{me.id}:{other.id}:{view.id}",
            room=room.ref,
            message=message,
            delivery=DeliveryClass.AT_MOST_ONCE,
            items=(item_id(Kind.MEMBER, me.id),),
            to_member=other.id,
        )
        uow.outbox.add(turn.community.id, sending, turn.at)


def _declined(uow: UnitOfWork, who: int, about: int) -> bool:
    return any(i.member_id == who and i.outcome is Outcome.DECLINED for i in uow.introductions.about(about))
