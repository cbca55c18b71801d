"""`DiscordMessenger` keeps the contract of every messenger, over the real SDK on a simulated Discord."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import simcord

from bot.domain.outgoing import Document, FileRef, Outgoing, Picture, Receipt
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.errors import Refused, Unreachable
from bot.ports import KeptFile, Messenger, Pinning
from bot.surroundings import SystemClock
from tests.adapters.discord.hall import Hall, discord_of, labels, run, shown, welcome
from tests.contracts.messenger import MessengerCase, MessengerContract, said

T = TypeVar("T")


def read(message: Any) -> str:
    """A message as its reader sees it: what is escaped is shown without its backslash."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", shown(message))


class Elsewhere:
    """A simulated Discord in a thread of its own, because the contract's calls begin a loop each."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="discord", daemon=True)
        self._over = asyncio.Event()
        self._held: Future[None]
        self.env: simcord.Env

    def __enter__(self) -> Elsewhere:
        self._thread.start()
        begun: Future[simcord.Env] = Future()

        async def hold() -> None:
            async with simcord.run(self._hall.adapter.connect()) as env:
                begun.set_result(env)
                await self._over.wait()

        self._held = asyncio.run_coroutine_threadsafe(hold(), self._loop)
        self.env = begun.result(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._held.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def submit(self, call: Coroutine[Any, Any, T]) -> Future[T]:
        async def within() -> T:
            with self.env.time_context():
                return await call

        return asyncio.run_coroutine_threadsafe(within(), self._loop)


@dataclass(frozen=True)
class Forwarding:
    """The messenger, called in the loop where its Discord lives."""

    there: Elsewhere
    messenger: Messenger

    @property
    def platform(self) -> str:
        return self.messenger.platform

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        return await asyncio.wrap_future(self.there.submit(self.messenger.send(room, message, key=key)))

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        return await asyncio.wrap_future(self.there.submit(self.messenger.edit(ref, message)))

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:
        await asyncio.wrap_future(self.there.submit(self.messenger.notice(room, to, text)))


class TestDiscordMessenger(MessengerContract):
    @pytest.fixture(params=[True, False], ids=["layout", "plain"])
    def case(self, hall: Hall, request: pytest.FixtureRequest) -> Iterator[MessengerCase]:
        hall.layouts = request.param
        hall.restart()
        with Elsewhere(hall) as there:
            guild, talk, (lin,) = welcome(there.env, "lin")
            rooms = {"here": guild.create_text_channel("here"), "there": guild.create_text_channel("there")}
            asked = there.submit(lin.slash(talk, "help")).result(10)
            refs = {name: RoomRef("discord", str(channel.id)) for name, channel in rooms.items()}

            def visible(ref: RoomRef) -> list[tuple[MessageRef, str]]:
                (channel,) = (rooms[name] for name in rooms if refs[name] == ref)
                return [(MessageRef(ref, str(one.id)), read(one)) for one in channel.history()]

            def notices(account: AccountRef) -> list[str]:
                assert account.native_id == str(lin.id)
                messages = [*([asked.response] if asked.response else []), *asked.followups]
                return [read(one).strip() for one in messages if one.ephemeral]

            yield MessengerCase(
                Forwarding(there, hall.adapter.messenger),
                refs["here"],
                refs["there"],
                AccountRef("discord", str(lin.id)),
                visible,
                notices,
            )


def test_an_answer_is_seen_by_whoever_asked_and_by_nobody_else(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            asked = await lin.slash(channel, "help")
            own = RoomRef("discord", f"@{lin.id}")
            receipt = await hall.adapter.messenger.send(own, said("only you"), key="k")
            assert asked.response is not None
            assert asked.response.ephemeral
            assert receipt.refs == (MessageRef(own, str(asked.response.id)),)
            assert "only you" in shown(asked.response)
            assert channel.history(viewer=sam) == []

    run(scenario)


def test_nobody_is_written_to_directly_who_did_not_ask_for_it(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, _, (lin,) = welcome(env, "lin")
            with pytest.raises(Refused):
                await hall.adapter.messenger.send(RoomRef("discord", f"@{lin.id}"), said("hello?"), key="k")
            assert not any(request.path.endswith("/users/@me/channels") for request in env.http_requests)

    run(scenario)


def test_who_wrote_first_is_written_to_and_their_message_can_be_changed(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, _, (lin,) = welcome(env, "lin")
            await lin.send_dm("hello there")
            await hall.answered()
            own = RoomRef("discord", f"@{lin.id}")
            receipt = await hall.adapter.messenger.send(own, said("one"), key="k2")
            await hall.adapter.messenger.edit(receipt.refs[0], said("two"))
            last = env.bot.get_channel(env.backend.dm_channels[lin.id])
            assert last is not None
            texts = [shown(one) for one in lin.user.dm_channel.history()]
            assert any("two" in text for text in texts)
            assert not any("one" in text.splitlines() for text in texts)

    run(scenario)


def test_closed_direct_messages_are_refused_and_not_tried_again(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall, check_errors=False) as env:
            _, _, (lin,) = welcome(env, "lin")
            await lin.send_dm("hello there")
            await asyncio.to_thread(hall.dispatcher.drain)
            env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
            with pytest.raises(Refused):
                await hall.adapter.messenger.send(RoomRef("discord", f"@{lin.id}"), said("x"), key="k")
            tried = [one for one in env.http_requests if one.method == "POST" and one.path.endswith("/messages")]
            assert len(tried) == 1

    run(scenario)


def test_without_a_connection_nothing_was_delivered(hall: Hall) -> None:
    with pytest.raises(Unreachable) as caught:
        asyncio.run(hall.adapter.messenger.send(RoomRef("discord", "1"), said("x"), key="k"))
    assert not caught.value.maybe_delivered


def test_a_send_carries_a_nonce_of_its_key(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env)
            room = RoomRef("discord", str(channel.id))
            for _ in range(2):
                hall.restart()
                hall.adapter._current = env.bot
                await hall.adapter.messenger.send(room, said("x"), key="answer:7")
            sent = [one.json for one in env.http_requests if one.method == "POST"]
            nonces = {one["nonce"] for one in sent if one and "nonce" in one}
            assert len(nonces) == 1
            assert all(one["enforce_nonce"] for one in sent if one and "nonce" in one)
            assert len(nonces.pop()) <= 25

    run(scenario)


def test_buttons_carry_their_codes(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env)
            await hall.adapter.messenger.send(RoomRef("discord", str(channel.id)), said("x"), key="k")
            assert channel.last_message is not None
            assert labels(channel.last_message) == ["Again"]

    run(scenario)


@pytest.mark.parametrize("layouts", [True, False])
def test_pictures_and_documents_go_along_with_words_for_who_cannot_see_them(hall: Hall, layouts: bool) -> None:
    hall.layouts = layouts
    hall.restart()
    plot, entry, gone = (FileRef(name, f"{name}.png", "image/png", 3) for name in ("plot", "entry", "gone"))
    message = Outgoing(
        (Picture(plot, "Members over time"), Document(entry, "Calendar entry"), Picture(gone, "Not kept any more"))
    )

    async def scenario() -> None:
        with hall.store.write() as uow:
            for file in (plot, entry):
                uow.files.put(hall.community.id, file.key, KeptFile(b"abc", file.media), SystemClock().now())
            uow.commit()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "help")
            room = RoomRef("discord", str(channel.id))
            receipt = await hall.adapter.messenger.send(room, message, key="k")
            await hall.adapter.messenger.send(RoomRef("discord", f"@{lin.id}"), message, key="k2")
            assert channel.last_message is not None
            assert asked.response is not None
            for sent in (channel.last_message, asked.response):
                names = [(one.filename, one.description) for one in sent.attachments]
                assert names == [("1-plot.png", "Members over time"), ("2-entry.png", None)]
                assert "Calendar entry" in shown(sent)
                assert "Not kept any more" in shown(sent)
            assert receipt.degraded == ("files-gone",)
            await hall.adapter.messenger.edit(receipt.refs[0], said("only words"))
            assert channel.last_message.attachments == []

    run(scenario)


def test_a_message_is_pinned_and_taken_down(hall: Hall) -> None:
    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, _ = welcome(env, "lin")
            room = RoomRef("discord", str(channel.id))
            messenger = hall.adapter.messenger
            assert isinstance(messenger, Pinning)
            (ref,) = (await messenger.send(room, said("this week"), key="a")).refs
            await messenger.pin(ref, pinned=True)
            assert [str(one.id) for one in channel.pinned_messages()] == [ref.native_id]
            await messenger.pin(ref, pinned=False)
            assert channel.pinned_messages() == []

    run(scenario)
