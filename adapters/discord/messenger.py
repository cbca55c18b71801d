"""`DiscordMessenger`: how the rest of the program speaks to Discord. Knows where a message has to go; knows no event.

Somebody's own room is reached by answering their interaction, seen by them alone; without one, by a direct message, and
that only where they asked for it: Discord forbids messages that nobody asked for.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Final, Protocol

import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from adapters.discord.capabilities import FIRST_ANSWER, MAX_NONCE, PLATFORM
from adapters.discord.errors import expired, translated
from adapters.discord.messages import allowed, files_of, rows_of
from adapters.discord.opening import changed, name_of, opened, posted
from adapters.discord.render import Part, Rendered, render
from adapters.discord.updates import OWN
from adapters.discord.whispers import Whisper, Whispers
from adapters.discord.windows import Window, Windows, leading_to
from bot.domain.outgoing import Block, Document, Note, Outgoing, Paragraph, Picture, Receipt, Text
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.threads import OpenThread, ThreadTraits, ThreadWork
from bot.errors import ConfigError, Refused, Unreachable
from bot.ports import Store

_Contents = Mapping[str, bytes]
_REMEMBERED: Final = 1_000
_LINK: Final = "https://discord.com/channels/{guild}/{channel}/{message}"


class Connection(Protocol):
    """What is needed of the connection."""

    def client(self) -> discord.Client:
        """Raises Unreachable while there is none."""
        ...

    def guild_of(self, channel: int) -> int | None:
        """The server that a channel or thread belongs to, where it is known."""
        ...


class DiscordMessenger:
    """`layouts`: use components v2; otherwise text with rows of buttons below."""

    def __init__(
        self,
        store: Store,
        community_id: int,
        connection: Connection,
        whispers: Whispers,
        windows: Windows,
        *,
        layouts: bool = True,
    ) -> None:
        self._store, self._community_id = store, community_id
        self._connection, self._whispers, self._windows, self._layouts = connection, whispers, windows, layouts
        self._sent: OrderedDict[str, Receipt] = OrderedDict()
        self._ways = count()

    @property
    def platform(self) -> str:
        return PLATFORM

    @property
    def forms(self) -> bool:
        return True

    async def send(self, room: RoomRef, message: Outgoing, *, key: str) -> Receipt:
        """The same key is one message: Discord refuses a repeated nonce, and what we remember is not sent again."""
        if key in self._sent:
            return self._sent[key]
        user = await self._owner(room)
        window = None
        if message.form is not None and user is not None:
            window = await self._windows.begin(user, message.form)
            if not message.blocks and await self._open(self._whispers.to_open(user), window):
                return self._noted(key, Receipt(()))
        rendered, files = await self._with_files(leading_to(message) if message.form is not None else message)
        with _translating():
            if user is None:
                refs = await self._to_channel(room, message, rendered, files, key)
            else:
                refs = await self._to_person(user, room, rendered, files, key)
        if window is not None and user is not None and refs:
            await self._windows.save(user, replace(window, shown=int(refs[0].native_id)))
        return self._noted(key, Receipt(tuple(refs), rendered.degraded))

    def _noted(self, key: str, receipt: Receipt) -> Receipt:
        self._sent[key] = receipt
        while len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)
        return receipt

    async def pin(self, ref: MessageRef, *, pinned: bool) -> None:
        """Needs *Pin Messages*, which nothing else here does."""
        with _translating():
            message = self._client.get_partial_messageable(_channel(ref.room)).get_partial_message(
                _number(ref.native_id)
            )
            await (message.pin() if pinned else message.unpin())

    @property
    def threads(self) -> ThreadTraits:
        return ThreadTraits(finds_again=True)

    async def work_on_thread(self, room: RoomRef, work: ThreadWork, *, key: str) -> RoomRef:  # noqa: ARG002  found by its message
        with _translating():
            if isinstance(work, OpenThread):
                guild = self._connection.guild_of(_number(work.on.room.native_id))
                return await opened(self._client, guild, work)
            await changed(self._client, room, work)
        return room

    async def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        """A message that only one person sees can be changed while its interaction lives, any other for ever."""
        user = await self._owner(ref.room)
        native = _number(ref.native_id)
        if message.form is not None and user is not None:
            window = await self._windows.begin(user, message.form)
            whisper = self._whispers.to_edit(user, native)
            if not message.blocks and await self._open(whisper, window):
                return Receipt(())
            if window.shown != native:
                # Nothing but the way to a form is ever replaced by it: what they pressed is still to be read.
                return await self.send(ref.room, message, key=f"{message.form.code}:{next(self._ways)}")
        rendered, files = await self._with_files(leading_to(message) if message.form is not None else message)
        part, degraded = rendered.parts[0], rendered.degraded
        if len(rendered.parts) > 1:
            degraded = (*degraded, "cut")
        with _translating():
            if user is not None and await self._edit_whisper(user, native, part, files):
                return Receipt((ref,), degraded)
            if user is not None:
                channel: discord.abc.Messageable = await self._direct(user)
            else:
                channel = self._client.get_partial_messageable(_channel(ref.room))
            await channel.get_partial_message(native).edit(  # type: ignore[attr-defined]  # both kinds have it
                view=rows_of(part),
                content=part.content or None,
                attachments=files_of(part, files),
                allowed_mentions=allowed(part),
            )
        return Receipt((ref,), degraded)

    async def notice(self, room: RoomRef, to: AccountRef | None, text: str) -> None:  # noqa: ARG002  seen by one person
        """A short answer seen by whoever pressed. Where an answer was shown already, that says it."""
        if to is None or not text.strip():
            return
        whisper = self._whispers.to_notice(int(to.native_id))
        if whisper is None or whisper.shown:
            return
        part = self._rendered(Outgoing((Paragraph((Text(text),)),))).parts[0]
        with _translating():
            await self._whisper(whisper, part, {})

    async def _open(self, whisper: Whisper | None, window: Window) -> bool:
        """Whether the form could be the first answer to what somebody did."""
        if whisper is None or whisper.window is None or not whisper.open:
            return False
        show = whisper.window
        if not await whisper.acknowledge(lambda: show(window)):
            return False
        whisper.thinking, whisper.shown = False, True
        return True

    # Where it goes

    async def _to_channel(
        self, room: RoomRef, message: Outgoing, rendered: Rendered, files: _Contents, key: str
    ) -> list[MessageRef]:
        """In a forum it is a post with a name, and what does not fit into its first message follows there."""
        client, refs = self._client, list[MessageRef]()
        forum = client.get_channel(_channel(room))
        if isinstance(forum, discord.ForumChannel):
            first, *others = rendered.parts
            thread, native = await posted(forum, forum.guild.me.id, name_of(message), first, files)
            room = RoomRef(PLATFORM, room.native_id, str(thread))
            refs, rendered = [MessageRef(room, str(native))], replace(rendered, parts=tuple(others))
        channel = client.get_partial_messageable(_channel(room))
        return refs + await self._post(channel, room, rendered, files, key, silent=message.silent)

    async def _post(
        self,
        channel: discord.abc.Messageable,
        room: RoomRef,
        rendered: Rendered,
        files: _Contents,
        key: str,
        *,
        silent: bool = False,
    ) -> list[MessageRef]:
        refs = []
        for number, part in enumerate(rendered.parts):
            sent = await channel.send(
                part.content or None,
                view=rows_of(part),
                files=files_of(part, files),
                allowed_mentions=allowed(part),
                nonce=nonce(key, number),
                silent=silent,
            )
            refs.append(MessageRef(room, str(sent.id)))
        return refs

    async def _to_person(
        self, user: int, room: RoomRef, rendered: Rendered, files: _Contents, key: str
    ) -> list[MessageRef]:
        parts = list(rendered.parts)
        refs = await self._whispered(user, room, parts, files, prompt=True)
        if parts and not await asyncio.to_thread(self._may_write_to, user):
            refs += await self._whispered(user, room, parts, files, prompt=False)
        if parts:
            rest = Rendered(tuple(parts), rendered.degraded)
            refs += await self._post(await self._direct(user), room, rest, files, key)
        return refs

    async def _whispered(
        self, user: int, room: RoomRef, parts: list[Part], files: _Contents, *, prompt: bool
    ) -> list[MessageRef]:
        """As many as could be said to them alone; those are taken from `parts`."""
        refs: list[MessageRef] = []
        while parts and (whisper := self._whispers.to_answer(user, prompt=prompt)) is not None:
            try:
                refs.append(MessageRef(room, str(await self._whisper(whisper, parts[0], files))))
            except discord.HTTPException as error:
                if not expired(error):
                    raise
                whisper.dead = True
            except TimeoutError:
                whisper.dead = True
            else:
                parts.pop(0)
        return refs

    async def _whisper(self, whisper: Whisper, part: Part, files: _Contents) -> int:
        """Seen by one person only. The first one fills the place that a command holds ready for it: filling it twice,
        as after a crash between the send and its note, makes one message. Discord knows no key for those after it."""
        hook = await self._hook(whisper)
        if whisper.thinking:
            made = await self._fill(hook, part, files)
        else:
            sent = await hook.send(
                part.content or discord.utils.MISSING,
                view=rows_of(part),
                files=files_of(part, files),
                allowed_mentions=allowed(part),
                ephemeral=True,
                wait=True,
            )
            made = sent.id
        whisper.thinking, whisper.shown = False, True
        whisper.made.add(made)
        return made

    async def _fill(self, hook: discord.Webhook, part: Part, files: _Contents) -> int:
        """The SDK does this only for interactions of this run of the program."""
        with handle_message_parameters(
            content=part.content or None,
            view=rows_of(part),
            attachments=files_of(part, files),
            allowed_mentions=allowed(part),
        ) as written:
            answered = await async_context.get().edit_original_interaction_response(
                hook.id,
                hook.token or "",
                session=hook.session,
                payload=written.payload,
                multipart=written.multipart,
                files=written.files,
            )
        return int(answered["id"])

    async def _edit_whisper(self, user: int, message: int, part: Part, files: _Contents) -> bool:
        """False: there is no interaction any more by which it could be changed."""
        while (whisper := self._whispers.to_edit(user, message)) is not None:
            try:
                hook = await self._hook(whisper)
                await hook.edit_message(
                    message,
                    view=rows_of(part),
                    content=part.content or None,
                    attachments=files_of(part, files),
                    allowed_mentions=allowed(part),
                )
            except discord.HTTPException as error:
                if not expired(error):
                    raise
                whisper.dead = True
            except TimeoutError:
                whisper.dead = True
            else:
                whisper.shown = True
                return True
        return False

    async def _hook(self, whisper: Whisper) -> discord.Webhook:
        async with asyncio.timeout(FIRST_ANSWER):
            await whisper.acknowledge()
        client = self._client
        if client.application_id is None:
            raise Unreachable("not connected to Discord yet", maybe_delivered=False)
        hook = discord.Webhook.partial(client.application_id, whisper.token, client=client)
        hook.type = discord.WebhookType.application
        return hook

    async def _direct(self, user: int) -> discord.DMChannel:
        if not await asyncio.to_thread(self._may_write_to, user):
            raise Refused(
                "their interaction is over, and they did not ask for direct messages", cause=RefusalCause.CLOSED
            )
        return await self._client.create_dm(discord.Object(user))

    def _may_write_to(self, user: int) -> bool:
        """Who wrote to the bot directly, or switched the weekly letter on, asked for it."""
        with self._store.read() as uow:
            member = uow.members.by_account(self._community_id, AccountRef(PLATFORM, str(user)))
            if member is None:
                return False
            own = uow.rooms.by_ref(self._community_id, RoomRef(PLATFORM, f"{OWN}{user}"))
            wrote = own is not None and uow.messages.last_native(own.id) is not None
            return wrote or uow.digests.get(member.id).enabled

    async def _owner(self, room: RoomRef) -> int | None:
        """Whose own room it is; None: a room of the community."""
        if room.native_id.startswith(OWN):
            return _number(room.native_id.removeprefix(OWN))
        if not room.native_id.startswith("dm-"):
            return None
        return await asyncio.to_thread(self._account_of, _number(room.native_id.removeprefix("dm-")))

    def _account_of(self, member_id: int) -> int:
        with self._store.read() as uow:
            member = uow.members.get(member_id)
            for identity in uow.members.identities(member.id) if member is not None else ():
                if identity.account.platform == PLATFORM:
                    return _number(identity.account.native_id)
        raise Refused("this member has no account on Discord")

    # How it is written

    @property
    def _client(self) -> discord.Client:
        return self._connection.client()

    async def _with_files(self, message: Outgoing) -> tuple[Rendered, _Contents]:
        """Drawn, with what its files hold, by their keys. In the place of one that is gone stand its words."""
        wanted = [block.file.key for block in message.blocks if isinstance(block, Picture | Document)]
        if not wanted:
            return self._rendered(message), {}
        found = await asyncio.to_thread(self._contents, wanted)
        rendered = self._rendered(replace(message, blocks=tuple(_present(one, found) for one in message.blocks)))
        gone = ("files-gone",) if len(found) < len(set(wanted)) else ()
        return replace(rendered, degraded=(*rendered.degraded, *gone)), found

    def _contents(self, keys: Sequence[str]) -> _Contents:
        with self._store.read() as uow:
            found = {key: uow.files.get(self._community_id, key) for key in keys}
        return {key: kept.content for key, kept in found.items() if kept is not None}

    def _rendered(self, message: Outgoing) -> Rendered:
        return render(message, self._link, layout=self._layouts)

    def _link(self, ref: MessageRef) -> str | None:
        if ref.room.platform != PLATFORM or not ref.native_id.isdecimal():
            return None
        native = ref.room.thread_id or ref.room.native_id
        guild = self._connection.guild_of(int(native)) if native.isdecimal() else None
        if guild is None and ref.room.native_id.isdecimal():
            guild = self._connection.guild_of(int(ref.room.native_id))
        return None if guild is None else _LINK.format(guild=guild, channel=native, message=ref.native_id)


def nonce(key: str, number: int) -> str:
    """The same for the same part of the same send, within Discord's 25 characters."""
    return hashlib.sha256(f"{number}:{key}".encode()).hexdigest()[:MAX_NONCE]


def _present(block: Block, contents: _Contents) -> Block:
    match block:
        case Picture(alt=words, file=file) | Document(title=words, file=file) if file.key not in contents:
            return Note((Text(words),))
        case _:
            return block


def _channel(room: RoomRef) -> int:
    return _number(room.thread_id or room.native_id)


def _number(native: str) -> int:
    if not native.isdecimal() or len(native) > 20:
        raise Refused(f"no address on Discord: {native[:40]!r}")
    return int(native)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        told = translated(error)
        if isinstance(told, ConfigError):
            # What is to be sent is right: it waits until the operator has acted, and nothing has arrived.
            raise Unreachable(str(told), maybe_delivered=False) from error
        if told is error:
            raise
        raise told from error
