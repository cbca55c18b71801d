"""A made-up crowd that talks at a steady pace, and the talk between a generator and the benchmark. Knows no platform.

A generator says its settings as one line of JSON, waits for a line, offers, and says what became of it as another line;
then it stays until its input ends, so that the program is never alone.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

from benchmarks.report import percentile
from benchmarks.talk import sentences

PEOPLE: Final = 200
ROOMS: Final = 12
STEP: Final = 0.01
Kind = Literal["opens", "answers", "reacts"]


@dataclass(frozen=True)
class Act:
    """`to`: the number of the opening that is answered or liked."""

    kind: Kind
    person: int
    room: int
    text: str = ""
    to: int = -1


def crowd(number: int, *, seed: int = 1) -> Iterator[Act]:
    """22 % open a discussion, 68 % answer one of the last 40, 10 % react to one; as in `benchmarks.talk.feed`."""
    random, said = Random(seed), sentences()
    opened: list[tuple[int, int]] = []
    for at in range(number):
        person, kind = random.randrange(PEOPLE), random.random()
        if kind < 0.22 or not opened:
            room = random.randrange(ROOMS)
            opened = [*opened[-39:], (at, room)]
            yield Act("opens", person, room, f"{random.choice(said)} ({at})")
            continue
        to, room = random.choice(opened)
        if kind < 0.90:
            yield Act("answers", person, room, random.choice(said), to)
        else:
            yield Act("reacts", person, room, "", to)


def paced(acts: Iterator[Act], rate: float, do: Callable[[int, Act], object]) -> float:
    """Each act at its time, never before; returns how many seconds that took."""
    began = time.monotonic()
    for number, act in enumerate(acts):
        due = began + number / rate
        while (wait := due - time.monotonic()) > 0:
            time.sleep(max(wait, STEP))
        do(number, act)
    return time.monotonic() - began


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def wait_for_a_word() -> bool:
    """False: nobody will say one any more."""
    return bool(sys.stdin.readline())


def lags(seconds: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    if not seconds:
        return {}
    return {f"p{share}": percentile(seconds, share / 100) * 1000 for share in (50, 95, 99)} | {
        "max": max(seconds) * 1000
    }
