"""Who is in the sample community, since when, and under which accounts. Knows people; knows no message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from bot.sample import bank

DAYS: Final = 270
"""How long the sample community has existed: about nine months."""
LEVELS: Final = ("beginner", "intermediate", "advanced")
_TELEGRAM_BASE: Final = 990_000_000_100  # far above the ids that Telegram has given out
_DISCORD_BASE: Final = 100_000_000_000_000_100
_FOUNDERS: Final = 20  # the first rows of people.jsonl are there from the start


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member. `telegram` and `discord` are account numbers, None where there is no account."""

    number: int
    name: str
    language: str
    timezone: str
    city: str
    topics: tuple[str, ...]
    level: str
    weekly_hours: int
    goal: str
    active_hour: int
    moderator: bool
    also_english: bool
    telegram: int | None
    discord: int | None
    joined: datetime

    @property
    def accounts(self) -> tuple[str, ...]:
        """Account keys, ``telegram:<id>`` before ``discord:<id>``."""
        pairs = (("telegram", self.telegram), ("discord", self.discord))
        return tuple(f"{platform}:{native}" for platform, native in pairs if native is not None)

    @property
    def rank(self) -> int:
        return LEVELS.index(self.level)

    def on(self, platform: str) -> bool:
        return (self.telegram if platform == "telegram" else self.discord) is not None

    def speaks(self, language: str) -> bool:
        return self.language == language or (language == "en" and self.also_english)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.timezone))


def people(rng: Random, now: datetime) -> tuple[Person, ...]:
    """All members in a fixed order; later rows join later."""
    start = now - timedelta(days=DAYS)
    members = []
    for number, row in enumerate(bank.people()):
        day = rng.uniform(0.1, 2) if number < _FOUNDERS else rng.triangular(3, DAYS - 25, 60)
        day = 0 if row["moderator"] else day
        members.append(
            Person(
                number=number,
                name=row["name"],
                language=row["language"],
                timezone=row["timezone"],
                city=row["city"],
                topics=tuple(row["topics"]),
                level=row["level"],
                weekly_hours=row["weekly_hours"],
                goal=row["goal"],
                active_hour=row["active_hour"],
                moderator=row["moderator"],
                also_english=row["also_english"],
                telegram=_TELEGRAM_BASE + number if row["telegram"] else None,
                discord=_DISCORD_BASE + number if row["discord"] else None,
                joined=(start + timedelta(days=day)).replace(microsecond=0),
            )
        )
    return tuple(members)
