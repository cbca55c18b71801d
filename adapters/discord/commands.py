"""Discord's app commands: what they are called, what they take, and which of our commands they stand for.

Knows names and options; what a command does is decided elsewhere. Definitions are sent to Discord only when they have
changed: a registration counts against a daily limit, and clients fetch all commands anew after it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from adapters.discord.capabilities import MAX_CHOICE, MAX_CHOICES
from bot.domain.text import clean_line, clip
from bot.wording import Wording

Interaction = discord.Interaction[Any]
Complete = Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]
Suggestions = Callable[[str, str], Awaitable[Sequence[str]]]
"""What fits to the beginning of an option, by the option's kind: ``skill`` or ``course``."""

_EN: Final = Wording("en")
_LOCALES: Final = {
    discord.Locale.chinese: Wording("zh"),
    discord.Locale.taiwan_chinese: Wording("zh"),
    discord.Locale.american_english: _EN,
    discord.Locale.british_english: _EN,
}
_STAFF: Final = discord.Permissions(manage_guild=True)


@dataclass(frozen=True, slots=True)
class Ours:
    """Which of our commands, with which words. `here`: it is about the room it was given in; `about`: this message."""

    name: str
    words: str = ""
    here: bool = False
    about: discord.Message | None = None


Invoke = Callable[[Interaction, Ours], Awaitable[None]]


class WordingTranslator(app_commands.Translator):
    """Names and descriptions from our own wording."""

    async def translate(
        self,
        string: locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002  ids are unique
    ) -> str | None:
        words, id_ = _LOCALES.get(locale), string.extras.get("id")
        return words.say(id_) if words is not None and id_ is not None else None


def said(id_: str) -> locale_str:
    return locale_str(_EN.say(id_), id=id_)


@dataclass(frozen=True, slots=True)
class Commands:
    """Builds the tree; `invoke` takes in what people do with it."""

    invoke: Invoke
    suggestions: Suggestions

    def add_to(self, tree: app_commands.CommandTree[Any]) -> None:
        learn = _group("learn")
        self._one(learn, "find", "learn", query=True)
        self._one(learn, "foryou", "foryou")
        self._one(learn, "path", "path", option="skill")
        self._one(learn, "saved", "saved")
        profile = _group("profile")
        self._one(profile, "show", "profile")
        self._one(profile, "calendar", "calendar")
        digest = _group("digest")
        self._one(digest, "settings", "digest", option="when", required=False)
        self._one(digest, "preview", "digest", fixed="preview")
        match = _group("match")
        self._one(match, "partners", "people")
        event = _group("event")
        self._one(event, "list", "events")
        self._one(event, "mine", "myevents")
        self._one(event, "open", "event", option="event")
        self._one(event, "checkin", "checkin", option="code")
        self._one(event, "create", "newevent", option="title", required=False, here=True)
        setup = _group("setup")
        self._one(setup, "me", "start")
        self._one(setup, "server", "setup", option="words", required=False, here=True)
        staff = _group("staff", permissions=_STAFF)
        self._one(staff, "suggest", "suggest", option="words", required=False, here=True)
        self._one(staff, "wanted", "wanted")
        self._one(staff, "rec", "rec", option="words", required=False)
        self._one(staff, "report", "report", option="words")
        self._one(staff, "ideas", "ideas")
        self._one(staff, "segments", "segments", option="words", required=False)
        for group in (learn, profile, digest, match, event, setup, staff):
            tree.add_command(group)
        self._one(tree, "ask", "ask", option="question")
        self._one(tree, "help", "help")
        self._one(tree, "link", "link", option="linkcode", required=False)
        self._one(tree, "unlink", "unlink")
        tree.add_command(self._rate())
        tree.add_command(self._ask_about())
        tree.add_command(self._save())

    def _one(
        self,
        parent: app_commands.Group | app_commands.CommandTree[Any],
        name: str,
        ours: str,
        *,
        option: str = "",
        query: bool = False,
        required: bool = True,
        fixed: str = "",
        here: bool = False,
    ) -> None:
        """One command with at most one option, all of which become its words."""
        option = "query" if query else option
        callback: Callable[..., Any]
        if not option:

            async def plain(interaction: Interaction) -> None:
                await self.invoke(interaction, Ours(ours, fixed, here))

            callback = plain
        elif required:

            async def needed(interaction: Interaction, words: app_commands.Range[str, 1, 1000]) -> None:
                await self.invoke(interaction, Ours(ours, words, here))

            callback = _described(needed, words=option)
        else:

            async def optional(interaction: Interaction, words: app_commands.Range[str, 1, 1000] | None = None) -> None:
                await self.invoke(interaction, Ours(ours, words or "", here))

            callback = _described(optional, words=option)
        command: app_commands.Command[Any, ..., None] = app_commands.Command(
            name=said(f"discord-name-{name}"), description=said(f"discord-about-{name}"), callback=callback
        )
        if option == "skill":
            command.autocomplete("words")(self._complete("skill"))
        parent.add_command(command)

    def _rate(self) -> app_commands.Command[Any, ..., None]:
        async def rate(
            interaction: Interaction,
            course: app_commands.Range[str, 1, 200],
            stars: app_commands.Range[int, 1, 5],
        ) -> None:
            await self.invoke(interaction, Ours("rate", f"{course} {stars}"))

        command: app_commands.Command[Any, ..., None] = app_commands.Command(
            name=said("discord-name-rate"),
            description=said("discord-about-rate"),
            callback=_described(rate, course="course", stars="stars"),
        )
        command.autocomplete("course")(self._complete("course"))
        return command

    def _ask_about(self) -> app_commands.ContextMenu:
        async def ask_about(interaction: Interaction, message: discord.Message) -> None:
            words = clean_line(message.content, limit=1000)
            if words:
                await self.invoke(interaction, Ours("ask", words))
                return
            locale = _LOCALES.get(interaction.locale, _EN)
            await interaction.response.send_message(locale.say("discord-nothing-to-ask"), ephemeral=True)

        return app_commands.ContextMenu(name=said("discord-menu-ask"), callback=ask_about)

    def _save(self) -> app_commands.ContextMenu:
        async def save(interaction: Interaction, message: discord.Message) -> None:
            await self.invoke(interaction, Ours("save", about=message))

        return app_commands.ContextMenu(name=said("discord-menu-save"), callback=save)

    def _complete(self, kind: str) -> Complete:
        async def complete(_: Interaction, current: str) -> list[Choice[str]]:
            return choices(await self.suggestions(kind, current))

        return complete


