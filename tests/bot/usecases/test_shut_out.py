"""Who shuts the bot out has said stop; what was said in a closed room is read by nobody once the bot is out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.digests import DigestSettings
from bot.domain.incoming import Blocked, RoomChanged
from bot.domain.refs import AccountRef
from tests.bot.reading import items
from tests.bot.world import FAKE, World


def digest(world: World, who: str) -> DigestSettings:
    with world.store.read() as uow:
        return uow.digests.get(world.member(who).id)


def wants(world: World, who: str, platform: str = "") -> None:
    world.arrives(who)
    with world.store.write() as uow:
        settings = replace(uow.digests.get(world.member(who).id), enabled=True, platform=platform)
        uow.digests.put(world.community.id, settings)
        uow.commit()


@pytest.mark.parametrize(
    ("platform", "elsewhere", "still"),
    [("", False, False), (FAKE, False, False), (FAKE, True, False), ("", True, True), ("other", True, True)],
)
def test_a_block_ends_the_digest_that_goes_there(world: World, platform: str, elsewhere: bool, still: bool) -> None:
    wants(world, "lin", platform)
    if elsewhere:
        with world.store.write() as uow:
            uow.members.attach(world.member("lin").id, AccountRef("other", "7"), "Lin")
            uow.commit()
    world.happens(Blocked(world.sender("lin"), world.clock.now()))
    settings = digest(world, "lin")
    assert settings.enabled is still
    assert settings.last_note == ("" if still else "unreachable")


def test_a_block_by_somebody_unknown_makes_nobody(world: World) -> None:
    world.happens(Blocked(world.sender("stranger"), world.clock.now()))
    with world.store.read() as uow:
        assert uow.members.by_account(world.community.id, AccountRef(FAKE, "stranger")) is None
    assert world.inbox() == {"done": 1}


def test_a_closed_room_without_us_is_read_by_nobody(stocked: World) -> None:
    stocked.arrives("mei")
    question = "How do I cancel a rust task that waits for a lock in the secret project?"
    root = stocked.says("mei", question, "staff", private=True)
    with stocked.store.write() as uow:
        uow.rooms.configure(stocked.room("staff").id, indexed=True)
        uow.commit()
    stocked.says("mei", "With a cancellation token, and a select over the lock.", "staff", private=True, reply_to=root)
    stocked.index()

    def found() -> list[str]:
        return list(items(stocked.asks("mei", "learn", "cancel a rust task discussions").message))

    assert any(one.startswith("post:") for one in found())
    stocked.happens(RoomChanged(stocked.place("staff", private=True), stocked.clock.now(), gone=True))
    stocked.index()
    assert not any(one.startswith("post:") for one in found())
