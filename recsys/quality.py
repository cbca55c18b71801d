"""One number for how good a course is for its people, with its parts and its doubt. Knows sums; knows no acts."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from scipy.special import betaincinv

from recsys.opinions import Share, Tally

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"ratings": 0.40, "experts": 0.20, "finished": 0.20, "stayed": 0.10, "fits": 0.05, "recent": 0.05}
)
"""What each part weighs; they sum to 1, so none can move the number by more than half its weight."""
_FEWEST_COURSES: Final = 5
_FEWEST_VOICES: Final = 3.0
_STRENGTH: Final = (4.0, 50.0)
_MARK: Final = 2.0
"""Voices that one expert's mark is worth."""
_NINETY: Final = 1.6449
_HALF_YEARS: Final = 4.0


@dataclass(frozen=True, slots=True)
class Belief:
    """What is usual here before anything is known of a course: Beta(mean x strength, (1 - mean) x strength)."""

    mean: float
    strength: float = 8.0

    def after(self, yes: float, all_: float) -> tuple[float, float]:
        """Parameters of the posterior after `yes` of `all_` weighed voices."""
        yes = min(max(yes, 0.0), all_)
        return self.mean * self.strength + yes, (1.0 - self.mean) * self.strength + all_ - yes


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in the community. years: the median age of its courses, None: unknown.

    None for what nobody here has ever told: where no course is ever finished on record, none is worse for it.
    """

    ratings: Belief = field(default_factory=lambda: Belief(0.75))
    finished: Belief | None = field(default_factory=lambda: Belief(0.3))
    stayed: Belief | None = field(default_factory=lambda: Belief(0.7))
    fits: Belief | None = field(default_factory=lambda: Belief(0.9))
    years: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`value` 0-1 with 0.5 as what is usual here; with 90 % it is between `low` and `high`. `parts` sum to value - 0.5.

    stars: mean, low and high (1-5, 90 %) after shrinking; None when nobody rated.
    """

    value: float
    low: float
    high: float
    parts: Mapping[str, float]
    stars: tuple[float, float, float] | None = None


def usual(tallies: Iterable[Tally], years: Sequence[float] = ()) -> Usual:
    """The beliefs that the community's own courses give."""
    known = list(tallies)
    default = Usual()
    return Usual(
        ratings=_belief([t.ratings for t in known], default.ratings),
        finished=_told([t.finished for t in known], [t.finished for t in known], default.finished),
        stayed=_told([t.left_early for t in known], [_other(t.left_early) for t in known], default.stayed),
        fits=_told([t.complaints for t in known], [_other(t.complaints) for t in known], default.fits),
        years=statistics.median(years) if years else None,
    )


def judge(tally: Tally, usual_here: Usual, *, years: float | None = None) -> Judged | None:
    """None when nobody has done anything and no expert has spoken: nothing is known, and nothing is claimed.

    Each share has the posterior of a Beta-binomial model whose prior is what is usual here (Gelman et al., Bayesian
    Data Analysis, 3rd ed., sections 2.4 and 5.3; stars enter as fractions (stars - 1) / 4, which makes the interval
    wider than it need be). A part is (posterior mean - usual) scaled so that 0 is as usual, +1 perfect, -1 hopeless,
    times half its weight. `years`: age of the course; it fades by half in 4 years beside the community's median.
    """
    if not (tally.ratings.asked or tally.complaints.asked or tally.marks):
        return None
    shares: dict[str, tuple[Belief | None, Share]] = {
        "ratings": (usual_here.ratings, tally.ratings),
        "finished": (usual_here.finished, tally.finished),
        "stayed": (usual_here.stayed, _other(tally.left_early)),
        "fits": (usual_here.fits, _other(tally.complaints)),
        "experts": (
            Belief(usual_here.ratings.mean, 2 * _MARK),
            Share(sum(_MARK * (mark - 1) / 4 for mark in tally.marks), _MARK * len(tally.marks), 0, len(tally.marks)),
        ),
    }
    parts: dict[str, float] = {}
    variance = 0.0
    for name, (belief, share) in shares.items():
        if belief is None:
            continue
        a, b = belief.after(share.yes, share.all)
        mean = a / (a + b)
        room = (1.0 - belief.mean) if mean > belief.mean else belief.mean
        scale = 0.5 * WEIGHTS[name] / room
        if share.asked:
            parts[name] = scale * (mean - belief.mean)
        variance += scale**2 * mean * (1.0 - mean) / (a + b + 1.0)
    if years is not None and usual_here.years is not None and math.isfinite(years):
        newer = math.exp2(-max(years, 0.0) / _HALF_YEARS) - math.exp2(-usual_here.years / _HALF_YEARS)
        parts["recent"] = 0.5 * WEIGHTS["recent"] * newer
    value = min(max(0.5 + sum(parts.values()), 0.0), 1.0)
    spread = _NINETY * math.sqrt(variance)
    return Judged(value, max(0.0, value - spread), min(1.0, value + spread), parts, _stars(tally, usual_here))


def _stars(tally: Tally, usual_here: Usual) -> tuple[float, float, float] | None:
    if not tally.ratings.asked:
        return None
    a, b = usual_here.ratings.after(tally.ratings.yes, tally.ratings.all)
    low, high = (float(betaincinv(a, b, at)) for at in (0.05, 0.95))
    return 1 + 4 * a / (a + b), 1 + 4 * low, 1 + 4 * high


def _other(share: Share) -> Share:
    """The share of those who did not."""
    return Share(share.all - share.yes, share.all, share.asked - share.people, share.asked)


def _told(events: list[Share], shares: list[Share], default: Belief | None) -> Belief | None:
    return _belief(shares, default) if default is not None and any(share.people for share in events) else None


def _belief(shares: list[Share], default: Belief) -> Belief:
    """The Beta prior by the method of moments over courses (Bayesian Data Analysis, section 5.1; the same idea as
    Efron and Morris 1975): mean of the courses' shares, strength from how much they differ beyond chance.

    A course counts once, however many voices it has: one course that everybody attacks moves the usual by one course.
    """
    told = [share for share in shares if share.all >= _FEWEST_VOICES]
    if len(told) < _FEWEST_COURSES:
        return default
    means = [share.yes / share.all for share in told]
    mean = min(max(statistics.fmean(means), 0.02), 0.98)
    chance = statistics.fmean(mean * (1.0 - mean) / share.all for share in told)
    beyond = statistics.pvariance(means, mean) - chance
    strength = _STRENGTH[1] if beyond <= 0 else mean * (1.0 - mean) / beyond - 1.0
    return Belief(mean, min(max(strength, _STRENGTH[0]), _STRENGTH[1]))
