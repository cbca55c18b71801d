"""From a split and a frozen plan to a table of results. Knows the order of work; knows no files and no terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Final

import numpy as np

from recsys.evaluation.blend import Blend
from recsys.evaluation.content import described
from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Doubles
from recsys.evaluation.judging import Surroundings, answer, by_case, of_all
from recsys.evaluation.metrics import Likeness
from recsys.evaluation.neighbours import Popularity
from recsys.evaluation.protocols import Scene, Split, sampled
from recsys.evaluation.scoring import Model, Scorer, Train
from recsys.evaluation.stats import Interval, differences, intervals
from recsys.evaluation.tuning import Tuned, Tuner, attempts
from recsys.steps import Steps
from recsys.types import Progress

FORMAT: Final = 1
_MOST_AT: Final = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """at: lengths of lists. folds: validation splits for choosing parameters, 0 to leave them as they are.

    cases: at most so many users of each scene are judged, drawn by `seed`; None for all.
    """

    models: Mapping[str, Model]
    at: tuple[int, ...] = (5, 10, 20)
    seed: int = 0
    folds: int = 1
    cases: int | None = None

    def __post_init__(self) -> None:
        if not self.models:
            raise EvaluationError("there is no model to judge")
        check_lengths(self.at)
        if self.folds < 0 or self.seed < 0 or (self.cases is not None and self.cases < 1):
            raise EvaluationError("folds and seed are at least 0, and a number of cases at least 1")

    @property
    def headline(self) -> int:
        """The length of list that parameters are chosen and models are compared by."""
        return 10 if 10 in self.at else max(self.at)


@dataclass(frozen=True, slots=True)
class Row:
    """One model in one scene. silent: cases answered by popularity, because the model knew nothing about them."""

    model: str
    figures: Mapping[str, Interval]
    totals: Mapping[str, float | None]
    silent: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Comparison:
    one: str
    other: str
    difference: Interval
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Table:
    """One scene, models in the order asked for. comparisons: all pairs by `metric`."""

    scene: str
    cases: int
    items: int
    metric: str
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a model came to be: parameters as plain values, validation figure, CPU seconds."""

    parameters: Mapping[str, Any]
    validation: float | None
    tried: int
    tuning_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    protocol: str
    plan: Plan
    folds: int
    diversity_by: str
    counts: Mapping[str, int]
    not_judged: Mapping[str, int]
    fitted: Mapping[str, Fitted]
    tables: tuple[Table, ...] = field(default=())


def check_lengths(at: tuple[int, ...]) -> None:
    """EvaluationError unless these can be lengths of lists."""
    if not at or not all(1 <= k <= _MOST_AT for k in at) or len(set(at)) != len(at):
        raise EvaluationError(f"lengths of lists are different numbers from 1 to {_MOST_AT}, got {at}")


def run(
    split: Split, catalogue: Catalogue, plan: Plan, *, timer: Callable[[], float], progress: Progress | None = None
) -> Report:
    """Choose parameters inside the training part, fit, judge every scene. `timer`: a clock of seconds, for costs only.

    The same split, plan and machine give the same figures.
    """
    scenes = [sampled(scene, plan.cases, plan.seed) for scene in split.scenes if len(scene)]
    models = plan.models
    folds = plan.folds if any(model.axes() for model in models.values()) else 0
    steps = Steps(progress, sum(attempts(m) * bool(folds) + 1 + len(scenes) for m in models.values()))
    tuner = Tuner(split, catalogue, at=plan.headline, seed=plan.seed, folds=folds, tried=steps)
    train = Train(split.train, catalogue, plan.seed)
    around, diversity_by = _surroundings(split, catalogue)
    judge = _Judge(plan, Popularity().fit(train), around, timer)
    bench = _Bench(train, timer)
    rows: list[list[Row]] = [[] for _ in scenes]
    compared: list[list[Doubles]] = [[] for _ in scenes]
    fitted: dict[str, Fitted] = {}
    metric = f"ndcg@{plan.headline}"
    tuned = {name: _timed(timer, tuner, model) for name, model in models.items()}
    bench.keep(choice.model for choice, _ in tuned.values())
    for name, (choice, cost) in tuned.items():
        scorer, seconds = bench.fit(choice.model)
        fitted[name] = Fitted(parameters(choice.model), choice.figure, choice.tried, cost, seconds)
        steps()
        for at, scene in enumerate(scenes):
            row, headline = judge(name, scorer, scene)
            rows[at].append(row)
            compared[at].append(headline)
            steps()
    tables = tuple(
        Table(
            scene.name,
            len(scene),
            scene.open_items,
            metric,
            tuple(rows[at]),
            comparisons(list(models), np.stack(compared[at], axis=1), plan.seed),
        )
        for at, scene in enumerate(scenes)
    )
    counts = {
        "users": int((split.train.lengths > 0).sum()),
        "items": len(catalogue),
        "trained_items": int((split.train.users_of_items() > 0).sum()),
        "actions": len(split.train.items),
    }
    not_judged = {reason: count for reason, count in split.not_judged if count}
    return Report(split.protocol, plan, tuner.folds, diversity_by, counts, not_judged, fitted, tables)


