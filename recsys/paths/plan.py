"""An ordered way to a skill: gaps, one item for each, what it needs, what may be skipped, how many weeks.

Knows items, how well they fit the skill, and what one learner did; knows no search and no storage.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from recsys.paths.descriptions import BROAD
from recsys.paths.graph import Cut, Edge, in_order
from recsys.paths.proposal import Proposal
from recsys.types import Item

MOST: Final = 8
PER_LEVEL: Final = 3
ALTERNATIVES: Final = 2
DEFAULT_HOURS: Final = 10.0
_CORE: Final = ""
"""The sub-skill of whatever is about the skill as a whole."""
_LONG: Final = 150.0
"""Hours, with what comes before, at which an item counts half."""
_FEWEST: Final = 2
_WORTH: Final = 0.12
"""A further item of a level must add at least this share of the skill's sub-skills, weighed by its fit."""


class Standing(StrEnum):
    DONE = "done"
    KNOWN = "known"
    BEGUN = "begun"
    OPEN = "open"


class Why(StrEnum):
    """Why a step stands in the path. CORE and TOPIC: it fills a gap of the skill. NEEDED: others need it."""

    CORE = "core"
    TOPIC = "topic"
    NEEDED = "needed"


class Skip(StrEnum):
    """Why a step may be skipped: it is below the learner's level, or the learner has finished what builds on it."""

    LEVEL = "level"
    BUILT_ON = "built_on"


@dataclass(frozen=True, slots=True)
class Learner:
    """What one learner brings. progress: 0-1 by item begun. level: 0-2, None unknown. weekly: hours a week."""

    done: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    progress: Mapping[str, float] = field(default_factory=dict, hash=False)
    level: int | None = None
    weekly: float | None = None
    languages: tuple[str, ...] = ()

    def standing(self, item: str) -> Standing:
        if item in self.done:
            return Standing.DONE
        if item in self.known:
            return Standing.KNOWN
        return Standing.BEGUN if item in self.progress else Standing.OPEN


