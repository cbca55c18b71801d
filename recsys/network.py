"""A small network that orders candidates. Knows rows of numbers; knows nothing of what they mean.

score(x) = w.z + v.relu(B relu(A z + a) + b) with z the standardised signed logarithm of x. Trained by the cross-entropy
of a softmax over the candidates of one query (the listwise loss ListNet, Cao et al. 2007, for one right answer) with
AdamW (Loshchilov & Hutter 2019). Plain NumPy: no other machinery, and the same seed gives the same network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.actions import Integers
from recsys.links import Floats

HIDDEN: Final = 32
_BATCH: Final = 64
_RATE: Final = 4e-3
_DECAY: Final = 1e-2
_WARM: Final = 0.3
_BETAS: Final = (0.9, 0.999)
_STEEP: Final = 4.0
_ROWS: Final = 65_536
_STILL: Final = 1e-3
"""What spreads less differs by rounding only."""


@dataclass(frozen=True, slots=True)
class Network:
    """mean, spread: of the inputs after the logarithm, shape (width,). The others: weights of the layers."""

    mean: Floats
    spread: Floats
    straight: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: Floats
    out: Floats

    def __post_init__(self) -> None:
        width, hidden = self.first.shape if self.first.ndim == 2 else (-1, -1)
        wanted = {
            "mean": (width,),
            "spread": (width,),
            "straight": (width,),
            "first": (width, hidden),
            "first_bias": (hidden,),
            "second": (hidden, hidden),
            "second_bias": (hidden,),
            "out": (hidden,),
        }
        for name, shape in wanted.items():
            values = getattr(self, name)
            if values.shape != shape or not np.isfinite(values).all():
                raise ValueError(f"the network's {name} of shape {values.shape} is not {shape} finite numbers")

    @property
    def width(self) -> int:
        return len(self.mean)

    def scores(self, values: Floats) -> Floats:
        """Shape (rows,) for values of shape (rows, width)."""
        return self._of(self._inputs(values))

    def parts(self, values: Floats, steps: int = 16) -> Floats:
        """What each input adds to the score above that of the mean input: shape (rows, width).

        Integrated gradients (Sundararajan et al. 2017) on the straight line from the mean, by the midpoint rule; what
        the rule misses is spread over the inputs by their size, so that a row sums to score(x) - score(mean).
        """
        inputs = self._inputs(values)
        total = np.zeros_like(inputs)
        for step in range(steps):
            total += self._gradient(inputs * np.float32((step + 0.5) / steps))
        found = inputs * total / steps
        missed = self._of(inputs) - self._of(np.zeros_like(inputs)) - found.sum(axis=1)
        size = np.abs(found)
        share = size / np.maximum(size.sum(axis=1, keepdims=True), 1e-12)
        return np.asarray(found + share * missed[:, None], dtype=np.float32)

    def arrays(self) -> Mapping[str, Floats]:
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    def _inputs(self, values: Floats) -> Floats:
        return (_squeezed(values) - self.mean) / self.spread

    def _of(self, inputs: Floats) -> Floats:
        one = np.maximum(inputs @ self.first + self.first_bias, 0)
        two = np.maximum(one @ self.second + self.second_bias, 0)
        return np.asarray(inputs @ self.straight + two @ self.out, dtype=np.float32)

    def _gradient(self, inputs: Floats) -> Floats:
        one = inputs @ self.first + self.first_bias
        two = np.maximum(one, 0) @ self.second + self.second_bias
        back = ((two > 0) * self.out) @ self.second.T * (one > 0)
        return np.asarray(back @ self.first.T + self.straight, dtype=np.float32)


def _squeezed(values: Floats) -> Floats:
    return np.asarray(np.copysign(np.log1p(np.abs(values) * np.float32(_STEEP)), values), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Examples:
    """Queries one after another: values[starts[q]:starts[q + 1]] are the candidates of query q, answers[q] the place
    of the right one among them. values: float32, or float16 where there are very many of them. stand_for: how many
    candidates each row stands for, shape (rows,), where only some of them are kept; None where all are.
    """

    values: NDArray[Any]
    starts: Integers
    answers: Integers
    stand_for: Floats | None = None

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, queries: Integers) -> Examples:
        sizes = np.diff(self.starts)[queries]
        starts = np.concatenate(([0], np.cumsum(sizes)))
        rows = np.repeat(self.starts[queries] - starts[:-1], sizes) + np.arange(starts[-1])
        stands = None if self.stand_for is None else self.stand_for[rows]
        return Examples(self.values[rows], starts, self.answers[queries], stands)


def train_network(examples: Examples, *, epochs: int, seed: int, done: Callable[[], None] = lambda: None) -> Network:
    """Deterministic. `done` is called after every epoch. ValueError without examples."""
    if not len(examples):
        raise ValueError("there is nothing to learn an order from")
    rng = np.random.default_rng(seed)
    squeezed, mean, spread = prepared(examples.values)
    ready = replace(examples, values=squeezed)
    width = squeezed.shape[1]
    weights: dict[str, Floats] = {
        "straight": np.zeros(width, dtype=np.float32),
        "first": _drawn(rng, width, HIDDEN),
        "first_bias": np.zeros(HIDDEN, dtype=np.float32),
        "second": _drawn(rng, HIDDEN, HIDDEN),
        "second_bias": np.zeros(HIDDEN, dtype=np.float32),
        "out": _drawn(rng, HIDDEN, 1)[:, 0],
    }
    descent = _Descent(weights, steps=epochs * -(-len(ready) // _BATCH))
    for _ in range(epochs):
        order = rng.permutation(len(ready))
        for first in range(0, len(order), _BATCH):
            batch = ready.take(order[first : first + _BATCH])
            inputs = (batch.values.astype(np.float32) - mean) / spread
            descent.step(_gradients(weights, replace(batch, values=inputs)))
        done()
    return Network(mean=mean, spread=spread, **weights)


def prepared(values: NDArray[Any]) -> tuple[NDArray[Any], Floats, Floats]:
    """The squeezed values, in the precision they came in, and their mean and spread; by blocks, to save memory."""
    squeezed = np.empty_like(values)
    total, squares = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for first in range(0, len(values), _ROWS):
        block = _squeezed(values[first : first + _ROWS].astype(np.float32))
        squeezed[first : first + _ROWS] = block
        total += block.sum(axis=0, dtype=np.float64)
        squares += np.square(block, dtype=np.float64).sum(axis=0)
    mean = total / len(values)
    spread = np.sqrt(np.maximum(squares / len(values) - mean * mean, 0))
    spread[spread < _STILL] = 1.0
    return squeezed, mean.astype(np.float32), spread.astype(np.float32)


def _drawn(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    return np.asarray(rng.uniform(-1, 1, (rows, columns)) / np.sqrt(rows), dtype=np.float32)


def _gradients(weights: Mapping[str, Floats], batch: Examples) -> dict[str, Floats]:
    """Of the mean cross-entropy."""
    inputs, starts = batch.values, batch.starts[:-1]
    sizes = np.diff(batch.starts)
    one = np.maximum(inputs @ weights["first"] + weights["first_bias"], 0)
    two = np.maximum(one @ weights["second"] + weights["second_bias"], 0)
    scores = inputs @ weights["straight"] + two @ weights["out"]
    scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
    share = np.exp(scores)
    if batch.stand_for is not None:
        share *= batch.stand_for
    share /= np.repeat(np.add.reduceat(share, starts), sizes)
    share[starts + batch.answers] -= 1
    share = (share / np.float32(len(batch))).astype(np.float32)
    of_two = share[:, None] * weights["out"] * (two > 0)
    of_one = (of_two @ weights["second"].T) * (one > 0)
    return {
        "straight": share @ inputs,
        "first": inputs.T @ of_one,
        "first_bias": of_one.sum(axis=0),
        "second": one.T @ of_two,
        "second_bias": of_two.sum(axis=0),
        "out": share @ two,
    }


class _Descent:
    """AdamW; the rate rises over the first part of the steps and falls to nothing along a cosine."""

    def __init__(self, weights: dict[str, Floats], steps: int) -> None:
        self._weights, self._steps, self._at = weights, steps, 0
        self._means = {name: np.zeros_like(values) for name, values in weights.items()}
        self._squares = {name: np.zeros_like(values) for name, values in weights.items()}

    def step(self, gradients: Mapping[str, Floats]) -> None:
        self._at += 1
        done = self._at / self._steps
        if done < _WARM:
            rate = _RATE * (0.04 + 0.96 * (1 - np.cos(np.pi * done / _WARM)) / 2)
        else:
            rate = _RATE * (1 + np.cos(np.pi * (done - _WARM) / (1 - _WARM))) / 2
        low, high = _BETAS
        for name, values in self._weights.items():
            slope = gradients[name]
            mean, square = self._means[name], self._squares[name]
            mean += (1 - low) * (slope - mean)
            square += (1 - high) * (slope * slope - square)
            values *= np.float32(1 - rate * _DECAY)
            size = np.sqrt(square / (1 - high**self._at)) + 1e-8
            values -= (rate / (1 - low**self._at) * mean / size).astype(np.float32)
