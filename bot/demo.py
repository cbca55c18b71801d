"""The sample community: generated files go through the same imports that a real community uses. Safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from adapters.files.courses import read_courses
from adapters.files.history import open_history
from adapters.files.interactions import read_interactions
from bot.app import Application
from bot.domain.consent import Consent, ConsentKind
from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import Guest, Standing
from bot.domain.incoming import RoomKind
from bot.domain.interactions import Signal
from bot.domain.items import Event
from bot.domain.people import Goal, Level, Member, Profile
from bot.domain.permissions import PUBLIC, Role
from bot.domain.refs import AccountRef
from bot.domain.schedules import Frequency, Job, Schedule
from bot.errors import ConfigError
from bot.sample import catalogue_path, load_catalogue
from bot.sample.generate import SampleFiles, generate
from bot.usecases.events.adopting import Attend
from bot.usecases.events.publishing import Hosting
from bot.usecases.imports import ImportCourses, ImportHistory, ImportInteractions
from bot.usecases.ingest import Ingest

SAMPLE_SEED: Final = 20
VERSION: Final = 1
ADOPT: Final = "web"
Tick = Callable[[int, int], None]
Progress = Callable[[str], AbstractContextManager[Tick]]
_GOALS: Final = {goal.value: goal for goal in Goal}


def prepare(app: Application, folder: Path, *, seed: int, progress: Progress) -> bool:
    """Fill an empty community with the sample; False when that was done before.

    Every step can be repeated, so one that was cut off is simply run again with the same files. Raises ConfigError
    where the community is not a sample.
    """
    if not app.community.sample:
        raise ConfigError(
            f"{app.settings.home} holds the community {app.community.name!r}, which is no sample. "
            "Choose another data folder for the demo: studyhall --home DIR demo"
        )
    done = folder / "prepared.json"
    if done.exists() and _read(done).get("version") == VERSION:
        return False
    begun = _begin(folder, seed, app.clock.now())
    with progress("sample community") as tick:
        files = generate(
            folder,
            seed=int(begun["seed"]),
            now=datetime.fromisoformat(str(begun["now"])),
            catalogue=load_catalogue(),
            progress=tick,
        )
    _people(app, _rows(files.members))
    with progress("courses") as tick:
        ImportCourses(app.store)(app.community.id, lambda: read_courses(catalogue_path()), progress=tick)
    _history(app, files, progress)
    with progress("interactions") as tick:
        ImportInteractions(app.store)(app.community.id, lambda: read_interactions(files.interactions), progress=tick)
    _events(app, _rows(files.events))
    _guest_lists(app)
    _rooms(app)
    with progress("embed") as tick:
        app.embed.first(app.community.id, progress=tick)
    with progress("train") as tick:
        app.train(app.community, progress=tick)
    _write(done, {"version": VERSION, **begun})
    return True


def _begin(folder: Path, seed: int, now: datetime) -> dict[str, Any]:
    """What the files are made from is written down first, so that a second try makes the very same ones."""
    begun = folder / "begun.json"
    if begun.exists():
        return _read(begun)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {"seed": seed, "now": now.isoformat()}
    _write(begun, chosen)
    return chosen


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def _rows(path: Path) -> list[dict[str, Any]]:
    found = json.loads(path.read_text("utf-8"))
    return found if isinstance(found, list) else []


def _people(app: Application, rows: list[dict[str, Any]]) -> None:
    """The sample's members are nobody, so all their switches are on and the community has something to show."""
    with app.store.write() as uow:
        for row in rows:
            accounts = [AccountRef.parse(key) for key in row["accounts"]]
            if uow.members.by_account(app.community.id, accounts[0]) is not None:
                continue
            uow.members.create(
                Member(
                    id=0,
                    community_id=app.community.id,
                    name=row["name"],
                    language=row["language"],
                    timezone=row["timezone"],
                    role=Role.MODERATOR if row["moderator"] else Role.MEMBER,
                    profile=Profile(
                        topics=tuple(row["topics"]),
                        level=Level(row["level"]) if row["level"] else None,
                        goal=_GOALS.get(row["goal"]),
                        weekly_hours=row["weekly_hours"],
                    ),
                    consent=Consent(frozenset(ConsentKind)),
                    joined_at=datetime.fromisoformat(row["joined"]),
                    onboarded_at=datetime.fromisoformat(row["joined"]),
                    sample=True,
                ),
                accounts,
            )
        uow.commit()