@dataclass(frozen=True, slots=True)
class Step:
    """`why` with its evidence: topics it fills, of how many items on the skill (`share` 0-1) each is a part; the items
    that need it. `after`: what must come before it here; `usually`: what is often taken before it (nothing binds).

    hours: what is left to do, an estimate where `guessed`. Alternatives fill the same gap.
    """

    item: str
    standing: Standing
    why: Why
    level: int | None
    topics: tuple[str, ...] = ()
    share: float = 0.0
    needed_for: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    usually: tuple[Proposal, ...] = ()
    alternatives: tuple[str, ...] = ()
    hours: float = 0.0
    guessed: bool = False
    skip: Skip | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """`parts`: (item, hours of it in this week)."""

    number: int
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Steps in order. `hours`: left in all; `weeks`: the plan at `weekly` hours. `cuts`: circles that were broken."""

    steps: tuple[Step, ...]
    hours: float = 0.0
    weekly: float | None = None
    weeks: tuple[Week, ...] = ()
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class _Pick:
    item: Item
    topics: tuple[str, ...]
    share: float
    alternatives: tuple[str, ...]


def build_path(
    items: Mapping[str, Item],
    fit: Mapping[str, float],
    learner: Learner,
    *,
    skill_tags: Iterable[str] = (),
    usually: Iterable[Proposal] = (),
) -> Path:
    """`items`: everything that the learner may see, by id; `fit`: 0-1 for those that are about the skill.

    Level by level, items are chosen that cover most of the skill's sub-skills (tags beside `skill_tags`, weighed by the
    fit of the items that have them), each time the one that adds most: the greedy cover of Nemhauser, Wolsey and Fisher
    (1978), within 1 - 1/e of the best choice of as many. `Item.prerequisites` are added and bind the order;
    `usually` only decides what nothing else does.
    """
    about = {name: fit[name] for name in sorted(fit) if name in items and fit[name] > 0}
    if not about:
        return Path(())
    picks = _choose(items, about, learner, frozenset(skill_tags))
    needed_for = _needed(items, [pick.item.id for pick in picks])
    chosen = {pick.item.id: pick for pick in picks}
    names = list(dict.fromkeys([*chosen, *needed_for]))
    hints = [p for p in usually if p.item in names and p.needs in names]
    edges = [Edge(before, name) for name in names for before in items[name].prerequisites]
    edges += [Edge(p.needs, p.item, bound=False, weight=p.confidence) for p in hints]
    ordered = in_order(names, edges, lambda name: (_level(items[name]), name not in needed_for, -about.get(name, 0.0)))
    cut = {(c.edge.before, c.edge.after) for c in ordered.cuts}
    typical = _typical_hours(items, about)
    finished = learner.done | learner.known
    steps = []
    for name in ordered.names:
        pick, item = chosen.get(name), items[name]
        standing = learner.standing(name)
        hours, guessed = _hours_left(item, learner, typical)
        others = tuple(sorted(needed_for.get(name, ()), key=ordered.names.index))
        steps.append(
            Step(
                item=name,
                standing=standing,
                why=Why.NEEDED if pick is None else (Why.TOPIC if pick.topics else Why.CORE),
                level=item.level,
                topics=pick.topics if pick else (),
                share=pick.share if pick else 0.0,
                needed_for=others,
                after=tuple(n for n in dict.fromkeys(item.prerequisites) if n in names and (n, name) not in cut),
                usually=tuple(p for p in hints if p.item == name and (p.needs, name) not in cut),
                alternatives=pick.alternatives if pick else (),
                hours=hours,
                guessed=guessed,
                skip=_skip(item, standing, learner, any(other in finished for other in others)),
            )
        )
    left = sum(step.hours for step in steps)
    return Path(tuple(steps), left, learner.weekly, weekly_plan(steps, learner.weekly), ordered.cuts)


def weekly_plan(steps: Iterable[Step], weekly: float | None) -> tuple[Week, ...]:
    """What is left, in order, filled into weeks of `weekly` hours; nothing without a pace."""
    if weekly is None or not (math.isfinite(weekly) and weekly > 0):
        return ()
    weeks: list[list[tuple[str, float]]] = []
    free = 0.0
    for step in steps:
        left = step.hours
        while left > 1e-9:
            if free <= 1e-9:
                weeks.append([])
                free = weekly
            part = min(left, free)
            weeks[-1].append((step.item, part))
            left -= part
            free -= part
    return tuple(Week(number, tuple(parts)) for number, parts in enumerate(weeks, 1))


def _choose(
    items: Mapping[str, Item], about: Mapping[str, float], learner: Learner, skill_tags: frozenset[str]
) -> list[_Pick]:
    spoken = [name for name in about if not learner.languages or items[name].language in learner.languages]
    # Another language is better than a path with holes.
    pool = spoken if len(spoken) >= 3 else list(about)
    share = _shares(items, {name: about[name] for name in pool}, skill_tags)
    opens: dict[str, int] = {}
    for name in pool:
        for before in items[name].prerequisites:
            opens[before] = opens.get(before, 0) + 1

    typical = _typical_hours(items, about)
    cost = {
        name: sum(_hours_left(items[other], learner, typical)[0] for other in (name, *_needed(items, [name])))
        for name in pool
    }

    def fit(name: str) -> float:
        # What others build on stands better than its like, and what the learner has begun or done is their way.
        leads = 1.0 + 0.15 * math.log1p(opens.get(name, 0))
        mine = 1.0 if learner.standing(name) is Standing.OPEN else 1.5
        quality = items[name].quality
        # Of two that teach the same, the one that costs less time, with what it needs and the learner lacks.
        short = 1.0 / (1.0 + cost[name] / _LONG)
        return about[name] * leads * mine * short * (1.0 if quality is None else 0.8 + 0.4 * quality)

    picks: list[_Pick] = []
    lower: set[str] = set()
    for level in (0, 1, 2):
        here = [name for name in pool if _level(items[name]) == level]
        covered: set[str] = set()
        taken: list[str] = []
        while here and len(taken) < PER_LEVEL and len(picks) < MOST:
            core = not taken
            gain, name = max(
                (fit(name) * _gain(_topics(items[name], skill_tags), share, covered, lower, core=core), name)
                for name in here
            )
            best = max(about[other] for other in pool)
            if gain < (0.0 if core else _WORTH * best):
                break
            fills = _fills(_topics(items[name], skill_tags), share, covered)
            covered |= set(_topics(items[name], skill_tags))
            taken.append(name)
            here.remove(name)
            like = [n for n in here if core or set(fills) & set(_topics(items[n], skill_tags))]
            like.sort(key=lambda other: (-fit(other) * (1 + _overlap(items[other], items[name])), other))
            picks.append(
                _Pick(
                    items[name],
                    () if core else fills,
                    share.get(fills[0], 0.0) if fills and not core else 1.0,
                    tuple(like[:ALTERNATIVES]),
                )
            )
        lower |= covered
    return _without_own_needs(items, picks)


def _shares(items: Mapping[str, Item], about: Mapping[str, float], skill_tags: frozenset[str]) -> dict[str, float]:
    """How much of what is about the skill has each sub-skill. What only one item names is that item's own business."""
    total = sum(about.values())
    share: dict[str, float] = {}
    count: dict[str, int] = {}
    for name, fit in about.items():
        for tag in _topics(items[name], skill_tags):
            share[tag] = share.get(tag, 0.0) + fit / total
            count[tag] = count.get(tag, 0) + 1
    return {tag: value for tag, value in share.items() if count[tag] >= _FEWEST}


