"""Telegram, fuzzed: its updates, and the strict test server as the judge of what we send."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from adapters.telegram import envelope
from adapters.telegram.adapter import as_text_message
from adapters.telegram.envelope import Me
from adapters.telegram.inbound import Reading, parse
from adapters.telegram.render import Part, render, render_one
from benchmarks.fuzzing.subject import Subject
from bot.domain.outgoing import Outgoing
from tests.adapters.paths import FIXTURES
from tests.telegram_server import Rates
from tests.telegram_server.calls import Call
from tests.telegram_server.errors import ApiError
from tests.telegram_server.methods import METHODS
from tests.telegram_server.model import World
from tests.telegram_server.scenario import everything
from tests.telegram_server.updates import KINDS

_ME: Final = Me("7000001", "studyhall_bot")
_AT: Final = datetime(2026, 3, 1, 10, tzinfo=UTC)
_READING: Final = Reading(open_chats=frozenset({"-1001500000001"}), known=frozenset({"ask", "start", "learn"}))


def subject() -> Subject:
    world = _world()
    reader = world.person("Reader")
    reader.sends(None, "/start")
    return Subject(
        "telegram",
        shapes,
        lambda update: envelope.dumps(update, _ME, _AT),
        lambda raw: parse(raw, _READING),
        lambda message: _judged(world, reader.id, message),
    )


def _world() -> World:
    return World(lambda: 1_772_359_200.0, Rates(time.monotonic, chat=0, group=0, total=0))


def shapes() -> list[Any]:
    """Those recorded, and those of a scenario in which everything happens that the server knows."""
    files = sorted((FIXTURES / "telegram_updates").glob("*.json"))
    recorded = [json.loads(file.read_text("utf-8")) for file in files]
    world = _world()
    world.updates.allow(sorted(KINDS))
    everything(world)
    return [*recorded, *world.updates.waiting]


def _judged(world: World, chat: int, message: Outgoing) -> Iterator[str]:
    for part in (*render(message).parts, *render_one(message).parts):
        yield _problem(world, chat, part)


def _problem(world: World, chat: int, part: Part) -> str:
    """Given to the server's own method, as the client would send it."""
    values: dict[str, Any] = {"chat_id": chat, **as_text_message(part)}
    method = "sendmessage"
    if part.file is not None:
        values |= {"caption": part.html, "document": "attach://file"}
        method = "senddocument"
    try:
        METHODS[method](world, Call(json.loads(json.dumps(values)), {"file": ("x.png", b"x")}))
    except ApiError as error:
        return error.description
    world.people[chat].private.messages.clear()
    return ""
