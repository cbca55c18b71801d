"""What people did with one course, as sums that an opinion of it can rest on. Knows acts and trust; no storage.

One person is one voice, however often they act; a voice weighs more the longer its person has been here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from recsys.signals import DAY, Feedback

BANDS: Final = (0.25, 0.5, 0.75)
"""Where a course is divided to say where people stop."""
TOO_EASY: Final = "easy"
TOO_HARD: Final = "hard"


@dataclass(frozen=True, slots=True)
class Act:
    """`person` did `signal` at `at` (seconds); `since`: when that person was first seen here, in seconds."""

    person: str
    signal: str
    at: float
    value: float = 1.0
    reason: str = ""
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class TrustRule:
    """A voice weighs 1 - 2^(-age / half), age in days since its person was first seen.

    All voices younger than `young` days together weigh at most `least`, or `share` of the others' weight, whichever is
    more: any number of new accounts is worth a few old ones. A rating by somebody who never began weighs `stranger`.
    `settled`: days after which an unfinished course that nobody touched counts as given up.
    """

    half: float = 7.0
    young: float = 14.0
    least: float = 1.0
    share: float = 0.1
    stranger: float = 0.25
    settled: float = 45.0

    def of(self, age: float) -> float:
        return 1.0 - math.exp2(-max(0.0, age) / self.half)


@dataclass(frozen=True, slots=True)
class Share:
    """`yes` of `all` voices, weighed; `people` of `asked` people, counted."""

    yes: float = 0.0
    all: float = 0.0
    people: int = 0
    asked: int = 0

    @classmethod
    def of(cls, voices: Iterable[tuple[float, bool]]) -> Share:
        said = list(voices)
        return cls(
            sum(weight for weight, yes in said if yes),
            sum(weight for weight, _ in said),
            sum(yes for _, yes in said),
            len(said),
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of one course.

    ratings: stars as 0-1, weighed: `yes` is the weighed sum, `all` the weight, `people` raters. finished: of those who
    enrolled and had the time to finish. enrolled: people, also those who have only begun. left_early: of those who gave
    up or finished, who stopped before the first quarter. complaints: too easy or too hard, of all who had to do with
    it. stops: people who gave up, by quarter. marks: experts' stars.
    """

    ratings: Share = field(default_factory=Share)
    finished: Share = field(default_factory=Share)
    left_early: Share = field(default_factory=Share)
    complaints: Share = field(default_factory=Share)
    enrolled: int = 0
    too_easy: int = 0
    too_hard: int = 0
    stops: tuple[int, ...] = (0, 0, 0, 0)
    marks: tuple[int, ...] = ()


@dataclass(slots=True)
class _Voice:
    since: float = math.inf
    stars: float | None = None
    began: float | None = None
    progress: float = 0.0
    finished: bool = False
    complaint: str = ""
    last: float = 0.0


def tally(acts: Iterable[Act], now: float, *, marks: Iterable[int] = (), rule: TrustRule | None = None) -> Tally:
    """The sums of one course's acts, in order of time. What is malformed or lies in the future is left out."""
    rule, done_at = rule or TrustRule(), Feedback().done_at
    voices: dict[str, _Voice] = {}
    for act in acts:
        if math.isfinite(act.at) and math.isfinite(act.value) and act.at <= now:
            _hear(voices.setdefault(act.person, _Voice()), act, done_at)
    people = [voices[person] for person in sorted(voices)]
    weights = _weights([(now - voice.since) / DAY for voice in people], rule)
    said = list(zip(people, weights, strict=True))
    rated = [(voice.stars, w * (1.0 if voice.began is not None else rule.stranger)) for voice, w in said if voice.stars]
    begun = [(voice, w) for voice, w in said if voice.began is not None]
    old = now - rule.settled * DAY
    settled = [(voice, w) for voice, w in begun if voice.finished or voice.last <= old]
    gave_up = [voice for voice, _ in settled if not voice.finished and voice.progress > 0]
    return Tally(
        ratings=Share(
            sum(w * (stars - 1.0) / 4.0 for stars, w in rated), sum(w for _, w in rated), len(rated), len(rated)
        ),
        finished=Share.of((w, voice.finished) for voice, w in settled),
        left_early=Share.of(
            (w, not voice.finished and voice.progress < BANDS[0])
            for voice, w in settled
            if voice.finished or voice.progress > 0
        ),
        complaints=Share.of((w, bool(voice.complaint)) for voice, w in said),
        enrolled=len(begun),
        too_easy=sum(voice.complaint == TOO_EASY for voice in people),
        too_hard=sum(voice.complaint == TOO_HARD for voice in people),
        stops=tuple(sum(_band(voice.progress) == band for voice in gave_up) for band in range(len(BANDS) + 1)),
        marks=tuple(sorted(marks)),
    )


def _hear(voice: _Voice, act: Act, done_at: float) -> None:
    voice.since = min(voice.since, act.since, act.at)
    voice.last = max(voice.last, act.at)
    match act.signal:
        case "rate":
            voice.stars = min(max(act.value, 1.0), 5.0)
        case "dismiss":
            voice.complaint = act.reason if act.reason in (TOO_EASY, TOO_HARD) else ""
        case "enrol" | "progress" | "complete":
            voice.began = act.at if voice.began is None else min(voice.began, act.at)
            if act.signal == "progress":
                voice.progress = max(voice.progress, min(max(act.value, 0.0), 1.0))
            voice.finished |= act.signal == "complete" or voice.progress >= done_at


def _weights(ages: list[float], rule: TrustRule) -> list[float]:
    """Trust by age; the young ones scaled down together where they would be too many."""
    trust = [rule.of(age) for age in ages]
    young = sum(weight for weight, age in zip(trust, ages, strict=True) if age < rule.young)
    most = max(rule.least, rule.share * (sum(trust) - young))
    scale = min(1.0, most / young) if young > 0 else 1.0
    return [weight * (scale if age < rule.young else 1.0) for weight, age in zip(trust, ages, strict=True)]


def _band(progress: float) -> int:
    return sum(progress >= edge for edge in BANDS)
