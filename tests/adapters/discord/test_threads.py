"""Threads of events on Discord: one for a message however often it is asked for, over the real SDK."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import discord
import pytest

from adapters.discord.lookover import rights_in
from adapters.discord.opening import archived_after, named
from bot.domain.outgoing import Outgoing, Receipt
from bot.domain.refs import RoomRef
from bot.domain.setup import CheckName
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadTraits, ThreadWork
from bot.errors import Refused
from tests.adapters.discord.hall import Hall, discord_of, run, welcome
from tests.adapters.discord.test_messenger import Elsewhere
from tests.contracts.messenger import said
from tests.contracts.threading import ThreadCase, ThreadingContract


class Forwarding:
    """The messenger, called in the loop where its Discord lives."""

    def __init__(self, there: Elsewhere, hall: Hall) -> None:
        self._there, self._messenger = there, hall.adapter.messenger

    @property
    def threads(self) -> ThreadTraits:
        return self._messenger.threads

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        return self._there.submit(self._messenger.send(room, message, key=key)).result(10)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:
        return self._there.submit(self._messenger.work_on_thread(room, work, key=key)).result(10)


def threads_of(env: Any) -> dict[str, Any]:
    return {str(one.id): one for one in env.backend.channels.values() if one.is_thread}


class TestDiscordThreads(ThreadingContract):
    @pytest.fixture
    def case(self, hall: Hall) -> Iterator[ThreadCase]:
        with Elsewhere(hall) as there:
            _, channel, _ = welcome(there.env, "lin")
            room, messenger = RoomRef("discord", str(channel.id)), Forwarding(there, hall)
            (card,) = there.submit(hall.adapter.messenger.send(room, said("card"), key="card")).result(10).refs

            def look(thread: RoomRef) -> tuple[str, bool] | None:
                one = threads_of(there.env).get(thread.thread_id or "")
                return None if one is None else (one.name, not one.thread_metadata.locked)

            def drop(thread: RoomRef) -> None:
                async def delete() -> None:
                    there.env.backend.delete_channel(int(thread.thread_id or 0))

                there.submit(delete()).result(10)

            def forbid() -> None:
                there.env.inject_error("POST", "/channels/*/threads", status=403, code=50013, times=None)

            yield ThreadCase(
                messenger,
                room,
                card,
                look,
                lambda: [one.name for one in threads_of(there.env).values()],
                drop,
                forbid,
                100,
            )


def test_discord_itself_says_that_a_message_has_its_thread(hall: Hall) -> None:
    """Two programs, or a request that was cut off: Discord refuses the second thread, which is no failure."""

    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env, "lin")
            messenger, room = hall.adapter.messenger, RoomRef("discord", str(channel.id))
            (card,) = (await messenger.send(room, said("card"), key="card")).refs
            env.inject_error("POST", "/channels/*/threads", status=400, code=160004)
            thread = await messenger.work_on_thread(room, OpenThread("Rust night", card), key="k")
            assert thread == RoomRef("discord", room.native_id, card.native_id)

    run(scenario)


def test_in_a_forum_the_card_is_a_post_and_its_thread_and_is_made_once(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, _, _ = welcome(env, "lin")
            forum = guild.create_forum_channel("events")
            messenger, room = hall.adapter.messenger, RoomRef("discord", str(forum.id))
            first = await messenger.send(room, said("card"), key="card")
            assert first.refs[0].room.thread_id is not None
            (post,) = threads_of(env).values()
            assert post.name == "Result"
            # The program died before it was noted: the same buttons are the same post.
            hall.adapter.messenger._sent.clear()
            assert (await messenger.send(room, said("card"), key="card")).refs == first.refs
            opened = await messenger.work_on_thread(room, OpenThread("Result", first.refs[0]), key="k")
            assert opened == first.refs[0].room
            assert len(threads_of(env)) == 1
            await messenger.edit(first.refs[0], said("edited"))
            await messenger.work_on_thread(opened, NameThread("Rust evening"), key="k:1")
            assert post.name == "Rust evening"
            await messenger.send(opened, said("more"), key="more")
            await messenger.work_on_thread(opened, CloseThread(), key="k:2")
            assert post.thread_metadata.locked
            assert post.thread_metadata.archived

    run(scenario)


def test_what_somebody_closed_by_hand_keeps_its_name(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env, "lin")
            messenger, room = hall.adapter.messenger, RoomRef("discord", str(channel.id))
            (card,) = (await messenger.send(room, said("card"), key="card")).refs
            thread = await messenger.work_on_thread(room, OpenThread("Rust night", card), key="k")
            (there,) = threads_of(env).values()
            there.thread_metadata.archived = True
            await messenger.work_on_thread(thread, NameThread("Rust evening"), key="k:1")
            assert (there.name, there.thread_metadata.archived) == ("Rust evening", False), "it had only gone to sleep"
            there.thread_metadata.archived = there.thread_metadata.locked = True
            await messenger.work_on_thread(thread, NameThread("Rust morning"), key="k:2")
            assert (there.name, there.thread_metadata.archived) == ("Rust evening", True)

    run(scenario)


def test_without_the_right_to_lock_it_is_taken_off_the_list_and_that_is_said(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env, "lin")
            messenger, room = hall.adapter.messenger, RoomRef("discord", str(channel.id))
            (card,) = (await messenger.send(room, said("card"), key="card")).refs
            thread = await messenger.work_on_thread(room, OpenThread("Rust night", card), key="k")
            env.inject_error("PATCH", "/channels/*", status=403, code=50013)
            with pytest.raises(Refused):
                await messenger.work_on_thread(thread, CloseThread(), key="k:1")
            (there,) = threads_of(env).values()
            assert (there.thread_metadata.locked, there.thread_metadata.archived) == (False, True)

    run(scenario)


def test_what_discord_says_about_threads(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, general, _ = welcome(env, "lin")
            names = {str(general.id): "general"}
            for name, make in (
                ("few", guild.create_text_channel),
                ("open", guild.create_text_channel),
                ("posts", guild.create_forum_channel),
                ("voice", guild.create_voice_channel),
            ):
                names[str(make(name).id)] = name

            def rights(channel: discord.abc.GuildChannel) -> discord.Permissions:
                found = rights_in(channel)
                if channel.name == "few":
                    found.create_public_threads = found.send_messages_in_threads = False
                if channel.name in ("open", "posts"):
                    found.manage_threads = found.create_public_threads = channel.name == "open"
                    found.manage_threads = False
                return found

            monkeypatch.setattr("adapters.discord.lookover.rights_in", rights)
            await hall.adapter._lookovers.look()
            with hall.store.read() as uow:
                checks = [one for one in uow.checks.all(hall.community.id) if one.name is CheckName.THREADS]
            assert {names[one.subject]: (one.ok, one.detail) for one in checks} == {
                "general": (True, ""),
                "few": (False, "create public threads, send messages in threads"),
                "open": (True, "manage threads"),
                "posts": (True, "manage threads"),
                "voice": (False, ""),
            }

    run(scenario)


def test_how_long_a_quiet_thread_stays_on_the_list() -> None:
    assert [archived_after(timedelta(hours=hours)) for hours in (1, 48, 72, 73, 9_000)] == [
        60,
        4320,
        4320,
        10080,
        10080,
    ]
    assert named("") == "-"
