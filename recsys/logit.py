"""An order of candidates from a few sums of what is known: little to learn, so few examples are enough.

score(x) = w.z with z a few means of the inputs of a network (`recsys.features.SUMMARY`), standardised. A conditional
logit (McFadden 1974): the cross-entropy of a softmax over the candidates of a query plus a ridge on w, convex, by
Newton's method. Written as a network without hidden units, so that it is kept, explained and asked like one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.features import SUMMARY
from recsys.links import Floats
from recsys.network import HIDDEN, Examples, Network, prepared

_RIDGE: Final = 10.0
"""What a tiny log would choose it by is too little, so it is chosen beforehand: 3 and 30 order nearly alike."""
_ROUNDS: Final = 15
_STILL: Final = 1e-3
_ENOUGH: Final = 1e-5
"""Of the likelihood of an example: rounds that bring less are not gone on with."""

Doubles = NDArray[np.float64]


def train_logit(examples: Examples) -> Network:
    """Deterministic. ValueError without examples."""
    if not len(examples):
        raise ValueError("there is nothing to learn an order from")
    squeezed, mean, spread = prepared(examples.values)
    means = SUMMARY / spread[:, None]
    inputs = squeezed.astype(np.float32) @ means
    size = inputs.std(axis=0, dtype=np.float64)
    size[size < _STILL] = np.inf
    weights = _fitted(inputs / size, examples)
    straight = (SUMMARY @ (weights / size)).astype(np.float32)
    width = len(mean)
    return Network(
        mean=mean,
        spread=spread,
        straight=straight,
        first=np.zeros((width, HIDDEN), dtype=np.float32),
        first_bias=np.zeros(HIDDEN, dtype=np.float32),
        second=np.zeros((HIDDEN, HIDDEN), dtype=np.float32),
        second_bias=np.zeros(HIDDEN, dtype=np.float32),
        out=np.zeros(HIDDEN, dtype=np.float32),
    )


def together(network: Network, logit: Network) -> Network:
    """The sum of both scores, but for what is the same for all candidates; it costs no more to ask."""
    arrays: dict[str, Floats] = dict(network.arrays())
    arrays["straight"] = network.straight + logit.straight * (network.spread / logit.spread)
    return Network(**arrays)


def _fitted(inputs: Doubles, examples: Examples) -> Doubles:
    starts, sizes = examples.starts[:-1], np.diff(examples.starts)
    query = np.repeat(np.arange(len(starts)), sizes)
    answers = starts + examples.answers
    taken = inputs[answers].sum(axis=0)
    # A candidate that stands for several is as likely as all of them together.
    several = 0.0 if examples.stand_for is None else np.log(examples.stand_for)

    def likely(weights: Doubles) -> tuple[float, Doubles]:
        """The penalised log-likelihood, and the probability of every candidate."""
        scores = inputs @ weights + several
        scores -= np.maximum.reduceat(scores, starts)[query]
        odds = np.exp(scores)
        total = np.add.reduceat(odds, starts)
        value = scores[answers].sum() - np.log(total).sum() - _RIDGE / 2 * weights @ weights
        return float(value), odds / total[query]

    weights = np.zeros(inputs.shape[1])
    value, share = likely(weights)
    for _ in range(_ROUNDS):
        weighed = inputs * share[:, None]
        mean = np.add.reduceat(weighed, starts, axis=0)
        slope = taken - mean.sum(axis=0) - _RIDGE * weights
        bend = inputs.T @ weighed - mean.T @ mean + _RIDGE * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        found, share_then = likely(weights + step)
        # Newton's step may be too long far from the top; half of it, and half of that, is not.
        while found < value and np.abs(step).max() > _STILL:
            step /= 2
            found, share_then = likely(weights + step)
        gained = found - value
        if gained <= 0:
            break
        weights, value, share = weights + step, found, share_then
        if gained < _ENOUGH * len(starts):
            break
    return weights