def parameters(model: Any) -> dict[str, Any]:
    """The fields of a model as plain values; the parts of a blend by the names of their kinds."""
    return {entry.name: _plain(getattr(model, entry.name)) for entry in fields(model)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return {"kind": type(value).__name__, **parameters(value)}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


class _Bench:
    """Fits models; what a blend needs too is fitted once and kept."""

    def __init__(self, train: Train, timer: Callable[[], float]) -> None:
        self._train, self._timer = train, timer
        self._needed: set[Model] = set()
        self._fitted: dict[Model, tuple[Scorer, float]] = {}

    def keep(self, models: Any) -> None:
        for model in models:
            if isinstance(model, Blend):
                self._needed.update(model.parts)

    def fit(self, model: Model) -> tuple[Scorer, float]:
        """The scorer, and what fitting it costs, its parts included."""
        if model in self._fitted:
            return self._fitted[model]
        if isinstance(model, Blend):
            parts = [self.fit(part) for part in model.parts]
            return model.combined([scorer for scorer, _ in parts]), sum(seconds for _, seconds in parts)
        started = self._timer()
        scorer = model.fit(self._train)
        found = (scorer, self._timer() - started)
        if model in self._needed:
            self._fitted[model] = found
        return found


def _timed(timer: Callable[[], float], tuner: Tuner, model: Model) -> tuple[Tuned, float]:
    started = timer()
    return tuner.best(model), timer() - started


@dataclass(frozen=True, slots=True)
class _Judge:
    plan: Plan
    fallback: Scorer
    around: Surroundings
    timer: Callable[[], float]

    def __call__(self, name: str, scorer: Scorer, scene: Scene) -> tuple[Row, Doubles]:
        """One model in one scene, and its figure of each case by which models are compared."""
        at, seed = self.plan.at, self.plan.seed
        started = self.timer()
        answers = answer(scene, scorer, self.fallback, max(at))
        seconds = self.timer() - started
        figures = by_case(answers, scene, self.around, at, seed)
        found = dict(zip(figures, intervals(np.stack(list(figures.values()), axis=1), seed), strict=True))
        if "mse" in found:
            mse = found["mse"]
            found["rmse"] = Interval(*(math.sqrt(value) for value in (mse.mean, mse.low, mse.high)))
        row = Row(name, found, of_all(answers, scene, self.around, at), answers.silent, seconds)
        return row, figures[f"ndcg@{self.plan.headline}"]


def comparisons(names: list[str], figures: Doubles, seed: int) -> tuple[Comparison, ...]:
    """Every pair of models by their figures on the same cases, shape (cases, models)."""
    return tuple(
        Comparison(names[d.one], names[d.other], Interval(d.mean, d.low, d.high), d.p, d.p_holm)
        for d in differences(figures, seed)
    )


def _surroundings(split: Split, catalogue: Catalogue) -> tuple[Surroundings, str]:
    train = split.train
    if any(catalogue.texts):
        description, by = described(catalogue.texts), "texts"
    else:
        description, by = train.latest().faded(1.0).T.tocsr(), "users"
    return Surroundings(train.users_of_items(), int((train.lengths > 0).sum()), Likeness(description)), by
