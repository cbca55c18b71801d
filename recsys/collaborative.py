"""What learners with a like history went on to: two linear item-item models in one sparse matrix. Knows no text.

`ease`: the closed form of EASE (Steck 2019, arXiv 1905.03375) on histories that fade with every step back.
`sequential`: a linear map from a faded past to the next item (the transition model of SLIST, Choi et al. 2021).
Both are summed after each is divided by its standard deviation over all items of the query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.actions import FULL_WEIGHT, Integers, pack_names
from recsys.companions import Companions
from recsys.rules import Rule, rule
from recsys.signals import HISTORY_CAP, Feedback
from recsys.types import Interaction

EASE_FADE: Final = 0.7
SEQUENTIAL_FADE: Final = 0.8
STEPS: Final = 40
"""Older items would count for less than a millionth."""
BREADTH: Final = 300


@dataclass(frozen=True, slots=True)
class Weights:
    """Sparse rows: entries `starts[i]` to `starts[i + 1]` lead from item i to the items `targets` (sorted in a row).

    together: how many users acted on both. users: how many acted on the item.
    """

    starts: Integers
    targets: NDArray[np.int32]
    ease: NDArray[np.float32]
    sequential: NDArray[np.float32]
    together: NDArray[np.int32]
    users: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Because:
    """Why an item scored: the items of the history that led to it, strongest first; users who took the first and it."""

    items: tuple[str, ...]
    together: int


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A trained model. Immutable: any number of threads may ask it."""

    names: tuple[str, ...]
    weights: Weights
    user_count: int
    version: str
    trained_at: float
    feedback: Feedback = field(default_factory=Feedback)
    people: Companions | None = None
    _codes: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check(self.names, self.weights)
        object.__setattr__(self, "_codes", {name: code for code, name in enumerate(self.names)})

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, item: object) -> bool:
        return item in self._codes

    def fold(self, history: Sequence[Interaction], now: float) -> Folded:
        """Place a history in the model; the user need not have been there at training."""
        steps = self._steps(history, now)
        total, spreads = self._total(steps)
        return Folded(self, tuple(steps), total, spreads)

    def scores(self, history: Sequence[Interaction], now: float) -> dict[str, float]:
        """Above-zero scores of at most BREADTH items, best first, items of the history among them.

        Unit: standard deviations over all items, summed over the two parts.
        """
        return self.fold(history, now).scores()

    def neighbours(self, item: str, n: int) -> Sequence[tuple[str, float]]:
        """Up to n items that follow or accompany `item`, best first, with the sum of both scaled weights."""
        code = self._codes.get(item)
        if code is None:
            return []
        row = slice(int(self.weights.starts[code]), int(self.weights.starts[code + 1]))
        ease, sequential = self.weights.ease[row], self.weights.sequential[row]
        total = ease / _spread(ease, len(self)) + sequential / _spread(sequential, len(self))
        targets = self.weights.targets[row]
        order = [k for k in np.lexsort((targets, -total)).tolist() if total[k] > 0 and targets[k] != code]
        return [(self.names[targets[k]], float(total[k])) for k in order[:n]]

    def together(self, one: str, other: str) -> int:
        """How many users acted on both; 0 also for a pair that the model does not keep."""
        first, second = self._codes.get(one), self._codes.get(other)
        if first is None or second is None:
            return 0
        entry = self.entry(first, second)
        return 0 if entry is None else int(self.weights.together[entry])

    def rule(self, one: str, other: str) -> Rule | None:
        """Who took the first took the other, in counts; None where the model does not keep the pair."""
        first, second = self._codes.get(one), self._codes.get(other)
        entry = None if first is None or second is None else self.entry(first, second)
        if entry is None:
            return None
        users = self.weights.users
        return rule(int(self.weights.together[entry]), int(users[first]), int(users[second]), self.user_count)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """All there is to save; names as UTF-8 bytes and the offsets where they end."""
        blob, ends = pack_names(self.names)
        return {
            "names": blob,
            "name_ends": ends,
            "starts": self.weights.starts,
            "targets": self.weights.targets,
            "ease": self.weights.ease,
            "sequential": self.weights.sequential,
            "together": self.weights.together,
            "users": self.weights.users,
            **(self.people.arrays() if self.people is not None else {}),
        }

    def code(self, item: str) -> int | None:
        """The number of an item in this model; None when it was not trained on."""
        return self._codes.get(item)

    def entry(self, code: int, target: int) -> int | None:
        """Where the weight that leads from one item to another lies; None when there is none."""
        start, end = int(self.weights.starts[code]), int(self.weights.starts[code + 1])
        entry = start + int(np.searchsorted(self.weights.targets[start:end], target))
        return entry if entry < end and self.weights.targets[entry] == target else None

    def _steps(self, history: Sequence[Interaction], now: float) -> list[tuple[int, float]]:
        """Known items with their weight 0-1, the latest first: as the histories of the training were."""
        last: dict[int, float] = {}
        for interaction in history[-HISTORY_CAP:]:
            code = self._codes.get(interaction.item)
            if code is None or interaction.signal not in self.feedback.trainable:
                continue
            worth = self.feedback.weight(interaction)
            if worth <= 0 or self.feedback.decayed(interaction, now) <= 0:
                continue
            last[code] = max(min(worth / FULL_WEIGHT, 1.0), last.pop(code, 0.0))
        return list(last.items())[::-1][:STEPS]

    def _total(self, steps: list[tuple[int, float]]) -> tuple[NDArray[np.float64], tuple[float, float]]:
        """Scores of all items, and the spreads that the two parts were divided by."""
        count = len(self)
        if not steps:
            return np.zeros(count), (1.0, 1.0)
        starts = self.weights.starts
        codes = np.asarray([code for code, _ in steps], dtype=np.int64)
        lengths = starts[codes + 1] - starts[codes]
        # All entries of all rows of the history as one run of positions.
        entries = np.repeat(starts[codes] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        entries += np.arange(len(entries), dtype=np.int64)
        targets = self.weights.targets[entries]
        weight = np.asarray([weight for _, weight in steps])
        back = np.arange(len(steps))
        total = np.zeros(count)
        spreads: list[float] = []
        for values, fade in ((self.weights.ease, EASE_FADE), (self.weights.sequential, SEQUENTIAL_FADE)):
            worth = np.repeat(weight * fade**back, lengths) * values[entries]
            part = np.bincount(targets, weights=worth, minlength=count)
            spread = _spread(part, count)
            spreads.append(spread)
            total += part / spread
        return total, (spreads[0], spreads[1])


@dataclass(frozen=True, slots=True)
class Folded:
    """A history in a model. steps: known items of the history and their weight, latest first. total: shape (items,)."""

    model: LinearModel
    steps: tuple[tuple[int, float], ...]
    total: NDArray[np.float64]
    spreads: tuple[float, float]

    def scores(self) -> dict[str, float]:
        """As `LinearModel.scores`."""
        best = np.flatnonzero(self.total > 0)
        if len(best) > BREADTH:
            best = best[np.argpartition(-self.total[best], BREADTH)[:BREADTH]]
        best = best[np.lexsort((best, -self.total[best]))]
        names = self.model.names
        return {names[code]: score for code, score in zip(best.tolist(), self.total[best].tolist(), strict=True)}

    def because(self, item: str, n: int = 3) -> Because:
        """What of the history led to `item`; nothing when nothing did."""
        target = self.model.code(item)
        if target is None:
            return Because((), 0)
        weights, (spread_ease, spread_sequential) = self.model.weights, self.spreads
        parts: list[tuple[float, int, int]] = []
        for step, (code, weight) in enumerate(self.steps):
            entry = self.model.entry(code, target)
            # What only the arithmetic links, and no person took together, is no reason to give to anybody.
            if entry is None or weights.together[entry] == 0:
                continue
            part = weight * (
                EASE_FADE**step * float(weights.ease[entry]) / spread_ease
                + SEQUENTIAL_FADE**step * float(weights.sequential[entry]) / spread_sequential
            )
            if part > 0:
                parts.append((-part, code, int(weights.together[entry])))
        parts.sort()
        names = self.model.names
        return Because(tuple(names[code] for _, code, _ in parts[:n]), parts[0][2] if parts else 0)


def _spread(values: NDArray[Any], count: int) -> float:
    """The standard deviation over `count` items of which the others are 0; 1 where there is none."""
    mean = float(values.sum(dtype=np.float64)) / count
    variance = float(np.square(values, dtype=np.float64).sum()) / count - mean * mean
    return float(np.sqrt(variance)) if variance > 1e-18 else 1.0


def check(names: Sequence[str], weights: Weights) -> None:
    """ValueError when the arrays do not belong together, so that damage shows at once and not in a score."""
    count, entries = len(names), len(weights.targets)
    if len(set(names)) != count:
        raise ValueError("an item is named twice")
    if weights.starts.shape != (count + 1,) or weights.users.shape != (count,):
        raise ValueError(f"{count} items do not fit starts {weights.starts.shape}, users {weights.users.shape}")
    if weights.starts[0] != 0 or weights.starts[-1] != entries or np.any(np.diff(weights.starts) < 0):
        raise ValueError("the rows do not cover the entries")
    if any(len(values) != entries for values in (weights.ease, weights.sequential, weights.together)):
        raise ValueError("the columns of the entries differ in length")
    if entries and not (weights.targets.min() >= 0 and weights.targets.max() < count):
        raise ValueError("an entry leads to an item that is not there")
    if not (np.isfinite(weights.ease).all() and np.isfinite(weights.sequential).all()):
        raise ValueError("a weight is not a finite number")
