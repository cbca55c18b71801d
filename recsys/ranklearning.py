"""Whether learnt weights are better than those in use, judged on lists they never saw. Knows logs; knows no files.

The lists that were logged last are ordered anew by both scores. A click counts 1 / e_k for the rank k it happened at:
its expected discounted gain is then that of the other order (Joachims, Swaminathan & Schnabel 2017).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from scipy.special import expit

from recsys.columns import Floats
from recsys.exposed import Exposed, ExposureLog, log_of
from recsys.rankfit import ClickModel, RankFitParameters, fit_clicks

FEWEST_LISTS: Final = 60
FEWEST_CLICKS: Final = 40
HELD_OUT: Final = 0.25
RIDGES: Final = (5.0, 20.0, 80.0)
_BINS: Final = 10
_LEAST_EXAMINED: Final = 0.1
"""No click counts more than ten times: variance is bought with a little bias (clipped inverse propensities)."""
_ROUNDS: Final = 500


@dataclass(frozen=True, slots=True)
class Replayed:
    """A figure of held-out lists under the weights in use and under the learnt ones; the interval (95 %, bootstrap over
    users) is of the difference."""

    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """`gain`: discounted gain a list, positions corrected. `likelihood`: log-likelihood a row. `calibration_error`:
    expected difference between the probability and the share of clicks. `reliability`: (mean probability, share of
    clicks, rows) by tenth."""

    lists: int
    clicks: int
    gain: Replayed
    likelihood: Replayed
    calibration_error: float
    reliability: tuple[tuple[float, float, int], ...]

    @property
    def better(self) -> bool:
        """Neither figure may be worse than that of the weights in use, and one must be better."""
        gain, likelihood = self.gain.after - self.gain.before, self.likelihood.after - self.likelihood.before
        return gain >= 0 and likelihood >= 0 and (gain > 0 or likelihood > 0)


@dataclass(frozen=True, slots=True)
class LearntRanking:
    """What the ranker adds to the weights set by hand. multipliers: by name of the part. kinds: what is added to the
    score by kind. The probability of a positive action by who looks is sigmoid(intercept + slope * score).
    examined: probability of a look by rank, from 1."""

    version: str
    trained_at: float
    multipliers: Mapping[str, float] = field(hash=False)
    kinds: Mapping[str, float] = field(hash=False)
    intercept: float
    slope: float
    examined: tuple[float, ...]
    lists: int
    clicks: int
    ridge: float
    judgement: Judgement = field(hash=False)

    def probability(self, score: float) -> float:
        """Of a positive action by who looks at an item of this score."""
        return float(expit(self.intercept + self.slope * score))


class TooLittle(ValueError):
    """Too few lists or clicks to learn from."""


def fit_ranking(
    exposed: Iterable[Exposed],
    names: Iterable[str],
    *,
    now: float,
    current: LearntRanking | None = None,
    parameters: RankFitParameters | None = None,
    seed: int = 0,
) -> LearntRanking:
    """Learn from all lists but the last quarter, judge on that, and give what was learnt from all of them.

    `names`: the parts that have a weight. `current`: what is in use. Whoever publishes asks `judgement.better` first.
    Raises TooLittle.
    """
    log = log_of(exposed, names)
    lists, clicks = int(log.lists[-1]) + 1 if len(log) else 0, int(log.clicked.sum())
    if lists < FEWEST_LISTS or clicks < FEWEST_CLICKS:
        raise TooLittle(f"{lists} lists with {clicks} positive actions teach nothing yet")
    parameters = parameters or RankFitParameters()
    earlier = log.before(1 - HELD_OUT)
    known, judged = log.taken(earlier), log.taken(~earlier)
    parameters = replace(parameters, ridge=_ridge(known, parameters))
    in_use = fit_clicks(as_scored(known, current), parameters, fixed=True)
    judgement = judge(judged, as_scored(judged, current), in_use, fit_clicks(known, parameters), seed)
    whole = fit_clicks(log, parameters)
    return LearntRanking(
        version=_version(whole, log),
        trained_at=now,
        multipliers=dict(zip(log.names, whole.multipliers.tolist(), strict=True)),
        kinds=dict(zip(log.kind_names, (whole.kinds / whole.slope).tolist(), strict=True)),
        intercept=whole.intercept,
        slope=whole.slope,
        examined=tuple(whole.examined.tolist()),
        lists=lists,
        clicks=clicks,
        ridge=parameters.ridge,
        judgement=judgement,
    )


def as_scored(log: ExposureLog, ranking: LearntRanking | None) -> ExposureLog:
    """The same lists with one part each: the score that the weights in use give them, kinds included."""
    scores = log.parts.sum(axis=1)
    if ranking is not None:
        scores = log.parts @ np.asarray([ranking.multipliers.get(name, 1.0) for name in log.names])
        scores += np.asarray([ranking.kinds.get(kind, 0.0) for kind in log.kind_names])[log.kinds]
    return replace(log, names=("score",), kind_names=("",), parts=scores[:, None], kinds=np.zeros_like(log.kinds))


def judge(log: ExposureLog, scored: ExposureLog, before: ClickModel, after: ClickModel, seed: int) -> Judgement:
    """`after` on a log against `before` on the same lists as it scores them; they taught neither."""
    judged = log
    # One estimate of who looked where for both, or the one that sees fewer lookers would seem to gain more.
    examined = np.maximum(after.looked_at(judged), _LEAST_EXAMINED)
    gains = [_gains(judged, model.scores(rows), examined) for model, rows in ((before, scored), (after, judged))]
    rows = [before.log_likelihoods(scored), after.log_likelihoods(judged)]
    users = _first_of_list(judged, judged.users)
    error, reliability = calibration(after.relevance(judged) * after.looked_at(judged), judged.clicked)
    return Judgement(
        lists=int(judged.lists[-1]) + 1,
        clicks=int(judged.clicked.sum()),
        gain=_replayed(gains[0], gains[1], users, seed),
        likelihood=_replayed(rows[0], rows[1], judged.users, seed),
        calibration_error=error,
        reliability=reliability,
    )


def calibration(chances: Floats, happened: np.ndarray) -> tuple[float, tuple[tuple[float, float, int], ...]]:
    """Expected calibration error over tenths of equal size (Naeini, Cooper & Hauskrecht 2015), and the tenths."""
    order = np.argsort(chances, kind="stable")
    found: list[tuple[float, float, int]] = []
    error = 0.0
    for part in np.array_split(order, _BINS):
        if len(part):
            said, was = float(chances[part].mean()), float(happened[part].mean())
            found.append((said, was, len(part)))
            error += abs(said - was) * len(part) / len(order)
    return error, tuple(found)


def _ridge(known: ExposureLog, parameters: RankFitParameters) -> float:
    """The ridge whose model of the first three quarters of these lists explains the rest best."""
    earlier = known.before(1 - HELD_OUT)
    first, rest = known.taken(earlier), known.taken(~earlier)
    if not len(first) or not len(rest):
        return parameters.ridge
    found = {
        ridge: float(fit_clicks(first, replace(parameters, ridge=ridge)).log_likelihoods(rest).mean())
        for ridge in sorted({*RIDGES, parameters.ridge}, reverse=True)
    }
    return max(found, key=found.__getitem__)


def _gains(log: ExposureLog, scores: Floats, examined: Floats) -> Floats:
    """Discounted gain of every list in the order of `scores`, ties by the rank that was logged."""
    order = np.lexsort((log.ranks, -np.round(scores, 9), log.lists))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(log.lists[order])) + 1])
    sizes = np.diff(np.concatenate([starts, [len(order)]]))
    places = np.arange(len(order)) - np.repeat(starts, sizes)
    worth = (log.clicked / examined)[order] / np.log2(places + 2.0)
    return np.asarray(np.add.reduceat(worth, starts))


def _first_of_list(log: ExposureLog, values: np.ndarray) -> np.ndarray:
    _, first = np.unique(log.lists, return_index=True)
    return np.asarray(values[first])


def _replayed(before: Floats, after: Floats, users: np.ndarray, seed: int) -> Replayed:
    """Whole users are resampled: what one person does in two lists is not two pieces of evidence."""
    _, code = np.unique(users, return_inverse=True)
    sums, counts = np.bincount(code, weights=after - before), np.bincount(code)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=_ROUNDS)
    means = (drawn @ sums) / np.maximum(drawn @ counts, 1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Replayed(float(before.mean()), float(after.mean()), float(low), float(high))


def _version(model: ClickModel, log: ExposureLog) -> str:
    digest = hashlib.sha256("\0".join((*log.names, *log.kind_names)).encode("utf-8", "surrogatepass"))
    for values in (model.multipliers, model.kinds, np.asarray([model.intercept, model.slope])):
        digest.update(np.ascontiguousarray(values).tobytes())
    return f"ranking-{digest.hexdigest()[:12]}"
