"""From a recorded log and a plan to a table of results. Knows the order of work; knows no files and no terminal.

One walk through the log: questions before the cut are gathered as examples, then everything is fitted, then questions
from the cut on are answered as they come. So nothing can be known before it happened.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.board import Board
from recsys.discussions.examples import Collector, Examples, flat, ranked
from recsys.discussions.lessons import drawn, lessons
from recsys.discussions.messages import DAY, Doubles, Integers, Log, Mask
from recsys.discussions.replay import UNREACHABLE, Moment, alive_at, replay
from recsys.evaluation.discussions.features import Sight
from recsys.evaluation.discussions.models import Model, Scorer
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import joined
from recsys.evaluation.metrics import accuracy, coverage, gini
from recsys.evaluation.ranking import NOTHING
from recsys.evaluation.run import Fitted, Row, Table, check_lengths, comparisons
from recsys.evaluation.stats import intervals
from recsys.types import Progress

TEST: Final = 90 * DAY
TRAIN_ROWS: Final = 2_400_000
"""The latest questions with so many candidates together, thinned, are learned from: 0.8 GB of features."""
_CHUNK: Final = 200_000
LENGTHS: Final = ((0, 5), (6, 20), (21, 100), (101, None))
"""Topics that the member had written in, from and to."""
_FALLBACK: Final = "messages"


@dataclass(frozen=True, slots=True)
class DiscussionPlan:
    """since: seconds; None: 90 days before the last message. alive: seconds. cases: judge at most so many, drawn."""

    models: Mapping[str, Model]
    since: float | None = None
    alive: float = 2 * DAY
    at: tuple[int, ...] = (5, 10, 20)
    seed: int = 0
    cases: int | None = None

    def __post_init__(self) -> None:
        if not self.models:
            raise EvaluationError("there is no model to judge")
        check_lengths(self.at)
        if not self.alive > 0:
            raise EvaluationError("a topic is alive for some time: --alive must be above 0")

    @property
    def headline(self) -> int:
        return 10 if 10 in self.at else max(self.at)


@dataclass(frozen=True, slots=True)
class DiscussionReport:
    """counts: of messages, questions and candidates. Tables: all cases, then by the member's history."""

    plan: DiscussionPlan
    since: float
    counts: Mapping[str, float]
    not_judged: Mapping[str, int]
    fitted: Mapping[str, Fitted]
    tables: tuple[Table, ...] = field(default=())


def since_of(log: Log, plan: DiscussionPlan) -> float:
    return float(log.times[-1]) - TEST if plan.since is None else plan.since


def run(
    log: Log, plan: DiscussionPlan, sight: Sight, *, timer: Callable[[], float], progress: Progress | None = None
) -> DiscussionReport:
    """Walk, fit, judge. `timer`: a clock of seconds, for costs only. The same log and plan give the same figures."""
    since = since_of(log, plan)
    joins = log.joins()
    tested = joins & (log.times >= since)
    if not tested.any():
        raise EvaluationError("nobody joined a discussion from that moment on: choose an earlier --since")
    drawn = _drawn(tested, plan.cases, plan.seed)
    past = joins & (log.times < since)
    learns = any(model.learns for model in plan.models.values())
    none = np.zeros_like(past)
    train, thin = lessons(log, past, TRAIN_ROWS, plan.alive) if learns else (none, none)
    work = _Work(plan, sight, timer, len(log), progress)
    board = Board(plan.alive)
    missed: Counter[str] = Counter()
    for moment in replay(log, train | drawn, board):
        held_out = bool(drawn[moment.at])
        if held_out and not work.ready:
            work.fit()
        if moment.truth == UNREACHABLE:
            missed["test" if held_out else "train"] += 1
            continue
        work.take(moment, board, thin=bool(thin[moment.at]))
        work.tell(moment.at)
    if not work.ready:
        work.fit()
    work.answer()
    if not work.cases:
        raise EvaluationError("no topic that was joined was alive before: choose a longer --alive")
    counts = {
        "messages": len(log),
        "messages_before": int((log.times < since).sum()),
        "learned_from": work.learned,
        "joins": int(tested.sum()),
        "candidates": work.candidates / work.cases,
        "alive": float(alive_at(log, plan.alive)[drawn].mean()),
    }
    not_judged = {
        "joined a topic that was no longer alive": missed["test"],
        "not drawn": int(tested.sum() - drawn.sum()),
    }
    return DiscussionReport(
        plan,
        since,
        counts,
        {reason: count for reason, count in not_judged.items() if count},
        work.fitted,
        work.tables(),
    )


