"""Forms as windows: which one is open for whom, what was typed in it so far, and the messages that lead to it.

A window can only be the first answer to something that was done, within three seconds. Where that moment is over, a
message with a button is shown instead, and the button opens the window from the store, at once. What was typed so far
is in the store too: neither a restart nor a window that was closed by mistake loses a form.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import discord
from discord.ui import Modal
from pydantic import TypeAdapter, ValidationError

from adapters.discord import modals
from adapters.discord.capabilities import PLATFORM, STORE_PATIENCE
from adapters.discord.errors import translated
from adapters.discord.messages import rows_of
from adapters.discord.render import render
from bot.domain.forms import Form
from bot.domain.outgoing import Bullets, Button, Heading, Outgoing, Paragraph, Strong, Style, Text
from bot.domain.refs import AccountRef
from bot.errors import StoreUnavailable
from bot.ports import Clock, Store
from bot.usecases.forms import ACTION, asked
from bot.wording import Wording, choose

log = logging.getLogger(__name__)

_CODE: Final = "v1"
_OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Window:
    """A form that somebody fills in. `given`: what was typed in its windows so far; `page`: the one that is next;
    `shown`: the message whose button opens it."""

    form: Form
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    page: int = 0
    shown: int | None = None


_WINDOW: Final = TypeAdapter(Window)


class _Drawn(Modal):
    """A window that was drawn elsewhere. It is over at once: what its code means is in the store, not in here."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(title=payload["title"], custom_id=payload["custom_id"], timeout=None)
        self._payload = payload
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        return self._payload


def token_of(code: str) -> str:
    """The part of a code by which the store knows it; empty: no code of a form's."""
    version, _, rest = code.partition(":")
    act, _, token = rest.partition(":")
    return token if version == _CODE and act and token.isalnum() else ""


def opens(code: str) -> str:
    """The token of the form that a button opens; empty: another button."""
    return token_of(code) if code.startswith(f"{_CODE}:{_OPEN}:") else ""


def leading_to(message: Outgoing) -> Outgoing:
    """The message that stands where a form cannot be shown at once: what is asked, what is wrong, and a button."""
    form, words = message.form, choose(message.language)
    assert form is not None
    wrong = [(one.label, form.problems[one.name]) for one in form.fields if form.problems.get(one.name)]
    blocks = [*message.blocks, Heading(form.title)]
    if form.note.strip():
        blocks.append(Paragraph((Text(form.note),)))
    if wrong:
        blocks.append(Paragraph((Text(words.say("form-problems")),)))
        blocks.append(Bullets(tuple((Strong(label), Text(f": {problem}")) for label, problem in wrong)))
    return replace(message, blocks=tuple(blocks), form=None, buttons=((_open_button(form, words),), *message.buttons))


def _open_button(form: Form, words: Wording, *, following: bool = False) -> Button:
    said = words.say("discord-form-next" if following else "discord-form-open")
    return Button(said, f"{_CODE}:{_OPEN}:{token_of(form.code)}", style=Style.PRIMARY)


async def show(interaction: discord.Interaction, window: Window) -> None:
    await interaction.response.send_modal(_Drawn(modals.window(window.form, window.page)))


def sent(interaction: discord.Interaction) -> str:
    """The code of the form that was sent."""
    data: Mapping[str, Any] = dict(interaction.data or {})
    return modals.code_and_page(str(data.get("custom_id", "")))[0]


