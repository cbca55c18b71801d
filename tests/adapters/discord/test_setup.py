"""Setting up on a simulated Discord: who is staff there, what Discord says about us, which rooms wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
import simcord

from bot.domain.permissions import Home
from bot.domain.setup import CheckName
from tests.adapters.discord.hall import Hall, discord_of, labels, run, shown, welcome


async def answer(hall: Hall, who: simcord.MemberActor, channel: Any, words: str = "") -> Any:
    given = {"words": words} if words else {}
    result = await who.slash(channel, "setup server", **given)
    await hall.answered()
    assert result.response is not None
    return result.response


def staff(message: Any) -> bool:
    return "Setup of Ferris Hall" in shown(message)


def test_who_may_manage_the_server_is_staff_and_nobody_else(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin,) = welcome(env, "lin")
            await hall.adapter._lookovers.look()
            manages = guild.create_role("helpers", permissions=discord.Permissions(manage_guild=True))
            named = guild.create_role("mentors")
            mod = guild.add_member(env.create_user("mod"), roles=[manages])
            mentor = guild.add_member(env.create_user("mentor"), roles=[named])
            assert staff(await answer(hall, mod, channel))
            assert not staff(await answer(hall, lin, channel))
            assert not staff(await answer(hall, mentor, channel))
            with hall.store.read() as uow:
                (home,) = uow.homes.all(hall.community.id)
            assert (home.native_id, home.name) == (str(guild.id), guild.name)
            keep(hall, replace(home, groups=frozenset({str(named.id)})))
            assert staff(await answer(hall, mentor, channel))
            # Both end with the next command when the owner says so.
            keep(hall, replace(home, admins=False))
            assert not staff(await answer(hall, mod, channel))
            assert not staff(await answer(hall, mentor, channel))

    run(scenario)


def keep(hall: Hall, home: Home) -> None:
    with hall.store.write() as uow:
        uow.homes.put(hall.community.id, home, hall.app.clock.now())
        uow.commit()


def test_rooms_wait_for_a_moderator_and_are_known_before_anybody_speaks(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin,) = welcome(env, "lin")
            manages = guild.create_role("helpers", permissions=discord.Permissions(administrator=True))
            mod = guild.add_member(env.create_user("mod"), roles=[manages])
            await hall.adapter._lookovers.look()
            with hall.store.read() as uow:
                (room,) = [room for room in uow.rooms.all(hall.community.id) if room.name == "general"]
                assert not room.indexed
                checks = {check.name: check for check in uow.checks.all(hall.community.id) if check.name != "room"}
            assert checks[CheckName.ACCOUNT].ok
            assert checks[CheckName.HOME].ok
            assert checks[CheckName.CONTENT].ok
            page = await answer(hall, mod, channel, "rooms")
            await mod.click(page, label=next(one for one in labels(page) if one.startswith("Switch on general")))
            await hall.answered()
            await lin.send(channel, "How do I cancel a rust task that waits for a lock?")
            await hall.answered()
            with hall.store.read() as uow:
                assert len(uow.posts.all(hall.community.id)) == 1

    run(scenario)
