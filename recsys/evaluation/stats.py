"""How sure a figure is. Knows figures by case; knows no metrics and no models.

Intervals: percentile bootstrap over cases (Efron 1979). Tests: paired randomisation of signs (Fisher 1935; for
retrieval Smucker, Allan & Carterette 2007), two-sided, p-values by Holm (1979) for all pairs together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.evaluation.histories import Doubles

ROUNDS: Final = 1000
PERMUTATIONS: Final = 10_000
LEVEL: Final = 0.95
_CELLS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of (one - other) over cases, with its interval; p of no difference, alone and corrected for all pairs."""

    one: int
    other: int
    mean: float
    low: float
    high: float
    p: float
    p_holm: float


def bootstrap_means(figures: Doubles, seed: int, rounds: int = ROUNDS) -> Doubles:
    """Means of `rounds` resamples of the cases: shape (rounds, columns) for figures (cases, columns) without NaN."""
    rng = np.random.default_rng(seed)
    cases, columns = figures.shape
    means = np.zeros((rounds, columns))
    size = max(1, _CELLS // max(cases, 1))
    # Centred: what is summed in single precision is small beside the mean.
    centre = figures.mean(axis=0)
    centred = (figures - centre).astype(np.float32)
    for first in range(0, rounds, size):
        count = min(size, rounds - first)
        drawn = rng.integers(0, cases, (count, cases)) + np.arange(count)[:, None] * cases
        weights = np.bincount(drawn.ravel(), minlength=count * cases).reshape(count, cases)
        means[first : first + count] = centre + (weights.astype(np.float32) @ centred) / cases
    # Single precision may go past what any mean of these can be.
    return np.clip(means, figures.min(axis=0), figures.max(axis=0))


def intervals(figures: Doubles, seed: int, rounds: int = ROUNDS) -> list[Interval]:
    """Mean and interval of each column, over the cases that have no NaN in that column; NaN throughout without any."""
    found: list[Interval | None] = [None] * figures.shape[1]
    known = np.isfinite(figures)
    # Columns that miss the same cases share their resamples.
    groups: dict[bytes, list[int]] = {}
    for column in range(figures.shape[1]):
        groups.setdefault(np.packbits(known[:, column]).tobytes(), []).append(column)
    for columns in groups.values():
        rows = known[:, columns[0]]
        if not rows.any():
            continue
        part = figures[rows][:, columns]
        low, high = _bounds(bootstrap_means(part, seed, rounds))
        for at, column in enumerate(columns):
            found[column] = Interval(float(part[:, at].mean()), float(low[at]), float(high[at]))
    nothing = Interval(np.nan, np.nan, np.nan)
    return [nothing if interval is None else interval for interval in found]


def differences(
    figures: Doubles, seed: int, rounds: int = ROUNDS, permutations: int = PERMUTATIONS
) -> list[Difference]:
    """Every pair of columns of (cases, models) on the same cases. No NaN in them."""
    models = figures.shape[1]
    one, other = np.triu_indices(models, 1)
    if not len(one) or not len(figures):
        return []
    means = bootstrap_means(figures, seed, rounds)
    gaps = figures[:, one] - figures[:, other]
    observed = gaps.mean(axis=0)
    p = _sign_flips(gaps, observed, seed, permutations)
    corrected = holm(p)
    low, high = _bounds(means[:, one] - means[:, other])
    return [
        Difference(*pair, *map(float, numbers))
        for pair, numbers in zip(
            zip(one.tolist(), other.tolist(), strict=True),
            zip(observed, low, high, p, corrected, strict=True),
            strict=True,
        )
    ]


def holm(p: Doubles) -> Doubles:
    """Step-down: the smallest times the number of tests, the next times one fewer, never falling, at most 1."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(raised, 1.0)
    return corrected


def _sign_flips(gaps: Doubles, observed: Doubles, seed: int, permutations: int) -> Doubles:
    """Share of random signs whose mean is at least as far from 0 as the observed one, this one counted too."""
    rng = np.random.default_rng([seed, 1])
    cases = len(gaps)
    values = gaps.astype(np.float32)
    as_far = np.zeros(len(observed))
    size = max(1, _CELLS // max(cases, 1))
    # A tie up to rounding is as far: otherwise two models that differ in one case would be told apart.
    threshold = np.abs(observed) * (1 - 1e-5)
    for first in range(0, permutations, size):
        count = min(size, permutations - first)
        bits = rng.integers(0, 2, (count, cases), dtype=np.int8)
        signs: NDArray[np.float32] = (2 * bits - 1).astype(np.float32)
        as_far += (np.abs(signs @ values) / cases >= threshold).sum(axis=0)
    return np.asarray((as_far + 1) / (permutations + 1))


def _bounds(means: Doubles) -> tuple[Doubles, Doubles]:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high
