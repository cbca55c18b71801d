"""The weekly "discussions worth reading" of a room: public content only, nothing personal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.interactions import Exposure
from bot.domain.items import ItemId, Kind, Post, kind_of, native_of
from bot.domain.outgoing import Bullets, DeliveryClass, Heading, MessageLink, Note, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Community
from bot.domain.permissions import Viewer
from bot.domain.schedules import Occurrence, Outcome
from bot.ports import Clock, Engine, Store, UnitOfWork
from bot.usecases.curating import decisions_for, ruled
from bot.usecases.partners import may_be_met
from bot.usecases.suggest import details, score_parts
from bot.wording import Wording, choose
from recsys.types import Filter, Query

ITEMS: Final = 5
POOL: Final = 200
"""How many are ranked before those that nobody wrote in this week are left out."""
FEWEST: Final = 2
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SuggestInRoom:
    """The job: one message for one room for one period."""

    store: Store
    engine: Engine
    clock: Clock

    def __call__(self, community: Community, occurrence: Occurrence) -> tuple[Outcome, str]:
        now = self.clock.now()
        room_id = int(occurrence.recipient.partition(":")[2])
        viewer = Viewer.of_public(community.id)
        with self.store.read() as uow:
            room = uow.rooms.get(room_id)
            kinds = (Kind.POST,)
            decided = decisions_for(uow, community.id, now, kinds=kinds, room_id=room_id)
        if room is None:
            return Outcome.SKIPPED, "the room is gone"
        where = Filter(audiences=frozenset(viewer.audiences), kinds=frozenset({Kind.POST.value}))
        query = Query(user=None, now=now.timestamp(), k=POOL, where=where, seed=room_id, explore=False)
        ranked = self.engine.recommend(ruled(query, *decided))
        wording = choose(community.language)
        with self.store.write() as uow:
            known = details(uow, viewer, (r.item for r in ranked))
            posts = [
                (r, detail)
                for r in ranked
                if isinstance(detail := known.get(r.item), Post) and (detail.last_at >= now - WEEK or r.policy == "pin")
            ][:ITEMS]
            if len(posts) < FEWEST:
                return Outcome.SKIPPED, "nothing good enough"
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
            sending = Sending(
                key=f"suggest:{occurrence.recipient}:{occurrence.period}",
                room=room.ref,
                message=channel_message(
                    wording, community, [post for _, post in posts], {p.item for r, p in posts if r.policy == "pin"}
                ),
                delivery=DeliveryClass.AT_MOST_ONCE,
                items=tuple(post.item for _, post in posts),
                unsolicited=True,
                exposures=tuple(exposure.key for exposure in exposures),
            )
            if uow.outbox.add(community.id, sending, now):
                uow.exposures.add(community.id, exposures)
            uow.commit()
        return Outcome.DONE, f"{len(posts)} discussions"


def channel_message(
    wording: Wording, community: Community, posts: list[Post], pinned: Collection[str] = ()
) -> Outgoing:
    say = wording.say
    lines = tuple(
        (
            MessageLink(post.title, post.root),
            Text(f" — #{post.room_name}, {say('fact-replies', count=post.replies)}"),
            *((Text(" " + say("fact-solved")),) if post.solved else ()),
            *((Text(" · " + say("reason-pinned")),) if post.item in pinned else ()),
        )
        for post in posts
    )
    return Outgoing(
        (
            Heading(say("channel-heading")),
            Paragraph((Text(say("channel-lead", community=community.name)),)),
            Bullets(lines),
            Note((Text(say("channel-note")),)),
        ),
        language=wording.language,
        silent=True,
    )


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
