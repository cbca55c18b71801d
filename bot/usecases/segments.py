"""Named segments: found, said in words, read from words, counted without telling who. Knows consent; knows no platform.

Who is in one is asked anew every time and kept nowhere. Nobody is told of anybody else: a member hears whether they
themselves may come and what the rules are; moderators see a number, rounded down to fives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Kind, kind_of, native_of
from bot.domain.people import Level, Member
from bot.domain.segments import DECLARED, FEWEST, MAX_NAME, PLAIN, Rule, RuleKind, Segment, Traits, belongs, roughly
from bot.domain.text import clean_line
from bot.ports import UnitOfWork
from bot.wording import LANGUAGES, Wording
from bot.wording.reasons import topic_name

MOST: Final = 10
"""Segments that a community may make: what is chosen from has to fit into one question."""
_TOGETHER: Final = 500
_FINISHED: Final = frozenset({Signal.COMPLETE})
_ENROLLED: Final = frozenset({Signal.ENROL, Signal.PROGRESS, Signal.COMPLETE})
_RULES: Final = re.compile(r"[;；,，、]|\s+and\s+|且|并且", re.IGNORECASE)
_OR: Final = re.compile(r"\s+or\s+|\||/|或", re.IGNORECASE)
_KINDS: Final[Mapping[str, RuleKind]] = {
    "topic": RuleKind.TOPIC,
    "主题": RuleKind.TOPIC,
    "level": RuleKind.LEVEL,
    "水平": RuleKind.LEVEL,
    "finished": RuleKind.FINISHED,
    "学完": RuleKind.FINISHED,
    "enrolled": RuleKind.ENROLLED,
    "报名": RuleKind.ENROLLED,
    "new": RuleKind.NEW,
    "新成员": RuleKind.NEW,
    "active": RuleKind.ACTIVE,
    "活跃": RuleKind.ACTIVE,
    "quiet": RuleKind.QUIET,
    "安静": RuleKind.QUIET,
}


@dataclass(frozen=True, slots=True)
class Misread:
    """The id of a sentence that says what is wrong, and the words that it is about."""

    message: str
    words: str = ""

    def said(self, wording: Wording) -> str:
        return wording.say(self.message, words=self.words)


def all_segments(uow: UnitOfWork, community_id: int) -> list[Segment]:
    """Those that every community has, then those that its moderators made."""
    return [*DECLARED, *uow.segments.all(community_id)]


def find_segment(uow: UnitOfWork, community_id: int, slug: str) -> Segment | None:
    declared = next((segment for segment in DECLARED if segment.slug == slug), None)
    return declared or uow.segments.get(community_id, slug)


# Who is in one


def is_in(uow: UnitOfWork, community_id: int, segment: Segment, member: Member, now: datetime) -> bool:
    actions = uow.interactions.of_member(member.id) if segment.observes else []
    return belongs(segment, _traits(uow, community_id, member, actions), now)


def members_in(uow: UnitOfWork, community_id: int, segment: Segment, now: datetime) -> Iterator[int]:
    """Their numbers, one by one, so that whoever needs to know only whether there are enough stops early."""
    everybody = uow.members.all(community_id)
    for start in range(0, len(everybody), _TOGETHER):
        part = everybody[start : start + _TOGETHER]
        actions = uow.interactions.of_members(member.id for member in part) if segment.observes else {}
        for member in part:
            if belongs(segment, _traits(uow, community_id, member, actions.get(member.id, [])), now):
                yield member.id


def shown_count(uow: UnitOfWork, community_id: int, segment: Segment, now: datetime) -> int | None:
    """What moderators may see of how many there are; None: too few for a number."""
    return roughly(sum(1 for _ in members_in(uow, community_id, segment, now)))


def is_crowd(uow: UnitOfWork, community_id: int, segment: Segment, now: datetime) -> bool:
    """Whether they are enough for an event of their own."""
    found = members_in(uow, community_id, segment, now)
    return sum(1 for _, _ in zip(range(FEWEST), found, strict=False)) == FEWEST


def _traits(uow: UnitOfWork, community_id: int, member: Member, actions: Iterable[Interaction]) -> Traits:
    consents = member.consent.allows(ConsentKind.ENROLMENTS)
    if not consents:
        return Traits(member.profile, member.joined_at, consents)
    known = list(actions)
    finished = _courses(known, _FINISHED)
    enrolled = _courses(known, _ENROLLED)
    courses = uow.courses.get(community_id, enrolled) if enrolled else {}
    levels: dict[str, Level | None] = {course: courses[course].level for course in enrolled if course in courses}
    return Traits(
        member.profile,
        member.joined_at,
        consents,
        {course: levels.get(course) for course in finished},
        {course: levels.get(course) for course in enrolled},
        max((action.at for action in known), default=None),
    )


def _courses(actions: Iterable[Interaction], signals: frozenset[Signal]) -> list[str]:
    done = [one.item for one in actions if one.signal in signals and kind_of(one.item) is Kind.COURSE]
    return list(dict.fromkeys(native_of(item) for item in done))


# In words


def segment_name(wording: Wording, slug: str, name: str) -> str:
    """What moderators called it; those that every community has are named in the reader's language."""
    return wording.say(f"segment-is-{slug}") if slug == name and wording.has(f"segment-is-{slug}") else name


