"""Many lists at once: the same as one by one, in order, in bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from recsys.batch import answered
from recsys.types import Declared, Query
from tests.recsys.worlds import NOW, TOPICS, World, did


def queries(number: int) -> list[Query]:
    return [
        Query(
            f"member:{n}",
            NOW,
            k=5,
            history=tuple(did(f"member:{n}", f"course:{(n + step) % 40}", "enrol", 9 - step) for step in range(n % 4)),
            declared=Declared(topics=(TOPICS[n % 4],) if n % 3 else ()),
            seed=n,
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_batch_is_the_lists_one_by_one_in_order(workers: int) -> None:
    world = World()
    recommender = world.recommender(world.model())
    asked = queries(40)
    assert list(recommender.batch(asked, workers=workers)) == [recommender.recommend(query) for query in asked]
    assert list(recommender.batch([], workers=workers)) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_is_asked_than_is_wanted_soon_and_the_rest_can_go_on_later(workers: int) -> None:
    taken = 0

    def numbers() -> Iterator[int]:
        nonlocal taken
        for number in range(10_000):
            taken += 1
            yield number

    rest = numbers()
    first = answered(lambda number: number * 2, rest, workers=workers)
    assert list(islice(first, 100)) == [number * 2 for number in range(100)]
    assert taken <= 100 + 8 * workers
    del first
    begun = next(rest)
    assert begun == taken - 1


def test_a_failure_comes_in_its_place_and_no_thread_stays() -> None:
    def answer(number: int) -> int:
        if number == 5:
            raise LookupError("five")
        return number

    answers = answered(answer, range(100), workers=2)
    assert list(islice(answers, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(LookupError, match="five"):
        next(answers)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batch")]
    with pytest.raises(ValueError, match="at least one worker"):
        answered(answer, [1], workers=0)
