"""Two or three members with all kinds of rows, links between them, and every table as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text

from bot.domain.calendar import CalendarFeed
from bot.domain.consent import Consent, ConsentKind
from bot.domain.digests import DigestSettings
from bot.domain.events import HostedEvent
from bot.domain.guests import Guest, Standing
from bot.domain.incoming import MessagePosted, Place, RoomKind, Sender
from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.introductions import Introduction, Outcome
from bot.domain.items import Event, ItemId
from bot.domain.links import Link, LinkState
from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Member
from bot.domain.permissions import member_audience
from bot.domain.quality import Mark
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Message, Room
from bot.domain.schedules import Frequency, Job, Occurrence
from bot.ports import ButtonRow, KeptFile, UnitOfWork
from storage import SqlStore
from storage.tables import METADATA
from tests.storage.people import AT

MINUTE: Final = timedelta(minutes=1)
LOGS: Final = {"links", "linked_rows", "audit"}
"""Tables that tell of links."""
COUNTERS: Final = {
    "communities": {"revision", "sequence"},
    "items": {"revision"},
    "members": {"declared"},
    "schedules": {"planned", "next_at"},
}
"""Numbers that only rise, so that those who keep copies notice; and what the planner works out again."""

Tables = dict[str, dict[str, str]]


def tables(store: SqlStore) -> Tables:
    """Every row of every table by its key, without what is in `COUNTERS` and `LOGS`."""
    found: Tables = {}
    with store.engine.connect() as connection:
        for name, table in METADATA.tables.items():
            if name in LOGS:
                continue
            left_out = COUNTERS.get(name, set())
            rows = connection.execute(select(table)).mappings()
            found[name] = {
                json.dumps([str(row[column.name]) for column in table.primary_key.columns]): repr(
                    {key: value for key, value in row.items() if key not in left_out}
                )
                for row in rows
            }
    return found


def broken_references(store: SqlStore) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(text("PRAGMA foreign_key_check")))


def link_up(uow: UnitOfWork, community_id: int, first: int, second: int, at: datetime = AT) -> Link:
    """The whole way from the code to one person."""
    offered = Link(0, community_id, first, None, f"p{first}", "", LinkState.OFFERED, at, at + 10 * MINUTE, False, False)
    link = uow.links.offer(offered, f"code-{first}-{second}-{at}")
    assert uow.links.ask(link.id, second, f"p{second}", until=at + 60 * MINUTE)
    for side in (True, False):
        uow.links.agree(link.id, first=side)
    assert uow.links.join(link.id, at) is not None
    made = uow.links.get(community_id, link.id)
    assert made is not None
    return made


class Hall:
    """A community in which every member has one account, on a platform that is theirs alone."""

    def __init__(self, store: SqlStore, names: Iterable[str]) -> None:
        self.store = store
        self.minutes = 0
        with store.write() as uow:
            self.community = uow.communities.add("Rustaceans", language="en", timezone="UTC", sample=False).id
            self.people = {name: self._arrives(uow, name).id for name in names}
            uow.commit()

    def now(self) -> datetime:
        self.minutes += 1
        return AT + self.minutes * MINUTE

    def sender(self, name: str) -> Sender:
        return Sender(AccountRef(name, f"account-{name}"), name.title())

    def who(self, uow: UnitOfWork, name: str) -> Member:
        """Whoever is behind that account now."""
        member = uow.members.by_account(self.community, self.sender(name).account)
        assert member is not None
        return member

    def _arrives(self, uow: UnitOfWork, name: str) -> Member:
        member = uow.members.resolve(self.community, self.sender(name), AT)
        granted = frozenset(ConsentKind) if name != "cem" else frozenset({ConsentKind.ENROLMENTS, ConsentKind.MESSAGES})
        uow.members.update(replace(member, consent=Consent(granted)))
        room = self.room(uow, name, "dm", direct=True)
        uow.rooms.join(room.id, member.id, AT)
        uow.rooms.join(self.room(uow, name, "closed", private=True).id, member.id, AT)
        return member

    def room(
        self, uow: UnitOfWork, name: str, native: str = "hall", *, direct: bool = False, private: bool = False
    ) -> Room:
        kind = RoomKind.DIRECT if direct else RoomKind.CHANNEL
        return uow.rooms.ensure(self.community, Place(RoomRef(name, native), native, kind, private or direct))

    # What members do

    def say(self, uow: UnitOfWork, name: str, native: str, room: str = "hall", reply_to: str | None = None) -> Message:
        where, at = self.room(uow, name, room), self.now()
        member = self.who(uow, name)
        ref = MessageRef(where.ref, native)
        posted = MessagePosted(ref, Place(where.ref, room), self.sender(name), f"words {native}", at, reply_to)
        message, new = uow.messages.add(where, member, posted)
        if new and message.root_id == message.id:
            uow.posts.promote(message.id, title=native, text="words", language="en", solved=False)
        post = uow.posts.by_root(message.root_id)
        if post is not None and new:
            signal = Signal.POST if message.root_id == message.id else Signal.REPLY
            self._act(uow, member, post.item, signal, f"said:{message.id}")
        return message

    def react(self, uow: UnitOfWork, name: str, native: str, emoji: str, *, present: bool = True) -> None:
        where, at, member = self.room(uow, name), self.now(), self.who(uow, name)
        message = uow.messages.by_ref(self.community, MessageRef(where.ref, native))
        if message is None or not uow.messages.react(
            self.community, message.ref, member.id, emoji, present=present, at=at
        ):
            return
        post = uow.posts.by_root(message.root_id)
        key = f"react:{message.id}:{member.id}:{emoji}"
        if not present:
            uow.interactions.withdraw(self.community, key)
        elif post is not None:
            self._act(uow, member, post.item, Signal.REACT, key)

    def take(self, uow: UnitOfWork, name: str, course: str, signal: Signal = Signal.SAVE) -> None:
        member = self.who(uow, name)
        self._act(uow, member, ItemId(f"course:{course}"), signal, f"press:{name}:{course}:{signal}:{self.now()}")

    def _act(self, uow: UnitOfWork, member: Member, item: ItemId, signal: Signal, key: str) -> None:
        uow.interactions.add(self.community, Interaction(member.id, item, signal, self.now(), key))

    def undo_last(self, uow: UnitOfWork, name: str) -> None:
        done = uow.interactions.of_member(self.who(uow, name).id)
        if done:
            uow.interactions.withdraw(self.community, done[-1].key)

    def see(self, uow: UnitOfWork, name: str, item: str) -> None:
        at = self.now()
        shown = Exposure(self.who(uow, name).id, ItemId(item), 1, 0.5, (), "p", "foryou", at, f"shown:{name}:{at}")
        uow.exposures.add(self.community, [shown])

    def begin(self, uow: UnitOfWork, name: str, kind: str) -> None:
        member, at = self.who(uow, name), self.now()
        uow.conversations.put(member.id, kind, {"by": name}, at)
        uow.buttons.add(self.community, [ButtonRow(f"b{self.minutes}", "profile", {"by": name}, member.id, at)])

    def end(self, uow: UnitOfWork, name: str, kind: str) -> None:
        uow.conversations.end(self.who(uow, name).id, kind)

    def letters(self, uow: UnitOfWork, name: str, *, enabled: bool, weekday: int = 4) -> None:
        member = self.who(uow, name)
        settings = DigestSettings(member.id, enabled, Frequency.WEEKLY, weekday, platform=name)
        uow.digests.put(self.community, settings)
        recipient = f"member:{member.id}"
        uow.schedules.claim(self.community, Occurrence(Job.DIGEST, recipient, f"2027-01-0{weekday + 1}", AT), at=AT)

    def judge(self, uow: UnitOfWork, name: str, course: str, stars: int) -> None:
        member, at = self.who(uow, name), self.now()
        uow.qualities.set_expert(self.community, member.id, expert=True, by="cli", at=at)
        uow.qualities.put_mark(self.community, Mark(member.id, course, stars, f"by {name}", at))

    def choose(self, uow: UnitOfWork, name: str, other: str, outcome: Outcome) -> None:
        member, chosen = self.who(uow, name), self.who(uow, other)
        if member.id != chosen.id:
            uow.introductions.put(self.community, Introduction(member.id, chosen.id, outcome, self.now()))

    def look_for(self, uow: UnitOfWork, name: str, words: str) -> None:
        uow.demand.add(self.community, self.who(uow, name).id, "search", words, 0.1, self.now())

    def host(self, uow: UnitOfWork, name: str) -> None:
        member = self.who(uow, name)
        event = Event(f"e-{name}", "Meeting", AT, "words", host_id=member.id, host_name=name)
        uow.events.upsert(self.community, event)
        alone = replace(event, id=f"only-{name}", audience=member_audience(member.id))
        uow.events.upsert(self.community, alone)

    def meet(self, uow: UnitOfWork, name: str, event: str = "shared", standing: Standing = Standing.GOING) -> None:
        """Answers to an event (of which there is one for all), and keeps a calendar of those."""
        member = self.who(uow, name)
        number = self.event(uow, event, member).number
        uow.guests.put(self.community, number, [Guest(member.id, standing, self.now(), platform=name)])
        uow.guests.set_always(self.community, member.id, always=name == "ben")
        uow.calendars.put(self.community, CalendarFeed(member.id, f"s-{name}", "hash", self.now()))

    def event(self, uow: UnitOfWork, name: str, host: Member) -> HostedEvent:
        known = uow.hosted.get(self.community, name)
        made = HostedEvent(name, "Meeting", AT + 9 * MINUTE, "UTC", host.id, host.name, capacity=9, token=f"t-{name}")
        return known or uow.hosted.put(self.community, made)

    def wait(self, uow: UnitOfWork, name: str) -> None:
        """Something is on its way to them."""
        member = self.who(uow, name)
        room = uow.rooms.direct(self.community, name, member.id)
        said = Outgoing((Paragraph((Text("hello"),)),))
        sending = Sending(f"k{self.now()}", room.ref, said, DeliveryClass.AT_LEAST_ONCE, to_member=member.id)
        uow.outbox.add(self.community, sending, AT)
        uow.outbox.add(self.community, replace(sending, key=f"k{self.now()}", unsolicited=True), AT)

    def draw(self, uow: UnitOfWork, name: str) -> None:
        """A picture is made for them."""
        at = self.now()
        uow.files.put(self.community, f"{name}-{at}", KeptFile(b"png", "image/png", self.who(uow, name).id), at)

    def switch(self, uow: UnitOfWork, name: str, kind: ConsentKind) -> None:
        member = self.who(uow, name)
        uow.members.update(replace(member, consent=member.consent.toggled(kind)))

    def everything(self, uow: UnitOfWork, name: str) -> None:
        """A bit of all there is."""
        self.say(uow, name, "1")
        self.say(uow, name, "2", reply_to="1")
        self.react(uow, name, "1", "👍")
        self.take(uow, name, "rust")
        self.take(uow, name, "go", Signal.ENROL)
        self.undo_last(uow, name)
        self.see(uow, name, "course:rust")
        self.begin(uow, name, "onboarding")
        self.letters(uow, name, enabled=name != "ann")
        self.judge(uow, name, "rust", 3)
        self.look_for(uow, name, "async")
        self.host(uow, name)
        self.wait(uow, name)
        self.draw(uow, name)
        self.meet(uow, name)
        self.meet(uow, name, f"by-{name}", Standing.MAYBE)
