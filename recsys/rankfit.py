"""How the weights of the score are learnt from what was shown. Knows arrays of exposures; knows no items and no files.

Position-based click model (Richardson, Dominowska & Ragno 2007; Craswell et al. 2008): an item at rank k is looked at
with probability e_k and, looked at, acted on with probability sigmoid(z), or else removed with probability d. They are
estimated together by maximum likelihood, as in regression-EM (Wang et al. 2018); what tells them apart is that alike
items stand at different ranks, those of the drawn slots by chance. Items that were shown often are weighed down by the
square root of the inverse of their share of exposures, clipped (as the propensities of Saito et al. 2020), so that they
do not speak for all others.

z = intercept + kind + slope * sum of m_j u_j, where u_j is a part of the score as weighed by hand and m_j >= LEAST its
multiplier. A ridge pulls every m_j to 1: without exposures the weights stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from recsys.columns import Floats, Mask
from recsys.exposed import ExposureLog

LEAST: Final = 0.05
"""No part is ever silenced: what weighs nothing is not shown, and what is not shown can never be learnt again."""
MOST: Final = 4.0
RANKS: Final = 20
"""Ranks beyond this are looked at like the last one."""
_SLOPES: Final = (0.2, 30.0)
_SLOPE_GUESS: Final = 3.0
_KIND_RIDGE: Final = 4.0
_EXAMINED_RIDGE: Final = 8.0
_REMOVED_LOGIT: Final = -3.5
_EXAMINED_POWER: Final = 0.5
_SMALLEST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class RankFitParameters:
    """`ridge`: how much evidence it takes to move a multiplier away from 1. `clip`: the most that one exposure of a
    rare item counts, against the mean. `positions`, `popularity`: whether to correct for them."""

    ridge: float = 20.0
    clip: float = 4.0
    positions: bool = True
    popularity: bool = True

    def __post_init__(self) -> None:
        if not (self.ridge > 0 and self.clip >= 1):
            raise ValueError(f"ridge must be above 0 and clip at least 1, got {self!r}")


@dataclass(frozen=True, slots=True)
class ClickModel:
    """What was estimated. multipliers: by column of the log. kinds: offset of z by kind of the log, mean 0 over rows.
    examined: shape (RANKS,), the first is 1. removed: probability of a removal by who looks and does not act."""

    intercept: float
    slope: float
    multipliers: Floats
    kinds: Floats
    examined: Floats
    removed: float

    def scores(self, log: ExposureLog) -> Floats:
        """On the scale of the scores: parts and the kind's offset."""
        return np.asarray(log.parts @ self.multipliers + self.kinds[log.kinds] / self.slope)

    def relevance(self, log: ExposureLog) -> Floats:
        """Probability of a positive action by somebody who looks."""
        return np.asarray(expit(self.intercept + self.slope * self.scores(log)))

    def looked_at(self, log: ExposureLog) -> Floats:
        return np.asarray(self.examined[places(log)])

    def log_likelihoods(self, log: ExposureLog) -> Floats:
        """Of every row; the mean of these is what a better model has more of."""
        r, e = self.relevance(log), self.looked_at(log)
        return np.log(_chances(log, r, e, self.removed))


def places(log: ExposureLog) -> NDArray[np.int64]:
    """Index into `examined` of every row."""
    return np.minimum(log.ranks, RANKS) - 1


