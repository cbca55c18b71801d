"""Notices that a part is dead or late, says so and restarts it. Knows signs of life; knows nothing of the parts.

It trusts nothing that a part says of itself ("running"), only when it last did something, by a clock that never jumps.
`health` reckons at the moment of asking, so it cannot stay green after the watchdog itself has died.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

log = logging.getLogger(__name__)


def _no_problem() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Watched:
    """A part. `age`: seconds since its last sign of life, at most `limit`; `problem`: what else is wrong, or nothing.

    `restart` is called in the event loop; None: the part can only be reported.
    """

    name: str
    age: Callable[[], float]
    limit: float
    restart: Callable[[], None] | None = None
    problem: Callable[[], str] = _no_problem


@dataclass(frozen=True, slots=True)
class Health:
    ok: bool
    age: float
    restarts: int = 0
    note: str = ""


class Watchdog:
    """`run` it as a task of the event loop. `every` seconds it looks; a part gets `limit` seconds after a restart."""

    def __init__(self, parts: Iterable[Watched], *, monotonic: Callable[[], float], every: float = 1.0) -> None:
        self._parts = list(parts)
        if len({part.name for part in self._parts}) < len(self._parts):
            raise ValueError("two parts have the same name")
        self._monotonic = monotonic
        self._every = every
        self._restarts: dict[str, int] = {}
        self._restarted_at: dict[str, float] = {}
        self._seen_at: float | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._seen_at = self._monotonic()
            self._look()
            await asyncio.sleep(self._every)

    def health(self) -> Mapping[str, Health]:
        """Every part, and ``watchdog``. From any thread."""
        found = {part.name: self._judge(part) for part in self._parts}
        age = self._monotonic() - self._seen_at if self._seen_at is not None else float("inf")
        watching = age <= max(5 * self._every, 0.2)
        found["watchdog"] = Health(watching, age, note="" if watching else "nobody is watching")
        return found

    def green(self) -> bool:
        return all(part.ok for part in self.health().values())

    def _judge(self, part: Watched) -> Health:
        age, restarts = part.age(), self._restarts.get(part.name, 0)
        if age > part.limit:
            return Health(ok=False, age=age, restarts=restarts, note=f"no sign of life for {age:.1f} s")
        problem = part.problem()
        return Health(ok=not problem, age=age, restarts=restarts, note=problem)

    def _look(self) -> None:
        called: list[Callable[[], None]] = []
        for part in self._parts:
            try:
                self._check(part, called)
            except Exception:  # whatever it is, the other parts still have to be looked after
                log.exception("%s could not be looked after", part.name)

    def _check(self, part: Watched, called: list[Callable[[], None]]) -> None:
        """`called`: two parts may share one restart (all tasks hang on one scheduler), it is called once in a look."""
        age = part.age()
        waited = self._monotonic() - self._restarted_at.get(part.name, float("-inf"))
        if age <= part.limit or part.restart is None or waited <= part.limit:
            return
        log.error("%s has given no sign of life for %.1f s: restarting it", part.name, age)
        self._restarted_at[part.name] = self._monotonic()
        self._restarts[part.name] = self._restarts.get(part.name, 0) + 1
        if part.restart not in called:
            called.append(part.restart)
            part.restart()
