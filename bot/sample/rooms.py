"""Which rooms the sample community has and where a conversation belongs. Knows topics; knows no member."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True)
class Room:
    """A Telegram topic, a Discord channel, or (with a `parent`) a thread of a Discord channel."""

    key: str
    platform: str
    name: str
    topic: str = ""
    category: str = ""
    parent: str = ""
    private: bool = False


_NOTE: Final = "(generated sample data)"

GENERAL: Final = Room("tg-general", "telegram", "综合讨论 General")
TG_RUST: Final = Room("tg-rust", "telegram", "Rust")
TG_PYTHON: Final = Room("tg-python", "telegram", "Python 与数据")
TG_PARTNERS: Final = Room("tg-partners", "telegram", "找学习伙伴")
TG_INTERVIEW: Final = Room("tg-interview", "telegram", "面试算法")
WELCOME: Final = Room("dc-welcome", "discord", "welcome", f"Say hello, read the rules {_NOTE}", "Start")
ASK: Final = Room("dc-ask", "discord", "ask-anything", f"Questions of every level, threads welcome {_NOTE}", "Study")
FRONTEND: Final = Room("dc-frontend", "discord", "frontend", f"Browsers, styles, React and friends {_NOTE}", "Study")
ML: Final = Room("dc-ml", "discord", "machine-learning", f"Models, data and statistics {_NOTE}", "Study")
DEVOPS: Final = Room("dc-devops", "discord", "devops", f"Linux, containers, delivery {_NOTE}", "Study")
SHOW: Final = Room("dc-show", "discord", "show-your-work", f"Projects, reviews, weekly check-ins {_NOTE}", "Study")
STAFF: Final = Room("dc-staff", "discord", "moderators", f"Private: moderators only {_NOTE}", "Staff", private=True)

ROOMS: Final = (
    GENERAL,
    TG_RUST,
    TG_PYTHON,
    TG_PARTNERS,
    TG_INTERVIEW,
    WELCOME,
    ASK,
    FRONTEND,
    ML,
    DEVOPS,
    SHOW,
    STAFF,
)

_TELEGRAM: Final = (
    (TG_RUST, frozenset({"rust"})),
    (TG_INTERVIEW, frozenset({"algorithms", "interview"})),
    (TG_PYTHON, frozenset({"python", "data-science", "statistics", "machine-learning", "deep-learning", "nlp"})),
)
_DISCORD: Final = (
    (FRONTEND, frozenset({"frontend", "css", "react", "typescript", "javascript"})),
    (ML, frozenset({"machine-learning", "deep-learning", "nlp", "statistics", "data-science"})),
    (DEVOPS, frozenset({"devops", "docker", "kubernetes", "linux", "shell"})),
)
_CHINESE_ON_TELEGRAM: Final = 0.78
_ENGLISH_ON_TELEGRAM: Final = 0.36


def room_for(rng: Random, kind: str, topics: tuple[str, ...], language: str) -> Room:
    """Where a conversation of this kind about these topics takes place."""
    if kind == "moderation":
        return STAFF
    on_telegram = rng.random() < (_CHINESE_ON_TELEGRAM if language == "zh" else _ENGLISH_ON_TELEGRAM)
    if kind == "post":
        return GENERAL if on_telegram and language == "zh" else SHOW
    for room, about in _TELEGRAM if on_telegram else _DISCORD:
        if topics[0] in about or (len(topics) > 1 and topics[1] in about):
            return room
    return GENERAL if on_telegram else ASK


def thread_of(parent: Room, number: int, title: str) -> Room:
    """A Discord thread under `parent`; the title is cut to 60 characters."""
    name = title.splitlines()[0]
    name = name if len(name) <= 60 else f"{name[:59].rstrip()}…"
    return Room(f"{parent.key}-thread-{number}", "discord", name, "", parent.name, parent.key)
