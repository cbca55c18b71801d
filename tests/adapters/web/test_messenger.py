"""`WebMessenger` keeps the contract of every messenger, and what it stores is a message of the bot."""

from __future__ import annotations

import asyncio

import pytest

from adapters.web import codec
from adapters.web.live import Notice
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Outgoing
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.errors import DeliveryError, Refused
from bot.usecases.signin import web_account
from tests.adapters.web.conftest import World
from tests.contracts.messenger import MessengerCase, MessengerContract, said


class TestWebMessenger(MessengerContract):
    @pytest.fixture
    def case(self, world: World) -> MessengerCase:
        def shown(ref: RoomRef) -> list[tuple[MessageRef, str]]:
            with world.store.read() as uow:
                room = uow.rooms.by_ref(world.community.id, ref)
                assert room is not None
                return [(one.ref, one.text) for one in uow.messages.page(room.id) if one.deleted_at is None]

        def notices(account: AccountRef) -> list[str]:
            async def look() -> list[str]:
                # What was said before a page was open is kept for it for a few seconds.
                world.hub.bind(asyncio.get_running_loop())
                await world.messenger.notice(world.rooms["general"].ref, account, "Saved")
                await asyncio.sleep(0)
                page = world.hub.connect(1, account, frozenset())
                events = await page.next(1)
                world.hub.disconnect(page)
                return [one.text for one in events if isinstance(one, Notice)]

            return asyncio.run(look())

        return MessengerCase(
            world.messenger,
            world.rooms["dm Mei"].ref,
            world.rooms["general"].ref,
            web_account(world.people["Mei"].id),
            shown,
            notices,
        )


def test_a_sent_message_is_the_bots_own_with_its_whole_form(world: World) -> None:
    room = world.rooms["dm Mei"]
    message = said("hello")
    asyncio.run(world.messenger.send(room.ref, message, key="k"))
    (stored,) = world.messages(room.id)
    assert stored.by_bot
    assert stored.author == "Studyhall"
    assert codec.loads(stored.payload) == message
    assert room.kind is RoomKind.DIRECT


def test_the_bot_changes_nobody_elses_message(world: World) -> None:
    theirs = world.say("general", "Sam", "Mine", "q1")
    with pytest.raises(DeliveryError):
        asyncio.run(world.messenger.edit(theirs.ref, said("yours")))
    assert world.messages(theirs.room_id)[0].text == "Mine"


def test_a_deleted_message_is_not_brought_back_by_an_edit(world: World) -> None:
    room = world.rooms["dm Mei"]
    receipt = asyncio.run(world.messenger.send(room.ref, said("x"), key="k"))
    with world.store.write() as uow:
        uow.messages.delete(world.community.id, receipt.refs[0], world.clock.now())
        uow.commit()
    with pytest.raises(Refused):
        asyncio.run(world.messenger.edit(receipt.refs[0], said("y")))
    asyncio.run(world.messenger.send(room.ref, said("x"), key="k"))
    assert [one.text for one in world.messages(room.id)] == [""]


def test_a_message_of_buttons_alone_can_be_sent(world: World) -> None:
    asyncio.run(world.messenger.send(world.rooms["dm Mei"].ref, Outgoing((), said("x").buttons), key="k"))
    assert len(world.messages(world.rooms["dm Mei"].id)) == 1
