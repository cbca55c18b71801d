"""What anybody may find without being known: public courses, discussions and events, as cards to show anywhere.

Knows words and what is public; knows no person, stores nothing and decides nothing by who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.items import Course, Kind, Post, kind_of
from bot.domain.outgoing import Card, Outgoing
from bot.domain.people import Community
from bot.domain.permissions import Viewer
from bot.domain.quality import CourseQuality
from bot.domain.text import language_of
from bot.domain.wanted import understand
from bot.ports import Clock, Store
from bot.usecases.curating import decisions_for
from bot.usecases.suggest import Detail, Find
from bot.usecases.views import body_of, facts_of, title_link
from bot.wording import Wording, choose

PAGE: Final = 10
MOST: Final = 50
"""Whoever wants more than this asks in private, where there are filters."""
_KINDS: Final = (Kind.COURSE, Kind.POST, Kind.EVENT)


@dataclass(frozen=True, slots=True)
class PublicCard:
    """One thing found: its name, a line about it, and the message that shows it."""

    item: str
    title: str
    line: str
    message: Outgoing


@dataclass(frozen=True, slots=True)
class LookedUp:
    """`following`: how many to skip for the next page; None: there is none.

    `shared`: whoever sends the same words reads the same; otherwise it is in the language of who asked.
    """

    cards: tuple[PublicCard, ...]
    wording: Wording
    following: int | None = None
    shared: bool = True


@dataclass(frozen=True, slots=True)
class LookUp:
    """A search by nobody in particular."""

    store: Store
    find: Find
    community: Community
    clock: Clock

    def __call__(self, words: str, *, language: str | None = None, skip: int = 0) -> LookedUp:
        """`language`: of who asks, as the platform names it. Without words nothing is found."""
        wording, shared = self.spoken(words, language)
        wanted = understand(words)
        skip = max(skip, 0)
        if skip >= MOST or not (wanted.words or wanted.chips):
            return LookedUp((), wording, shared=shared)
        now, viewer = self.clock.now(), Viewer.of_public(self.community.id)
        with self.store.read() as uow:
            _, banned = decisions_for(uow, self.community.id, now)
        wanted_now = min(skip + PAGE + 1, MOST)
        hits, known = self.find(viewer, wanted, k=wanted_now, at=now, kinds=_KINDS, exclude=banned)
        shown = [known[hit.item] for hit in hits[skip : skip + PAGE]]
        with self.store.read() as uow:
            courses = [detail.id for detail in shown if isinstance(detail, Course)]
            rated = uow.qualities.get(self.community.id, courses) if courses else {}
        cards = tuple(self._card(wording, detail, rated) for detail in shown)
        following = skip + PAGE if len(hits) > skip + PAGE else None
        return LookedUp(cards, wording, following, shared)

    def spoken(self, words: str, language: str | None) -> tuple[Wording, bool]:
        """The wording of an answer, and whether everybody who sends these words gets the same."""
        if language_of(words, default="") == "zh":
            return choose("zh"), True
        usual = choose(self.community.language)
        wording = choose(language, self.community.language)
        return wording, wording == usual

    def _card(self, wording: Wording, detail: Detail, rated: dict[str, CourseQuality]) -> PublicCard:
        quality = rated.get(detail.id) if isinstance(detail, Course) else None
        facts = facts_of(wording, self.community.timezone, detail, quality)
        kind = wording.say(f"kind-{kind_of(detail.item).value}")
        card = Card(
            kind=kind,
            title=detail.title,
            item=detail.item,
            title_link=title_link(detail),
            facts=facts,
            # What somebody said in the community is named and linked, never carried out of it word for word.
            body="" if isinstance(detail, Post) else body_of(detail),
        )
        return PublicCard(
            detail.item, detail.title, " · ".join((kind, *facts)), Outgoing((card,), language=wording.language)
        )
