"""What is known of newcomers: when they came, and how others began."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest

from recsys.evaluation.arrivals import arrivals_of, arrivals_of_judged, has_clock
from recsys.evaluation.beginnings import Early, EarlySequential, Moves
from recsys.evaluation.cohort import Cohort, chosen
from recsys.evaluation.histories import Histories, empty_rows, joined
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.neighbours import Popularity
from recsys.evaluation.newcomers import Newcomer
from recsys.evaluation.product import Product
from recsys.evaluation.protocols import Scene, cold_user
from recsys.evaluation.ranking import best, flat, masked
from recsys.evaluation.scoring import Scorer, Train
from recsys.evaluation.trees import learn_to_rank
from recsys.fitting import FitParameters
from tests.recsys.evaluation.worlds import catalogue, histories_of


def steps_of(rows: list[list[int]], items: int) -> Histories:
    """Rows whose times are steps, counted anew for each."""
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows]).astype(np.int64)
    times = np.concatenate([np.arange(len(row)) for row in rows]).astype(np.float64)
    flat = np.asarray([item for row in rows for item in row], dtype=np.int64)
    return joined(users, flat, times, np.full(len(flat), np.nan, dtype=np.float32), (len(rows), items))


def figure(scorer: Scorer, scene: Scene, k: int = 3) -> float:
    ranked = best(masked(scorer(scene.cases), scene.seen, scene.candidates), k)
    return float(accuracy(ranked, scene.truth, (k,))[f"ndcg@{k}"].mean())


def test_arrival_is_the_first_action_or_the_number() -> None:
    clocked = histories_of([[0, 1], [1], [], [2]], 3)
    assert has_clock(clocked)
    assert np.allclose(arrivals_of(("b", "a", "c", "d"), clocked), [0, 1, math.nan, 3], equal_nan=True)
    stepped = steps_of([[0, 1], [1], [2]], 3)
    assert not has_clock(stepped)
    assert arrivals_of(("7", "12", "100"), stepped).tolist() == [7, 12, 100]
    assert arrivals_of(("7", "x", "100"), stepped) is None
    assert arrivals_of(("7", "٣", "100"), stepped) is None


def test_users_of_another_file_came_when_their_numbers_say() -> None:
    trained = steps_of([[0, 1], [1], [2]], 3)
    known = ("1", "2", "4")
    trained = replace(trained, arrivals=arrivals_of(known, trained))
    assert arrivals_of_judged(("3", "5"), known, trained).tolist() == [3, 5]
    # Numbered anew, or the same people.
    assert arrivals_of_judged(("1", "2", "3"), known, trained) is None
    assert arrivals_of_judged(("anna", "bo"), known, trained) is None
    assert arrivals_of_judged(("3", "5"), known, replace(trained, arrivals=None)) is None


def test_arrivals_stay_with_their_rows() -> None:
    rows = replace(steps_of([[0, 1], [1], [2, 0]], 3), arrivals=np.asarray([5.0, 6.0, 7.0]))
    assert rows.take(np.asarray([2, 0])).arrivals.tolist() == [7, 5]
    assert rows.where(rows.items == 0).arrivals.tolist() == [5, 6, 7]


def test_a_cohort_is_who_came_just_before_and_nobody_later() -> None:
    firsts = [0, 0, 1, 2]
    rows = replace(steps_of([[item, 3] for item in firsts], 4), arrivals=np.asarray([10.0, 20.0, 30.0, 40.0]))
    scorer = Cohort(half_life=1.0, prior=2.0).fit(Train(rows, catalogue(4)))
    asked = replace(empty_rows(3, 4), arrivals=np.asarray([35.0, 5.0, math.nan]))
    found = scorer(asked)
    # The last before weighs 1/2, the one before it 1/4 ...; the prior is two people who began as all did.
    shares = np.asarray([0.5, 0.25, 0.25, 0.0])
    weighed = np.asarray([0.25 + 0.125, 0.5, 0, 0])
    assert found[0] == pytest.approx((weighed + 2 * shares) / (0.875 + 2), abs=1e-6)
    assert found[1] == pytest.approx(shares, abs=1e-6)
    assert found[2] == pytest.approx(shares, abs=1e-6)
    assert Cohort().fit(Train(rows, catalogue(4)))(asked)[0] == pytest.approx(shares, abs=1e-6)


def test_early_steps_weigh_most() -> None:
    log = histories_of([[0, 1, 2, 3], [1, 0, 3], [2, 3, 0, 1], [0, 2, 1]], 4)
    scores = EarlySequential(ridge=2.0, fade=0.5, early=1.0).fit(Train(log, catalogue(4)))(log)
    pasts, nexts, weights = [], [], []
    for row in range(len(log)):
        taken = log.item(row).tolist()
        for at in range(1, len(taken)):
            past, following = np.zeros(4), np.zeros(4)
            past[taken[:at]] = 0.5 ** np.arange(at)[::-1]
            following[taken[at]] = 1
            pasts.append(past)
            nexts.append(following)
            weights.append(1 / at)
    s, t, d = np.asarray(pasts), np.asarray(nexts), np.diag(weights)
    expected = np.linalg.inv(s.T @ d @ s + 2 * np.eye(4)) @ s.T @ d @ t
    np.fill_diagonal(expected, 0)
    assert np.allclose(scores, log.faded(0.5) @ expected, atol=1e-4)
    even = EarlySequential(ridge=2.0, fade=0.5, early=0.0).fit(Train(log, catalogue(4)))(log)
    assert np.allclose(even, Sequential(ridge=2.0, fade=0.5).fit(Train(log, catalogue(4)))(log), atol=1e-4)


def test_only_first_items_are_learned_from() -> None:
    log = histories_of([[0, 1, 2, 3], [1, 0, 3, 2]], 4)
    short = histories_of([[0, 1], [1, 0]], 4)
    assert np.allclose(
        Early(Ease(ridge=1.0), 2).fit(Train(log, catalogue(4)))(log),
        Ease(ridge=1.0).fit(Train(short, catalogue(4)))(log),
        atol=1e-5,
    )
    moves = Moves(shrink=1.0, count=2).fit(Train(log, catalogue(4)))(histories_of([[3, 0], [2]], 4))
    assert moves.tolist() == [[0, 0.5, 0, 0], [0, 0, 0, 0]]


def beginners(count: int = 700, items: int = 24, seed: int = 3) -> Histories:
    """What comes second depends on what was first; what comes later wanders about, and that much longer."""
    rng = random.Random(seed)
    rows = []
    for user in range(count):
        first = (user * 6 // count) + (6 if rng.random() < 0.3 else 0)
        second = 12 + first
        rest = rng.sample([item for item in range(items) if item not in (first, second)], rng.randint(1, 12))
        rows.append([first, second, *rest] if rng.random() < 0.7 else [first, *rest])
    return steps_of(rows, items)


def test_newcomers_get_what_others_went_on_to() -> None:
    log = beginners()
    split = cold_user(replace(log, arrivals=np.arange(len(log), dtype=np.float64)), seed=0)
    scenes = {scene.name: scene for scene in split.scenes}
    newcomer = Newcomer(share=0.4)
    train = Train(split.train, catalogue(24), seed=1)
    scorer = newcomer.fit(train)
    assert figure(scorer, scenes["first 1"]) > 1.5 * figure(Popularity().fit(train), scenes["first 1"])
    # What people begin with changes with time: who came when is all that is known.
    fixed = figure(Popularity(firsts=True).fit(train), scenes["first 0"], k=1)
    assert figure(scorer, scenes["first 0"], k=1) > 1.5 * fixed


def test_without_arrivals_newcomers_get_what_people_begin_with() -> None:
    split = cold_user(beginners(), seed=0)
    train = Train(split.train, catalogue(24), seed=1)
    blank = split.scenes[0].cases
    ranked = best(Newcomer().fit(train)(blank), 5)
    assert ranked.tolist() == best(Popularity(firsts=True).fit(train)(blank), 5).tolist()


def test_the_product_begins_as_newcomers_do() -> None:
    log = beginners()
    split = cold_user(replace(log, arrivals=np.arange(len(log), dtype=np.float64)), seed=0)
    blank = split.scenes[0]
    train = Train(split.train, catalogue(24), seed=1)
    product = Product(FitParameters(examples=0)).fit(train)
    fixed = figure(Popularity(firsts=True).fit(train), blank, k=1)
    assert figure(product, blank, k=1) > 1.5 * fixed
    assert not flat(product(blank.cases)).any(), "it says something of its own"
    # Who has a history gets what the model says, whoever stands beside.
    both = split.scenes[1].cases
    mixed = log.where(log.position < np.where(np.arange(len(log)) % 2, 1, 0)[log.rows])
    there = np.flatnonzero(mixed.lengths > 0)[:5]
    assert np.allclose(product(mixed)[there], product(mixed.take(there)))
    assert product(both).any(axis=1).all()


def test_a_half_life_is_chosen_where_arrivals_tell_and_none_elsewhere() -> None:
    log = beginners()
    told = replace(log, arrivals=np.arange(len(log), dtype=np.float64))
    assert math.isfinite(chosen(Train(told, catalogue(24))).half_life)
    assert chosen(Train(log, catalogue(24))) == Cohort()
    assert chosen(Train(told.take(np.arange(50)), catalogue(24))) == Cohort()


def test_the_same_log_gives_the_same_scores_and_a_short_one_a_sum() -> None:
    log = beginners(300)
    train = Train(log, catalogue(24), seed=1)
    cases = log.where(log.position < 2).take(np.arange(20))
    assert np.array_equal(Newcomer().fit(train)(cases), Newcomer().fit(train)(cases))
    few = beginners(12)
    assert np.isfinite(Newcomer().fit(Train(few, catalogue(24)))(cases)).all()


def test_trees_that_order_no_better_are_not_used() -> None:
    rng = np.random.default_rng(0)
    hits = np.zeros((400, 10), dtype=np.bool_)
    hits[np.arange(400), rng.integers(0, 10, 400)] = True
    judging = np.arange(400) % 4 == 0
    noise = rng.random((400, 10, 3)).astype(np.float32)
    assert learn_to_rank(noise, hits, judging, 1, seed=0) is None
    telling = np.where(hits, np.float32(-1), np.float32(1))[:, :, None]
    found = learn_to_rank(np.concatenate([noise, telling], axis=2), hits, judging, 1, seed=0)
    assert found is not None
    assert (found(np.concatenate([noise, telling], axis=2)).argmax(axis=1) == hits.argmax(axis=1)).all()
