"""A member's calendar under a secret address: made, read, changed, ended. Knows hashes; knows no address and no HTTP.

The secret has 240 random bits: 80 find the row, the other 160 prove it. It is shown once, when it is made, and never
stored: the row keeps a hash, and no message of ours ever carries it (messages are kept).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.calendar import CalendarEntry, CalendarFeed
from bot.domain.people import Community, Member
from bot.ports import ButtonRow, Clock, Ids, Store, UnitOfWork
from bot.usecases.calendars.ics import as_feed
from bot.wording import choose

ALARMS: Final = (0, 15, 60, 24 * 60)
"""Minutes before the start that can be chosen; 0: none."""
PAGE: Final = "calendar-page"
"""The action of a code that opens a member's calendar page without signing in."""
_SECRET: Final = re.compile(r"([A-Za-z0-9]{16})([A-Za-z0-9]{32})")

Agenda = Callable[[UnitOfWork, Member, CalendarFeed, datetime], list[CalendarEntry]]
"""What belongs into a member's calendar now: what they come to and may still see."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """`tag` is the same for the same content; `changed_at`: when anything in it was last changed."""

    content: bytes
    tag: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """The calendar behind a secret; None for what is no secret, is one no more, or belongs to nobody."""

    store: Store
    clock: Clock
    community_id: int
    agenda: Agenda

    def __call__(self, secret: str) -> FeedFile | None:
        found = _SECRET.fullmatch(secret)
        if found is None:
            return None
        selector, proof = found.groups()
        with self.store.read() as uow:
            feed = uow.calendars.by_selector(self.community_id, selector)
            # An unknown selector takes the same way, so that its time tells nothing.
            known = hmac.compare_digest(feed.hashed if feed else hashed(""), hashed(proof))
            member = uow.members.get(feed.member_id) if feed else None
            community = uow.communities.get(self.community_id)
            if feed is None or not known or member is None or community is None:
                return None
            entries = self.agenda(uow, member, feed, self.clock.now())
        wording = choose(member.language, community.language)
        content = as_feed(entries, name=wording.say("calendar-name", community=community.name))
        changed_at = max((feed.made_at, *(entry.stamp for entry in entries)))
        return FeedFile(content, hashlib.sha256(content).hexdigest()[:32], changed_at)


@dataclass(frozen=True, slots=True)
class KeepFeed:
    """What a member does with their calendar."""

    store: Store
    ids: Ids
    clock: Clock
    community_id: int

    def renew(self, member_id: int) -> str:
        """A new secret; the former one opens nothing from now on. Settings stay."""
        selector, proof = self.ids.code(), self.ids.code() + self.ids.code()
        with self.store.write() as uow:
            member_id = _person(uow, member_id)
            fresh = CalendarFeed(member_id, selector, hashed(proof), self.clock.now())
            before = uow.calendars.of_member(member_id)
            if before is not None:
                fresh = replace(fresh, maybe=before.maybe, alarm=before.alarm)
            uow.calendars.put(self.community_id, fresh)
            uow.commit()
        return selector + proof

    def change(self, member_id: int, *, maybe: bool, alarm: int) -> None:
        """Raises ValueError for an alarm that cannot be chosen; nothing where there is no feed."""
        if alarm not in ALARMS:
            raise ValueError(f"an alarm is one of {ALARMS}, got {alarm}")
        with self.store.write() as uow:
            if (feed := uow.calendars.of_member(_person(uow, member_id))) is not None:
                uow.calendars.put(self.community_id, replace(feed, maybe=maybe, alarm=alarm, made_at=self.clock.now()))
                uow.commit()

    def end(self, member_id: int) -> None:
        with self.store.write() as uow:
            if uow.calendars.end(_person(uow, member_id)):
                uow.commit()

    def of(self, member_id: int) -> CalendarFeed | None:
        with self.store.read() as uow:
            return uow.calendars.of_member(_person(uow, member_id))

    def member_behind(self, code: str) -> int | None:
        """Whose page a code of `page_code` opens; None: nobody's, or it has expired."""
        with self.store.read() as uow:
            row = uow.buttons.get(self.community_id, code)
        if row is None or row.action != PAGE or row.expires_at is None or row.expires_at < self.clock.now():
            return None
        return row.owner


def page_code(code: str, member: Member, community: Community, uow: UnitOfWork, at: datetime, until: datetime) -> None:
    """Let `code` open the member's calendar page until then."""
    uow.buttons.add(community.id, [ButtonRow(code, PAGE, {}, member.id, at, until)])


def hashed(proof: str) -> str:
    """SHA-256: enough for what has 160 random bits, and no salt would make it harder to guess."""
    return hashlib.sha256(proof.encode()).hexdigest()


def _person(uow: UnitOfWork, member_id: int) -> int:
    """The number of the person, where a page kept one that is part of them."""
    member = uow.members.get(member_id)
    return member.id if member is not None else member_id
