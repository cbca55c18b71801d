"""Which commands Telegram's menus show, in which kind of chat and in which language. Knows names; asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.wording import LANGUAGES, Wording

MAX_DESCRIPTION: Final = 256

PRIVATE: Final = (
    "start",
    "learn",
    "foryou",
    "ask",
    "path",
    "saved",
    "events",
    "myevents",
    "checkin",
    "people",
    "rate",
    "profile",
    "digest",
    "calendar",
    "link",
    "unlink",
    "settings",
    "privacy",
    "cancel",
    "help",
)
GROUP: Final = ("ask", "learn", "foryou", "path", "events", "save", "start", "help")
STAFF: Final = (*GROUP, "suggest", "wanted", "rec", "personas", "newevent", "ideas", "segments", "setup")

SCOPES: Final = {"all_private_chats": PRIVATE, "all_group_chats": GROUP, "all_chat_administrators": STAFF}


@dataclass(frozen=True, slots=True)
class Menu:
    """`language` empty: for everybody without a menu in their own. `commands`: (name, description)."""

    scope: str
    language: str
    commands: tuple[tuple[str, str], ...]


def menus() -> tuple[Menu, ...]:
    """Every menu; English stands in for the languages that we do not speak."""
    return tuple(
        Menu(scope, "" if language == "en" else language, _described(names, Wording(language)))
        for scope, names in SCOPES.items()
        for language in LANGUAGES
    )


def _described(names: tuple[str, ...], words: Wording) -> tuple[tuple[str, str], ...]:
    return tuple((name, words.say(f"telegram-command-{name}")[:MAX_DESCRIPTION]) for name in names)
