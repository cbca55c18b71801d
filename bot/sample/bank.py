"""Reads the hand-written material: people, discussions, phrases. Knows its files; chooses and schedules nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

PEOPLE_FILE: Final = "people.jsonl"
PHRASES_FILE: Final = "phrases.json"
LINK: Final = re.compile(r"\[\[([a-z0-9-]+)\]\]")
"""How a text names a course of the catalogue."""
DISCUSSION_FILES: Final = ("discussions_en.jsonl", "discussions_zh.jsonl")


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer of a written thread. `who`: ``reply``, ``solution`` (the one that helped) or ``asker``."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A written discussion: how it opens and what is answered. `kind`: question, post, open or moderation."""

    bank: str
    kind: str
    language: str
    topics: tuple[str, ...]
    ask: str
    turns: tuple[Turn, ...]

    @property
    def solvable(self) -> bool:
        return any(turn.who == "solution" for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Planned:
    """An event of the calendar, relative to the day of generation."""

    id: str
    title: str
    summary: str
    days: int
    hour: int
    minutes: int
    tags: tuple[str, ...]
    language: str
    capacity: int
    host: str
    place: str


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _text(name).splitlines() if line.strip()]


@cache
def _phrases() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_text(PHRASES_FILE))
    return loaded


def people() -> list[dict[str, Any]]:
    """The invented members, one mapping each, in a fixed order."""
    return _rows(PEOPLE_FILE)


def discussions() -> list[dict[str, Any]]:
    """The bank as written: id, language, topics, kind and its threads."""
    return [row for name in DISCUSSION_FILES for row in _rows(name)]


def threads() -> list[Thread]:
    """Every written thread, each to be used at most once, plus the questions nobody has answered yet."""
    written = [
        Thread(
            bank=row["id"],
            kind=row["kind"],
            language=row["language"],
            topics=tuple(row["topics"]),
            ask=thread["ask"],
            turns=tuple(Turn(turn["who"], turn["text"]) for turn in thread["turns"]),
        )
        for row in discussions()
        for thread in row["threads"]
    ]
    unanswered = [
        Thread(f"open-{number}", "open", row["language"], tuple(row["topics"]), row["text"], ())
        for number, row in enumerate(_phrases()["open"])
    ]
    return written + unanswered


def linked() -> frozenset[str]:
    """The ids of the courses that the written discussions point to, as ``[[id]]``."""
    return frozenset(match for name in DISCUSSION_FILES for match in LINK.findall(_text(name)))


def phrases(language: str, name: str) -> list[str]:
    """Short sentences of one sort, such as ``thanks``, in ``en`` or ``zh``. Raises KeyError for an unknown sort."""
    return list(_phrases()[language][name])


def planned() -> list[Planned]:
    """The events of the calendar, future ones first."""
    return [Planned(**{**row, "tags": tuple(row["tags"])}) for row in _phrases()["events"]]


def topic_name(topic: str, language: str) -> str:
    """How a member writes a topic slug in a sentence."""
    return str(_phrases()["topic_names"][language].get(topic, topic))


def level_name(level: str, language: str) -> str:
    return str(_phrases()["level_names"][language][level])
