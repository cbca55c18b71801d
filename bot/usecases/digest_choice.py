"""Which of a ranked list a digest takes: few, good, mixed, one of them a surprise. Knows scores; knows no store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bot.domain.items import Course, Event, ItemId, Post, kind_of
from bot.usecases.suggest import Detail
from recsys.reranking import EXPLORE, PIN
from recsys.types import Recommendation

FLOOR: Final = 0.15
"""An item below this score is not good enough to be sent unasked."""
FEWEST: Final = 2
"""Fewer items than this are not worth a message."""
PER_AUTHOR: Final = 2


def chosen(
    ranked: Sequence[Recommendation], k: int, author: Callable[[str], tuple[str, bool]], *, floor: float = FLOOR
) -> list[Recommendation]:
    """At most `k` in their order, the surprise last.

    Nothing below `floor` but what moderators pinned; at most PER_AUTHOR by one author; at most one that was drawn, the
    first; two kinds where the list has two that are good enough. `author(item)`: a name, empty for nobody, and whether
    it is a person. Of a school, which is no author, more are taken where nothing else would fill the list.
    """
    good = [r for r in ranked if r.score >= floor or r.policy == PIN]
    drawn = next((r for r in good if r.policy == EXPLORE), None)
    mains = [r for r in good if r.policy != EXPLORE]
    room = max(0, k - (drawn is not None))
    taken: list[Recommendation] = []
    for people_only in (False, True):
        for one in mains:
            if (
                len(taken) < room
                and one not in taken
                and _fits(one, [*taken, *_some(drawn)], author, people_only=people_only)
            ):
                taken.append(one)
    taken.sort(key=lambda one: one.rank)
    both = [*taken, *_some(drawn)]
    if len(both) > 1 and len({_kind(one) for one in both}) == 1:
        kept = taken[:-1]
        other = next(
            (
                one
                for one in mains
                if _kind(one) != _kind(both[0]) and _fits(one, [*kept, *_some(drawn)], author, people_only=True)
            ),
            None,
        )
        if other is not None and taken:
            both = [*kept, other, *_some(drawn)]
    return both


def author_of(detail: Detail) -> tuple[str, bool]:
    """Who made it, and whether that is a person."""
    match detail:
        case Course():
            return detail.provider, False
        case Post():
            return f"member:{detail.author_id}", True
        case Event():
            name = detail.host_name if detail.host_id is None else f"member:{detail.host_id}"
            return name, True


def _some(one: Recommendation | None) -> list[Recommendation]:
    return [] if one is None else [one]


def _kind(one: Recommendation) -> str:
    return kind_of(ItemId(one.item)).value


def _fits(
    one: Recommendation,
    beside: Sequence[Recommendation],
    author: Callable[[str], tuple[str, bool]],
    *,
    people_only: bool,
) -> bool:
    name, person = author(one.item)
    if not name or (people_only and not person):
        return True
    return sum(author(other.item)[0] == name for other in beside) < PER_AUTHOR
