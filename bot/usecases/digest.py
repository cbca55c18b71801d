"""A digest composed: for one member or for many at once, by the same code. Reads only; sends nothing.

The contract with the reader: nothing below the floor, nothing that a digest had before, nothing that they clicked, own,
kept or removed or were shown twice, nothing older than their last digest unless they kept it, at least two kinds where
there are two, at most two by one author, one surprise that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.digests import DigestSettings, Section, You
from bot.domain.interactions import Interaction, ScorePart, Signal
from bot.domain.items import Course, Event, ItemId, Kind, Post, native_of
from bot.domain.localtime import zone
from bot.domain.permissions import Viewer
from bot.domain.quality import CourseQuality
from bot.domain.schedules import Frequency
from bot.ports import Engine, Ids, Store, UnitOfWork
from bot.usecases.curating import decisions_for, ruled
from bot.usecases.digest_choice import FEWEST, author_of, chosen
from bot.usecases.digest_known import Around, Details, Known, around, known_of
from bot.usecases.digest_same import SameThings
from bot.usecases.digest_sections import EVENTS, SPAN, happening, helpable, helped, kept, unfinished, yours
from bot.usecases.discussions import SOLVED
from bot.usecases.letters import SAVED, named_in
from bot.usecases.suggest import HISTORY, Detail, known_for_good, query_of, score_parts
from bot.usecases.traffic import no_traffic
from bot.usecases.turn import Turn
from bot.usecases.views import Frame, Shown, View
from bot.wording.reasons import tells
from recsys.types import Query, Recommendation, Traffic

_KINDS: Final = (Kind.COURSE, Kind.POST, Kind.EVENT)
_ALL: Final = 5000
"""Of those few who did more than the ranking looks back at: as many acts as a row of weeks may stand on."""
_PAST: Final = 12
"""Discussions that somebody answered, the latest, that a question is compared with."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A composed digest, not yet said. `known`: what its items are, and those that its reasons rest on."""

    view: View
    known: dict[str, Detail]
    rated: dict[str, CourseQuality]
    unfinished: tuple[Course, float] | None = None
    going: tuple[str, ...] = ()
    you: You = You()  # noqa: RUF009  frozen

    def framed(self, control: str, turn: Turn, settings: DigestSettings, *, preview: bool) -> View:
        """The view with all that the digest says around it."""
        course, progress = self.unfinished or (None, 0.0)
        frame = Frame(
            control,
            turn.at.astimezone(zone(turn.member.timezone)).date(),
            preview,
            unfinished=course.item if course else "",
            progress=progress,
            going=self.going,
            you=self.you,
            frequency=settings.frequency,
        )
        return replace(self.view, frame=frame)

    @property
    def suggested(self) -> int:
        return sum(not shown.section for shown in self.view.items)

    @property
    def worth_sending(self) -> bool:
        return self.suggested >= FEWEST


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose digest, as they want it."""

    turn: Turn
    settings: DigestSettings


@dataclass(frozen=True, slots=True)
class ComposeDigests:
    """Choose what many members' digests say, in the order given. What does not depend on the member is read once."""

    store: Store
    engine: Engine
    ids: Ids
    traffic: Callable[[datetime], Traffic] = no_traffic

    def __call__(self, wanted: Sequence[Wanted]) -> list[Letter]:
        """All of one community and at one time."""
        if not wanted:
            return []
        with self.store.read() as uow:
            return list(_Composing(uow, self, wanted).letters())


@dataclass(frozen=True, slots=True)
class ComposeDigest:
    """The digest of one member."""

    many: ComposeDigests

    def __call__(self, turn: Turn, settings: DigestSettings) -> Letter:
        (letter,) = self.many([Wanted(turn, settings)])
        return letter


