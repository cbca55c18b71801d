"""Events in Discord's calendar: made once, changed, cancelled, within the limits, and let be where somebody cares."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import simcord
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.mirror import wanted
from bot.domain.events import EventState, HostedEvent, MomentKind, PlaceKind, Venue
from bot.domain.incoming import Place
from bot.domain.permissions import Audience
from bot.domain.refs import RoomRef
from bot.surroundings import SystemClock
from tests.adapters.discord.hall import Hall, discord_of, run, welcome

START = SystemClock().now().replace(microsecond=0) + timedelta(days=400)


def event(native: str = "e1", **changes: Any) -> HostedEvent:
    given: dict[str, Any] = {"title": "Rust night", "host_id": None, "host_name": "Mei", "token": f"token{native}"}
    given |= {"starts_at": START, "timezone": "UTC", "state": EventState.PUBLISHED, "description": "Bring a laptop."}
    return HostedEvent(native, **(given | changes))


def put(hall: Hall, *events: HostedEvent) -> None:
    with hall.store.write() as uow:
        for one in events:
            uow.hosted.put(hall.community.id, one)
        uow.commit()


def server(env: simcord.Env) -> discord.Guild:
    (guild,) = env.bot.guilds
    return guild


def calendar(env: simcord.Env) -> list[Any]:
    return list(env.backend.get_guild(server(env).id).scheduled_events.values())


def asked(env: simcord.Env) -> int:
    return len([one for one in env.http_requests if "scheduled-events" in one.path])


def test_an_event_is_made_once_changed_and_cancelled(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            welcome(env)
            put(hall, event(), event("e2", state=EventState.DRAFT), event("e3", audience=Audience("room:1")))
            mirror = hall.adapter.mirror
            assert await mirror.look(server(env)) == 1
            (made,) = calendar(env)
            assert (made.name, made.description, made.entity_type) == ("Rust night", "Bring a laptop.", 3)
            before = asked(env)
            assert await mirror.look(server(env)) == 0
            assert asked(env) == before
            put(hall, event(title="Rust evening", venue=Venue(PlaceKind.ADDRESS, "Room 5, 2nd floor")))
            assert await mirror.look(server(env)) == 1
            (made,) = calendar(env)
            assert made.name == "Rust evening"
            assert made.entity_metadata == {"location": "Room 5, 2nd floor"}
            put(hall, event(title="Rust evening", state=EventState.CANCELLED))
            assert await mirror.look(server(env)) == 1
            assert all(one.status == 4 for one in calendar(env))
            assert await mirror.look(server(env)) == 0

    run(scenario)


def test_what_was_made_and_not_noted_is_recognised(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            welcome(env)
            put(hall, event())
            await server(env).create_scheduled_event(
                name="Rust night",
                start_time=START,
                end_time=START + timedelta(hours=1),
                entity_type=discord.EntityType.external,
                location="-",
                privacy_level=discord.PrivacyLevel.guild_only,
            )
            assert await hall.adapter.mirror.look(server(env)) == 1
            assert len(calendar(env)) == 1

    run(scenario)


def test_what_a_moderator_took_away_is_let_be_and_who_is_interested_is_counted(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, _, (lin,) = welcome(env, "lin")
            put(hall, event(), event("e2", title="Go night"))
            mirror = hall.adapter.mirror
            assert await mirror.look(server(env)) == 2
            first, second = calendar(env)
            await lin.subscribe_event(second)
            env.backend.delete_scheduled_event(server(env).id, first.id)
            put(hall, event(title="Rust evening"))
            mirror._counted_at = float("-inf")
            await mirror.look(server(env))
            assert [one.name for one in calendar(env)] == ["Go night"]
            assert await mirror.look(server(env)) == 0
            with hall.store.read() as uow:
                known = sorted(uow.mirrors.all(hall.community.id, "discord").values(), key=lambda one: one.event)
                due = uow.moments.due(hall.community.id, hall.app.clock.now(), limit=9)
            assert [(one.lost, one.interested) for one in known] == [(True, 0), (False, 1)]
            assert (known[1].event, MomentKind.REFRESH) in [(one.event, one.kind) for one in due], "its cards say so"

    run(scenario)


def test_an_event_in_a_voice_channel_is_there(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, text, _ = welcome(env)
            stage = guild.create_voice_channel("stage")
            with hall.store.write() as uow:
                rooms = [
                    uow.rooms.ensure(hall.community.id, Place(RoomRef("discord", str(one.id)), one.name))
                    for one in (stage, text)
                ]
                uow.commit()
            put(
                hall,
                *(
                    event(f"e{room.id}", venue=Venue(PlaceKind.ROOM, room.name, room.id), title=room.name)
                    for room in rooms
                ),
            )
            assert await hall.adapter.mirror.look(server(env)) == 2
            spoken, written = calendar(env)
            assert (spoken.entity_type, spoken.channel_id) == (2, stage.id)
            assert (written.entity_type, written.entity_metadata) == (3, {"location": "#general"})

    run(scenario)


spiky = st.text(st.sampled_from("a<&*_`\\#|🦀中\u202e\u0301\ud800 \n@"), max_size=99)


@given(spiky.filter(str.strip), st.lists(spiky, max_size=10).map("".join), spiky)
def test_every_event_is_within_what_discord_takes(title: str, description: str, place: str) -> None:
    want = wanted(event(title=title, description=description, venue=Venue(PlaceKind.ADDRESS, place)), "zh", None)
    assert 1 <= len(want.name) <= 100
    assert len(want.description) <= 1000
    assert 1 <= len(want.location) <= 100
    for text in (want.name, want.description, want.location):
        text.encode()


def test_without_the_right_nothing_is_asked(hall: Hall) -> None:
    put(hall, event())
    powerless = SimpleNamespace(me=SimpleNamespace(guild_permissions=discord.Permissions.none()))
    assert asyncio.run(hall.adapter.mirror.look(powerless)) == 0  # type: ignore[arg-type]
