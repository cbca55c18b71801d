"""Processes copied from one that has everything opened: one start for all, and none outlives whoever asks."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import wait

import pytest

from bot.copies import Copies, WorkerLost
from tests.bot.copied import begin


@pytest.fixture
def copies() -> Iterator[Copies]:
    made = Copies(2, begin, "opened")
    yield made
    made.close()


def test_all_answer_from_what_one_of_them_opened(copies: Copies) -> None:
    seconds = [start.result(30) for start in copies.starts]
    assert copies.ready
    assert sorted(seconds)[0] == 0.0
    assert max(seconds) > 0.0
    answers = [copies.submit("ask", 0.2).result(30) for _ in range(2)]
    answers += [each.result(30) for each in [copies.submit("ask", 0.2) for _ in range(6)]]
    assert {given for given, _, _ in answers} == {"opened"}
    assert len({opener for _, opener, _ in answers}) == 1
    assert len({worker for _, _, worker in answers}) == 2
    with pytest.raises(KeyError, match="planted"):
        copies.submit("fail", 0.0).result(30)
    assert copies.ready, "a failure of the work is no failure of the process"
    assert copies.submit("ask", 0.0).result(30)[0] == "opened"
    copies.close()
    deadline = time.monotonic() + 30
    while any(_lives(worker) for _, _, worker in answers):
        assert time.monotonic() < deadline, "they outlive whoever asked them"
        time.sleep(0.05)


def test_one_that_ends_is_told_and_the_others_are_asked_no_more(copies: Copies) -> None:
    wait(copies.starts, 30)
    under_way = copies.submit("ask", 1.0)
    with pytest.raises(WorkerLost):
        copies.submit("die", 0.0).result(30)
    assert copies.lost
    assert not copies.ready
    assert under_way.result(30)[0] == "opened"
    with pytest.raises(WorkerLost):
        copies.submit("ask", 0.0).result(30)


def test_what_cannot_be_opened_is_told() -> None:
    copies = Copies(2, begin, "broken")
    with pytest.raises(WorkerLost):
        copies.starts[0].result(30)
    assert copies.lost
    copies.close()


def test_there_is_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Copies(0, begin, "")


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
