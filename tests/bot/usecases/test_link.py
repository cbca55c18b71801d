"""One person with accounts on several platforms: proved from both sides, and nothing is joined before both said yes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.links import LinkState
from tests.bot.conftest import MakeWorld
from tests.bot.platforms import Platforms, to
from tests.bot.reading import words_of
from tests.bot.world import CATALOGUE, Sent

TELEGRAM, DISCORD = "mei@telegram", "mei_d@discord"


@pytest.fixture
def world(make_world: MakeWorld) -> Iterator[Platforms]:
    made = make_world(kind=Platforms)
    assert isinstance(made, Platforms)
    made.add_courses(*CATALOGUE)
    made.arrives(TELEGRAM)
    made.arrives(DISCORD)
    yield made
    made.store.close()


def said(sent: Sent) -> str:
    return words_of(sent.message)


def states(world: Platforms) -> list[LinkState]:
    with world.store.read() as uow:
        found = [uow.links.get(world.community.id, number) for number in range(1, 30)]
    return [link.state for link in found if link is not None]


def test_two_accounts_become_one_person_after_both_said_yes(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    asked = world.commands(DISCORD, "link", code)
    assert "Mei_D on Discord wants to be one person with you here" in said(to(asked, TELEGRAM))
    assert "Mei on Telegram wants to be one person with you here" in said(to(asked, DISCORD))
    (half,) = world.presses(DISCORD, to(asked, DISCORD), "yes")
    assert "say yes on Telegram too" in said(half)
    assert world.member(TELEGRAM).id != world.member(DISCORD).id
    done = world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert {one.sending.room.platform for one in done} == {"telegram", "discord"}
    assert all("one person now" in said(one) for one in done)
    assert world.member(TELEGRAM).id == world.member(DISCORD).id
