"""What stands in a digest beside its suggestions: go on, help somebody, events, you. Knows facts; sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.digests import You
from bot.domain.interactions import Interaction, ScorePart, Signal
from bot.domain.items import Course, Event, ItemId, Post
from bot.domain.localtime import zone
from bot.domain.people import Member
from bot.domain.permissions import Viewer, visible
from bot.domain.schedules import Frequency
from bot.usecases.digest_known import Around, Known

ALIKE: Final = 0.5
"""Cosine from which a question is like one that somebody answered."""
EVENTS: Final = 2
WEEK: Final = timedelta(days=7)
SPAN: Final = {
    Frequency.DAILY: timedelta(days=1),
    Frequency.WEEKLY: timedelta(days=7),
    Frequency.BIWEEKLY: timedelta(days=14),
    Frequency.MONTHLY: timedelta(days=31),
    Frequency.OFF: timedelta(days=7),
}
"""What "since the last one" means where there was none."""
_HELPED: Final = (Signal.SOLVED, Signal.REPLY)
_ACTIVE: Final = frozenset(
    {Signal.PROGRESS, Signal.COMPLETE, Signal.ENROL, Signal.POST, Signal.REPLY, Signal.SOLVED, Signal.ATTEND}
)
_OPENED: Final = (Signal.CLICK, Signal.ENROL, Signal.COMPLETE, Signal.PROGRESS, Signal.DISMISS, Signal.ATTEND)

VectorOf = Callable[[str], NDArray[np.float32] | None]


def unfinished(history: Sequence[Interaction], course: Callable[[str], Course | None]) -> tuple[Course, float] | None:
    """The course touched last that was begun and not finished, with its progress 0-1."""
    progress: dict[str, float] = {}
    done: set[str] = set()
    for one in history:
        match one.signal:
            case Signal.PROGRESS:
                progress.pop(one.item, None)
                progress[one.item] = one.value
            case Signal.COMPLETE | Signal.DISMISS:
                done.add(one.item)
            case _:
                continue
    for item, value in reversed(progress.items()):
        found = course(item) if item not in done and 0 < value < 1 else None
        if found is not None:
            return found, value
    return None


def kept(known: Known, barred: Collection[str]) -> list[ItemId]:
    """What was saved and not opened since, newest first."""
    opened = set(known.of(*_OPENED))
    return [item for item in known.of(Signal.SAVE) if item not in opened and item not in barred]


def helped(known: Known) -> list[ItemId]:
    """Discussions that the member answered or solved, latest first."""
    return [item for item in dict.fromkeys(known.of(*_HELPED)) if item.startswith("post:")]


def helpable(
    member: Member,
    viewer: Viewer,
    posts: Sequence[Post],
    vectors: NDArray[np.float32],
    past: Sequence[tuple[Post, NDArray[np.float32] | None]],
    barred: Collection[str],
) -> tuple[Post, ScorePart] | None:
    """The question that fits best what the member answered before, or else is about a topic of theirs; and why.

    posts: questions without an answer, oldest first; vectors: shape (len(posts), d), zero rows where there is none.
    past: discussions that the member answered.
    """
    open_to = [
        at
        for at, post in enumerate(posts)
        if post.author_id != member.id and visible(viewer, post.audience) and post.item not in barred
    ]
    if not open_to:
        return None
    mine = [(post, vector) for post, vector in past if vector is not None]
    if mine and vectors.shape[1]:
        likeness = vectors[open_to] @ np.stack([vector for _, vector in mine]).T
        at, which = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[at, which] >= ALIKE:
            found, like = posts[open_to[int(at)]], mine[int(which)][0]
            return found, ScorePart("help", 0.0, (like.item,), note="alike")
    topics = {topic: topic.replace("-", " ").casefold() for topic in member.profile.topics}
    for post in (posts[at] for at in open_to):
        words = f"{post.title} {post.text}".casefold()
        topic = next((name for name, word in topics.items() if word in words), None)
        if topic is not None:
            return post, ScorePart("help", 0.0, note=topic)
    rooms = {post.room_id for post, _ in past}
    here = next((posts[at] for at in open_to if posts[at].room_id in rooms), None)
    return None if here is None else (here, ScorePart("help", 0.0, note="room"))


def happening(
    member: Member, viewer: Viewer, found: Around, known: Known, barred: Collection[str], until: datetime
) -> tuple[list[Event], list[tuple[Event, str]]]:
    """(those that the member goes to, what could be of interest with the topic that says so, the best first)."""
    going = set(known.of(Signal.ATTEND))
    events = [event for event in found.events if visible(viewer, event.audience) and event.starts_at <= until]
    topics = {topic.casefold() for topic in member.profile.topics}
    open_ones = [
        event
        for event in events
        if event.item not in going and event.item not in barred and (not event.capacity or event.going < event.capacity)
    ]
    fitting = [(event, next((tag for tag in event.tags if tag.casefold() in topics), "")) for event in open_ones]
    fitting.sort(key=lambda pair: (not pair[1], pair[0].starts_at))
    return [event for event in events if event.item in going], fitting


def yours(
    member: Member,
    history: Sequence[Interaction],
    hours: Mapping[str, float],
    accepted: Sequence[datetime],
    opened: Collection[str],
    since: datetime,
    at: datetime,
    *,
    whole: bool = True,
) -> You:
    """`hours`: of work, by course; `accepted`: when answers of theirs were marked; `opened`: discussions that they
    opened themselves, in which an answer helps nobody; `whole`: there is nothing before the history."""
    lately = [one for one in history if since < one.at <= at]
    reached: dict[str, float] = {}
    worked = 0.0
    further: set[str] = set()
    for one in history:
        if one.signal not in {Signal.PROGRESS, Signal.COMPLETE} or one.at > at:
            continue
        now = 1.0 if one.signal is Signal.COMPLETE else min(max(one.value, 0.0), 1.0)
        # How far they were when a history without its beginning begins, nobody knows.
        before = reached.get(one.item, 0.0 if whole else now)
        if now > before and one.at > at - WEEK:
            worked += (now - before) * hours.get(one.item, 0.0)
        if now > before and one.at > since:
            further.add(one.item)
        reached[one.item] = max(before, now)
    finished = {one.item for one in lately if one.signal is Signal.COMPLETE}
    return You(
        solved=sum(since < when <= at for when in accepted) + sum(one.signal is Signal.SOLVED for one in lately),
        answers=len({one.item for one in lately if one.signal is Signal.REPLY} - set(opened)),
        courses=len(further - finished),
        finished=len(finished),
        streak=_streak(member, history, at),
        hours=worked,
        goal=member.profile.weekly_hours or 0.0,
    )


def _streak(member: Member, history: Sequence[Interaction], at: datetime) -> int:
    """Weeks of the member's own calendar; the present one may still be empty."""
    where = zone(member.timezone)

    def week(moment: datetime) -> int:
        day = moment.astimezone(where).date()
        return (day.toordinal() - 1) // 7

    active = {week(one.at) for one in history if one.signal in _ACTIVE and one.at <= at}
    now = week(at)
    last = now if now in active else now - 1
    weeks = 0
    while last - weeks in active:
        weeks += 1
    return weeks