class _Composing:
    """What is looked up once, while the digests of one lot are composed."""

    def __init__(self, uow: UnitOfWork, parts: ComposeDigests, wanted: Sequence[Wanted]) -> None:
        self._uow, self._parts, self._wanted = uow, parts, wanted
        first = wanted[0].turn
        self._community, self._at = first.community.id, first.at
        self._decided = decisions_for(uow, self._community, self._at)
        self._known = known_of(uow, [one.turn.member.id for one in wanted], self._at)
        self._around: Around = around(uow, self._community, self._decided[1], self._at)
        self._same = SameThings(self._around.ahead)
        audiences = frozenset(audience for one in wanted for audience in one.turn.viewer.audiences)
        self._details = Details(uow, self._community, audiences)
        self._questions = _matrix([parts.engine.vector(post.item) for post in self._around.questions])
        self._traffic = parts.traffic(self._at)
        self._history, self._accepted = self._did()

    def letters(self) -> Iterator[Letter]:
        self._look(self._wanted)
        begun = [self._begun(one) for one in self._wanted]
        # What stands beside the suggestions is chosen first: it is no suggestion then.
        beside = [list(self._beside(one)) for one in self._wanted]
        lists = self._parts.engine.batch(self._query(*each) for each in zip(self._wanted, begun, beside, strict=True))
        ranked = [list(found) for found in lists]
        self._details.look(r.item for found in ranked for r in found)
        drafts = [self._draft(*each) for each in zip(self._wanted, begun, beside, ranked, strict=True)]
        self._details.look(item for draft in drafts for item in named_in(draft.view))
        slugs = {
            native_of(ItemId(shown.item))
            for draft in drafts
            for shown in draft.view.items
            if shown.item.startswith("course:")
        }
        quality = self._uow.qualities.get(self._community, slugs) if slugs else {}
        for one, draft in zip(self._wanted, drafts, strict=True):
            yield self._finished(one, draft, quality)

    def _look(self, wanted: Sequence[Wanted]) -> None:
        """What the parts beside the suggestions may name, of everybody at once."""
        items: set[str] = set()
        for one in wanted:
            known = self._known[one.turn.member.id]
            items.update(i.item for i in known.history if i.signal in {Signal.PROGRESS, Signal.COMPLETE})
            items.update(kept(known, known.before)[:2])
            if Section.HELP in one.settings.sections:
                items.update(helped(known)[:_PAST])
            items.update(item for item in self._barred(known) if item.startswith("course:"))
        self._details.look(items)

    def _course(self, viewer: Viewer, item: str) -> Course | None:
        detail = self._details.of(viewer, item) if item.startswith("course:") else None
        return detail if isinstance(detail, Course) else None

    def _begun(self, one: Wanted) -> tuple[Course, float] | None:
        known = self._known[one.turn.member.id]
        return unfinished(known.history, lambda item: self._course(one.turn.viewer, item))

    def _barred(self, known: Known) -> frozenset[str]:
        return known_for_good(known.by_signal) | known.before | known.often | frozenset(known.of(Signal.CLICK))

    def _query(self, one: Wanted, begun: tuple[Course, float] | None, beside: Sequence[Shown]) -> Query:
        member, known = one.turn.member, self._known[one.turn.member.id]
        barred = self._barred(known) | {shown.item for shown in beside}
        if begun is not None:
            barred |= {begun[0].item}
        query = query_of(
            member,
            one.turn.viewer,
            known.history,
            known.shown,
            # More than are taken: some are too old, by the same author, or drawn beside the one surprise.
            k=2 * one.settings.length + 8,
            at=self._at,
            exclude=barred,
            kinds=_KINDS,
            traffic=self._traffic,
        )
        return ruled(query, *self._decided)

    def _draft(
        self,
        one: Wanted,
        begun: tuple[Course, float] | None,
        beside: Sequence[Shown],
        ranked: Sequence[Recommendation],
    ) -> Letter:
        turn, settings = one.turn, one.settings
        known, barred = self._known[turn.member.id], self._barred(self._known[turn.member.id])
        there = {r.item: detail for r in ranked if (detail := self._details.of(turn.viewer, r.item)) is not None}
        attended: list[Event] = []
        fitting: list[tuple[Event, str]] = []
        if Section.EVENTS in settings.sections:
            until = turn.at + max(2 * SPAN[settings.frequency], timedelta(days=7))
            attended, fitting = happening(turn.member, turn.viewer, self._around, known, barred, until)
        aside = (self._details.of(turn.viewer, shown.item) for shown in beside)
        said = [*attended, *(one for one in aside if one is not None), *((begun[0],) if begun else ())]
        new = self._apart([there[r.item] for r in ranked if r.item in there], said, one, barred)
        usable = [r for r in ranked if r.item in new and self._worth_telling(r, there[r.item], turn, known)]
        taken = chosen(usable, settings.length, lambda item: author_of(there[item]))
        shown = [self._shown(r) for r in taken]
        tags = {event.item: tag for event, tag in fitting}
        others = self._same.apart([event for event, _ in fitting], [*said, *(there[r.item] for r in taken)])
        items = [*shown, *beside]
        items += [
            self._aside(Section.EVENTS, event.item, ScorePart("event", 0.0, note=tags[event.item]))
            for event in others[:EVENTS]
        ]
        going = tuple(event.item for event in attended)
        wants_you, wants_course = Section.YOU in settings.sections, Section.CONTINUE in settings.sections
        return Letter(
            View(id=self._parts.ids.code(), surface="digest", items=tuple(items)),
            {},
            {},
            begun if wants_course else None,
            going,
            self._you(one) if wants_you else You(),
        )

    def _beside(self, one: Wanted) -> Iterator[Shown]:
        turn, sections = one.turn, one.settings.sections
        known = self._known[turn.member.id]
        if Section.CONTINUE in sections:
            for item in kept(known, known.before)[:2]:
                if self._details.of(turn.viewer, item) is not None:
                    yield self._aside(SAVED, item, ScorePart("kept", 0.0))
                    break
        if Section.HELP in sections:
            past = [
                (post, self._parts.engine.vector(post.item))
                for item in helped(known)[:_PAST]
                if isinstance(post := self._details.of(turn.viewer, item), Post)
            ]
            found = helpable(
                turn.member, turn.viewer, self._around.questions, self._questions, past, self._barred(known)
            )
            if found is not None:
                post, why = found
                yield self._aside(Section.HELP, post.item, why)

    def _apart(
        self, details: Sequence[Detail], said: Sequence[Detail], one: Wanted, barred: frozenset[str]
    ) -> frozenset[str]:
        """Those that are no other name of something said here, barred, or announced by itself."""
        viewer = one.turn.viewer
        courses = (self._course(viewer, item) for item in barred)
        links = {name for course in courses if course is not None for name in self._same.names(course).own}
        fresh = [
            detail
            for detail in details
            if not self._same.announces(detail, viewer) and not (self._same.names(detail).own & links)
        ]
        return frozenset(detail.item for detail in self._same.apart(fresh, said))

    def _worth_telling(self, r: Recommendation, detail: Detail, turn: Turn, known: Known) -> bool:
        """News, with a reason that can stand alone."""
        return self._new(detail, turn, known) and any(tells(part.source, part.value) for part in r.reasons)

    def _new(self, detail: Detail, turn: Turn, known: Known) -> bool:
        """A discussion in which nothing was said since the last digest is no news; courses do not age in a week."""
        match detail:
            case Post():
                mine = detail.author_id == turn.member.id
                return not mine and (known.last is None or detail.last_at > known.last)
            case Event():
                return detail.starts_at > turn.at
            case Course():
                return True

    def _did(self) -> tuple[dict[int, Sequence[Interaction]], dict[int, list[datetime]]]:
        """(what whoever wants to read of themselves did, as far back as it matters; when answers were accepted)."""
        wants = {one.turn.member.id: one for one in self._wanted if Section.YOU in one.settings.sections}
        cut = [member for member in wants if len(self._known[member].history) >= HISTORY]
        history: dict[int, Sequence[Interaction]] = {member: self._known[member].history for member in wants}
        history |= self._uow.interactions.of_members(cut, limit=_ALL) if cut else {}
        since = min((self._since(one) for one in wants.values()), default=self._at)
        return history, self._uow.messages.marked(list(wants), SOLVED, since=since) if wants else {}

    def _since(self, one: Wanted) -> datetime:
        """What is told of what they did begins here."""
        since = self._known[one.turn.member.id].last or self._at - SPAN[one.settings.frequency]
        return min(since, self._at - SPAN[Frequency.DAILY])

    def _you(self, one: Wanted) -> You:
        member, viewer = one.turn.member, one.turn.viewer
        history = self._history.get(member.id, ())
        hours: dict[str, float] = {
            i.item: course.hours
            for i in history
            if i.signal in {Signal.PROGRESS, Signal.COMPLETE}
            and (course := self._course(viewer, i.item)) is not None
            and course.hours
        }
        opened = self._known[member.id].of(Signal.POST)
        accepted = self._accepted.get(member.id, ())
        whole = len(history) < (_ALL if len(self._known[member.id].history) >= HISTORY else HISTORY)
        return yours(member, history, hours, accepted, opened, self._since(one), self._at, whole=whole)

    def _shown(self, r: Recommendation) -> Shown:
        return Shown(
            r.item,
            self._parts.ids.code(),
            r.score,
            score_parts(r.reasons),
            explored=r.policy == "explore",
            propensity=r.propensity,
            pinned=r.policy == "pin",
            slate=r.slate,
        )

    def _aside(self, section: str, item: str, why: ScorePart) -> Shown:
        return Shown(item, self._parts.ids.code(), why.value, (why,), section=section)

    def _finished(self, one: Wanted, draft: Letter, quality: dict[str, CourseQuality]) -> Letter:
        viewer = one.turn.viewer
        named = [*named_in(draft.view), *draft.going, *((draft.unfinished[0].item,) if draft.unfinished else ())]
        known = {item: detail for item in named if (detail := self._details.of(viewer, item)) is not None}
        rated = {
            shown.item: quality[slug]
            for shown in draft.view.items
            if shown.item.startswith("course:") and (slug := native_of(ItemId(shown.item))) in quality
        }
        return replace(draft, known=known, rated=rated)


def _matrix(vectors: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32]:
    """One row each, zeros where there is none; shape (n, 0) where there is none at all."""
    known = next((vector for vector in vectors if vector is not None), None)
    if known is None:
        return np.zeros((len(vectors), 0), dtype=np.float32)
    empty = np.zeros_like(known)
    return np.stack([empty if vector is None else vector for vector in vectors])
