"""``/personas``: kinds of members for moderators, as groups and never as people. Knows consent; knows no formula."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction
from bot.domain.items import Course
from bot.domain.outgoing import Block, Bullets, Heading, Note, Outgoing, Paragraph, Text
from bot.domain.people import LANGUAGES, Community, Level, Member
from bot.domain.permissions import StaffAction
from bot.domain.text import clean_line
from bot.ports import Store, UnitOfWork
from bot.usecases.lists import GOOD_ENOUGH
from bot.usecases.partners import mentioned
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording
from bot.wording.reasons import topic_name
from recsys.partners import WINDOW, busiest_hours
from recsys.personas import Persona, Personas, Subject, find_personas
from recsys.rules import FEWEST
from recsys.signals import Feedback
from recsys.themes import Themes, find_themes
from recsys.types import Item, Matrix

SEED: Final = 0
FRESH: Final = timedelta(days=1)
LOOK_BACK: Final = timedelta(days=30)
ACTIVE: Final = timedelta(weeks=12)
EXAMPLES: Final = 3
WANTED: Final = 3
_ACTED: Final = 0.5


class Catalogue(Protocol):
    """The public items that have a vector, with their vectors: shape (items, dim)."""

    def __call__(self) -> tuple[Sequence[Item], Matrix]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """A persona with what it needs: searches about its topics that found nothing, and courses that fit it."""

    persona: Persona
    wanted: tuple[str, ...]
    courses: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class Segments:
    """`themes` None: there is too little to group by."""

    personas: Personas
    told: tuple[Told, ...]
    themes: Themes | None


@dataclass(frozen=True, slots=True)
class FindPersonas:
    """Group the members who consent to their enrolments being used; nobody else is in it, not even in a count."""

    store: Store
    catalogue: Catalogue

    def __call__(self, community: Community, at: datetime) -> Segments:
        items, vectors = self.catalogue()
        with self.store.read() as uow:
            members = [m for m in uow.members.all(community.id) if m.consent.allows(ConsentKind.ENROLMENTS)]
            actions = list(uow.interactions.explicit(community.id, Feedback().trainable))
            courses = {str(course.item): course for course in uow.courses.all(community.id)}
            searched = _searched(uow, community.id, at)
        vocabulary = {tag for course in courses.values() for tag in course.tags}
        vocabulary |= {topic for member in members for topic in member.profile.topics}
        terms = {item.id: _terms(item, courses, vocabulary) for item in items}
        themes = find_themes([sorted(terms[item.id]) for item in items], vectors, seed=SEED)
        theme_of = {} if themes is None else dict(zip([i.id for i in items], themes.labels.tolist(), strict=True))
        own: dict[int, list[Interaction]] = {}
        for action in actions:
            own.setdefault(action.member_id, []).append(action)
        subjects = [_subject(m, own.get(m.id, ()), terms, theme_of, community.timezone, at) for m in members]
        found = find_personas(subjects, seed=SEED)
        told = tuple(
            Told(persona, _wanted(persona, searched), _fitting(persona, own, courses)) for persona in found.groups
        )
        return Segments(found, told, themes)


class KeptPersonas:
    """The groups found last, for looking at: finding them takes seconds, in which nobody else may wait.

    They are found again when somebody asks and they are older than FRESH, or when a consent has changed since: nobody
    who took it back is counted any longer. Thread-safe; empty after a start.
    """

    def __init__(self, find: Callable[[], FindPersonas], store: Store) -> None:
        self._find = find
        self._store = store
        self._lock = threading.Lock()
        self._kept: tuple[datetime, int, Segments] | None = None
        self._wanted = False

    def latest(self, community: Community, at: datetime) -> Segments | None:
        """None when there are none that may be shown: then they are wanted, and `work` finds them."""
        kept = self._kept
        if kept is not None and at - kept[0] < FRESH and kept[1] == self._consents(community):
            return kept[2]
        self._wanted = True
        return None

    def work(self, community: Community, at: datetime) -> bool:
        """Find them if somebody asked; whether that was so."""
        with self._lock:
            if not self._wanted:
                return False
            consents = self._consents(community)
            self._kept = (at, consents, self._find()(community, at))
            self._wanted = False
            return True

    def _consents(self, community: Community) -> int:
        with self._store.read() as uow:
            return uow.members.consent_revision(community.id)


def _terms(item: Item, courses: Mapping[str, Course], vocabulary: set[str]) -> frozenset[str]:
    course = courses.get(item.id)
    if course is not None:
        return frozenset(course.tags)
    return mentioned(f"{item.title} {item.text}", vocabulary)


def _subject(
    member: Member,
    actions: Sequence[Interaction],
    terms: Mapping[str, frozenset[str]],
    theme_of: Mapping[str, int],
    timezone: str,
    at: datetime,
) -> Subject:
    acted = Counter(topic for item in {a.item for a in actions} for topic in terms.get(item, ()))
    topics = {topic: _ACTED * count / (count + 2.0) for topic, count in acted.items()}
    topics |= dict.fromkeys(member.profile.topics, 1.0)
    zone = ZoneInfo(timezone)
    return Subject(
        id=str(member.id),
        topics=topics,
        themes=dict(Counter(theme_of[a.item] for a in actions if a.item in theme_of)),
        level=member.profile.level.rank if member.profile.level else None,
        kinds=dict(Counter(a.item.partition(":")[0] for a in actions)),
        per_week=sum(action.at > at - ACTIVE for action in actions) / (ACTIVE / timedelta(weeks=1)),
        hours=tuple(action.at.astimezone(zone).hour for action in actions),
    )


def _searched(uow: UnitOfWork, community_id: int, at: datetime) -> Counter[str]:
    """What was looked for in vain, as moderators see it in ``/wanted``: never by whom."""
    rows = uow.demand.all(community_id, since=at - LOOK_BACK, below=GOOD_ENOUGH)
    return Counter(clean_line(words, limit=80).casefold() for _, words, _, _ in rows if words.strip())


def _wanted(persona: Persona, searched: Counter[str]) -> tuple[str, ...]:
    topics = [topic.name for topic in persona.topics]
    names = {topic_name(Wording(language), topic).casefold() for topic in topics for language in LANGUAGES}

    def about(words: str) -> bool:
        return bool(mentioned(words, topics)) or any(name in words for name in names if not name.isascii())

    return tuple(words for words, _ in searched.most_common() if about(words))[:WANTED]


def _fitting(
    persona: Persona, own: Mapping[int, Sequence[Interaction]], courses: Mapping[str, Course]
) -> tuple[Course, ...]:
    """Courses that many of the group took; then those whose topics and level fit it best, whoever took them."""
    taken = Counter(item for member in persona.members for item in {a.item for a in own.get(int(member), ())})
    topics = {topic.name: topic.share for topic in persona.topics}

    def order(course: Course) -> tuple[float, float, bool, str]:
        many = taken[course.item] if taken[course.item] >= FEWEST else 0
        level = persona.level is not None and course.level is not None and course.level.rank != persona.level
        return -many, -sum(topics.get(tag, 0.0) for tag in course.tags), level, course.id

    return tuple(sorted((c for c in courses.values() if set(c.tags) & topics.keys()), key=order)[:EXAMPLES])


def persona_name(wording: Wording, persona: Persona) -> str:
    """``Rust and Concurrency, intermediate``: its two most telling topics and its level."""
    topics = [topic_name(wording, topic.name) for topic in persona.topics[:2]]
    name = wording.listing(topics) if topics else wording.say("persona-mixed")
    if persona.level is None:
        return name
    return wording.say("persona-name", topics=name, level=wording.say(f"level-{list(Level)[persona.level].value}"))


def persona_lines(wording: Wording, told: Told, themes: Themes | None) -> list[str]:
    """What a moderator reads about one group."""
    say, persona = wording.say, told.persona
    lines = [say("persona-size", count=len(persona.members))]
    if persona.topics:
        telling = [
            say("persona-topic", topic=topic_name(wording, t.name), percent=round(100 * t.share))
            for t in persona.topics
        ]
        lines.append(say("persona-topics", topics=wording.listing(telling)))
    if themes is not None and persona.themes:
        words = [word for theme in persona.themes for word in themes.words[theme][:3]]
        named = list(dict.fromkeys(topic_name(wording, word) for word in words))
        lines.append(say("persona-themes", words=wording.listing(named)))
    if persona.kind:
        lines.append(say("persona-rhythm", number=wording.number(persona.per_week), kind=say(f"show-{persona.kind}")))
    if len(persona.hours) >= FEWEST * WINDOW:
        window = busiest_hours(persona.hours)
        start = next(hour for hour in sorted(window) if (hour - 1) % 24 not in window)
        lines.append(say("persona-hours", start=f"{start}:00", end=f"{(start + WINDOW) % 24}:00"))
    if told.wanted:
        lines.append(say("persona-wanted", words=wording.listing([f"“{words}”" for words in told.wanted])))
    if told.courses:
        lines.append(say("persona-courses", titles=wording.listing([f"“{c.title}”" for c in told.courses])))
    return lines


def personas_message(wording: Wording, segments: Segments) -> Outgoing:
    say, found = wording.say, segments.personas
    blocks: list[Block] = [Heading(say("personas-heading"))]
    if not segments.told:
        blocks.append(Paragraph((Text(say("personas-none", count=FEWEST)),)))
    for told in segments.told:
        blocks.append(Heading(persona_name(wording, told.persona)))
        blocks.append(Bullets(tuple((Text(line),) for line in persona_lines(wording, told, segments.themes))))
    if found.left_out:
        blocks.append(Note((Text(say("personas-few")),)))
    if len(found.groups) > 1:
        quality = say(
            "personas-quality",
            silhouette=wording.number(found.silhouette, 2),
            stability=wording.number(found.stability, 2),
        )
        blocks.append(Note((Text(quality),)))
    blocks.append(Note((Text(say("personas-note", count=FEWEST)),)))
    return Outgoing(tuple(blocks), language=wording.language)


@dataclass(frozen=True, slots=True)
class PersonasCommand:
    """For moderators: every look is in no log, because nobody can be recognised in it."""

    store: Store
    answering: Answering
    kept: KeptPersonas

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        if not turn.may(StaffAction.SEE_PERSONAS):
            say_plainly(self.store, self.answering, turn, turn.wording.say("personas-staff-only"))
            return
        segments = self.kept.latest(turn.community, turn.at)
        if segments is None:
            say_plainly(self.store, self.answering, turn, turn.wording.say("personas-working"))
            return
        message = personas_message(turn.wording, segments)
        with self.store.write() as uow:
            if turn.begin(uow):
                self.answering.reply(uow, turn, message)
                uow.commit()


def personas_document(segments: Segments) -> dict[str, object]:
    """The documented shape of ``--json``; no number of people below FEWEST is in it, nor can one be worked out."""
    found, themes = segments.personas, segments.themes
    whole = found.left_out == 0 or found.left_out >= FEWEST
    return {
        "members": found.learners if whole else None,
        "silhouette": found.silhouette,
        "stability": found.stability,
        "themes": None
        if themes is None
        else {"method": themes.method, "coherence": themes.coherence, "stability": themes.stability,
              "words": [list(words) for words in themes.words]},
        "personas": [
            {
                "name": {language: persona_name(Wording(language), told.persona) for language in LANGUAGES},
                "size": len(told.persona.members),
                "topics": [{"topic": t.name, "share": t.share, "lift": t.lift} for t in told.persona.topics],
                "level": None if told.persona.level is None else list(Level)[told.persona.level].value,
                "per_week": told.persona.per_week,
                "kind": told.persona.kind,
                "wanted": list(told.wanted),
                "courses": [str(course.item) for course in told.courses],
            }
            for told in segments.told
        ],
    }  # fmt: skip
