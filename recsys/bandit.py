"""Which of several little-known items gets a chance: Thompson sampling with exact probabilities. Knows numbers only.

Each item has an effect of its own on the log-odds of a positive action, N(0, SPREAD^2) before anything is known of it;
trials narrow it (one Laplace step). Thompson sampling (Thompson 1933; Chapelle & Li 2011) draws an effect for each and
takes the best. Here the probability of being the best is integrated first and the item is drawn by it, mixed with an
equal chance for all: so what is logged is the probability that was used, whatever the error of the integral.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, ndtr

from recsys.columns import Floats

SPREAD: Final = 0.7
EQUAL: Final = 0.1
"""The share of the draw in which every item has the same chance: bounds the weights of a replay."""
INTERCEPT: Final = -2.0
SLOPE: Final = 3.0
"""Log-odds of a positive action by score, as long as none were learnt."""
LOOKED_AT: Final = 0.4
"""The usual share of exposures that are looked at."""
_POINTS: Final = 48
_STEPS: Final = np.arange(_POINTS, dtype=np.float64)
_TAILS: Final = 4.0
_TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Odds:
    """Log-odds of a positive action by who looks: intercept + slope * score."""

    intercept: float = INTERCEPT
    slope: float = SLOPE


def posterior(scores: Floats, shown: Floats, acted: Floats, odds: Odds) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each item's worth, on the scale of the scores.

    shown, acted: how often each was shown to anybody lately, and how often that was acted on. Shape (n,) each.
    """
    expected = expit(odds.intercept + odds.slope * scores)
    looks = LOOKED_AT * shown
    precision = looks * expected * (1 - expected) + 1 / SPREAD**2
    effect = (acted - looks * expected) / precision
    # Far from the prior one step overshoots: nothing is believed that three times the spread would not allow.
    effect = np.minimum(np.maximum(effect, -3 * SPREAD), 3 * SPREAD)
    return scores + effect / odds.slope, 1 / np.sqrt(precision) / odds.slope


def chances(means: Floats, deviations: Floats) -> Floats:
    """Shape (n,), sum 1: how probable it is that each is drawn. n >= 1."""
    if len(means) == 1:
        return np.ones(1)
    low = float((means - _TAILS * deviations).max())
    high = float((means + _TAILS * deviations).max())
    # Below every item's own lowest plausible worth there is always a better one.
    low -= 2 * float(deviations.max())
    points = (_STEPS * ((high - low) / (_POINTS - 1)) + low)[:, None]
    points[-1] = high
    away = points - means
    away /= deviations
    below = ndtr(away)
    np.maximum(below, _TINY, out=below)
    density = np.multiply(away, -0.5)
    density *= away
    np.exp(density, out=density)
    density /= deviations
    density /= below
    density *= below.prod(axis=1, keepdims=True)
    best = density.sum(axis=0)
    total = best.sum()
    even = np.full(len(means), 1 / len(means))
    return even if not total > 0 else np.asarray((1 - EQUAL) * best / total + EQUAL * even)
