"""The live connection: what is stored when, who may read what, and what happens when something does not work."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from simcord.backend.models.message import Poll, PollAnswer

from adapters.discord.adapter import DiscordAdapter, DiscordOptions, intents
from adapters.discord.updates import ByPart, Command, RoomPart, loads
from bot.domain.permissions import PUBLIC
from bot.domain.refs import AccountRef, RoomRef
from bot.domain.rooms import Room
from bot.errors import ConfigError, StoreUnavailable
from bot.surroundings import SystemClock
from storage import SqlStore
from tests.adapters.discord.hall import Hall, discord_of, run, shown, welcome
from tests.contracts.messenger import said


def room_of(hall: Hall, channel: int, thread: int | None = None) -> Room | None:
    with hall.store.read() as uow:
        return uow.rooms.by_ref(hall.community.id, RoomRef("discord", str(channel), str(thread) if thread else None))


def may_read(hall: Hall, who: int, room: Room) -> bool:
    with hall.store.read() as uow:
        member = uow.members.by_account(hall.community.id, AccountRef("discord", str(who)))
        return member is not None and room.audience in uow.rooms.viewer(member).audiences


@contextmanager
def instead_of(store: SqlStore, name: str, call: Callable[..., Any]) -> Iterator[None]:
    before = getattr(store, name)
    setattr(store, name, call)
    try:
        yield
    finally:
        setattr(store, name, before)


def test_only_what_is_needed_is_asked_for() -> None:
    assert dict(intents(frozenset())) == dict(
        discord.Intents(guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True, guild_polls=True)
    )
    assert intents(frozenset({"content", "members"})).message_content
    with pytest.raises(ConfigError, match="presences"):
        DiscordOptions("t", None, intents=frozenset({"presences"}))  # type: ignore[arg-type]


def test_a_forum_post_and_its_answer_are_a_discussion(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, _, (lin, sam) = welcome(env, "lin", "sam")
            board = guild.create_forum_channel("help")
            forum = env.bot.get_channel(board.id)
            assert isinstance(forum, discord.ForumChannel)
            made = await forum.create_thread(name="Borrow checker", content="opened by a bot")
            await env.settle()
            (thread,) = board.threads
            await lin.send(thread, "Why does it not compile?")
            assert thread.last_message is not None
            await sam.send(thread, "The value is moved.", reply_to=thread.last_message)
            await hall.answered()
            assert hall.texts(forum.id, made.thread.id) == ["Why does it not compile?", "The value is moved."]
            room = room_of(hall, forum.id, made.thread.id)
            assert room is not None
            assert room.name == "Borrow checker"
            with hall.store.read() as uow:
                first, second = uow.messages.page(room.id)
                assert second.reply_to_id == first.id

    run(scenario)


def test_deletions_many_at_once(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            for text in ("one", "two", "three"):
                await lin.send(channel, text)
            await hall.answered()
            there = env.bot.get_channel(channel.id)
            assert isinstance(there, discord.TextChannel)
            await there.delete_messages([one for one in channel.history() if one.content != "two"])
            await env.settle()
            await hall.answered()
            assert hall.texts(channel.id) == ["", "two", ""]

    run(scenario)


def test_what_is_said_behind_closed_doors_is_read_by_whoever_may_read_it_now(hall: Hall) -> None:
    """A role that was taken away yesterday counts at the next command, not at the next message."""

    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild = env.create_guild()
            talk = guild.create_text_channel("general")
            staff = guild.create_role("Staff")
            closed = guild.create_text_channel(
                "staff",
                overwrites={
                    guild.default_role: discord.PermissionOverwrite(view_channel=False),
                    staff: discord.PermissionOverwrite(view_channel=True),
                },
            )
            mei = guild.add_member(env.create_user("mei"), roles=[staff])
            ola = guild.add_member(env.create_user("ola"), roles=[staff])
            sam = guild.add_member(env.create_user("sam"))
            me = guild.me
            assert me is not None
            await me.add_roles(discord.Object(staff.id))
            await mei.send(closed, "the plan that nobody else may read")
            await hall.answered()
            room = room_of(hall, closed.id)
            assert room is not None
            assert room.audience != PUBLIC
            for who in (ola, sam):
                await who.slash(talk, "help")
            await hall.answered()
            assert [may_read(hall, one.id, room) for one in (mei, ola, sam)] == [True, True, False]
            server = env.bot.get_guild(guild.id)
            assert server is not None
            known = await server.fetch_member(ola.id)
            await known.remove_roles(discord.Object(staff.id))
            await env.settle()
            await ola.slash(talk, "help")
            await hall.answered()
            assert [may_read(hall, one.id, room) for one in (mei, ola, sam)] == [True, False, False]

    run(scenario)


def test_a_store_that_takes_nothing_is_said_at_once(hall: Hall) -> None:
    def broken() -> Any:
        raise StoreUnavailable("planted")

    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            with instead_of(hall.store, "write", broken):
                result = await lin.slash(channel, "help")
            assert result.response is not None
            assert result.ephemeral
            assert "try again" in shown(result.response)
            assert hall.pending() == []

    run(scenario)


@dataclass
class Asking:
    """An interaction in a direct channel, as far as it is looked at; `said` is what Discord hears, and when."""

    said: list[str] = field(default_factory=list)
    guild_id: int | None = None
    token: str = "token"
    locale: str = "en-US"

    @property
    def client(self) -> Any:
        return SimpleNamespace(guilds=[])

    @property
    def user(self) -> Any:
        return SimpleNamespace(id=7, bot=False)

    @property
    def response(self) -> Asking:
        return self

    async def defer(self, **how: bool) -> None:
        self.said.append(f"deferred {sorted(how)}")


def test_a_slow_store_does_not_make_discord_wait(hall: Hall) -> None:
    """Acknowledged within the three seconds while the store is still busy; kept when it is not."""
    free = threading.Event()
    real = hall.store.write

    def slow() -> Any:
        assert free.wait(20)
        return real()

    async def scenario() -> None:
        asking = Asking()
        lin = ByPart(id="7", name="lin")
        update = Command(at=SystemClock().now(), room=RoomPart.own(7, "lin"), by=lin, name="help")
        with instead_of(hall.store, "write", slow):
            begun = time.perf_counter()
            task = asyncio.create_task(hall.adapter.arrived(asking, ("i1", update)))  # type: ignore[arg-type]
            while not asking.said:
                await asyncio.sleep(0.01)
            assert time.perf_counter() - begun < 3
            assert not task.done()
            free.set()
            await task
        assert asking.said == ["deferred ['ephemeral', 'thinking']"]
        assert [row.native_id for row in hall.pending()] == ["i1"]

    run(scenario)


def test_the_raw_update_is_stored_as_it_came(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            await lin.slash(channel, "learn find", query="rust")
            (row,) = hall.pending()
            update = loads(row.raw)
            assert update.kind == "command"
            assert (update.name, update.words) == ("learn", "rust")
            assert row.native_id == f"i{update.interaction.id if update.interaction else ''}"

    run(scenario)


def test_commands_are_told_to_discord_only_when_they_change(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            welcome(env)
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            told = [one for one in env.http_requests if one.method == "PUT" and one.path.endswith("/commands")]
            assert len(told) == 1
            (hall.home / "discord-commands").write_text("something else")
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            told = [one for one in env.http_requests if one.method == "PUT" and one.path.endswith("/commands")]
            assert len(told) == 2

    run(scenario)


def test_commands_have_chinese_names_and_stay_within_the_limits(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            welcome(env)
            (told,) = [one.json for one in env.http_requests if one.method == "PUT" and one.path.endswith("/commands")]
        assert isinstance(told, list)
        found = list(nodes(told))
        assert len(found) > 30
        for one in found:
            names = [one["name"], *one["name_localizations"].values()]
            assert one["name_localizations"]["zh-CN"] != one["name"]
            assert all(1 <= len(name) <= 32 for name in names)
            if one.get("type", 1) != 3:
                assert all(name == name.lower() and " " not in name for name in names)
                abouts = [one["description"], *one["description_localizations"].values()]
                assert all(1 <= len(about) <= 100 for about in abouts)
        staff = next(one for one in told if one["name"] == "staff")
        assert staff["default_member_permissions"] == discord.Permissions(manage_guild=True).value

    run(scenario)


def nodes(commands: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in commands:
        yield one
        yield from nodes(one.get("options", []))


def test_skills_are_suggested_while_somebody_types(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            offered = await lin.autocomplete(channel, "learn path", "skill", "ru")
            assert [one["value"] for one in offered] == ["rust"]
            offered = await lin.autocomplete(channel, "rate", "course", "python", stars=5)
            assert [one["value"] for one in offered] == ["Python for data"]

    run(scenario)


def test_what_was_said_while_nobody_listened_is_fetched(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            await lin.send(channel, "before")
            await hall.answered()
            deaf = discord.Client(intents=discord.Intents.none())
            await env.restart_bot(deaf)
            await lin.send(channel, "meanwhile")
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await env.settle()
            await lin.send(channel, "after")
            await hall.answered()
            assert hall.texts(channel.id) == ["before", "meanwhile", "after"]

    run(scenario)


def test_what_is_said_in_another_server_is_nothing_to_us(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            other = env.create_guild()
            strange = other.create_text_channel("elsewhere")
            sam = other.add_member(env.create_user("sam"))
            await lin.send(channel, "which server is ours?")
            await sam.send(strange, "words of another community")
            await hall.answered()
            assert hall.texts(channel.id) == []
            assert hall.texts(strange.id) == []

    run(scenario)


def test_a_command_that_we_do_not_know_any_more_is_answered(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            env.bot.tree.remove_command("ask")  # type: ignore[attr-defined]  # as if an older version had told Discord of it
            result = await lin.slash(channel, "ask", question="why?")
            assert result.ephemeral
            assert "This command has changed" in shown(result.response)
            assert [type(error).__name__ for error in env.errors] == ["CommandNotFound"]
            assert hall.pending() == []

    run(scenario)


def test_a_wrong_address_is_tried_again_and_kills_nothing(hall: Hall) -> None:
    async def scenario() -> None:
        before = discord.http.Route.BASE
        options = DiscordOptions("token", hall.home / "told", rest_url="http://127.0.0.1:9/api/v10")
        adapter = DiscordAdapter(hall.store, hall.community.id, SystemClock(), options, monotonic=lambda: 0.0)
        try:
            task = asyncio.create_task(adapter.run())
            await asyncio.sleep(0.3)
            assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        finally:
            discord.http.Route.BASE = before

    run(scenario)


def test_with_several_connections_everything_is_as_with_one(hall: Hall) -> None:
    async def scenario() -> None:
        options = DiscordOptions("token", hall.home / "told", sharded=True)
        hall.adapter = DiscordAdapter(
            hall.store, hall.community.id, SystemClock(), options, monotonic=time.perf_counter
        )
        async with discord_of(hall, shard_count=2) as env:
            assert isinstance(env.bot, discord.AutoShardedClient)
            guild = env.create_guild(shard_id=1)
            channel = guild.create_text_channel("general")
            lin = guild.add_member(env.create_user("lin"))
            result = await lin.slash(channel, "help")
            await hall.answered()
            assert result.response is not None
            assert "/learn" in shown(result.response)

    run(scenario)


def test_the_menu_under_a_message_asks_about_it(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, mei) = welcome(env, "lin", "mei")
            await mei.send(channel, "Why does tokio::spawn need a static lifetime?")
            assert channel.last_message is not None
            result = await lin.context_menu(channel, "Ask about this", channel.last_message)
            (row,) = [row for row in hall.pending() if row.native_id.startswith("i")]
            update = loads(row.raw)
            assert update.kind == "command"
            assert (update.name, update.words) == ("ask", "Why does tokio::spawn need a static lifetime?")
            assert result.ephemeral

    run(scenario)


def test_a_private_thread_whose_members_are_not_told_is_neither_stored_nor_asked_about(hall: Hall) -> None:
    async def scenario() -> None:
        hall.intents = frozenset({"content"})
        hall.restart()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            there = env.bot.get_channel(channel.id)
            assert isinstance(there, discord.TextChannel)
            made = await there.create_thread(name="between us", type=discord.ChannelType.private_thread)
            await made.add_user(discord.Object(lin.id))
            await env.settle()
            (thread,) = channel.threads
            await lin.send(thread, "for few eyes")
            await hall.answered()
            assert room_of(hall, channel.id, made.id) is None
            assert not [one for one in env.http_requests if one.method == "GET" and one.path.endswith(str(made.id))]

    run(scenario)


def test_a_private_thread_is_read_by_who_is_in_it_now(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin, sam) = welcome(env, "lin", "sam")
            there = env.bot.get_channel(channel.id)
            assert isinstance(there, discord.TextChannel)
            made = await there.create_thread(name="between us", type=discord.ChannelType.private_thread)
            for who in (lin, sam):
                await made.add_user(discord.Object(who.id))
            await env.settle()
            (thread,) = channel.threads
            await lin.send(thread, "for few eyes")
            await hall.answered()
            for who in (lin, sam):
                await who.slash(channel, "help")
            await hall.answered()
            room = room_of(hall, channel.id, made.id)
            assert room is not None
            assert [may_read(hall, one.id, room) for one in (lin, sam)] == [True, True]
            await made.remove_user(discord.Object(sam.id))
            await env.settle()
            for who in (lin, sam):
                await who.slash(channel, "help")
            await hall.answered()
            assert [may_read(hall, one.id, room) for one in (lin, sam)] == [True, False]
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await lin.slash(channel, "help")
            await hall.answered()
            assert may_read(hall, lin.id, room)
            assert guild.id

    run(scenario)


def test_reactions_that_a_moderator_takes_away_and_votes_are_followed(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            await lin.send(channel, "first words")
            message = channel.last_message
            assert message is not None
            for who, emoji in ((lin, "👍"), (sam, "👍"), (sam, "🎉")):
                await who.react(message, emoji)
            await hall.answered()
            there = env.bot.get_channel(channel.id)
            assert isinstance(there, discord.TextChannel)
            stored = await there.fetch_message(message.id)
            await stored.clear_reaction("🎉")
            await env.settle()
            await hall.answered()
            assert reactions(hall, channel.id) == {"👍": 2}
            await stored.clear_reactions()
            await env.settle()
            await hall.answered()
            assert reactions(hall, channel.id) == {}

    run(scenario)


def test_votes_of_a_poll_are_counted_as_discord_counts_them(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin, sam) = welcome(env, "lin", "sam")
            answers = [PollAnswer(number, text) for number, text in enumerate(("tokio", "smol"), 1)]
            poll = Poll("Which?", answers, "2099-01-01T00:00:00+00:00", allow_multiselect=True)
            env.backend.create_message(channel.id, lin.id, poll=poll)
            await env.settle()
            asked = channel.last_message
            assert asked is not None
            await hall.answered()
            await lin.vote(asked, answer=1)
            await sam.set_poll_votes(asked, answers=[1, 2])
            await env.advance_time(3)
            await env.settle()
            await hall.answered()
            assert votes(hall, channel.id) == (2, 1)
            await sam.remove_vote(asked, answer=1)
            await env.advance_time(3)
            await env.settle()
            await hall.answered()
            assert votes(hall, channel.id) == (1, 1)
            assert guild.id

    run(scenario)


def reactions(hall: Hall, channel: int) -> dict[str, int]:
    room = room_of(hall, channel)
    assert room is not None
    with hall.store.read() as uow:
        return {one.emoji: one.count for message in uow.messages.page(room.id) for one in message.reactions}


def votes(hall: Hall, channel: int) -> tuple[int, ...]:
    room = room_of(hall, channel)
    assert room is not None
    with hall.store.read() as uow:
        (poll,) = [message.poll for message in uow.messages.page(room.id) if message.poll is not None]
    return tuple(count for _, count in poll.options)


def test_what_changed_while_nobody_listened_is_known_afterwards(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild, channel, (lin, sam) = welcome(env, "lin", "sam")
            said = []
            for text in ("kept", "edited", "deleted"):
                await lin.send(channel, text)
                said.append(channel.last_message)
            kept, edited, deleted = said
            await sam.react(kept, "👍")
            await lin.react(kept, "🎉")
            await hall.answered()
            deaf = discord.Client(intents=discord.Intents.none())
            await env.restart_bot(deaf)
            await lin.edit(edited, "better")
            await lin.delete(deleted)
            await lin.react(kept, "👍")
            await sam.unreact(kept, "👍")
            await sam.react(kept, "👍")
            await sam.react(kept, "❤️")
            await lin.unreact(kept, "🎉")
            new = guild.create_text_channel("made-meanwhile")
            await sam.send(new, "nobody heard this")
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await env.settle()
            await hall.answered()
            assert hall.texts(channel.id) == ["kept", "better", ""]
            assert reactions(hall, channel.id) == {"👍": 2, "❤️": 1}
            assert hall.texts(new.id) == ["nobody heard this"]
            done = hall.inbox()["done"]
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await env.settle()
            await hall.answered()
            assert hall.inbox() == {"done": done}

    run(scenario)


def test_a_channel_that_is_closed_or_deleted_is_not_read_any_more(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            guild = env.create_guild()
            open_, gone, later = (guild.create_text_channel(name) for name in ("open", "gone", "later"))
            lin = guild.add_member(env.create_user("lin"))
            for one in (open_, gone, later):
                await lin.send(one, "words that everybody may read")
            await hall.answered()
            server = env.bot.get_guild(guild.id)
            assert server is not None
            closed = env.bot.get_channel(open_.id)
            assert isinstance(closed, discord.TextChannel)
            await closed.set_permissions(server.me, view_channel=True)
            await closed.set_permissions(server.default_role, view_channel=False)
            await closed.edit(name="staff-only")
            await env.bot.get_channel(gone.id).delete()  # type: ignore[union-attr]
            await env.settle()
            await hall.answered()
            first, second = room_of(hall, open_.id), room_of(hall, gone.id)
            assert first is not None
            assert second is not None
            assert first.name == "staff-only"
            assert PUBLIC not in (first.audience, second.audience)
            assert not may_read(hall, lin.id, second)
            deaf = discord.Client(intents=discord.Intents.none())
            await env.restart_bot(deaf)
            env.backend.delete_channel(later.id)
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await env.settle()
            await hall.answered()
            third = room_of(hall, later.id)
            assert third is not None
            assert not third.indexed
            assert third.audience != PUBLIC

    run(scenario)


def test_an_answer_that_was_sent_and_not_noted_is_sent_into_the_same_place(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            result = await lin.slash(channel, "help")
            own = RoomRef("discord", f"@{lin.id}")
            await hall.adapter.messenger.send(own, said("once"), key="k")
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await hall.adapter.messenger.send(own, said("once"), key="k")
            assert result.response is not None
            assert result.followups == []
            assert "once" in shown(result.response)

    run(scenario)


def test_an_answer_can_be_changed_after_a_restart(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, mei) = welcome(env, "lin", "mei")
            hall.opens(channel)
            await mei.send(channel, "How do I cancel a rust task that waits for a lock?")
            asked = channel.last_message
            assert asked is not None
            await hall.answered()
            hall.add_courses(())
            result = await lin.slash(channel, "learn find", query="cancel a rust task")
            await hall.answered()
            assert result.response is not None
            assert "waits for a lock" in shown(result.response)
            hall.restart()
            await env.restart_bot(hall.adapter.connect())
            await mei.delete(asked)
            await hall.answered()
            assert "waits for a lock" not in shown(result.response)

    run(scenario)
