"""Members with histories in the made-up world, and what one list costs in bare linear algebra. Knows no recommender."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.world import DIMENSION, NOW, TOPICS, World
from recsys.types import Declared, Interaction, Query

_DAY = 86_400.0
_SIGNALS = {"course": ("enrol", "save", "complete"), "post": ("save", "reply", "react")}
_LINKS = 300
_HISTORY = 40
_INTERESTS = 3
_NEWEST = 20_000


def members(world: World, number: int, *, k: int = 10, seed: int = 6) -> Iterator[Query]:
    """Queries of members who did nothing (one in ten) up to 80 things, two of three with courses; one in three named
    topics. The same numbers give the same members."""
    random = np.random.default_rng(seed)
    pools = {kind: [world.of_topic(topic, kind=kind) for topic in range(TOPICS)] for kind in _SIGNALS}
    now = NOW.timestamp()
    for member in range(number):
        user = f"member:{member + 50_000}"
        acts = 0 if random.random() < 0.1 else min(80, int(random.geometric(0.05)))
        topics = random.integers(0, TOPICS, 3).tolist()
        history = []
        for step in range(acts):
            kind = "course" if step % 3 else "post"
            pool = pools[kind][topics[step % 3]]
            item = world.items[pool[int(random.integers(len(pool)))]].id
            history.append(Interaction(user, item, _SIGNALS[kind][(step // 3) % 3], now - (acts - step) * _DAY))
        named = tuple(f"topic{topic}" for topic in topics) if random.random() < 1 / 3 else ()
        declared = Declared(topics=named, languages=("en",))
        yield Query(user, now, k, tuple(history), declared, seed=member)


def bare(world: World, *, seed: int = 7) -> Callable[[int], object]:
    """What nobody can do without: the rows of an item-item model summed over a history of 40 and the ten best of them;
    three interests against all courses and the 20,000 newest discussions, and the ten best of both."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, world.courses, (world.courses, _LINKS))
    links = random.random((world.courses, _LINKS), dtype=np.float32)
    history = random.integers(0, world.courses, (64, _HISTORY))
    newest = np.argsort([-item.created_at for item in world.items[world.courses :]])[:_NEWEST] + world.courses
    looked = np.ascontiguousarray(world.vectors[np.concatenate([np.arange(world.courses), newest])])
    interests = np.ascontiguousarray(
        world.vectors[random.integers(0, len(world.vectors), 64 * _INTERESTS)].reshape(64, _INTERESTS, DIMENSION)
    )

    def work(number: int) -> object:
        rows = history[number % 64]
        sums = np.bincount(targets[rows].ravel(), links[rows].ravel(), world.courses)
        near = (looked @ interests[number % 64].T).max(axis=1)
        return [np.argpartition(scores, -10)[-10:] for scores in (sums, near[: world.courses], near[world.courses :])]

    return work
