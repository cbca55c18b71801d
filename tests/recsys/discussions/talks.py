"""Made-up communities, and answers worked out the slow way. Shares no code with what it checks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recsys.discussions.messages import Log, in_order

HOUR = 3600.0


class Said(NamedTuple):
    time: float
    room: int
    topic: int
    member: int
    length: float = 10.0


def log_of(messages: Sequence[Said]) -> Log:
    columns = [np.asarray(column) for column in zip(*messages, strict=True)]
    times, rooms, topics, members, lengths = columns
    return in_order(
        times.astype(float), rooms.astype(int), topics.astype(int), members.astype(int), lengths.astype(float)
    )


def anything(count: int, seed: int, *, ties: bool = True) -> list[Said]:
    """Messages at random, in order of time, many of them at the same time."""
    rng = random.Random(seed)
    time, found = 1e9, []
    for _ in range(count):
        time += rng.choice([0, 0, 1, 2, 5, 30] if ties else [1, 2, 5, 30]) * HOUR
        topic = rng.randrange(12)
        found.append(Said(time, topic % 3, topic, rng.randrange(6), float(rng.randrange(50))))
    return found


def community(days: int, seed: int, *, members: int = 40, rooms: int = 6) -> list[Said]:
    """Each member has a room and friends that it follows there; newest alone is not enough to foresee them."""
    rng = random.Random(seed)
    home = [member % rooms for member in range(members)]
    found: list[Said] = []
    alive: list[tuple[int, int]] = []
    topics = 0
    for step in range(days * 60):
        time = 1e9 + step * 0.4 * HOUR + rng.random()
        member = rng.randrange(members)
        if step % 3 == 0 or not alive:
            room = home[member] if rng.random() < 0.8 else rng.randrange(rooms)
            alive.append((topics, room))
            found.append(Said(time, room, topics, member))
            topics += 1
            alive = alive[-25:]
            continue
        mine = [each for each in alive[-20:] if each[1] == home[member]] if rng.random() < 0.85 else alive
        topic, room = rng.choice(mine or alive)
        found.append(Said(time, room, topic, member))
    return found


def slow_cases(
    messages: Sequence[Said], since: float, alive: float
) -> list[tuple[int, float, list[int], int, bool, int]]:
    """(member, time, candidates, topic, reachable, topics before) straight from the definition of the protocol."""
    ordered = sorted(messages, key=lambda each: each.time)
    starter: dict[int, int] = {}
    for each in ordered:
        starter.setdefault(each.topic, each.member)
    found = []
    seen: set[tuple[int, int]] = set()
    for each in ordered:
        first = (each.topic, each.member) not in seen
        seen.add((each.topic, each.member))
        if not first or starter[each.topic] == each.member or each.time < since:
            continue
        before = [other for other in ordered if other.time < each.time]
        mine = {other.topic for other in before if other.member == each.member}
        open_now = {other.topic for other in before if other.time >= each.time - alive}
        candidates = sorted(open_now - mine)
        found.append((each.member, each.time, candidates, each.topic, each.topic in candidates, len(mine)))
    return found
