"""A way to a skill for one member: what the search finds, what they did and what comes first become one ordered list.

Knows courses, members and decided prerequisites; knows no scores and writes no sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course, ItemId, Kind, item_id
from bot.domain.paths import Decision, Prerequisite
from bot.domain.people import LANGUAGES, Member
from bot.domain.permissions import Viewer
from bot.domain.wanted import Wanted, understand
from bot.ports import Engine, Store, UnitOfWork
from bot.usecases.suggest import HISTORY, details
from bot.wording import Wording
from bot.wording.reasons import topic_name
from recsys.paths.plan import Learner, Path, build_path
from recsys.paths.proposal import Proposal
from recsys.signals import Feedback
from recsys.types import Filter, Hit, Item

POOL: Final = 60
GOOD_ENOUGH: Final = 0.35
"""A search whose best course scores below this knows nothing of the skill, unless a tag has its name."""
NEAR_BEST: Final = 0.6
"""Without a tag of that name, courses count that score at least this share of the best one."""
LEAST_FIT: Final = 0.35
DEFAULT_PACE: Final = 4.0
"""Hours a week of a member who told none; said beside the plan."""


@dataclass(frozen=True, slots=True)
class SkillPath:
    """The path with what its courses are. `weekly` is the pace of the plan, `assumed` when nobody told it."""

    skill: str
    path: Path
    courses: Mapping[str, Course]
    weekly: float
    assumed: bool
    best: float


@dataclass(frozen=True, slots=True)
class FindPath:
    """From a skill in free words to an ordered list of courses."""

    store: Store
    engine: Engine

    def __call__(
        self,
        member: Member,
        viewer: Viewer,
        skill: str,
        at: datetime,
        *,
        adjust: Callable[[Learner], Learner] = lambda learner: learner,
    ) -> SkillPath:
        """`adjust`: what is about to be stored and already counts."""
        wanted = understand(skill)
        where = Filter(audiences=frozenset(viewer.audiences), kinds=frozenset({Kind.COURSE.value}))
        hits = self.engine.search(wanted.words, k=POOL, where=where, now=at.timestamp()) if wanted.words else []
        items = {item.id: item for item in self.engine.items(where)}
        named = tags_named(wanted.words, {tag for item in items.values() for tag in item.tags})
        fit = fitting(items, hits, named)
        with self.store.read() as uow:
            learner = adjust(learner_of(uow, member, wanted))
            usually = [
                _proposal(found) for found in uow.prerequisites.all(viewer.community_id, state=Decision.PROPOSED)
            ]
            path = build_path(items, fit, learner, skill_tags=named, usually=usually)
            shown = {step.item for step in path.steps} | {other for step in path.steps for other in step.alternatives}
            courses = {item: found for item, found in details(uow, viewer, shown).items() if isinstance(found, Course)}
        best = max((hit.score for hit in hits), default=0.0)
        pace = learner.weekly or DEFAULT_PACE
        return SkillPath(wanted.words, path, courses, pace, member.profile.weekly_hours is None, best)


def fitting(items: Mapping[str, Item], hits: Iterable[Hit], named: frozenset[str]) -> dict[str, float]:
    """How well each course fits a skill, 0-1: the tags that have its name, and the search's score beside the best."""
    scores = {hit.item: hit.score for hit in hits if hit.item in items and hit.score > 0}
    best = max(scores.values(), default=0.0)
    if not named:
        if best < GOOD_ENOUGH:
            return {}
        return {item: score / best for item, score in scores.items() if score >= NEAR_BEST * best}
    fit: dict[str, float] = {}
    for name, item in items.items():
        share = len(named & {tag.casefold() for tag in item.tags}) / len(named)
        # Having all of several tags says much more than having one of them.
        value = 0.6 * share**2 + 0.4 * scores.get(name, 0.0) / (best or 1.0)
        if share and value >= LEAST_FIT:
            fit[name] = value
    return fit


def tags_named(words: str, tags: Iterable[str]) -> frozenset[str]:
    """The tags that `words` name, as the catalogue writes them or as either language calls them, longest names first.

    What one tag is named with names no other: "machine learning" is not also about "learning".
    """
    names: list[tuple[str, str]] = []
    for tag in tags:
        spelt = {tag.casefold(), tag.casefold().replace("-", " ")}
        spelt |= {topic_name(Wording(language), tag).casefold() for language in LANGUAGES}
        names += [(name, tag) for name in spelt]
    rest = words.casefold()
    found: set[str] = set()
    for name, tag in sorted(names, key=lambda entry: (-len(entry[0]), entry)):
        pattern = rf"(?<![a-z0-9_+#]){re.escape(name)}(?![a-z0-9_+#])" if name.isascii() else re.escape(name)
        taken, times = re.subn(pattern, " ", rest)
        if times:
            found.add(tag.casefold())
            rest = taken
    return frozenset(found)


def learner_of(uow: UnitOfWork, member: Member, wanted: Wanted | None = None) -> Learner:
    """What a member brings, as far as they allow it to be used."""
    wanted = wanted or Wanted()
    known = uow.interactions.known(member.id)
    rules = Feedback()
    progress: dict[str, float] = dict.fromkeys(map(str, known.get(Signal.ENROL, ())), 0.0)
    progress |= _progress(uow.interactions.of_member(member.id, limit=HISTORY))
    done = set(map(str, known.get(Signal.COMPLETE, ())))
    done |= {item for item, value in progress.items() if value >= rules.done_at}
    level = wanted.level or member.profile.level
    languages = (wanted.language,) if wanted.language else ((member.language,) if member.language else ())
    return Learner(
        done=frozenset(done),
        known=frozenset(map(str, known.get(Signal.KNOWN, ()))),
        progress={item: value for item, value in progress.items() if item not in done},
        level=level.rank if level else None,
        weekly=member.profile.weekly_hours or DEFAULT_PACE,
        languages=languages,
    )


def _progress(history: Iterable[Interaction]) -> dict[str, float]:
    """How far they came in each: the furthest, for a lesson seen again does not undo the later ones."""
    furthest: dict[str, float] = {}
    for done in history:
        if done.signal is Signal.PROGRESS:
            furthest[done.item] = max(furthest.get(done.item, 0.0), done.value)
    return furthest


def _proposal(found: Prerequisite) -> Proposal:
    course, needs = item_id(Kind.COURSE, found.course), item_id(Kind.COURSE, found.needs)
    return Proposal(course, needs, found.source, found.confidence, found.count, found.of, found.note)


def set_known(uow: UnitOfWork, member: Member, item: str, at: datetime, *, known: bool) -> bool:
    """Keep or take back "I know this"; whether that changed anything. It stays until it is taken back."""
    keys = uow.interactions.keys_of(member.id, ItemId(item), Signal.KNOWN)
    if not known:
        for key in keys:
            uow.interactions.withdraw(member.community_id, key)
        return bool(keys)
    if keys:
        return False
    key = f"known:{member.id}:{item}"
    return uow.interactions.add(member.community_id, Interaction(member.id, ItemId(item), Signal.KNOWN, at, key))
