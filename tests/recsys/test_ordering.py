"""The learned order: it must beat the parts that it is made of, explain itself, and stay away where it cannot help."""

from __future__ import annotations

import random

import numpy as np
import pytest

from recsys.actions import ActionLog, collect
from recsys.features import BREADTH, GROUPS, WIDTH, Features, counts_of
from recsys.fitting import FitParameters, fit
from recsys.links import count_links
from recsys.network import Examples, Network, train_network
from recsys.ordering import Ordering, _better, _wanted
from recsys.types import Interaction
from tests.recsys.worlds import NOW, did

ITEMS = 40
QUICK = FitParameters(min_users=1, examples=600, epochs=6)
PLAIN = FitParameters(min_users=1, examples=0)


def staged(users: int, seed: int = 0) -> list[list[int]]:
    """Everybody follows two threads by turns: what comes next follows from the last but one, not from the last."""
    rng = random.Random(seed)
    paths = []
    for _ in range(users):
        one, other = rng.randrange(20), rng.randrange(20)
        steps = [place for step in range(4) for place in ((one + step) % 20, 20 + (other + step) % 20)]
        paths.append(steps[rng.randrange(2) :][: rng.randint(4, 7)])
    return paths


def actions(paths: list[list[int]], prefix: str = "u") -> list[Interaction]:
    return [
        did(f"{prefix}{user}", f"课:{item:02d}", days_ago=90 - step)
        for user, path in enumerate(paths)
        for step, item in enumerate(path)
    ]


def gain(parameters: FitParameters, known: list[list[int]], asked: list[list[int]]) -> float:
    model = fit(actions(known), now=NOW, parameters=parameters)
    gains = []
    for path in asked:
        history = actions([path[:-1]], "new")
        taken = {done.item for done in history}
        ranked = [item for item in model.scores(history, NOW) if item not in taken]
        place = ranked.index(f"课:{path[-1]:02d}") if f"课:{path[-1]:02d}" in ranked else 10
        gains.append(1 / np.log2(place + 2) if place < 10 else 0.0)
    return float(np.mean(gains))


def test_the_learned_order_beats_the_sum_of_its_parts() -> None:
    known, asked = staged(500), staged(120, seed=9)
    assert gain(QUICK, known, asked) > gain(PLAIN, known, asked) + 0.1


def test_the_same_actions_give_the_same_order() -> None:
    one, other = (fit(actions(staged(300)), now=NOW, parameters=QUICK) for _ in range(2))
    assert one.network is not None
    assert one.version == other.version
    history = actions([[1, 2, 3, 20]], "new")
    assert one.scores(history, NOW) == other.scores(history, NOW)


def test_parts_sum_to_what_orders() -> None:
    model = fit(actions(staged(400)), now=NOW, parameters=QUICK)
    network = model.network
    assert network is not None
    folded = model.fold(actions([[1, 2, 3, 20, 21]], "new"), NOW)
    assert folded.found is not None
    learned = network.scores(folded.found.values)
    middling = network._of(np.zeros((1, WIDTH), dtype=np.float32))[0]
    for place, item in enumerate(folded.found.items[folded.found.candidates].tolist()):
        parts = folded.parts(model.names[item])
        assert set(parts) == set(GROUPS)
        assert sum(parts.values()) == pytest.approx(float(learned[place] - middling), abs=2e-3)
    assert folded.parts("课:01") == {}
    assert folded.parts("nowhere") == {}


def test_only_the_order_of_new_items_changes_and_no_height() -> None:
    known = actions(staged(400))
    plain, learned = fit(known, now=NOW, parameters=PLAIN), fit(known, now=NOW, parameters=QUICK)
    history = actions([[1, 2, 3, 20]], "new")
    taken = {done.item for done in history}
    one, other = plain.scores(history, NOW), learned.scores(history, NOW)
    assert sorted(one.values()) == pytest.approx(sorted(other.values()), abs=1e-5)
    assert {item: one[item] for item in taken & one.keys()} == {item: other[item] for item in taken & other.keys()}
    assert list(one) != list(other)


def test_too_little_is_not_learned_from() -> None:
    assert fit(actions(staged(8)), now=NOW, parameters=QUICK).network is None
    assert fit([], now=NOW, parameters=QUICK).network is None
    assert fit(actions([[1, 2]] * 300), now=NOW, parameters=QUICK).network is None


