"""Made-up talk in the raw updates of the web community, the same for the same seed. Knows the sample's sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from random import Random
from typing import Any, Final

from adapters.web import updates
from bot.domain.consent import Consent, ConsentKind
from bot.domain.incoming import Place
from bot.domain.people import Member
from bot.domain.refs import RoomRef
from bot.domain.rooms import Room
from bot.ports import Store
from bot.usecases.signin import web_account

PLATFORM: Final = "web"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
Update = tuple[str, str]
"""(native update id, raw JSON)."""


def sentences() -> list[str]:
    """What people say in the sample community, English and Chinese: one entry a message."""
    said: list[str] = []
    for language in ("en", "zh"):
        text = resources.files("bot.sample").joinpath(f"discussions_{language}.jsonl").read_text("utf-8")
        for line in text.splitlines():
            for thread in json.loads(line)["threads"]:
                said.append(str(thread["ask"]))
                said.extend(str(turn["text"]) for turn in thread["turns"] if turn.get("text"))
    return said


def texts(number: int, *, seed: int = 1) -> list[str]:
    """So many different texts of ordinary length: a message of the sample, numbered so that no two are the same."""
    random, said = Random(seed), sentences()
    return [f"{random.choice(said)} ({at})" for at in range(number)]


def people(store: Store, community_id: int, *, members: int, rooms: int) -> tuple[list[Member], list[Room]]:
    """Members of the web community with every consent given, and public rooms."""
    everything = Consent(frozenset(ConsentKind))
    with store.write() as uow:
        made: list[Member] = []
        for number in range(members):
            member = uow.members.create(
                Member(0, community_id, f"Learner {number}", language="en", consent=everything, joined_at=START), ()
            )
            uow.members.attach(member.id, web_account(member.id), member.name)
            made.append(member)
        places = [Place(RoomRef(PLATFORM, f"room-{number}"), f"Room {number}") for number in range(rooms)]
        halls = [uow.rooms.ensure(community_id, place) for place in places]
        uow.commit()
    return made, halls


def feed(members: list[Member], rooms: list[Room], number: int, *, seed: int = 1, first: int = 0) -> Iterator[Update]:
    """`number` updates, one a second: 22 % open a discussion, 68 % answer one of the last 40, 10 % react."""
    random, said = Random(seed), sentences()
    open_ones: list[tuple[str, Room]] = []
    for at in range(first, first + number):
        member, native, moment = random.choice(members), f"u{at}", START + timedelta(seconds=at)
        kind = random.random()
        if kind < 0.22 or not open_ones:
            room = random.choice(rooms)
            open_ones = [*open_ones[-39:], (native, room)]
            yield native, _post(member, room, moment, native, random.choice(said), None)
        elif kind < 0.90:
            root, room = random.choice(open_ones)
            yield native, _post(member, room, moment, native, random.choice(said), root)
        else:
            root, room = random.choice(open_ones)
            stamped = updates.stamp(member, room, moment)
            yield native, updates.dumps(updates.React(**stamped, message=root, emoji="👍", present=True))


def one_discussion(members: list[Member], room: Room, number: int, *, first: int) -> Iterator[Update]:
    """Everybody answers the same opening: the worst case for what is kept of a discussion."""
    random, said = Random(3), sentences()
    root = f"u{first}"
    for at in range(first, first + number):
        moment, native = START + timedelta(seconds=at), f"u{at}"
        reply_to = None if native == root else root
        yield native, _post(random.choice(members), room, moment, native, random.choice(said), reply_to)


def _post(member: Member, room: Room, at: datetime, native: str, text: str, reply_to: str | None) -> str:
    stamped: Any = updates.stamp(member, room, at)
    return updates.dumps(updates.Post(**stamped, message=native, text=text, reply_to=reply_to))