def _without_own_needs(items: Mapping[str, Item], picks: list[_Pick]) -> list[_Pick]:
    """An alternative that stands in the path by itself is none."""
    in_path = {pick.item.id for pick in picks} | set(_needed(items, [pick.item.id for pick in picks]))
    return [
        _Pick(p.item, p.topics, p.share, tuple(other for other in p.alternatives if other not in in_path))
        for p in picks
    ]


def _topics(item: Item, skill_tags: frozenset[str]) -> tuple[str, ...]:
    return tuple(tag for tag in dict.fromkeys(item.tags) if tag not in skill_tags and tag not in BROAD)


def _fills(topics: Iterable[str], share: Mapping[str, float], covered: set[str]) -> tuple[str, ...]:
    """The sub-skills that are new with these topics, the most usual first."""
    return tuple(sorted((t for t in topics if t in share and t not in covered), key=lambda t: (-share[t], t)))[:2]


def _gain(
    topics: Iterable[str], share: Mapping[str, float], covered: set[str], lower: set[str], *, core: bool
) -> float:
    """A sub-skill that was met on a lower level is half as new."""
    new = [share.get(topic, 0.0) * (0.5 if topic in lower else 1.0) for topic in topics if topic not in covered]
    return (1.0 if core else 0.0) + sum(new)


def _overlap(one: Item, other: Item) -> float:
    a, b = set(one.tags), set(other.tags)
    return len(a & b) / len(a | b) if a | b else 0.0


def _needed(items: Mapping[str, Item], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Everything that `names` need, directly or through others, with what needs it directly."""
    found: dict[str, dict[str, None]] = {}
    open_ = list(names)
    seen = set(open_)
    while open_:
        name = open_.pop(0)
        for before in items[name].prerequisites:
            if before in items and before != name:
                found.setdefault(before, {})[name] = None
                if before not in seen:
                    seen.add(before)
                    open_.append(before)
    return {name: tuple(others) for name, others in found.items()}


def _level(item: Item) -> int:
    """An item of no stated level stands in the middle."""
    return 1 if item.level is None else item.level


def _typical_hours(items: Mapping[str, Item], about: Iterable[str]) -> float:
    known = [hours for name in about if (hours := items[name].hours) is not None and hours > 0]
    return statistics.median(known) if known else DEFAULT_HOURS


def _hours_left(item: Item, learner: Learner, typical: float) -> tuple[float, bool]:
    standing = learner.standing(item.id)
    if standing in (Standing.DONE, Standing.KNOWN):
        return 0.0, False
    guessed = item.hours is None or not item.hours > 0
    whole = typical if guessed or item.hours is None else item.hours
    done = min(max(learner.progress.get(item.id, 0.0), 0.0), 1.0) if standing is Standing.BEGUN else 0.0
    return whole * (1.0 - done), guessed


def _skip(item: Item, standing: Standing, learner: Learner, built_on: bool) -> Skip | None:  # noqa: FBT001
    if standing is not Standing.OPEN:
        return None
    if built_on:
        return Skip.BUILT_ON
    if learner.level is not None and item.level is not None and item.level < learner.level:
        return Skip.LEVEL
    return None