@pytest.mark.parametrize("few", [0, 8_000], ids=["judged by a part", "judged by all"])
@pytest.mark.parametrize("slope", [0.0, -1.0], ids=["no order", "the other way round"])
def test_an_order_that_does_not_help_is_not_taken(monkeypatch: pytest.MonkeyPatch, few: int, slope: float) -> None:
    def otherwise(examples: Examples, **_: object) -> Network:
        learned = train_network(examples, epochs=1, seed=0)
        straight = np.zeros(WIDTH, dtype=np.float32)
        straight[GROUPS["together"].start] = slope
        return Network(**{**learned.arrays(), "straight": straight, "out": np.zeros_like(learned.out)})

    monkeypatch.setattr("recsys.ordering.train_network", otherwise)
    monkeypatch.setattr("recsys.ordering.train_logit", otherwise)
    monkeypatch.setattr("recsys.ordering._FEW", few)
    assert fit(actions(staged(300)), now=NOW, parameters=QUICK).network is None


def test_a_gain_is_seen_by_all_examples_that_a_part_of_them_is_too_few_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def gain(order: Network, held: Examples) -> np.ndarray:
        # Few weights gain nothing.
        gains = 0.012 + np.where(np.arange(len(held)) // 3 % 2, 0.2, -0.2)
        return gains if order.out.any() else np.zeros(len(held))

    monkeypatch.setattr("recsys.ordering._gain", gain)
    known = actions(staged(300))
    assert fit(known, now=NOW, parameters=FitParameters(min_users=1, examples=300, epochs=1)).network is not None
    monkeypatch.setattr("recsys.ordering._FEW", 0)
    assert fit(known, now=NOW, parameters=FitParameters(min_users=1, examples=300, epochs=1)).network is None


def test_few_people_teach_few_weights() -> None:
    # Everything is taken at random, but the first five items by nearly everybody: nothing leads to what.
    rng = random.Random(1)
    paths = [rng.sample(range(5), 3) + rng.sample(range(5, ITEMS), 2) for _ in range(40)]
    for path in paths:
        rng.shuffle(path)
    model = fit(actions(paths), now=NOW, parameters=QUICK)
    assert model.network is not None
    assert not model.network.out.any(), "there are too few examples for hidden units"
    scores = model.scores(actions([[30, 0]], "new"), NOW)
    new = [item for item in scores if item not in {"课:30", "课:00"}]
    assert {f"课:{item:02d}" for item in (1, 2, 3, 4)} == set(new[:4])


def test_of_several_orders_the_one_that_gains_most_is_taken_and_only_if_it_is_sure() -> None:
    users = np.arange(400)
    little = np.where(users % 2, 0.11, -0.1)
    assert _wanted([little, np.full(400, -0.1)], users) == 0, "few weights may gain a little"
    assert _wanted([np.full(400, -0.1), little], users) is None, "many weights may not"
    assert _wanted([little, np.full(400, 0.2), np.full(400, 0.1)], users) == 1
    assert _wanted([np.full(400, 0.1)] * 3, users) == 0, "of two that gain alike the simpler one"
    assert _wanted([np.zeros(400)] * 3, users) is None


def test_gains_of_one_user_count_as_one() -> None:
    gains = np.tile([0.5, -0.3], 50)
    assert _better(gains, np.arange(100))
    assert not _better(gains, np.arange(100) % 2), "one of two users gains, and the other loses"
    assert not _better(np.zeros(0), np.zeros(0, dtype=np.int64))


def test_whoever_judges_was_not_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[int] = []
    judged: list[int] = []

    def train(examples: Examples, **more: object) -> Network:
        learned.append(len(examples))
        return train_network(examples, epochs=1, seed=0)

    def gain(network: Network, held: Examples) -> np.ndarray:
        judged.append(len(held))
        return np.ones(len(held))

    monkeypatch.setattr("recsys.ordering.train_network", train)
    monkeypatch.setattr("recsys.ordering._gain", gain)
    assert fit(actions(staged(200)), now=NOW, parameters=QUICK).network is not None
    whole, *parts = learned
    # Three orders are judged by each part of the users.
    assert sum(judged) == 3 * whole
    assert [one + other for one, other in zip(parts, judged[::3], strict=True)] == [whole] * len(parts)


def test_nobody_is_foreseen_from_links_that_counted_them(monkeypatch: pytest.MonkeyPatch) -> None:
    log = collect(actions(staged(60)))
    counted: list[ActionLog] = []

    def spy(rest: ActionLog, kept: int, done: object) -> object:
        counted.append(rest)
        return count_links(rest, kept)

    monkeypatch.setattr("recsys.ordering.count_links", spy)
    examples = list(Ordering(examples=60, epochs=1, links=50)._examples(log, lambda: None))
    assert {one.user for one in examples} == set(range(60))
    assert len(examples) <= 3 * 60
    assert all(rest.user_count == 45 and len(rest) < len(log) for rest in counted)


def test_of_each_user_the_end_the_middle_and_the_beginning_are_asked_for() -> None:
    log = collect(actions([[*range(30), 30 + user % 9] for user in range(80)]))
    examples = list(Ordering(examples=80, epochs=1, links=50)._examples(log, lambda: None))
    place = {user: [one.item for one in examples if one.user == user] for user in range(80)}
    assert all(2 <= len(items) <= 3 and 30 <= items[-1] < 39 for items in place.values())
    early = [items[0] for items in place.values()]
    assert set(early) <= set(range(1, 11)) | set(range(30, 39))
    assert set(range(1, 11)) <= set(early)


def test_of_a_large_log_half_as_many_users_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    log = collect(actions(staged(100)))
    monkeypatch.setattr("recsys.ordering._LARGE", 0)
    examples = list(Ordering(examples=80, epochs=1, links=50)._examples(log, lambda: None))
    assert len({one.user for one in examples}) == 40
    assert len(examples) > 80


def test_the_candidates_that_are_left_out_are_stood_for_and_judges_see_all(monkeypatch: pytest.MonkeyPatch) -> None:
    log = collect(actions(staged(200)))
    ordering = Ordering(examples=200, epochs=1, links=50)
    whole = list(ordering._examples(log, lambda: None))
    monkeypatch.setattr("recsys.ordering._MANY", 0)
    monkeypatch.setattr("recsys.ordering._BEST", 3)
    monkeypatch.setattr("recsys.ordering._SOME", 4)
    some = list(ordering._examples(log, lambda: None))
    assert [(one.user, one.item) for one in some] == [(one.user, one.item) for one in whole]
    for one, other in zip(whole, some, strict=True):
        if one.answer < 0:
            assert other.answer < 0
        elif other.stand_for is None:
            assert one.drawn < 0.15 or len(one.values) <= 3 + 4 + 1
            assert np.array_equal(one.values, other.values)
        else:
            assert len(other.values) <= 3 + 1 + 4
            assert other.stand_for.sum() == pytest.approx(len(one.values))
            assert np.array_equal(one.values[one.answer], other.values[other.answer])
            assert np.array_equal(one.values[:3], other.values[:3])
    assert any(one.stand_for is not None for one in some)
    assert ordering.learn(log, lambda: None) is not None


def test_an_item_that_everybody_has_and_one_busy_user() -> None:
    known = actions([[39, *path[:-1]] for path in staged(300)])
    known += [did("busy", f"课:{n % ITEMS:02d}", "click", days_ago=n / 1_000) for n in range(100_000)]
    model = fit(known, now=NOW, parameters=QUICK)
    scores = model.scores(actions([[1, 2, 39]], "new"), NOW)
    assert scores
    assert np.isfinite(list(scores.values())).all()


def test_histories_of_any_length_give_whole_numbers() -> None:
    log = collect(actions(staged(200)))
    features = Features(count_links(log, 20), counts_of(log))
    for length in (1, 2, ITEMS):
        found = features.of(np.arange(length), np.ones(length), length)
        assert found.values.shape == (len(found.candidates), WIDTH)
        assert len(found.candidates) <= BREADTH
        assert np.isfinite(found.values).all()
        assert np.isfinite(found.total).all()
        assert not np.isin(found.items[found.candidates], np.arange(length)).any()


PUSHED = 98


def pushing(fakes: int, seed: int = 3) -> list[list[int]]:
    """Accounts that took anything, and all of them one thing last."""
    rng = random.Random(seed)
    return [[*rng.sample(range(ITEMS), 6), PUSHED] for _ in range(fakes)]


def test_accounts_that_all_end_with_one_item_do_not_teach_to_put_it_first() -> None:
    # Three took it before, each as a first step.
    honest = [[PUSHED, *path] if user < 3 else path for user, path in enumerate(staged(500))]
    model = fit(actions([*honest, *pushing(25)]), now=NOW, parameters=QUICK)
    assert model.network is not None
    asked = staged(100, seed=9)
    shown = led = 0
    for path in asked:
        history = actions([path[:-1]], "new")
        taken = {done.item for done in history}
        new = [item for item in model.scores(history, NOW) if item not in taken]
        found = model.fold(history, NOW).found
        assert found is not None
        led += model.names.index(f"课:{PUSHED}") in found.items[found.candidates]
        shown += f"课:{PUSHED}" in new[:3]
    assert led > 50, "where links lead to it, the order decides"
    assert shown < 25


def test_of_what_is_only_ever_last_few_examples_are_learned_from_and_of_all_else_every_one() -> None:
    log = collect(actions([*staged(300), *pushing(60)]))
    ordering = Ordering(examples=360, epochs=1, links=50)
    examples = list(ordering._examples(log, lambda: None))
    kept = ordering._uncrowded(log, examples)
    pushed = log.names.index(f"课:{PUSHED}")
    assert sum(one.item == pushed for one in examples) > 30
    assert sum(one.item == pushed for one in kept) == 5
    assert [one for one in kept if one.item != pushed] == [one for one in examples if one.item != pushed]
