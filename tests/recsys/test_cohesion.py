"""A crowd with nothing in common pushes no item, however old its accounts; a course that many turn to is learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from recsys.actions import ActionLog
from recsys.cohesion import ALWAYS, FEWEST, cohesive
from recsys.fitting import FitParameters, fit_log
from recsys.trial import history

TOPICS, EACH = 8, 12
ITEMS = TOPICS * EACH
TARGET = ITEMS
PEOPLE = 900
FAKES = 45


def log_of(histories: list[list[int]]) -> ActionLog:
    users = np.repeat(np.arange(len(histories)), [len(one) for one in histories])
    items = np.concatenate([np.asarray(one, dtype=np.int64) for one in histories])
    names = tuple(f"c{n:03d}" for n in range(ITEMS + 1))
    return ActionLog(names, users.astype(np.int64), items, np.ones(len(items), dtype=np.float32))


def chances() -> np.ndarray:
    """The first of a topic is taken most."""
    chance = 1 / (1 + np.arange(EACH))
    return chance / chance.sum()


def learners(people: int = PEOPLE, seed: int = 0) -> list[list[int]]:
    """Everybody follows one topic, and takes a little of what is popular elsewhere."""
    rng = np.random.default_rng(seed)
    popular = np.tile(chances(), TOPICS) / TOPICS
    made = []
    for person in range(people):
        mine = EACH * (person % TOPICS) + rng.choice(EACH, int(rng.integers(4, 8)), replace=False, p=chances())
        other = rng.choice(ITEMS, 2, replace=False, p=popular)
        made.append(list(dict.fromkeys(rng.permutation(np.concatenate((mine, other))).tolist())))
    return made


def random(rng: np.random.Generator, _: list[list[int]]) -> list[int]:
    return rng.choice(ITEMS, 8, replace=False).tolist()


def average(rng: np.random.Generator, _: list[list[int]]) -> list[int]:
    return rng.choice(ITEMS, 8, replace=False, p=np.tile(chances(), TOPICS) / TOPICS).tolist()


def bandwagon(rng: np.random.Generator, _: list[list[int]]) -> list[int]:
    return (EACH * np.arange(TOPICS) + rng.integers(2, size=TOPICS)).tolist()


def copied(rng: np.random.Generator, honest: list[list[int]]) -> list[int]:
    return honest[int(rng.integers(len(honest)))][:]


def pushed(filler, *, last: bool = True) -> tuple[ActionLog, np.ndarray]:  # type: ignore[no-untyped-def]
    """A log with fakes, and which of its entries are theirs on the target."""
    rng = np.random.default_rng(5)
    honest = learners()
    for person in range(0, 8 * TOPICS, TOPICS):
        honest[person].insert(1, TARGET)
    made = [filler(rng, honest[: PEOPLE // 2]) for _ in range(FAKES)]
    for one in made:
        one[:] = [item for item in one if item != TARGET]
        one.insert(len(one) if last else 1, TARGET)
    log = log_of([*honest, *made])
    return log, (log.users >= PEOPLE) & (log.items == TARGET)


@pytest.mark.parametrize("filler", [random, average, bandwagon, copied])
@pytest.mark.parametrize("last", [True, False])
def test_of_a_crowd_that_has_nothing_in_common_few_are_learnt_from(filler, last: bool) -> None:  # type: ignore[no-untyped-def]
    log, theirs = pushed(filler, last=last)
    kept = cohesive(log)
    assert kept[theirs].sum() <= FAKES / 3
    assert kept[log.items == TARGET].sum() >= ALWAYS
    assert kept[log.items != TARGET].all(), "what else they did is as it was"


def lists(log: ActionLog, *, guarded: bool) -> Iterator[list[str]]:
    model = fit_log(log, now=0.0, parameters=FitParameters(examples=0, guarded=guarded))
    for first, end in zip(*_bounds(log), strict=True):
        past = history(log, first, end)
        taken = {done.item for done in past}
        yield [item for item in model.scores(past, 0.0) if item not in taken][:10]


def _bounds(log: ActionLog) -> tuple[list[int], list[int]]:
    ends = np.cumsum(np.bincount(log.users))
    return [0, *ends[:239].tolist()], ends[:240].tolist()


def test_links_alone_put_it_into_few_lists() -> None:
    log, _ = pushed(bandwagon)
    name = log.names[TARGET]
    open_, guarded = (np.mean([name in one for one in lists(log, guarded=on)]) for on in (False, True))
    assert open_ > 0.1
    assert guarded < 0.02


def test_nothing_is_taken_from_a_community_without_fakes() -> None:
    assert cohesive(log_of(learners())).all()


def test_a_new_course_that_many_turn_to_is_learnt_from_all_of_them() -> None:
    # Two topics lead to it, and nobody has it anywhere but last.
    honest = learners()
    fans = [person for person in range(240, PEOPLE) if person % TOPICS in (0, 3)][:80]
    for person in fans:
        honest[person].append(TARGET)
    log = log_of(honest)
    assert cohesive(log).all()
    shown = [log.names[TARGET] in one for one in lists(log, guarded=True)]
    theirs, others = ([hit for person, hit in enumerate(shown) if (person % TOPICS in (0, 3)) == of] for of in (1, 0))
    assert np.mean(theirs) > 0.6
    assert np.mean(others) < 0.1


def test_what_a_tenth_of_all_took_is_never_doubted() -> None:
    honest = learners()
    for person in range(0, PEOPLE, 5):
        honest[person].append(TARGET)
    assert cohesive(log_of(honest)).all()


def test_where_nothing_goes_with_anything_nothing_is_doubted() -> None:
    rng = np.random.default_rng(0)
    log = log_of([rng.choice(ITEMS + 1, 6, replace=False).tolist() for _ in range(500)])
    assert cohesive(log).mean() > 0.98


def test_little_says_nothing() -> None:
    assert cohesive(log_of([[1, 2], [2, 3]])).all()
    nobody = ActionLog((), *(np.zeros(0, np.int64),) * 2, np.zeros(0, np.float32))
    assert cohesive(nobody).shape == (0,)
    alone = log_of([[n % (FEWEST + 5)] for n in range(FEWEST * (FEWEST + 5))])
    assert cohesive(alone).all(), "who took one thing has nothing to be compared by"


def test_a_long_log_is_looked_at_in_blocks_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = pushed(copied)
    whole = cohesive(log)
    monkeypatch.setattr("recsys.cohesion._BLOCK", 100)
    assert (cohesive(log) == whole).all()
    monkeypatch.setattr("recsys.closed.MOST_ACTIONS", len(log) * 2 // 3)
    assert cohesive(log)[log.items == TARGET].sum() < FAKES / 2