def choices(found: Sequence[str]) -> list[Choice[str]]:
    """As many as Discord shows, each within its length; an empty one or a second of the same would refuse all."""
    lines = dict.fromkeys(clip(clean_line(one), MAX_CHOICE) for one in found)
    return [Choice(name=line, value=line) for line in lines if line][:MAX_CHOICES]


def _group(name: str, *, permissions: discord.Permissions | None = None) -> app_commands.Group:
    return app_commands.Group(
        name=said(f"discord-name-{name}"),
        description=said(f"discord-about-{name}"),
        default_permissions=permissions,
        guild_only=permissions is not None,
    )


def _described(callback: Callable[..., Any], **options: str) -> Callable[..., Any]:
    renamed = app_commands.rename(**{python: said(f"discord-option-{name}") for python, name in options.items()})
    described = app_commands.describe(
        **{python: said(f"discord-option-about-{name}") for python, name in options.items()}
    )
    return described(renamed(callback))


async def digest(tree: app_commands.CommandTree[Any], translator: app_commands.Translator) -> str:
    """Of everything that Discord would be told; another one means that it has to be told."""
    told = [await command.get_translated_payload(tree, translator) for command in _all(tree)]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def sync(tree: app_commands.CommandTree[Any], noted: Path, who: str) -> bool:
    """Register the commands unless Discord was told the same before; whether it was told now. `noted`: a file with the
    digest of what was told last, for the application and address `who`."""
    translator = tree.translator
    assert translator is not None
    wanted = f"{who} {await digest(tree, translator)}\n"
    if await asyncio.to_thread(_told, noted) == wanted:
        return False
    await tree.sync()
    await asyncio.to_thread(_tell, noted, wanted)
    return True


def _told(noted: Path) -> str:
    return noted.read_text("utf-8") if noted.is_file() else ""


def _tell(noted: Path, wanted: str) -> None:
    noted.parent.mkdir(parents=True, exist_ok=True)
    fresh = noted.with_suffix(".new")
    fresh.write_text(wanted, "utf-8")
    fresh.replace(noted)


def _all(tree: app_commands.CommandTree[Any]) -> list[Any]:
    kinds = (discord.AppCommandType.chat_input, discord.AppCommandType.message, discord.AppCommandType.user)
    return [command for kind in kinds for command in tree.get_commands(type=kind)]
