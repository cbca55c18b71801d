"""``/rate course 1-5 why``: a learner's rating, or the mark of an expert. Knows roles and the audit log; no formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import Course, ItemId, Kind, item_id, native_of
from bot.domain.outgoing import Outgoing, Paragraph, Text
from bot.domain.people import Member
from bot.domain.permissions import Role, StaffAction, Viewer, may
from bot.domain.quality import Mark
from bot.domain.text import clean, clean_line
from bot.ports import AuditRow, Engine, Ids, Store, UnitOfWork
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from recsys.types import Filter

LONGEST_NOTE: Final = 500
LIKELY: Final = 5
_RATING: Final = re.compile(
    r"(?P<course>.+?)\s+(?P<stars>[1-5])(?:\s*(?:/\s*5|★|星|分|stars?))?(?:[\s,，:：]+(?P<note>.*))?", re.DOTALL
)

Kept = Literal["mark", "rating", "same", "consent"]


def parse_rating(words: str) -> tuple[str, int, str] | None:
    """(course, stars, note) of ``rust-book 4 clear but long``; None where there is no rating."""
    found = _RATING.fullmatch(words.strip())
    if found is None:
        return None
    note = clean(found.group("note") or "", limit=LONGEST_NOTE).strip()
    return clean_line(found.group("course")), int(found.group("stars")), note


@dataclass(frozen=True, slots=True)
class FindCourse:
    """The course that somebody names: by id, by title, or by words of which only one title has all."""

    store: Store
    engine: Engine

    def __call__(self, viewer: Viewer, name: str, at: datetime) -> list[Course]:
        """One: this is it. Several: any of them may be meant. None: nothing like it."""
        native = native_of(ItemId(name)) if name.startswith(f"{Kind.COURSE.value}:") else name
        with self.store.read() as uow:
            exact = uow.courses.get(viewer.community_id, [native])
        if exact:
            return list(exact.values())
        where = Filter(audiences=frozenset(viewer.audiences), kinds=frozenset({Kind.COURSE.value}))
        hits = self.engine.search(name, k=LIKELY, where=where, now=at.timestamp())
        with self.store.read() as uow:
            known = uow.courses.get(viewer.community_id, [native_of(ItemId(hit.item)) for hit in hits])
        wanted = name.casefold()
        titled = [course for course in known.values() if course.title.casefold() == wanted]
        if titled:
            return titled[:1]
        words = wanted.split()
        return [course for course in known.values() if all(word in course.title.casefold() for word in words)]


@dataclass(frozen=True, slots=True)
class RateCourse:
    """Keep a rating. Experts and staff give marks, everybody else rates; a later word replaces the former."""

    ids: Ids

    def __call__(
        self, uow: UnitOfWork, member: Member, role: Role, course: str, stars: int, note: str, at: datetime
    ) -> Kept:
        community = member.community_id
        if may_mark(uow, member, role):
            if not uow.qualities.put_mark(community, Mark(member.id, course, stars, note, at)):
                return "same"
            actor, target = f"member:{member.id}", item_id(Kind.COURSE, course)
            uow.audit.add(community, AuditRow(at, actor, "course.mark", target, f"{stars} {note}".strip()))
            return "mark"
        if Signal.RATE.consent and not member.consent.allows(Signal.RATE.consent):
            return "consent"
        # Only the stars: a learner's words belong into a discussion, where others can answer them.
        item = item_id(Kind.COURSE, course)
        for key in uow.interactions.keys_of(member.id, item, Signal.RATE):
            uow.interactions.withdraw(community, key)
        rating = Interaction(member.id, item, Signal.RATE, at, f"rate:{self.ids.code()}", float(stars))
        uow.interactions.add(community, rating)
        return "rating"


def may_mark(uow: UnitOfWork, member: Member, role: Role) -> bool:
    """`role`: who they are now, see `Turn.role`."""
    return may(role, StaffAction.MARK) or member.id in uow.qualities.experts(member.community_id)


@dataclass(frozen=True, slots=True)
class RateCommand:
    store: Store
    find: FindCourse
    rate: RateCourse
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:
        say = turn.wording.say
        told = parse_rating(words)
        if told is None:
            say_plainly(self.store, self.answering, turn, say("rate-usage"))
            return
        name, stars, note = told
        found = self.find(turn.viewer, name, turn.at)
        if len(found) != 1:
            titles = turn.wording.listing([f"“{course.title}”" for course in found])
            sentence = say("rate-which", titles=titles) if found else say("rate-unknown", name=name)
            say_plainly(self.store, self.answering, turn, sentence)
            return
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            kept = self.rate(uow, turn.member, turn.role, found[0].id, stars, note, turn.at)
            consent = Signal.RATE.consent
            what = say(f"consent-{consent.value}") if consent else ""
            sentence = (
                say("notice-not-kept", what=what)
                if kept == "consent"
                else say(f"rate-{kept}", title=found[0].title, stars=stars)
            )
            message = Outgoing((Paragraph((Text(sentence),)),), language=turn.wording.language)
            self.answering.reply(uow, turn, message)
            uow.commit()
