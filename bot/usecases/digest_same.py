"""Whether two items are one thing: a course under two names, a post that announces an event, dates of one series.

Knows links and titles; knows no scores. A digest says nothing twice, whichever way it is called.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.domain.items import Course, Event, Post
from bot.domain.permissions import Viewer, visible
from bot.usecases.discussions import columns
from bot.usecases.suggest import Detail

_LINK: Final = re.compile(r"https?://[^\s<>\"'）】」』，。；、]+", re.IGNORECASE)
_SIGNS: Final = re.compile(r"[\W_]+")
_TRAILING: Final = ".,;:!?)]}*_"
_TRACKING: Final = re.compile(r"utm_.*|ref|fbclid|gclid|si|spm", re.IGNORECASE)
_TELLING: Final = 10
"""Columns from which a title says which event is meant: many are called "Q&A"."""
_TELLING_POST: Final = 20
_OPENING: Final = 400
"""Where an announcement names what it announces."""


@dataclass(frozen=True, slots=True)
class Names:
    """`own`: what an item is known by; `of_others`: what it points to."""

    own: frozenset[str]
    of_others: frozenset[str] = frozenset()

    def __and__(self, other: Names) -> bool:
        return bool(self.own & other.own or self.own & other.of_others or self.of_others & other.own)


class SameThings:
    """Names of items, worked out once for many readers. `events`: those to come, which posts may announce."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._coming = [(event, plain(event.title), links_in(f"{event.place} {event.summary}")) for event in events]
        self._known: dict[str, Names] = {}

    def names(self, detail: Detail) -> Names:
        if detail.item not in self._known:
            self._known[detail.item] = self._named(detail)
        return self._known[detail.item]

    def _named(self, detail: Detail) -> Names:
        match detail:
            case Course():
                return Names(frozenset({detail.item, *links_in(detail.url)}))
            case Event():
                return Names(frozenset({detail.item, f"title:{plain(detail.title)}"}))
            case Post():
                title = plain(detail.title)
                own = {detail.item, f"said:{title}"} if columns(title) >= _TELLING_POST else {detail.item}
                links = links_in(detail.text)
                return Names(frozenset(own), links | self._announced(detail, links))

    def _announced(self, post: Post, links: frozenset[str]) -> frozenset[str]:
        """Events to come that a post names by title or leads to by link."""
        opening = plain(f"{post.title} {post.text[:_OPENING]}")
        return frozenset(
            event.item
            for event, title, places in self._coming
            if (columns(title) >= _TELLING and title in opening) or links & places
        )

    def announces(self, detail: Detail, viewer: Viewer) -> bool:
        """Whether a post only says what an event, that its reader may see, says better."""
        if not isinstance(detail, Post):
            return False
        told = self.names(detail).of_others
        return any(event.item in told and visible(viewer, event.audience) for event, _, _ in self._coming)

    def apart(self, details: Iterable[Detail], said: Iterable[Detail] = ()) -> list[Detail]:
        """Those that are neither `said` already nor one that came before them."""
        before = [self.names(one) for one in said]
        kept: list[Detail] = []
        for one in details:
            mine = self.names(one)
            if not any(mine & other for other in before):
                kept.append(one)
                before.append(mine)
        return kept


def plain(text: str) -> str:
    """Words without case, signs and spaces, so that a title is found however it was set."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def links_in(text: str) -> frozenset[str]:
    """Web addresses in one form each: without what only says where a reader came from."""
    if "://" not in text:
        return frozenset()
    return frozenset(f"link:{_one_form(found.rstrip(_TRAILING))}" for found in _LINK.findall(text))


def _one_form(link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    asked = urlencode([(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)])
    host = parts.netloc.casefold().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' if asked else ''}{asked}"
