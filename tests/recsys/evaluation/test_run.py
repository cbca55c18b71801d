"""The whole run: choices made inside the training part, a table for every scene, the same twice."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys.evaluation.blend import Blend
from recsys.evaluation.document import document
from recsys.evaluation.errors import BadData, EvaluationError
from recsys.evaluation.histories import Floats, Histories
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.models import MODELS
from recsys.evaluation.neighbours import ItemNeighbours, Popularity, RandomWalk
from recsys.evaluation.plotting import check_plot, plot
from recsys.evaluation.protocols import Scene, Split, cold_user, last_out
from recsys.evaluation.run import Plan, Report, run
from recsys.evaluation.scoring import Scorer, Train
from recsys.evaluation.tuning import Tuner, attempts
from tests.recsys.evaluation.worlds import catalogue, histories_of, wanderers

ITEMS = 15
LOG = histories_of(wanderers(), ITEMS)
CATALOGUE = catalogue(ITEMS)


def judged(split: Split, plan: Plan, **more: Any) -> Report:
    return run(split, CATALOGUE, plan, timer=lambda: 0.0, **more)


def tuner(split: Split, folds: int = 1) -> Tuner:
    return Tuner(split, CATALOGUE, at=5, seed=1, folds=folds, tried=lambda: None)


@dataclass(frozen=True)
class Shift:
    """Recommends the item `by` after the last; the made-up learners mostly go on by one."""

    by: int = 2

    def axes(self) -> dict[str, tuple[Any, ...]]:
        return {"by": (0, 1, 2, 3)}

    def fit(self, train: Train) -> Scorer:
        return self

    def __call__(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        known = np.flatnonzero(histories.lengths > 0)
        last = histories.items[histories.starts[1:][known] - 1]
        scores[known, (last + self.by) % histories.item_count] = 1
        return scores


@pytest.mark.parametrize("folds", [1, 2])
def test_the_planted_parameter_is_found(folds: int) -> None:
    found = tuner(last_out(LOG), folds).best(Shift())
    assert found.model == Shift(by=1)
    assert found.tried == attempts(Shift()) == 4


def test_the_test_part_cannot_change_a_choice() -> None:
    split = last_out(LOG)
    (scene,) = split.scenes
    other = np.random.default_rng(1).permutation(len(scene))
    changed = replace(split, scenes=(Scene("all", scene.cases, scene.truth.take(other), scene.seen),))
    for model in (Shift(), Ease(), RandomWalk(), Blend()):
        assert tuner(split).best(model) == tuner(changed).best(model)


def test_a_value_that_is_no_better_than_noise_is_not_taken() -> None:
    @dataclass(frozen=True)
    class Same(Shift):
        def __call__(self, histories: Histories) -> Floats:
            return Shift(1)(histories)

    assert tuner(last_out(LOG)).best(Same(by=3)).model == Same(by=3)


def test_a_log_without_room_for_validation_keeps_the_defaults() -> None:
    split = last_out(histories_of([[0, 1], [1, 2], [2, 3]], ITEMS))
    found = tuner(split).best(Ease())
    assert (found.model, found.tried) == (Ease(), 0)


def test_a_blend_is_made_of_tuned_parts() -> None:
    choice = tuner(last_out(LOG))
    found = choice.best(Blend()).model
    assert found.parts == tuple(choice.best(part).model for part in (Ease(), Sequential(), RandomWalk()))


def test_the_report_has_every_figure_of_every_model_twice_the_same() -> None:
    plan = Plan({name: MODELS[name] for name in ("popularity", "item-knn", "blend", "mean-mf")}, at=(3, 10), seed=4)
    done: list[tuple[int, int]] = []
    report = judged(last_out(LOG), plan, progress=lambda at, of: done.append((at, of)))
    assert done[-1][0] == done[-1][1]
    assert [at for at, _ in done] == sorted(at for at, _ in done)
    (table,) = report.tables
    assert [row.model for row in table.rows] == list(plan.models)
    assert table.metric == "ndcg@10"
    assert len(table.comparisons) == 6
    for row in table.rows:
        for name in ("precision", "recall", "f1", "hit-rate", "ndcg", "mrr", "map", "novelty", "diversity"):
            for k in (3, 10):
                found = row.figures[f"{name}@{k}"]
                assert found.low <= found.mean <= found.high
        assert {f"{name}@{k}" for name in ("coverage", "gini", "popularity-lift") for k in (3, 10)} == set(row.totals)
    best = {row.model: row.figures["ndcg@10"].mean for row in table.rows}
    assert best["item-knn"] > best["popularity"]
    again = judged(last_out(LOG), plan)
    one, other = (json.dumps(document(found, {}), allow_nan=False) for found in (report, again))
    assert one == other


def test_who_the_model_knows_nothing_about_gets_what_is_popular() -> None:
    split = cold_user(LOG, seed=1, share=0.3)
    plan = Plan({"popularity": Popularity(), "item-knn": ItemNeighbours()}, at=(5,), folds=0)
    first = judged(split, plan).tables[0]
    assert first.scene == "first 0"
    popular, neighbours = first.rows
    assert neighbours.silent == first.cases
    assert popular.figures == neighbours.figures
    assert judged(split, plan).tables[1].rows[1].silent == 0


def test_ratings_give_squared_errors_to_models_that_foresee_them() -> None:
    rng = np.random.default_rng(3)
    rows = [rng.choice(ITEMS, 8, replace=False).tolist() for _ in range(60)]
    log = histories_of(rows, ITEMS, [[float(1 + item % 5) for item in row] for row in rows])
    plan = Plan({"popularity": Popularity(), "mean-mf": MODELS["mean-mf"]}, at=(5,), folds=0)
    popular, factors = judged(last_out(log), plan).tables[0].rows
    assert "mse" not in popular.figures
    # The rating is the item's own here, so its mean says nearly all.
    assert factors.figures["mse"].mean < 0.1
    assert factors.figures["rmse"].mean == pytest.approx(factors.figures["mse"].mean ** 0.5)


def test_one_user_with_a_hundred_thousand_items_is_borne() -> None:
    items = 100_001
    rows = [list(range(100_000)), *([item, item + 1, item + 2] for item in range(40))]
    log = histories_of(rows, items)
    names = ("popularity", "item-knn", "rp3beta", "user-knn")
    plan = Plan({name: MODELS[name] for name in names}, at=(10,), folds=0)
    report = run(last_out(log), catalogue(items), plan, timer=lambda: 0.0)
    (table,) = report.tables
    assert table.cases == 41
    assert table.rows[1].figures["ndcg@10"].mean > 0.5


def test_an_item_that_everybody_has_and_one_that_nobody_has_are_borne() -> None:
    log = histories_of([[14, *[item for item in row if item not in (13, 14)]] for row in wanderers()], ITEMS)
    names = ("rp3beta", "ease", "sequential", "linear", "blend", "studyhall")
    plan = Plan({name: MODELS[name] for name in names}, folds=0)
    for row in judged(last_out(log), plan).tables[0].rows:
        assert row.figures["recall@10"].mean > 0.5


def test_a_sample_of_cases_bounds_the_work() -> None:
    plan = Plan({"popularity": Popularity()}, cases=10, folds=0)
    assert judged(last_out(LOG), plan).tables[0].cases == 10


@pytest.mark.parametrize(
    "wrong", [{"at": ()}, {"at": (0,)}, {"at": (5, 5)}, {"models": {}}, {"folds": -1}, {"cases": 0}, {"at": (10_000,)}]
)
def test_a_plan_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError):
        Plan(**{"models": {"popularity": Popularity()}, **wrong})


def test_lists_longer_than_the_catalogue_end_early() -> None:
    report = judged(last_out(LOG), Plan({"popularity": Popularity()}, at=(100,), folds=0))
    row = report.tables[0].rows[0]
    assert row.figures["recall@100"].mean == 1
    assert row.totals["coverage@100"] == 1


def test_a_picture_is_drawn(tmp_path: Path) -> None:
    report = judged(cold_user(LOG, seed=1, share=0.3), Plan({"popularity": Popularity(), "ease": Ease()}, folds=0))
    check_plot(tmp_path / "a.png")
    plot(report.tables, report.plan.at, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BadData, match=r"end in \.png"):
        check_plot(tmp_path / "a.svg")
    with pytest.raises(BadData, match="no folder"):
        check_plot(tmp_path / "no" / "a.png")