def _history(app: Application, files: SampleFiles, progress: Progress) -> None:
    """Both exports continue in the web community; the moderators' room stays theirs."""
    run = ImportHistory(app.store, Ingest(app.store))
    for title, path, private in (
        ("Telegram history", files.telegram, False),
        *(("Discord history", path, path in files.private) for path in files.discord),
    ):

        def read(path: Path = path, *, private: bool = private) -> Iterator[Any]:
            return open_history(path, adopt=ADOPT, private=private)

        with progress(title) as tick:
            run(app.community.id, read, progress=tick)


def _events(app: Application, rows: list[dict[str, Any]]) -> None:
    with app.store.write() as uow:
        for row in rows:
            host = uow.members.by_account(app.community.id, AccountRef.parse(row["host"]))
            uow.events.upsert(
                app.community.id,
                Event(
                    id=row["id"],
                    title=row["title"],
                    summary=row["summary"],
                    starts_at=datetime.fromisoformat(row["starts_at"]),
                    minutes=row["minutes"],
                    timezone=row["timezone"],
                    place=row["place"],
                    host_id=host.id if host else None,
                    host_name=host.name if host else "",
                    capacity=row["capacity"] or 0,
                    tags=tuple(row["tags"]),
                    language=row["language"],
                ),
            )
        uow.commit()


def _guest_lists(app: Application) -> None:
    """Events get their guest lists, with those who said before that they come; the next one has its card in a room."""
    now, community = app.clock.now(), app.community
    attend = Attend(app.clock, app.ids)
    with app.store.write() as uow:
        said: dict[str, list[int]] = {}
        for interaction in uow.interactions.explicit(community.id, frozenset({Signal.ATTEND.value})):
            said.setdefault(interaction.item, []).append(interaction.member_id)
        ahead: list[HostedEvent] = []
        for known in uow.events.all(community.id):
            event = attend.hosted(uow, community, known.id)
            if event is None or event.state is not EventState.PUBLISHED:
                continue
            ahead.append(event)
            coming = list(dict.fromkeys(said.get(event.item, ())))[: event.capacity or None]
            uow.guests.put(
                community.id, event.number, [Guest(who, Standing.GOING, now, platform="web") for who in coming]
            )
        rooms = [r for r in uow.rooms.all(community.id) if r.audience == PUBLIC and r.kind is RoomKind.CHANNEL]
        if ahead and rooms:
            Hosting(uow, community, now, "sample").change(ahead[0], ahead[0].changed(rooms=(rooms[0].id,)))
        uow.commit()


def _rooms(app: Application) -> None:
    """Moderators enter their room, and one public room gets the weekly suggestion."""
    settings = app.settings
    with app.store.write() as uow:
        rooms = uow.rooms.all(app.community.id)
        staff = [m for m in uow.members.all(app.community.id) if m.role is not Role.MEMBER]
        for room in rooms:
            if room.audience != PUBLIC and room.kind is not RoomKind.DIRECT:
                for member in staff:
                    uow.rooms.join(room.id, member.id, app.clock.now())
        public = [room for room in rooms if room.audience == PUBLIC and room.kind is RoomKind.CHANNEL]
        if public:
            uow.schedules.put(
                app.community.id,
                Schedule(
                    Job.SUGGEST,
                    f"room:{public[0].id}",
                    app.community.timezone,
                    Frequency.WEEKLY,
                    settings.suggest_weekday,
                    time(settings.suggest_hour),
                ),
            )
        uow.commit()
