"""Looks everything over and says what to do: for `studyhall doctor`. Changes nothing."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from adapters.discord.live import ask_live as ask_discord
from adapters.telegram.client import Access
from adapters.telegram.lookover import ask_live as ask_telegram
from bot.domain.setup import Check, CheckName
from bot.errors import BotError, StoreUnavailable
from bot.settings import Settings
from bot.surroundings import Paths, SystemClock
from bot.usecases.setup_state import LOOK_BACK
from bot.usecases.setup_views import problem_line, thread_findings
from bot.wording import Wording
from recsys.encoders import EncoderProcess, EncoderUnavailable
from recsys.index import IndexDamaged, IndexSet
from recsys.modelfile import load as load_model
from recsys.types import Encoder
from recsys.versions import Versions
from storage import SqlStore, open_store

MIN_FREE: Final = 500 * 1024 * 1024
_BUILT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found, and what to do where it is not well."""

    check: str
    ok: bool
    found: str
    todo: str = ""


def examine(settings: Settings) -> list[Finding]:
    """All checks, in the order in which they should be mended."""
    findings = [_folder(settings.home), _disk(settings.home), _clock(SystemClock().now())]
    findings += _settings(settings)
    store: SqlStore | None = None
    encoder = EncoderProcess(settings.encoder)
    try:
        try:
            store = open_store(settings.url)
            findings.append(Finding("migrations", ok=True, found="at the newest revision"))
        except StoreUnavailable as error:
            findings.append(_unusable(error))
        except BotError as error:
            findings.append(Finding("migrations", ok=False, found=str(error), todo="Run `studyhall upgrade`."))
        loaded = _encoder(encoder)
        findings.append(loaded)
        if store is not None:
            try:
                findings += _database(store)
                findings += _kept(store, SystemClock().now())
                if loaded.ok:
                    findings += _index(settings, store, encoder)
            except StoreUnavailable as error:
                findings.append(_unusable(error))
    finally:
        encoder.close()
        if store is not None:
            store.close()
    return findings


def _unusable(error: StoreUnavailable) -> Finding:
    """The error's own text says what to do; what is in the store cannot be looked at before."""
    todo = "Mend this first, then run `studyhall doctor` again: nothing stored can be checked until then."
    return Finding("database", ok=False, found=str(error), todo=todo)