class Windows:
    """Belongs to the event loop; the store is asked in threads."""

    def __init__(self, store: Store, community_id: int, clock: Clock) -> None:
        self._store, self._community_id, self._clock = store, community_id, clock

    async def begin(self, user: int, form: Form) -> Window:
        """It begins anew, at the first window with something wrong in it."""
        window = Window(form, page=modals.first_problem(form))
        known = await self.load(user, token_of(form.code))
        window = replace(window, shown=known.shown if known is not None else None)
        await self.save(user, window)
        return window

    async def load(self, user: int, token: str) -> Window | None:
        return await asyncio.to_thread(self._load, user, token)

    async def save(self, user: int, window: Window) -> None:
        await asyncio.to_thread(self._save, user, window)

    async def taken(self, user: int, token: str) -> None:
        """It was sent and is stored elsewhere: what was typed is not kept here."""
        await asyncio.to_thread(self._taken, user, token)

    async def pressed(self, interaction: discord.Interaction, code: str) -> bool:
        """A button that opens a form: answered with the window at once. False: no such form, or another button."""
        if not (token := opens(code)):
            return False
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                window = await self.load(interaction.user.id, token)
        except (TimeoutError, StoreUnavailable):
            return False
        if window is None:
            return False
        try:
            await show(interaction, window)
        except (discord.HTTPException, OSError) as error:
            log.warning("a window could not be shown: %s", translated(error))
        return True

    async def submitted(self, interaction: discord.Interaction, *, layouts: bool) -> Mapping[str, Any] | None:
        """What was sent from a window. None: there are more windows, and the way to the next one is shown."""
        data: Mapping[str, Any] = dict(interaction.data or {})
        code, page = modals.code_and_page(str(data.get("custom_id", "")))
        typed = modals.typed(data.get("components") or [])
        try:
            async with asyncio.timeout(STORE_PATIENCE):
                window = await self.load(interaction.user.id, token_of(code))
                if window is None:
                    return typed
                every, form = modals.pages(window.form), window.form
                given = {**window.given, **typed}
                if page + 1 >= len(every):
                    return modals.merged(form, given)
                await self.save(interaction.user.id, replace(window, given=given, page=page + 1))
        except (TimeoutError, StoreUnavailable):
            return typed  # what is missing is asked for again, with what was typed
        words = choose(str(interaction.locale))
        said = words.say("discord-form-part", part=page + 1, parts=len(every))
        rows = ((_open_button(form, words, following=True),),)
        message = Outgoing((Heading(form.title), Paragraph((Text(said),))), rows, words.language)
        await self._answer(interaction, message, layouts=layouts)
        return None

    async def _answer(self, interaction: discord.Interaction, message: Outgoing, *, layouts: bool) -> None:
        """In place of the message that led here, where there is one."""
        part = render(message, lambda _: None, layout=layouts).parts[0]
        none = discord.AllowedMentions.none()
        if interaction.message is not None and interaction.message.flags.ephemeral:
            await interaction.response.edit_message(
                content=part.content or None, view=rows_of(part), allowed_mentions=none
            )
        else:
            await interaction.response.send_message(
                part.content or None, view=rows_of(part), ephemeral=True, allowed_mentions=none
            )

    def _load(self, user: int, token: str) -> Window | None:
        """What is kept of it, or else the form as it was asked; None: nobody waits for it, or not for them."""
        with self._store.read() as uow:
            member = uow.members.by_account(self._community_id, AccountRef(PLATFORM, str(user)))
            row = uow.buttons.get(self._community_id, token) if token else None
            if member is None or row is None or row.action != ACTION or row.owner not in (None, member.id):
                return None
            kept = uow.conversations.get(member.id, _kept(token))
        try:
            return Window(asked(row)) if kept is None else _WINDOW.validate_python(kept)
        except ValidationError:  # of another version
            return Window(asked(row))

    def _save(self, user: int, window: Window) -> None:
        with self._store.write() as uow:
            member = uow.members.by_account(self._community_id, AccountRef(PLATFORM, str(user)))
            if member is None:
                return
            state = _WINDOW.dump_python(window, mode="json")
            uow.conversations.put(member.id, _kept(token_of(window.form.code)), state, self._clock.now())
            uow.commit()

    def _taken(self, user: int, token: str) -> None:
        with self._store.write() as uow:
            member = uow.members.by_account(self._community_id, AccountRef(PLATFORM, str(user)))
            row = uow.buttons.get(self._community_id, token) if token else None
            kept = uow.conversations.get(member.id, _kept(token)) if member is not None else None
            if member is None or kept is None:
                return
            if row is None:
                uow.conversations.end(member.id, _kept(token))
            else:
                bare = Window(asked(row), shown=kept.get("shown"))
                state = _WINDOW.dump_python(bare, mode="json")
                uow.conversations.put(member.id, _kept(token), state, self._clock.now())
            uow.commit()


def _kept(token: str) -> str:
    return f"window:{token}"
