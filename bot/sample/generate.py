"""Generates the sample community as files in real export formats. Knows the order of the steps; draws no phrase itself.

Everything comes from `seed`, `now` and the catalogue, so the same arguments give the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from bot.sample import bank, exports, rooms, small_talk
from bot.sample.happenings import Happening, announce, happenings
from bot.sample.interests import Act, courses, interactions
from bot.sample.people import DAYS, Person, people
from bot.sample.rooms import Room, room_for, thread_of
from bot.sample.talk import Script, label, play

_THREADS: Final = 10
_STAGES: Final = 8


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """Where everything was written. `private` are the files of `discord` whose room is for moderators only."""

    folder: Path
    telegram: Path
    discord: tuple[Path, ...]
    private: tuple[Path, ...]
    interactions: Path
    events: Path
    members: Path


def generate(
    folder: Path,
    *,
    seed: int,
    now: datetime,
    catalogue: Sequence[Mapping[str, str]],
    progress: Callable[[int, int], None] | None = None,
) -> SampleFiles:
    """Write the community "Studyhall Sample (sample)" below `folder` and say where its parts are.

    `now` must be aware; nothing happens after it except events. `catalogue` rows need the columns of the bundled
    one. `progress` is told (done, total) after each stage. Raises ValueError for a naive `now`, KeyError for a
    catalogue row without a needed column, OSError when the folder cannot be written.
    """
    if now.tzinfo is None:
        raise ValueError(f"now must be an aware datetime, got {now!r}")
    done = iter(range(1, _STAGES + 1))

    def step() -> None:
        if progress is not None:
            progress(next(done), _STAGES)

    now = now.astimezone(UTC)
    members = people(Random(f"people {seed}"), now)
    known = courses(catalogue)
    step()
    acts = interactions(Random(f"interests {seed}"), members, known, now)
    step()
    calendar = happenings(members, now)
    script = Script(Random(f"talk {seed}"), members, known, now)
    threads = _talk(script, members, acts, calendar)
    said = sorted(script.said, key=lambda message: message.at)
    step()
    opened = now - timedelta(days=DAYS)
    founder = _founder(members, "telegram")
    telegram = exports.write_telegram(
        folder, [message for message in said if message.room.platform == "telegram"], members, founder, opened
    )
    step()
    discord = exports.write_discord(
        folder,
        [message for message in said if message.room.platform == "discord"],
        threads,
        members,
        known,
        opened,
        now,
    )
    step()
    interactions_file = _write_interactions(folder / "interactions.csv", acts, Random(f"accounts {seed}"))
    step()
    events = exports.write_json(folder / "events.json", [_event(happening) for happening in calendar])
    step()
    roster = exports.write_json(folder / "members.json", [_member(person) for person in members])
    step()
    return SampleFiles(
        folder=folder,
        telegram=telegram,
        discord=tuple(discord.values()),
        private=tuple(discord[room.key] for room in rooms.ROOMS if room.private),
        interactions=interactions_file,
        events=events,
        members=roster,
    )


def _founder(members: Sequence[Person], platform: str) -> Person:
    return next(person for person in members if person.moderator and person.on(platform))


def _talk(
    script: Script, members: Sequence[Person], acts: Sequence[Act], calendar: tuple[Happening, ...]
) -> list[Room]:
    """Fill the script; the Discord threads that were opened."""
    start = script.now - timedelta(days=DAYS - 3)
    hosts = {
        "telegram": _founder(members, "telegram"),
        "discord": _founder(members, "discord"),
        "en": next(person for person in members if person.moderator and person.language == "en"),
        "zh": next(person for person in members if person.moderator and person.language == "zh"),
    }
    label(script, hosts, script.now - timedelta(days=DAYS))
    small_talk.hellos(script)
    opened = _discussions(script, start)
    small_talk.partners(script, acts)
    small_talk.reviews(script, acts)
    small_talk.checkins(script, acts, hosts, start)
    announce(script, calendar)
    _poll(script, hosts["zh"])
    return opened


def _discussions(script: Script, start: datetime) -> list[Room]:
    """Every written thread once, in random order, denser towards today; the open questions in the last days."""
    written = bank.threads()
    script.rng.shuffle(written)
    span = script.limit - timedelta(hours=40) - start
    opened: list[Room] = []
    for thread in written:
        if thread.kind == "open":
            asked = script.limit - timedelta(hours=script.rng.uniform(21, 70))
        else:
            asked = start + span * script.rng.random() ** 0.8
        room = room_for(script.rng, thread.kind, thread.topics, thread.language)
        if room is rooms.ASK and len(opened) < _THREADS and len(thread.turns) >= 3:
            room = thread_of(room, len(opened), thread.ask)
            if play(script, thread, room, asked) is not None:
                opened.append(room)
        else:
            play(script, thread, room, asked)
    return opened


def _poll(script: Script, host: Person) -> None:
    """One poll, because real exports have them."""
    at = script.limit - timedelta(days=12)
    question = script.say(rooms.GENERAL, host, at, "下一期读书会读什么？Which book for the next reading group?")
    question.edited = None
    titles = ("ddia", "crafting-interpreters", "ostep", "fluent-python")
    voters = script.rng.sample(range(3, 15), len(titles))
    books = (script.linked(f"[[{title}]]", link=False) for title in titles)
    question.poll = tuple(zip(books, voters, strict=True))


def _write_interactions(path: Path, acts: Sequence[Act], rng: Random) -> Path:
    """Columns user,item,signal,value,at. Who has two accounts uses now one and now the other."""
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(("user", "item", "signal", "value", "at"))
    for act in acts:
        user = rng.choice(act.person.accounts)
        table.writerow((user, act.item, act.signal, f"{act.value:g}", act.at.astimezone(UTC).isoformat()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines.getvalue().encode())
    return path


def _event(happening: Happening) -> dict[str, Any]:
    planned = happening.planned
    return {
        "id": planned.id,
        "title": planned.title,
        "summary": planned.summary,
        "starts_at": happening.starts_at.isoformat(),
        "minutes": planned.minutes,
        "timezone": happening.host.timezone,
        "place": planned.place,
        "host": happening.host.accounts[0],
        "capacity": planned.capacity,
        "tags": list(planned.tags),
        "language": planned.language,
        "sample": True,
    }


def _member(person: Person) -> dict[str, Any]:
    return {
        "account": person.accounts[0],
        "accounts": list(person.accounts),
        "name": person.name,
        "language": person.language,
        "timezone": person.timezone,
        "topics": list(person.topics),
        "level": person.level,
        "weekly_hours": person.weekly_hours,
        "goal": person.goal,
        "active_hour": person.active_hour,
        "moderator": person.moderator,
        "joined": person.joined.isoformat(),
        "sample": True,
    }