def fit_clicks(log: ExposureLog, parameters: RankFitParameters | None = None, *, fixed: bool = False) -> ClickModel:
    """Deterministic. `fixed`: the multipliers stay 1, and only the rest is estimated. ValueError for an empty log."""
    parameters = parameters or RankFitParameters()
    if not len(log):
        raise ValueError("nothing was shown: there is nothing to learn from")
    parts, kinds = len(log.names), len(log.kind_names)
    problem = _Problem(log, parameters, fixed=fixed)
    rate = float(np.clip(log.clicked.mean(), 1e-4, 0.9))
    begin = [np.log(rate / (1 - rate)), _SLOPE_GUESS]
    first = np.concatenate([begin, np.ones(parts), np.zeros(kinds), _prior_examined(), [_REMOVED_LOGIT]])
    bounds: list[Any] = [(-12.0, 12.0), _SLOPES, *[(1.0, 1.0) if fixed else (LEAST, MOST)] * parts]
    bounds += [*[(-5.0, 5.0)] * kinds, *[(-8.0, 8.0)] * (RANKS - 1), (-9.0, 3.0)]
    found = minimize(problem, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    intercept, slope, multipliers, offsets, gammas, removed = problem.unpacked(found.x)
    # The mean offset belongs to the intercept: a list of one kind is scored as if there were no offsets.
    middle = float(offsets[log.kinds].mean())
    return ClickModel(intercept + middle, slope, multipliers, offsets - middle, problem.examined(gammas), removed)


def exposure_weights(log: ExposureLog, clip: float) -> Floats:
    """Mean 1; see the first lines of this module."""
    counts = np.bincount(log.items)[log.items]
    raw = np.clip(np.sqrt(counts.mean() / counts), 1 / clip, clip)
    return np.asarray(raw / raw.mean())


def _chances(log: ExposureLog, r: Floats, e: Floats, removed: float) -> Floats:
    """The probability of what happened to every row."""
    silent = 1 - e * (r + removed * (1 - r))
    found = np.where(log.clicked, e * r, np.where(log.dismissed, e * (1 - r) * removed, silent))
    return np.asarray(np.maximum(found, _SMALLEST))


def _prior_examined() -> Floats:
    """Logits of rank ** -0.5 for the ranks from 2."""
    chance = np.arange(2, RANKS + 1) ** -_EXAMINED_POWER
    return np.asarray(np.log(chance / (1 - chance)))


class _Problem:
    """Negative weighted log-likelihood with its ridges, and its gradient."""

    def __init__(self, log: ExposureLog, parameters: RankFitParameters, *, fixed: bool) -> None:
        self._log, self._parameters, self._fixed = log, parameters, fixed
        self._places = places(log)
        self._weights = exposure_weights(log, parameters.clip) if parameters.popularity else np.ones(len(log))
        self._prior = _prior_examined()
        self._silent: Mask = ~(log.clicked | log.dismissed)

    def unpacked(self, x: Floats) -> tuple[float, float, Floats, Floats, Floats, float]:
        parts, kinds = len(self._log.names), len(self._log.kind_names)
        ends = np.cumsum([2, parts, kinds])
        offsets = x[ends[1] : ends[2]]
        return float(x[0]), float(x[1]), x[2 : ends[1]], offsets, x[ends[2] : -1], float(expit(x[-1]))

    def examined(self, gammas: Floats) -> Floats:
        if not self._parameters.positions:
            return np.ones(RANKS)
        return np.concatenate([[1.0], expit(gammas)])

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        log, weights = self._log, self._weights
        intercept, slope, multipliers, offsets, gammas, removed = self.unpacked(x)
        sums = log.parts @ multipliers
        r = expit(intercept + offsets[log.kinds] + slope * sums)
        e = self.examined(gammas)[self._places]
        loss = -float(weights @ np.log(_chances(log, r, e, removed)))
        # Derivatives of the log-likelihood by z, by the logit of e and by that of the removals, by what happened.
        said = r + removed * (1 - r)
        unsaid = np.maximum(1 - e * said, _SMALLEST)
        dz = (
            np.where(self._silent, -e * (1 - removed) * r * (1 - r) / unsaid, np.where(log.clicked, 1 - r, -r))
            * weights
        )
        dg = np.where(self._silent, -said * e * (1 - e) / unsaid, 1 - e) * weights
        dr = np.where(self._silent, -e * (1 - r) * removed / unsaid, np.where(log.dismissed, 1.0, 0.0)) * (1 - removed)
        by_place = np.bincount(self._places, weights=dg, minlength=RANKS)[1:]
        by_kind = np.bincount(log.kinds, weights=dz, minlength=len(offsets))
        ridge = self._parameters.ridge
        loss += 0.5 * (
            ridge * float(np.sum((multipliers - 1) ** 2))
            + _KIND_RIDGE * float(offsets @ offsets)
            + _EXAMINED_RIDGE * float(np.sum((gammas - self._prior) ** 2))
            + (float(x[-1]) - _REMOVED_LOGIT) ** 2
        )
        to_multipliers = -slope * (log.parts.T @ dz) + ridge * (multipliers - 1)
        if self._fixed:
            to_multipliers[:] = 0.0
        to_examined = _EXAMINED_RIDGE * (gammas - self._prior) - (by_place if self._parameters.positions else 0.0)
        gradient = np.concatenate(
            [[-dz.sum(), -float(sums @ dz)], to_multipliers, -by_kind + _KIND_RIDGE * offsets, to_examined,
             [float(x[-1]) - _REMOVED_LOGIT - float(dr @ weights)]]
        )  # fmt: skip
        return loss, gradient