def rules_in_words(wording: Wording, segment: Segment) -> str:
    """``learning Rust or Go and finished a beginner course``."""
    return wording.listing([_rule_in_words(wording, rule) for rule in segment.rules])


def _rule_in_words(wording: Wording, rule: Rule) -> str:
    if rule.kind in PLAIN or not rule.values:
        return wording.say(f"segment-rule-{rule.kind.value}")
    named = [_value_in_words(wording, rule.kind, value) for value in rule.values]
    either = named[0] if len(named) == 1 else wording.either(named)
    if rule.kind in {RuleKind.FINISHED, RuleKind.ENROLLED} and set(rule.values) <= {level.value for level in Level}:
        return wording.say(f"segment-rule-{rule.kind.value}-level", level=either)
    key = rule.kind.value if rule.kind in {RuleKind.TOPIC, RuleKind.LEVEL} else f"{rule.kind.value}-course"
    return wording.say(f"segment-rule-{key}", value=either)


def _value_in_words(wording: Wording, kind: RuleKind, value: str) -> str:
    if kind is RuleKind.TOPIC:
        return topic_name(wording, value)
    return wording.say(f"level-{value}") if value in {level.value for level in Level} else value


def read_segment(uow: UnitOfWork, community_id: int, slug: str, name: str, words: str) -> Segment | Misread:
    """``level beginner; finished beginner; quiet``, of a closed set; what is not understood is named."""
    name = clean_line(name, limit=200)
    if not any(char.isalnum() for char in name) or len(name) > MAX_NAME:
        return Misread("segment-wrong-name", str(MAX_NAME))
    courses = {course.id: course for course in uow.courses.all(community_id)}
    topics = {tag for course in courses.values() for tag in course.tags}
    rules: list[Rule] = []
    for part in filter(None, (piece.strip() for piece in _RULES.split(clean_line(words, limit=600)))):
        rule = _read_rule(part, topics, set(courses))
        if isinstance(rule, Misread):
            return rule
        rules.append(rule)
    try:
        return Segment(slug, name, tuple(rules))
    except ValueError:
        return Misread("segment-wrong-rules")


def _read_rule(part: str, topics: set[str], courses: set[str]) -> Rule | Misread:
    known = next((word for word in sorted(_KINDS, key=len, reverse=True) if _begins(part, word)), None)
    if known is None:
        return Misread("segment-wrong-rule", part)
    kind, rest = _KINDS[known], part[len(known) :].strip(" :：")
    values: list[str] = []
    for said in filter(None, (one.strip() for one in _OR.split(rest))):
        value = _read_value(kind, said, topics, courses)
        if value is None:
            return Misread(f"segment-wrong-{kind.value}" if kind not in PLAIN else "segment-wrong-rule", said)
        values.append(value)
    try:
        return Rule(kind, tuple(dict.fromkeys(values)))
    except ValueError:
        return Misread("segment-wrong-rule", part)


def _begins(part: str, word: str) -> bool:
    low = part.casefold()
    return low == word or low.startswith(f"{word} ") or (not word.isascii() and low.startswith(word))


def _read_value(kind: RuleKind, said: str, topics: set[str], courses: set[str]) -> str | None:
    low = said.casefold()
    levels = {Wording(one).say(f"level-{level.value}").casefold(): level.value for one in LANGUAGES for level in Level}
    levels |= {level.value: level.value for level in Level}
    match kind:
        case RuleKind.TOPIC:
            names = {topic_name(Wording(one), topic).casefold(): topic for one in LANGUAGES for topic in topics}
            return low if low in topics else names.get(low)
        case RuleKind.LEVEL:
            return levels.get(low)
        case RuleKind.FINISHED | RuleKind.ENROLLED:
            return levels.get(low) or (said if said in courses else None)
        case _:
            return None