def _folder(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            mode = home.stat().st_mode & 0o077
    except OSError as error:
        return Finding(
            "data folder",
            ok=False,
            found=f"{home}: {error.strerror}",
            todo="Make it writable, or choose another --home.",
        )
    found = f"{home} is writable" + (", and others may look into it" if mode else "")
    todo = f"Messages and vectors are in there: chmod 700 {home}" if mode else ""
    return Finding("data folder", ok=True, found=found, todo=todo)


def _disk(home: Path) -> Finding:
    there = next(folder for folder in (home.absolute(), *home.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    todo = "" if free >= MIN_FREE else "Make room: below this, ingest may have to stop."
    return Finding("disk", ok=free >= MIN_FREE, found=f"{free / 2**30:.1f} GiB free", todo=todo)


def _clock(now: datetime) -> Finding:
    ok = now >= _BUILT
    return Finding("clock", ok=ok, found=now.isoformat(timespec="seconds"), todo="" if ok else "Set the clock (NTP).")


def _settings(settings: Settings) -> Iterator[Finding]:
    guarded = settings.access_token is not None
    ok = settings.host in _LOOPBACK or guarded
    yield Finding(
        "web",
        ok=ok,
        found=f"{settings.host}:{settings.port}" + (", with an access token" if guarded else ""),
        todo="" if ok else "Set STUDYHALL_ACCESS_TOKEN before listening beyond loopback.",
    )
    for name, token in (("telegram", settings.telegram_token), ("discord", settings.discord_token)):
        if token is None:
            yield Finding(name, ok=True, found="not in use (no token)")
    for check in asyncio.run(_live(settings, SystemClock().now())):
        yield _said(check, "live")


async def _live(settings: Settings, at: datetime) -> list[Check]:
    """Both platforms at once, each within a few seconds; what they are asked changes nothing there."""
    asked: list[Awaitable[Sequence[Check]]] = []
    if settings.telegram_token is not None:
        token = settings.telegram_token.get_secret_value()
        access = Access(token, settings.telegram_base_url, settings.telegram_file_url)

        async def telegram() -> Sequence[Check]:
            return [await ask_telegram(access, at)]

        asked.append(telegram())
    if settings.discord_token is not None:
        token = settings.discord_token.get_secret_value()
        asked.append(ask_discord(token, at, rest_url=settings.discord_rest_url))
    return [check for checks in await asyncio.gather(*asked) for check in checks]


def _said(check: Check, when: str) -> Finding:
    """In the words of the checklist."""
    say, name = Wording("en").say, check.name.value
    told = {"subject": check.title or check.subject, "detail": check.detail}
    state = "good" if check.ok else "bad"
    found = f"{say(f'setup-{name}-{state}', **told)} ({when})"
    # An intent that is not asked for is a choice; the bot works without.
    optional = check.name in (CheckName.CONTENT, CheckName.MEMBERS)
    todo = "" if check.ok else say(f"setup-{name}-todo", **told).removeprefix("→ ")
    return Finding(check.platform, ok=check.ok or optional, found=found, todo=todo)


def _kept(store: SqlStore, now: datetime) -> Iterator[Finding]:
    """What the platforms told the running program last, and what they refused."""
    with store.read() as uow:
        for community in uow.communities.all()[:1]:
            known = uow.checks.all(community.id)
            by_room = (CheckName.ROOM, CheckName.THREADS)
            checks = [
                check for check in known if check.name not in by_room or (check.name is CheckName.ROOM and not check.ok)
            ]
            problems = uow.outbox.problems(community.id, since=now - LOOK_BACK)
            for check in checks:
                minutes = max(int((now - check.at).total_seconds() // 60), 0)
                yield _said(check, f"{minutes} min ago")
            for platform, found, todo in thread_findings(Wording("en"), known):
                yield Finding(platform, ok=True, found=found, todo=todo.removeprefix("→ "))
            for problem in problems:
                line = problem_line(Wording("en"), problem)
                yield Finding("delivery", ok=True, found=line.removeprefix("❌ To do: "))


def _encoder(encoder: EncoderProcess) -> Finding:
    try:
        encoder.start()
        vector = encoder.encode(["hello"])[0]
    except (EncoderUnavailable, ValueError, OSError) as error:
        return Finding(
            "encoder", ok=False, found=str(error), todo="Set STUDYHALL_ENCODER to a model that is installed."
        )
    return Finding(
        "encoder", ok=bool(vector.any()), found=f"{encoder.name}, {encoder.dimension} dimensions, weights checked"
    )


def _database(store: SqlStore) -> list[Finding]:
    from storage.checks import database_checks

    return [Finding(check.name, ok=check.ok, found=check.found, todo=check.todo) for check in database_checks(store)]


def _index(settings: Settings, store: SqlStore, encoder: Encoder) -> Iterator[Finding]:
    with store.read() as uow:
        communities = uow.communities.all()
        if not communities:
            yield Finding("community", ok=True, found="none yet", todo="Run `studyhall run` or `studyhall demo`.")
            return
        community = communities[0]
        pending = uow.items.pending_count(community.id, encoder.name)
        counts = uow.stats(community.id)
    yield Finding("community", ok=True, found=f"{community.name}: {counts['members']} members, {counts['items']} items")
    todo = "" if not pending else "Run `studyhall embed`, or leave it to the running bot."
    yield Finding("embeddings", ok=True, found=f"{counts['vectors']} vectors, {pending} texts waiting", todo=todo)
    paths = Paths(settings.home)
    yield _snapshot(lambda: IndexSet.load(paths.index, encoder=encoder.name, dimension=encoder.dimension), counts)
    yield _model(paths.models)


def _model(folder: Path) -> Finding:
    versions = Versions(folder)
    current, found = versions.current(), versions.load(load_model)
    if current is None:
        return Finding("model", ok=True, found="none yet", todo="Run `studyhall train` once there are enrolments.")
    if found is None:
        todo = "Run `studyhall train`; until then suggestions rest on content and popularity."
        return Finding("model", ok=False, found=f"version {current} is damaged", todo=todo)
    version, model = found
    if version.name != current:
        todo = "Run `studyhall train`; until then the one before it answers."
        return Finding("model", ok=False, found=f"version {current} is damaged", todo=todo)
    newest = versions.all(check=False)[0]
    said = f"version {model.version}, {model.user_count} users"
    if newest.state != "published":
        todo = f"See `studyhall models`; `studyhall models use {newest.name}` publishes it all the same."
        return Finding("model", ok=True, found=f"{said}; the newest was {newest.state}: {newest.reason}", todo=todo)
    return Finding("model", ok=True, found=said + (f"; {version.reason}" if version.reason else ""))


def _snapshot(load: Callable[[], IndexSet], counts: dict[str, int]) -> Finding:
    try:
        index = load()
    except IndexDamaged as damage:
        return Finding("index", ok=True, found=str(damage), todo="It is rebuilt from the store at the next start.")
    late = counts["vectors"] - len(index)
    note = f"{len(index)} vectors in the snapshot" + (f", {late:+d} since" if late else "")
    return Finding("index", ok=True, found=note)
