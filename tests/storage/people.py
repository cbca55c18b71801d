"""Short ways to say who said what where, for the tests of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.domain.incoming import MessagePosted, Place, RoomKind, Sender
from bot.domain.people import Community, Member
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.rooms import Room
from bot.ports import Store, UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class World:
    """A community with two members in one public room."""

    community: Community
    ann: Member
    ben: Member
    room: Room


def settle(store: Store) -> World:
    with store.write() as uow:
        community = uow.communities.add("Rustaceans", language="en", timezone="UTC", sample=False)
        world = World(
            community,
            person(uow, community.id, "ann"),
            person(uow, community.id, "ben"),
            uow.rooms.ensure(community.id, place("general")),
        )
        uow.commit()
    return world


def person(uow: UnitOfWork, community_id: int, name: str, *, bot: bool = False) -> Member:
    return uow.members.resolve(community_id, sender(name, bot=bot), AT)


def sender(name: str, *, bot: bool = False) -> Sender:
    return Sender(AccountRef("web", name), name.title(), bot=bot)


def place(name: str, *, kind: RoomKind = RoomKind.CHANNEL, private: bool = False, thread: str | None = None) -> Place:
    return Place(RoomRef("web", name, thread), name, kind, private, indexed=True)


def posted(
    room: Room,
    native: str,
    text: str = "some words",
    *,
    minute: float = 0,
    reply_to: str | None = None,
    edited: datetime | None = None,
    opens: bool = False,
    service: bool = False,
) -> MessagePosted:
    return MessagePosted(
        ref=MessageRef(room.ref, native),
        place=Place(room.ref, room.name, room.kind),
        sender=sender("ann"),
        text=text,
        at=AT + minute * MINUTE,
        reply_to=reply_to,
        edited_at=edited,
        opens_thread=opens,
        service=service,
    )
