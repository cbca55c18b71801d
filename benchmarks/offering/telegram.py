"""Telegram, as a process of its own: the strict test server, and a crowd in groups in which the bot is administrator.

What is accepted is stored: the program confirms an update by asking for the ones after it, and does so only when it is
durable. So the time from "somebody sent it" to "it is confirmed" is the time until it is safe, seen from outside.
"""

from __future__ import annotations

import argparse
import threading
import time
from typing import Any

from benchmarks.offering.crowd import PEOPLE, ROOMS, Act, crowd, lags, paced, tell, wait_for_a_word
from tests.telegram_server import Sent, TelegramServer
from tests.telegram_server.updates import Updates


class Timed(Updates):
    """Remembers when each update came up and when it was confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.began: dict[int, float] = {}
        self.lag: list[float] = []

    def add(self, kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
        update = super().add(kind, content)
        if update is not None:
            self.began[update["update_id"]] = time.monotonic()
        return update

    def begin(self, offset: int, allowed: object) -> int:
        known = len(self.confirmed)
        turn = super().begin(offset, allowed)
        now = time.monotonic()
        self.lag += [now - self.began.pop(number) for number in self.confirmed[known:] if number in self.began]
        return turn


class Asker(threading.Thread):
    """Somebody who asks something in private, waits for the answer, and asks again a moment later."""

    PATIENCE = 60.0

    def __init__(self, server: TelegramServer) -> None:
        super().__init__(daemon=True)
        self.person = server.world.person("Asker")
        self.asked, self.waits, self.over = 0, list[float](), threading.Event()

    def run(self) -> None:
        while not self.over.wait(1.5):
            seen, began = len(self.person.inbox), time.monotonic()
            self.asked += 1
            self.person.sends(None, "/help")
            while len(self.person.inbox) == seen and time.monotonic() - began < self.PATIENCE:
                time.sleep(0.02)
            if len(self.person.inbox) > seen:
                self.waits.append(time.monotonic() - began)


def main(rate: float, seconds: float, patience: float) -> None:
    with TelegramServer() as server:
        world = server.world
        world.updates = updates = Timed()
        groups = [world.group(f"Hall {n}", username=f"hall{n}", bot="administrator") for n in range(ROOMS)]
        people = [world.person(f"Learner {n}") for n in range(PEOPLE)]
        for group in groups:
            group.members |= dict.fromkeys((person.id for person in people), "member")
        settings = {"TELEGRAM_TOKEN": server.token, "TELEGRAM_BASE_URL": server.base_url}
        tell(settings={f"STUDYHALL_{name}": value for name, value in settings.items()})
        wait_for_a_word()
        server.until(lambda: server.calls("getUpdates"), 60)
        opened: dict[int, Sent] = {}
        counts = {"opens": 0, "answers": 0, "reacts": 0}

        def do(number: int, act: Act) -> None:
            person, group = people[act.person], groups[act.room]
            counts[act.kind] += 1
            match act.kind:
                case "opens":
                    opened[number] = person.sends(group, act.text)
                case "answers":
                    person.sends(group, act.text, reply_to=opened[act.to])
                case "reacts":
                    # Each press changes something: the platform tells nothing of one that does not.
                    sent = opened[act.to]
                    person.reacts(sent, *(() if sent.reactions.get(person.id) else ("👍",)))
            server.api.calls.clear()

        cpu, asker = time.process_time(), Asker(server)
        asker.start()
        took = paced(crowd(int(rate * seconds)), rate, do)
        asker.over.set()
        asker.join()
        ended, total = time.monotonic(), int(rate * seconds) + asker.asked
        while len(updates.lag) < total and time.monotonic() - ended < patience:
            time.sleep(0.01)
        tell(
            offered=total,
            took=took,
            confirmed=len(updates.lag),
            confirmed_after=time.monotonic() - ended,
            lag=lags(updates.lag),
            messages=counts["opens"] + counts["answers"] + asker.asked,
            answered=lags(asker.waits) | {"asked": asker.asked, "not": asker.asked - len(asker.waits)},
            cpu=time.process_time() - cpu,
        )
        wait_for_a_word()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--patience", type=float, default=120.0)
    main(**vars(parser.parse_args()))
