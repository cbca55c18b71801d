"""Discord, as a process of its own: a gateway and REST server over real sockets, and a crowd that talks in a server.

Discord is never told that an event is durable, so this process looks: every few milliseconds it reads which rows the
program's inbox has got, as any other reader of the database may. What it sees is late by its own look at most.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.offering.crowd import PEOPLE, ROOMS, Act, crowd, lags, tell
from tests.adapters.discord.sockets import CHANNEL, GUILD, SmallDiscord, small_discord

_LOOK: Final = 0.005
_FIRST: Final = 1_300_000_000_000_000_000
"""Ids of messages begin here: those of Discord grow with time."""


class Server(SmallDiscord):
    """With as many channels as the crowd has rooms."""

    def guild(self) -> dict[str, Any]:
        guild = super().guild()
        (channel,) = guild["channels"]
        guild["channels"] = [
            {**channel, "id": str(int(CHANNEL) + n), "name": f"hall-{n}", "position": n} for n in range(ROOMS)
        ]
        return guild


class Durable:
    """When each row came up in the inbox. Looks in a thread of its own, at rows that it has not seen."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.at: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(5)

    def _look(self) -> None:
        last = 0
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)) as connection:
            while not self._over.wait(_LOOK):
                rows = connection.execute(
                    "SELECT id, native_id FROM inbox WHERE id > ? ORDER BY id", (last,)
                ).fetchall()
                now = time.monotonic()
                for number, native in rows:
                    self.at[native] = now
                    last = number


def message(number: int, act: Act, at: str) -> dict[str, Any]:
    channel = str(int(CHANNEL) + act.room)
    said = {
        "id": str(_FIRST + number),
        "channel_id": channel,
        "guild_id": GUILD,
        "author": person(act.person),
        "member": {"roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0},
        "content": act.text,
        "timestamp": at,
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        "components": [],
    }
    if act.kind == "answers":
        to = {"type": 0, "channel_id": channel, "message_id": str(_FIRST + act.to), "guild_id": GUILD}
        said |= {"type": 19, "message_reference": to}
    return said


def person(number: int) -> dict[str, Any]:
    name = f"learner-{number % PEOPLE}"
    return {"id": str(5000 + number), "username": name, "discriminator": "0", "global_name": name, "avatar": None}


async def main(rate: float, seconds: float, patience: float) -> None:
    async with small_discord(Server()) as there:
        settings = {
            "DISCORD_TOKEN": "token",
            "DISCORD_INTENTS": "content",
            "DISCORD_REST_URL": there.rest,
            "DISCORD_GATEWAY_URL": there.gateway,
        }
        tell(settings={f"STUDYHALL_{name}": value for name, value in settings.items()})
        await asyncio.to_thread(sys.stdin.readline)
        while not there.identified:
            await asyncio.sleep(0.01)
        await asyncio.sleep(1.0)  # the server is known, the commands are told
        durable = Durable(Path(os.environ["BENCH_DATABASE"]))
        durable.start()
        total, cpu = int(rate * seconds), time.process_time()
        sent: list[float] = []
        counts = {"opens": 0, "answers": 0, "reacts": 0}
        liked: set[tuple[int, int]] = set()
        began = time.monotonic()
        for number, act in enumerate(crowd(total)):
            due = began + number / rate
            while (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(max(wait, 0.005))
            counts[act.kind] += 1
            at = datetime.now(UTC).isoformat()
            sent.append(time.monotonic())
            if act.kind == "reacts":
                pair = (act.to, act.person)
                gone = pair in liked
                liked ^= {pair}
                where = {"channel_id": str(int(CHANNEL) + act.room), "guild_id": GUILD}
                reaction = {"user_id": str(5000 + act.person), "message_id": str(_FIRST + act.to), "type": 0}
                emoji = {"emoji": {"id": None, "name": "👍"}, "burst": False}
                kind = "MESSAGE_REACTION_REMOVE" if gone else "MESSAGE_REACTION_ADD"
                await there.say(kind, {**where, **reaction, **emoji})
            else:
                await there.say("MESSAGE_CREATE", message(number, act, at))
        ended = time.monotonic()
        while len(durable.at) < total and time.monotonic() - ended < patience:
            await asyncio.sleep(0.01)
        confirmed_after = time.monotonic() - ended
        durable.stop()
        late = [durable.at[f"m{_FIRST + n}"] - at for n, at in enumerate(sent) if f"m{_FIRST + n}" in durable.at]
        tell(
            offered=total,
            took=ended - began,
            confirmed=len(durable.at),
            confirmed_after=confirmed_after,
            lag=lags(late),
            messages=counts["opens"] + counts["answers"],
            cpu=time.process_time() - cpu,
        )
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--patience", type=float, default=120.0)
    asyncio.run(main(**vars(parser.parse_args())))
