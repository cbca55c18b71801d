"""Who would learn well with whom: shared subjects, what one can give the other, times. Knows learners; knows no names.

Every part is on a scale of 0 (says nothing) to 1, `language` and `level` also below 0; the score is their weighted sum.
Whoever is not in `others` changes nothing, not even the weight of a topic.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from recsys.types import Evidence, Reason

ENOUGH: Final = 5
"""With fewer actions than this only what was declared counts: a few presses say little about anybody."""
WINDOW: Final = 6
"""Hours of the day in which somebody is expected to be here."""
WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"shared": 0.4, "teaches": 0.2, "learns": 0.1, "answered": 0.15, "hours": 0.1, "level": 0.05, "language": 0.15}
)
SUBJECTS: Final = frozenset({"shared", "teaches", "learns", "answered"})
_ACTED: Final = 0.5
"""What an action on a topic weighs beside having declared it."""
_NAMED: Final = 3
_HALF_ANSWERS: Final = 3.0
_NONE: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Learner:
    """What may be used of one learner.

    declared: topics. acted: actions by topic. begun, finished: items. answered: answers by topic, public ones. level:
    0-2. hours: hours of the day in UTC when they are here; `seen`: observed rather than guessed. actions: how many.
    """

    id: str
    declared: frozenset[str] = frozenset()
    acted: Mapping[str, float] = field(default_factory=dict)
    begun: frozenset[str] = frozenset()
    finished: frozenset[str] = frozenset()
    answered: Mapping[str, int] = field(default_factory=dict)
    level: int | None = None
    language: str | None = None
    hours: frozenset[int] = frozenset()
    seen: bool = False
    actions: int = 0

    @property
    def known(self) -> Learner:
        """The same with what so few actions cannot say left out."""
        if self.actions >= ENOUGH:
            return self
        return Learner(
            self.id, self.declared, level=self.level, language=self.language, hours=self.hours, seen=self.seen
        )

    def topics(self) -> dict[str, float]:
        """1 for what was declared, less for what was only acted on: up to half, by n / (n + 2)."""
        found = {topic: _ACTED * count / (count + 2.0) for topic, count in self.acted.items() if count > 0}
        return found | dict.fromkeys(self.declared, 1.0)


@dataclass(frozen=True, slots=True)
class Match:
    """`reasons` sum to `score`, strongest first."""

    id: str
    score: float
    reasons: tuple[Reason, ...]


def rank(me: Learner, others: Sequence[Learner], *, k: int, worth: Mapping[str, float] = _NONE) -> list[Match]:
    """The k best partners, best first, ties by id; none without a subject in common or something to give.

    worth: how much a topic counts, 1 where nothing is said (see `learnt_worth`).
    """
    mine, those = me.known, [other.known for other in others if other.id != me.id]
    rarity = _rarity([mine, *those])
    weights = {topic: value * worth.get(topic, 1.0) for topic, value in rarity.items()}
    found: list[Match] = []
    for other in those:
        reasons = [
            Reason(source, WEIGHTS[source] * value, evidence)
            for source, value, evidence in _parts(mine, other, weights)
            if value
        ]
        if any(reason.source in SUBJECTS for reason in reasons):
            reasons.sort(key=lambda reason: (-reason.value, reason.source))
            found.append(Match(other.id, sum(reason.value for reason in reasons), tuple(reasons)))
    found.sort(key=lambda match: (-round(match.score, 9), match.id))
    return found[:k]


def learnt_worth(met: Iterable[frozenset[str]], declined: Iterable[frozenset[str]]) -> dict[str, float]:
    """How much each topic counts after what somebody chose: (1 + met) / (1 + met + declined), by topic in common."""
    yes: dict[str, int] = {}
    no: dict[str, int] = {}
    for counts, groups in ((yes, met), (no, declined)):
        for topics in groups:
            for topic in topics:
                counts[topic] = counts.get(topic, 0) + 1
    return {
        topic: (1 + yes.get(topic, 0)) / (1 + yes.get(topic, 0) + no.get(topic, 0)) for topic in yes.keys() | no.keys()
    }


def busiest_hours(hours: Iterable[int]) -> frozenset[int]:
    """The WINDOW hours in a row, around the clock, with the most actions; the earliest of equals. Empty for none."""
    counts = [0] * 24
    for hour in hours:
        counts[hour % 24] += 1
    if not any(counts):
        return frozenset()
    start = max(range(24), key=lambda at: (sum(counts[(at + step) % 24] for step in range(WINDOW)), -at))
    return frozenset((start + step) % 24 for step in range(WINDOW))


def _rarity(learners: Sequence[Learner]) -> dict[str, float]:
    """Inverse document frequency (Sparck Jones 1972): a subject that everybody names brings nobody together."""
    counts: dict[str, int] = {}
    for learner in learners:
        for topic in learner.topics():
            counts[topic] = counts.get(topic, 0) + 1
    return {topic: math.log(1 + len(learners) / count) for topic, count in counts.items()}


def _parts(me: Learner, other: Learner, weights: Mapping[str, float]) -> Iterable[tuple[str, float, Evidence]]:
    yield _shared(me.topics(), other.topics(), weights)
    yield _given("teaches", other.finished & (me.begun - me.finished))
    yield _given("learns", me.finished & (other.begun - other.finished))
    answers = {topic: count for topic, count in other.answered.items() if topic in me.topics() and count > 0}
    total = sum(answers.values())
    best = max(answers, key=lambda topic: (answers[topic], topic), default="")
    yield "answered", total / (total + _HALF_ANSWERS), Evidence((best,) if best else (), answers.get(best, 0))
    together = me.hours & other.hours
    note = str(_first(together)) if me.seen and other.seen and together else ""
    yield "hours", len(together) / WINDOW, Evidence(count=len(together), note=note)
    if me.level is not None and other.level is not None:
        yield "level", 1.0 - abs(me.level - other.level), Evidence()
    if me.language and other.language:
        yield "language", 1.0 if me.language == other.language else -1.0, Evidence(note=other.language)


def _shared(
    mine: Mapping[str, float], theirs: Mapping[str, float], weights: Mapping[str, float]
) -> tuple[str, float, Evidence]:
    """Cosine of the topics weighed by their rarity; the three that add most to it are its evidence."""
    one = {topic: value * weights.get(topic, 0.0) for topic, value in mine.items()}
    two = {topic: value * weights.get(topic, 0.0) for topic, value in theirs.items()}
    products = {topic: one[topic] * two[topic] for topic in one.keys() & two.keys()}
    lengths = math.sqrt(sum(v * v for v in one.values())) * math.sqrt(sum(v * v for v in two.values()))
    value = sum(products.values()) / lengths if lengths else 0.0
    named = sorted(products, key=lambda topic: (-products[topic], topic))[:_NAMED]
    return "shared", value, Evidence(tuple(named), len(products))


def _given(source: str, items: frozenset[str]) -> tuple[str, float, Evidence]:
    return source, len(items) / (len(items) + 1.0), Evidence(tuple(sorted(items)[:2]), len(items))


def _first(hours: frozenset[int]) -> int:
    """The hour that begins the run, around midnight too."""
    return next((hour for hour in sorted(hours) if (hour - 1) % 24 not in hours), min(hours))
