"""A whole small community around the real application: a real store, a fake platform, a clock that stands still.

What happens on the platform goes in through the inbox; what the application says is read from its outbox, where this
world plays the delivery: it asks whether the reader may still see all of it, and gives every message an address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from bot.app import Application
from bot.dispatch import Dispatcher
from bot.domain.consent import ConsentKind
from bot.domain.incoming import (
    ButtonPressed,
    CommandInvoked,
    Incoming,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Place,
    ReactionChanged,
    RoomKind,
    Sender,
)
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course, Event, ItemId, Post
from bot.domain.outgoing import Outgoing, Receipt, Sending
from bot.domain.people import Level, Member
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Room
from bot.domain.setup import RefusalCause
from bot.domain.threads import OpenThread, ThreadTraits
from bot.settings import Settings
from storage import SqlStore
from tests.bot.reading import act_of, acts, buttons_of, card_of, items
from tests.fakes.clock import START, FakeClock, SeededIds
from tests.fakes.encoder import InProcessEncoder

FAKE = "fake"


@dataclass(frozen=True)
class Sent:
    """A message of ours that went out, and where it is now. A notice alone has no message."""

    sending: Sending
    ref: MessageRef

    @property
    def message(self) -> Outgoing:
        return self.sending.message

    @property
    def notice(self) -> str:
        return self.sending.notice


class World:
    platforms: tuple[str, ...] = (FAKE, "web")
    """From which the outbox is worked off."""

    def __init__(self, store: SqlStore, home: Path, *, language: str = "en", seed: int = 0) -> None:
        with store.write() as uow:
            self.community = uow.communities.add("Ferris Hall", language=language, timezone="UTC", sample=False)
            uow.commit()
        self.store = store
        self.clock = FakeClock()
        self.ids = SeededIds(seed)
        self.encoder = InProcessEncoder()
        self.updates: dict[str, Incoming | Exception | None] = {}
        self.sent: list[Sent] = []
        self.dropped: list[Sending] = []
        self.folder = home
        self.unreachable: set[RoomRef] = set()
        """Rooms of people who blocked the bot, and rooms that take nothing from it for another `cause`."""
        self.cause = RefusalCause.BLOCKED
        self.threads: dict[str, ThreadTraits] = {}
        """What threads are on each platform; without any, no event has one."""
        self._messages = 0
        self.restart()

    def restart(self) -> None:
        """The program starts anew: only what is in the store is still known."""
        settings = Settings(home=self.folder, encoder="hashing")
        self.app = Application(
            settings, self.store, self.community, clock=self.clock, encoder=self.encoder, ids=self.ids
        )
        made = self.app.dispatcher({FAKE: self._parse}, lambda: None, threads=self.threads)
        # A clock on which a minute passes at every look, so that pauses between attempts are over at once.
        minutes = count(step=60.0)
        self.dispatcher: Dispatcher = replace(made, monotonic=lambda: next(minutes))

    def _parse(self, raw: str) -> Incoming | None:
        update = self.updates[raw]
        if isinstance(update, Exception):
            raise update
        return update

    # What happens on the platform

    def sender(self, who: str, *, bot: bool = False, language: str | None = None) -> Sender:
        return Sender(AccountRef(FAKE, who), who.title(), bot, language)

    def place(self, room: str, *, private: bool = False) -> Place:
        return Place(RoomRef(FAKE, room), room, private=private, indexed=True)

    def home(self, who: str) -> Place:
        """The room that somebody shares with the bot alone."""
        return Place(RoomRef(FAKE, f"dm-of-{who}"), who, RoomKind.DIRECT, private=True)

    def put(self, *updates: Incoming | Exception | None) -> None:
        """Store raw updates, as an adapter does before it acknowledges them."""
        raws = []
        for update in updates:
            raw = f"update-{len(self.updates)}"
            self.updates[raw] = update
            raws.append((raw, raw))
        with self.store.write() as uow:
            uow.inbox.put(self.community.id, FAKE, raws, self.clock.now())
            uow.commit()

    def happens(self, *updates: Incoming | Exception | None) -> list[Sent]:
        self.put(*updates)
        self.dispatcher.drain()
        return self.deliver()

    def says(
        self,
        who: str,
        text: str,
        room: str = "general",
        *,
        reply_to: MessageRef | None = None,
        private: bool = False,
        bot: bool = False,
        service: bool = False,
        ref: str | None = None,
    ) -> MessageRef:
        self._messages += 1
        place = self.place(room, private=private)
        message = MessageRef(place.room, ref or f"m{self._messages}")
        self.happens(
            MessagePosted(
                message,
                place,
                self.sender(who, bot=bot),
                text,
                self.clock.now(),
                reply_to=reply_to.native_id if reply_to else None,
                service=service,
            )
        )
        return message

    def tells(self, who: str, text: str) -> list[Sent]:
        """Plain words, said to the bot alone."""
        self._messages += 1
        place = self.home(who)
        ref = MessageRef(place.room, f"m{self._messages}")
        return self.happens(MessagePosted(ref, place, self.sender(who), text, self.clock.now()))

    def commands(
        self, who: str, name: str, words: str = "", *, room: str | None = None, language: str | None = None
    ) -> list[Sent]:
        place = self.home(who) if room is None else self.place(room)
        return self.happens(CommandInvoked(place, self.sender(who, language=language), name, words, self.clock.now()))

    def asks(self, who: str, name: str, words: str = "", *, room: str | None = None) -> Sent:
        """A command that has exactly one answer."""
        (answer,) = self.commands(who, name, words, room=room)
        return answer

    def pressing(self, who: str, code: str, on: MessageRef | None = None) -> ButtonPressed:
        place = self.home(who)
        return ButtonPressed(
            replace(place, room=on.room) if on else place, self.sender(who), code, self.clock.now(), on
        )

    def presses(self, who: str, on: Sent, act: str, *, item: str | None = None) -> list[Sent]:
        """The button of that act: on the card of `item`, or anywhere on the message."""
        found = card_of(on.message, item).buttons if item else None
        buttons = [b for row in found for b in row] if found is not None else buttons_of(on.message)
        code = next(button.code for button in buttons if act_of(button) == act)
        return self.happens(self.pressing(who, code, on.ref))

    def press(self, who: str, on: Sent, act: str, *, item: str | None = None) -> Sent:
        """A press that has exactly one answer; an edit is the message as it reads afterwards."""
        (answer,) = self.presses(who, on, act, item=item)
        return answer

    def everything_for(self, who: str) -> list[str]:
        """What would be suggested to somebody, page after page."""
        page = self.asks(who, "foryou")
        found = items(page.message)
        while "more" in acts(page.message):
            page = self.press(who, page, "more")
            found += items(page.message)
        return found

    def edits(self, ref: MessageRef, text: str) -> None:
        self.happens(MessageEdited(ref, text, self.clock.now()))

    def deletes(self, ref: MessageRef) -> None:
        self.happens(MessageDeleted(ref, self.clock.now()))

    def reacts(self, who: str | None, ref: MessageRef, emoji: str = "👍", *, present: bool = True) -> None:
        sender = self.sender(who) if who else None
        self.happens(ReactionChanged(ref, sender, emoji, present, self.clock.now()))

    def joins(self, who: str, room: str, *, private: bool = False) -> None:
        self.happens(MemberJoined(self.place(room, private=private), self.sender(who), self.clock.now()))

    def leaves(self, who: str, room: str, *, private: bool = False) -> None:
        self.happens(MemberLeft(self.place(room, private=private), self.sender(who), self.clock.now()))

    # What goes out

    def deliver(self) -> list[Sent]:
        """Send what is due; a row whose reader may no longer see all of it is dropped."""
        fresh: list[Sent] = []
        at = self.clock.now()
        while True:
            with self.store.write() as uow:
                rows = uow.outbox.claim(self.platforms, at=at, limit=100)
                uow.commit()
            if not rows:
                self.sent += fresh
                return fresh
            for row in rows:
                sending = row.sending
                ref = sending.edits or MessageRef(sending.room, f"out-{row.id}")
                if isinstance(sending.thread, OpenThread):
                    ref = MessageRef(RoomRef(FAKE, sending.room.native_id, f"t{row.id}"), f"t{row.id}")
                refs = (ref,) if sending.thread is None or isinstance(sending.thread, OpenThread) else ()
                until = self.app.hold(row)
                seen = until is None and self.app.visible(row)
                with self.store.write() as uow:
                    if until is not None:
                        uow.outbox.defer(row.id, until, "not now", failed=False)
                    elif seen and row.sending.room in self.unreachable:
                        uow.outbox.park(row.id, "refused", "blocked", cause=self.cause)
                        self.app.ended(uow, row, "refused")
                    elif seen:
                        uow.outbox.sent(row.id, Receipt(refs), at)
                        self.app.ended(uow, row, "sent")
                    else:
                        uow.outbox.park(row.id, "dropped", "not visible")
                    uow.commit()
                if until is not None or sending.room in self.unreachable:
                    continue
                if seen:
                    fresh.append(Sent(sending, ref))
                else:
                    self.dropped.append(sending)

    # What is there

    def add_courses(self, *courses: Course) -> None:
        with self.store.write() as uow:
            uow.courses.upsert_many(self.community.id, courses)
            uow.commit()
        self.index()

    def add_events(self, *events: Event) -> None:
        with self.store.write() as uow:
            for event in events:
                uow.events.upsert(self.community.id, event)
            uow.commit()
        self.index()

    def index(self) -> int:
        """Embed what waits, as the running program does every few seconds."""
        return self.app.embed(self.community.id)

    def member(self, who: str) -> Member:
        with self.store.read() as uow:
            member = uow.members.by_account(self.community.id, self.sender(who).account)
        assert member is not None, who
        return member

    def change(self, member: Member) -> None:
        with self.store.write() as uow:
            uow.members.update(member)
            uow.commit()

    def arrives(self, who: str, *, language: str | None = None, consent: Iterable[ConsentKind] | None = None) -> Member:
        """Make a member, with the room that they share with the bot."""
        with self.store.write() as uow:
            member = uow.members.resolve(self.community.id, self.sender(who), self.clock.now())
            room = uow.rooms.ensure(self.community.id, self.home(who))
            uow.rooms.join(room.id, member.id, self.clock.now())
            granted = member.consent.granted if consent is None else frozenset(consent)
            uow.members.update(replace(member, language=language, consent=replace(member.consent, granted=granted)))
            uow.commit()
        return self.member(who)

    def does(self, who: str, signal: Signal, item: str, *, value: float = 1.0, at: datetime | None = None) -> None:
        """Something that a member did elsewhere, such as on the site that sells the courses."""
        at = at or self.clock.now()
        interaction = Interaction(
            self.member(who).id, ItemId(item), signal, at, f"{who}:{signal}:{item}:{value}:{at}", value
        )
        with self.store.write() as uow:
            uow.interactions.add(self.community.id, interaction)
            uow.commit()

    def history(self, who: str) -> list[tuple[str, str]]:
        with self.store.read() as uow:
            return [(i.signal.value, str(i.item)) for i in uow.interactions.of_member(self.member(who).id)]

    def post(self, ref: MessageRef) -> Post | None:
        with self.store.read() as uow:
            message = uow.messages.by_ref(self.community.id, ref)
            return uow.posts.by_root(message.root_id) if message else None

    def room(self, name: str) -> Room:
        with self.store.read() as uow:
            room = uow.rooms.by_ref(self.community.id, RoomRef(FAKE, name))
        assert room is not None, name
        return room

    def demand(self) -> list[tuple[str, str, float]]:
        with self.store.read() as uow:
            rows = uow.demand.all(self.community.id, since=START - timedelta(days=1), below=10.0)
        return [(kind, words, best) for kind, words, best, _ in rows]

    def inbox(self) -> dict[str, int]:
        with self.store.read() as uow:
            return uow.inbox.counts()


def course(native: str, title: str, summary: str = "", **more: object) -> Course:
    values: dict[str, object] = {"url": f"https://example.org/{native}", "provider": "Ferris School", "currency": "USD"}
    return Course(native, title, summary, **(values | more))  # type: ignore[arg-type]


CATALOGUE = (
    course("rust-start", "Rust from zero", "Ownership and borrowing for people new to Rust.", tags=("rust",),
           level=Level.BEGINNER, hours=4.0, price=0.0),
    course("rust-async", "Async Rust in practice", "Tokio, futures and cancel safety in Rust.", tags=("rust", "async"),
           level=Level.INTERMEDIATE, hours=12.0, price=39.0, prerequisites=("rust-start",)),
    course("rust-expert", "Rust macros in depth", "Procedural macros and compiler plugins in Rust.",
           tags=("rust", "compilers"), level=Level.ADVANCED, hours=20.0, price=79.0,
           prerequisites=("rust-start", "rust-async")),
    course("python-start", "Python for everybody", "Loops, lists and dictionaries in Python.", tags=("python",),
           level=Level.BEGINNER, hours=6.0, price=0.0),
    course("python-data", "Data analysis with Python", "Tables and plots with pandas in Python.",
           tags=("python", "data"), level=Level.INTERMEDIATE, hours=10.0, price=29.0),
    course("web-css", "Modern CSS layouts", "Grid and flexbox for web pages.", tags=("web",), level=Level.BEGINNER,
           hours=2.0, price=9.0),
    course("web-react", "React step by step", "Components and hooks for web pages.", tags=("web", "javascript"),
           level=Level.INTERMEDIATE, hours=15.0, price=49.0),
    course("sql", "SQL joins without tears", "Queries, joins and indexes in databases.", tags=("databases",),
           level=Level.BEGINNER, hours=3.0, price=0.0),
    course("linux", "The Linux command line", "Shell, pipes and processes on Linux.", tags=("linux",),
           level=Level.BEGINNER, hours=5.0, price=0.0),
    course("zh-rust", "Rust 异步编程实战", "用 Tokio 编写异步服务。", tags=("rust", "async"), level=Level.INTERMEDIATE,
           language="zh", hours=8.0, price=99.0, currency="CNY"),
    course("zh-python", "零基础学 Python", "从变量到函数，适合初学者。", tags=("python",), level=Level.BEGINNER,
           language="zh", hours=5.0, price=0.0),
)  # fmt: skip
