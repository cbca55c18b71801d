"""What is compared: simple orders, a blend, and learned rankers. Knows examples; knows no files and no protocol."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np

from recsys.discussions.boosting import RICH, Boosting, Grown, grow
from recsys.discussions.examples import Examples, Table, by_question
from recsys.discussions.messages import Doubles
from recsys.evaluation.errors import EvaluationError

_HELD: Final = 0.1
"""The latest share of the training questions decides on parameters."""
_BLEND_ROWS: Final = 400_000


class Scorer(Protocol):
    """parameters: what was chosen; validation: nDCG@10 of the choice, or None; tried: how many sets of parameters."""

    @property
    def parameters(self) -> Mapping[str, Any]: ...
    @property
    def validation(self) -> float | None: ...
    @property
    def tried(self) -> int: ...
    def __call__(self, examples: Examples) -> Doubles:
        """Shape (rows,); larger is better. A question of equal scores says that the model knows nothing."""
        ...


class Model(Protocol):
    """A frozen set of parameters. learns: needs examples; full: sees all features; content: needs titles."""

    @property
    def learns(self) -> bool: ...
    @property
    def full(self) -> bool: ...
    @property
    def content(self) -> bool: ...
    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        """names: of the basic and of the full features."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """score = sign x one basic feature."""

    feature: str
    sign: float = 1.0
    learns: bool = False
    full: bool = False
    content: bool = False

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        del train, seed
        return _Fixed(list(names[0]).index(self.feature), self.sign)


@dataclass(frozen=True)
class _Fixed:
    column: int
    sign: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    validation: float | None = None
    tried: int = 0

    def __call__(self, examples: Examples) -> Doubles:
        return self.sign * examples.basic[:, self.column].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Random:
    """Any order, the same for the same seed."""

    learns: bool = False
    full: bool = False
    content: bool = False

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        del train, names
        return _Random(seed)


@dataclass
class _Random:
    seed: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    validation: float | None = None
    tried: int = 0
    _asked: int = 0

    def __call__(self, examples: Examples) -> Doubles:
        self._asked += 1
        return np.random.default_rng([self.seed, zlib.crc32(b"random"), self._asked]).random(len(examples.topics))


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression of "joined" on the logarithms of the basic features, z-scores within their question."""

    learns: bool = True
    full: bool = False
    content: bool = False

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        from sklearn.linear_model import LogisticRegression

        del seed
        # The latest questions that fit: more change nothing in so few weights.
        first = int(np.searchsorted(train.starts, max(int(train.starts[-1]) - _BLEND_ROWS, 0)))
        part = train.part(min(first, len(train) - 1), len(train))
        fitted = LogisticRegression(max_iter=500).fit(_scaled(part), part.labels)
        weights = fitted.coef_[0].astype(np.float64)
        return _Weighted(weights, dict(zip(names[0], weights.tolist(), strict=True)))


def _scaled(examples: Examples) -> Table:
    # Times and counts are of all sizes; a cosine may be below 0, but not below -1.
    return by_question(np.log(np.maximum(examples.basic, -0.99) + 1), examples.starts)


@dataclass(frozen=True)
class _Weighted:
    weights: Doubles
    parameters: Mapping[str, Any]
    validation: float | None = None
    tried: int = 0

    def __call__(self, examples: Examples) -> Doubles:
        return np.asarray(_scaled(examples) @ self.weights)


@dataclass(frozen=True, slots=True)
class Lambdamart:
    """LambdaMART; the candidates of `plans` are tried on the latest tenth of the training questions."""

    full: bool
    plans: tuple[Boosting, ...] = (Boosting(),)
    learns: bool = True
    content: bool = False

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        cut = len(train) - max(1, round(_HELD * len(train)))
        if cut < 1:
            raise EvaluationError("a learned ranker needs two questions before the cut: choose a later --since")
        learned, held = train.part(0, cut), train.part(cut, len(train))
        tables = (learned.full, held.full) if self.full else (learned.basic, held.basic)
        found = [(grow(tables, learned, held, names[self.full], plan, seed), plan) for plan in self.plans]
        best, plan = max(found, key=lambda each: each[0].validation)
        return _Trees(best, self.full, {**_plain(plan), "trees": best.trees}, best.validation, len(found))


@dataclass(frozen=True)
class _Trees:
    grown: Grown
    full: bool
    parameters: Mapping[str, Any]
    validation: float | None
    tried: int

    def __call__(self, examples: Examples) -> Doubles:
        return self.grown.scores(examples.full if self.full else examples.basic)


def _plain(plan: Boosting) -> dict[str, Any]:
    names = ("learning_rate", "leaves", "fewest", "ridge", "columns", "truncation")
    return {name: getattr(plan, name) for name in names}


MODELS: Final[Mapping[str, Model]] = MappingProxyType(
    {
        "random": Random(),
        "popular": Fixed("messages"),
        "recency": Fixed("hours", -1.0),
        "people": Fixed("affinity"),
        "room-share": Fixed("room-share"),
        "content": Fixed("content-mean", content=True),
        "logistic": Logistic(),
        "lambdamart-basic": Lambdamart(full=False),
        "discussions": Lambdamart(full=True, plans=(RICH,)),
    }
)


def chosen(names: Sequence[str], *, titles: bool) -> dict[str, Model]:
    """Models by name, in the order asked for; none or `all`: every one the data allow."""
    if not names or "all" in names:
        usual = (name for name, model in MODELS.items() if titles or not model.content)
        names = [name for name in (*names, *usual) if name != "all"]
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        raise EvaluationError(f"no model {', '.join(unknown)} of discussions; there are {', '.join(MODELS)}, and all")
    untitled = [name for name in names if MODELS[name].content and not titles]
    if untitled:
        raise EvaluationError(f"{', '.join(untitled)} needs titles of the topics: give a file with --titles")
    return {name: MODELS[name] for name in names}