class _Work:
    """What is gathered, fitted and answered on the way."""

    def __init__(
        self,
        plan: DiscussionPlan,
        sight: Sight,
        timer: Callable[[], float],
        total: int,
        progress: Progress | None,
    ) -> None:
        self._plan, self._sight, self._timer, self._total, self._progress = plan, sight, timer, total, progress
        self._collected = Collector()
        # What is learned from with all features may be thinned; with few features it is whole.
        self._rich = Collector()
        self._rng = np.random.default_rng([plan.seed, zlib.crc32(b"lessons")])
        self._scorers: dict[str, Scorer] = {}
        self._lists: dict[str, list[NDArray[np.int32]]] = {name: [] for name in plan.models}
        self._silent: dict[str, list[Mask]] = {name: [] for name in plan.models}
        self._seconds = dict.fromkeys(plan.models, 0.0)
        self._truth: list[Integers] = []
        self._histories: list[int] = []
        self._open: set[int] = set()
        self._full = any(model.full for model in plan.models.values())
        self.fitted: dict[str, Fitted] = {}
        self.ready = False
        self.learned = 0
        self.candidates = 0

    @property
    def cases(self) -> int:
        return len(self._histories)

    def tell(self, at: int) -> None:
        if self._progress is not None:
            self._progress(at + 1, self._total)

    def take(self, moment: Moment, board: Board, *, thin: bool) -> None:
        question, truth = moment.question, moment.truth
        basic, full = self._sight(board, question, full=self._full)
        if self.ready:
            self._collected.add(question.topics, truth, basic, full)
            self._histories.append(moment.topics)
            if self._collected.rows >= _CHUNK:
                self.answer()
            return
        # A view of no column would keep the whole table.
        self._collected.add(question.topics, truth, basic, full[:, :0].copy())
        if self._full:
            stay, place = drawn(len(question), truth, self._rng) if thin else (slice(None), truth)
            self._rich.add(question.topics[stay], place, basic[stay], full[stay])

    def fit(self) -> None:
        train, rich = self._collected.taken(), self._rich.taken()
        self.learned, self.ready = len(train), True
        for name, model in self._plan.models.items():
            if model.learns and len(train) < 2:
                raise EvaluationError(f"{name} has nothing to learn from before the cut: choose a later --since")
            started = self._timer()
            scorer = model.fit(rich if model.full else train, self._sight.names, self._plan.seed)
            self._scorers[name] = scorer
            seconds = self._timer() - started
            self.fitted[name] = Fitted(scorer.parameters, scorer.validation, scorer.tried, 0.0, seconds)

    def answer(self) -> None:
        """Lists of every model for the questions that wait."""
        if not len(self._collected):
            return
        examples = self._collected.taken()
        self.candidates += len(examples.topics)
        self._open.update(np.unique(examples.topics).tolist())
        self._truth.append(examples.topics[examples.starts[:-1] + examples.truth])
        popular = examples.basic[:, list(self._sight.names[0]).index(_FALLBACK)].astype(np.float64)
        for name, scorer in self._scorers.items():
            started = self._timer()
            scores = scorer(examples)
            silent = flat(scores, examples.starts) & (examples.sizes > 1)
            scores = np.where(np.repeat(silent, examples.sizes), popular, scores)
            self._lists[name].append(_top(scores, examples, max(self._plan.at)))
            self._silent[name].append(silent)
            self._seconds[name] += self._timer() - started

    def tables(self) -> tuple[Table, ...]:
        truth, histories = np.concatenate(self._truth), np.asarray(self._histories)
        topics = max(self._open) + 1
        asked = joined(
            np.arange(len(truth)), truth, np.zeros(len(truth)), np.zeros(len(truth), np.float32), (len(truth), topics)
        )
        lists = {name: np.concatenate(parts) for name, parts in self._lists.items()}
        silent = {name: np.concatenate(parts) for name, parts in self._silent.items()}
        figures = {name: accuracy(found, asked, self._plan.at) for name, found in lists.items()}
        scenes = {"all": np.ones(len(truth), dtype=np.bool_)}
        for low, high in LENGTHS:
            words = f"{low}-{high} topics before" if high is not None else f"{low} topics before or more"
            scenes[words] = (histories >= low) & (histories <= (np.inf if high is None else high))
        found = []
        for scene, mask in scenes.items():
            if not mask.any():
                continue
            rows = tuple(
                self._row(
                    name,
                    {key: values[mask] for key, values in figures[name].items()},
                    lists[name][mask],
                    int(silent[name][mask].sum()),
                )
                for name in self._plan.models
            )
            metric = f"ndcg@{self._plan.headline}"
            compared = np.stack([figures[name][metric][mask] for name in self._plan.models], axis=1)
            found.append(
                Table(
                    scene,
                    int(mask.sum()),
                    len(self._open),
                    metric,
                    rows,
                    comparisons(list(self._plan.models), compared, self._plan.seed),
                )
            )
        return tuple(found)

    def _row(self, name: str, figures: Mapping[str, Doubles], lists: NDArray[np.int32], silent: int) -> Row:
        sure = intervals(np.stack(list(figures.values()), axis=1), self._plan.seed)
        totals: dict[str, float | None] = {}
        for k in self._plan.at:
            totals[f"coverage@{k}"] = coverage(lists[:, :k], len(self._open))
            totals[f"gini@{k}"] = gini(lists[:, :k], len(self._open))
        return Row(name, dict(zip(figures, sure, strict=True)), totals, silent, self._seconds[name])


def _top(scores: Doubles, examples: Examples, k: int) -> NDArray[np.int32]:
    """The k best topics of each question, shape (questions, k); NOTHING where there are fewer candidates."""
    order = ranked(scores, examples.starts)
    place = np.arange(len(order)) - np.repeat(examples.starts[:-1], examples.sizes)
    near = place < k
    lists = np.full((len(examples), k), NOTHING, dtype=np.int32)
    question = np.repeat(np.arange(len(examples)), examples.sizes)
    lists[question[near], place[near]] = examples.topics[order[near]]
    return lists


def _drawn(tested: Mask, cases: int | None, seed: int) -> Mask:
    where = np.flatnonzero(tested)
    if cases is None or len(where) <= cases:
        return tested
    found = np.zeros_like(tested)
    found[np.random.default_rng(seed).choice(where, cases, replace=False)] = True
    return found
