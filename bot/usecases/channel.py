"""The weekly "discussions worth reading" of a room: public content only, nothing personal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import Event, ItemId, Kind, Post, kind_of, native_of
from bot.domain.outgoing import (
    Bullets,
    Button,
    DeliveryClass,
    Heading,
    LocalTime,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Sending,
    Text,
)
from bot.domain.people import Community
from bot.domain.permissions import Viewer, visible
from bot.domain.schedules import Occurrence, Outcome
from bot.ports import ButtonRow, Clock, Engine, Ids, Store, UnitOfWork
from bot.usecases.curating import decisions_for, ruled
from bot.usecases.digest_choice import PER_AUTHOR
from bot.usecases.digest_same import SameThings
from bot.usecases.partners import may_be_met
from bot.usecases.suggest import details, score_parts
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording, choose
from recsys.types import Filter, Query

ITEMS: Final = 5
POOL: Final = 200
"""How many are ranked before those that nobody wrote in this week are left out."""
FEWEST: Final = 2
EVENTS: Final = 3
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SuggestInRoom:
    """The job: one message for one room for one period."""

    store: Store
    engine: Engine
    clock: Clock
    ids: Ids

    def __call__(self, community: Community, occurrence: Occurrence) -> tuple[Outcome, str]:
        now = self.clock.now()
        room_id = int(occurrence.recipient.partition(":")[2])
        viewer = Viewer.of_public(community.id)
        with self.store.read() as uow:
            room = uow.rooms.get(room_id)
            kinds = (Kind.POST,)
            decided = decisions_for(uow, community.id, now, kinds=kinds, room_id=room_id)
            before = uow.exposures.keyed(community.id, f"channel:{room_id}:")
            ahead = [event for event in uow.events.all(community.id, since=now) if event.item not in decided[1]]
        if room is None:
            return Outcome.SKIPPED, "the room is gone"
        where = Filter(
            audiences=frozenset(viewer.audiences),
            kinds=frozenset({Kind.POST.value}),
            exclude=frozenset(before - decided[0].pins.keys()),
        )
        query = Query(user=None, now=now.timestamp(), k=POOL, where=where, seed=room_id, explore=False)
        ranked = self.engine.recommend(ruled(query, *decided))
        wording = choose(community.language)
        with self.store.write() as uow:
            known = details(uow, viewer, (r.item for r in ranked))
            fresh = {
                r.item: detail
                for r in ranked
                if isinstance(detail := known.get(r.item), Post) and (detail.last_at >= now - WEEK or r.policy == "pin")
            }
            taken = _taken(list(fresh.values()), SameThings(ahead), viewer)
            posts = [(r, fresh[r.item]) for r in ranked if r.item in taken][:ITEMS]
            if len(posts) < FEWEST:
                return Outcome.SKIPPED, "nothing good enough"
            events = [
                event
                for event in ahead
                if visible(viewer, event.audience) and event.starts_at <= now + WEEK and event.item not in before
            ][:EVENTS]
            beside = [
                Exposure(
                    None, event.item, number, 0.0, (), "main", "channel-side", now,
                    f"channel:{room_id}:{occurrence.period}:{event.item}",
                )
                for number, event in enumerate(events, len(posts) + 1)
            ]  # fmt: skip
            exposures = [
                Exposure(
                    None,
                    post.item,
                    r.rank,
                    r.score,
                    score_parts(r.reasons),
                    r.policy,
                    "channel",
                    now,
                    f"channel:{room_id}:{occurrence.period}:{post.item}",
                )
                for r, post in posts
            ]
            token = self.ids.code()
            sending = Sending(
                key=f"suggest:{occurrence.recipient}:{occurrence.period}",
                room=room.ref,
                message=channel_message(
                    wording,
                    community,
                    [post for _, post in posts],
                    {p.item for r, p in posts if r.policy == "pin"},
                    events=events,
                    token=token,
                ),
                delivery=DeliveryClass.AT_MOST_ONCE,
                items=(*(post.item for _, post in posts), *(event.item for event in events)),
                unsolicited=True,
                exposures=tuple(exposure.key for exposure in exposures),
                pins=True,
                unpins=uow.outbox.latest(community.id, f"suggest:{occurrence.recipient}:"),
            )
            if uow.outbox.add(community.id, sending, now):
                uow.exposures.add(community.id, [*exposures, *beside])
                named = {"items": [post.item for _, post in posts]}
                uow.buttons.add(community.id, [ButtonRow(token, "channel", named, None, now)])
            uow.commit()
        return Outcome.DONE, f"{len(posts)} discussions"


def _taken(posts: Sequence[Post], same: SameThings, viewer: Viewer) -> frozenset[str]:
    """Each thing once, an event by itself and not by its announcement, and no person more often than PER_AUTHOR."""
    apart = same.apart(post for post in posts if not same.announces(post, viewer))
    of_author: Counter[int] = Counter()
    taken: set[str] = set()
    for post in posts:
        if post in apart and of_author[post.author_id] < PER_AUTHOR:
            of_author[post.author_id] += 1
            taken.add(post.item)
    return frozenset(taken)


def channel_message(
    wording: Wording,
    community: Community,
    posts: Sequence[Post],
    pinned: Collection[str] = (),
    *,
    events: Sequence[Event] = (),
    token: str = "",
) -> Outgoing:
    """Numbered, so that the buttons below can say which: one row for, one against. `token`: what they carry."""
    say = wording.say
    lines = tuple(
        (
            Text(f"{number}. "),
            MessageLink(post.title, post.root),
            Text(f" — #{post.room_name}, {say('fact-replies', count=post.replies)}"),
            *((Text(" " + say("fact-solved")),) if post.solved else ()),
            *((Text(" · " + say("reason-pinned")),) if post.item in pinned else ()),
        )
        for number, post in enumerate(posts, 1)
    )
    coming = tuple(
        (LocalTime(event.starts_at, wording.moment(event.starts_at, community.timezone)), Text(f" {event.title}"))
        for event in events
    )
    numbers = range(1, len(posts) + 1) if token else range(0)
    return Outgoing(
        (
            Heading(say("channel-heading")),
            Paragraph((Text(say("channel-lead", community=community.name)),)),
            Bullets(lines),
            *((Heading(say("channel-events")), Bullets(coming)) if coming else ()),
            Note((Text(say("channel-note")),)),
        ),
        tuple(
            tuple(Button(f"{sign} {number}", code_of(f"{act}{number}", token)) for number in numbers)
            for act, sign in (("up", say("digest-like")), ("down", say("digest-dislike")))
            if numbers
        ),
        language=wording.language,
        silent=True,
    )


@dataclass(frozen=True, slots=True)
class PressChannel:
    """A number below the weekly word: for or against one of its discussions, from anybody who reads it.

    It counts for whoever pressed and for nobody else; pressing again takes it back.
    """

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        items = [str(item) for item in row.payload["items"]]
        liked = act.startswith("up")
        number = act.removeprefix("up" if liked else "down")
        if not number.isdecimal() or not 1 <= int(number[:3]) <= len(items):
            return False
        item = ItemId(items[int(number[:3]) - 1])
        signal, other = (Signal.HELPFUL, Signal.UNHELPFUL) if liked else (Signal.UNHELPFUL, Signal.HELPFUL)
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            if item not in details(uow, turn.viewer, [item]):
                notice = "notice-item-gone"
            elif uow.interactions.withdraw(turn.community.id, _pressed(row, item, signal, turn)):
                notice = "notice-undone"
            else:
                uow.interactions.withdraw(turn.community.id, _pressed(row, item, other, turn))
                done = Interaction(turn.member.id, item, signal, turn.at, _pressed(row, item, signal, turn))
                uow.interactions.add(turn.community.id, done)
                notice = "notice-liked" if liked else "notice-disliked"
            self.answering.notice(uow, turn, turn.wording.say(notice))
            uow.commit()
        return True


def _pressed(row: ButtonRow, item: str, signal: Signal, turn: Turn) -> str:
    return f"press:{row.code}:{item}:{signal.value}:{turn.member.id}"


def still_visible(uow: UnitOfWork, viewer: Viewer, items: tuple[str, ...]) -> bool:
    """Whether all that a queued message names may still be shown to whom it is for."""
    people = {item for item in items if kind_of(ItemId(item)) is Kind.MEMBER}
    rest = set(items) - people
    return rest <= set(details(uow, viewer, rest)) and all(_still_open(uow, viewer, person) for person in people)


def _still_open(uow: UnitOfWork, viewer: Viewer, person: str) -> bool:
    """Whether somebody may still be introduced: they can take it back at any moment."""
    native = native_of(ItemId(person))
    member = uow.members.get(int(native)) if native.isdecimal() else None
    return member is not None and may_be_met(member, viewer.community_id)
