"""An event that the community holds itself: what it is, who may come, when it is due. Knows no storage and no sentence.

`bot.domain.items.Event` is how an event is suggested; a `HostedEvent` is the event with its state, its terms and its
host. Times are UTC; `timezone` is the organiser's, in which the event was planned and is shown where no zone is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.admission import FOR_ALL, Admission
from bot.domain.guests import LAST_CALL, LONGEST_OFFER, Terms
from bot.domain.items import Event, ItemId, Kind, item_id
from bot.domain.people import Member
from bot.domain.permissions import PUBLIC, Audience, Role, StaffAction, may
from bot.domain.recurrence import Recurrence
from bot.domain.text import clean, clean_line

MAX_TITLE: Final = 100
MAX_DESCRIPTION: Final = 1_000
MAX_PLACE: Final = 200
MAX_MINUTES: Final = 7 * 24 * 60
MAX_CAPACITY: Final = 100_000
MAX_REMINDERS: Final = 5
MAX_REMINDER: Final = 30 * 24 * 60
"""Minutes before the start."""
DEFAULT_REMINDERS: Final = (24 * 60, 15)
NO_SLOT: Final = -1
FARTHEST: Final = timedelta(days=2 * 366)
"""An event later than this is a slip of the pen."""


class EventState(StrEnum):
    """DRAFT: only its host sees it. SCHEDULED: is published by itself at `publish_at`."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    OVER = "over"


class PlaceKind(StrEnum):
    ROOM = "room"
    LINK = "link"
    ADDRESS = "address"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Venue:
    """Where it is: a room of ours by its name (`room_id` where it is known), a link, or an address in words."""

    kind: PlaceKind = PlaceKind.NONE
    text: str = ""
    room_id: int | None = None


@dataclass(frozen=True, slots=True)
class HostedEvent:
    """One event. `number` is the store's (0: not stored yet); `id` makes the item ``event:<id>`` and its UID.
    `host_platform`: where its host planned it, and is written to. `discarded`: a draft that was given up, and never was
    for anybody else.

    `reminders`: minutes before the start. `rooms`: where its card is posted. `thread`: a thread is made for it there.
    `sequence` rises with what calendars must hear of (when, where, whether); `version` with every change. `code`: for
    checking in. `closed`: nobody new is let in. `series`: the id of the first of its series, which alone has `repeats`
    and `paused`; `unconfirmed`: its host has not said yet that it takes place. `slot`: which of its series' times it
    stands for, when not the one in its id; `NO_SLOT`: none, its series went on in another rhythm.

    ValueError for what no event can be; what people typed is read by `bot.usecases.events.reading`.
    """

    id: str
    title: str
    starts_at: datetime
    timezone: str
    host_id: int | None
    host_name: str
    host_platform: str = ""
    description: str = ""
    minutes: int = 60
    venue: Venue = Venue()
    capacity: int = 0
    waitlist: bool = True
    longest_offer: timedelta = LONGEST_OFFER
    admission: Admission = FOR_ALL
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    rooms: tuple[int, ...] = ()
    thread: bool = False
    courses: tuple[ItemId, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"
    audience: Audience = PUBLIC
    state: EventState = EventState.DRAFT
    publish_at: datetime | None = None
    closed: bool = False
    discarded: bool = False
    code: str = ""
    token: str = ""
    series: str = ""
    unconfirmed: bool = False
    repeats: Recurrence | None = None
    paused: bool = False
    slot: int | None = None
    changed_at: datetime | None = None
    version: int = 1
    sequence: int = 0
    number: int = 0

    def __post_init__(self) -> None:
        if not self.title.strip() or len(self.title) > MAX_TITLE:
            raise ValueError(f"a title has 1-{MAX_TITLE} characters, got {len(self.title)}")
        if self.starts_at.utcoffset() is None:
            raise ValueError("an event starts at an aware time")
        if not 1 <= self.minutes <= MAX_MINUTES:
            raise ValueError(f"an event takes 1-{MAX_MINUTES} minutes, got {self.minutes}")
        if not 0 <= self.capacity <= MAX_CAPACITY:
            raise ValueError(f"a capacity is 0-{MAX_CAPACITY}, got {self.capacity}")
        if len(self.reminders) > MAX_REMINDERS or not all(1 <= m <= MAX_REMINDER for m in self.reminders):
            raise ValueError(f"at most {MAX_REMINDERS} reminders of 1-{MAX_REMINDER} minutes, got {self.reminders}")

    @property
    def item(self) -> ItemId:
        return item_id(Kind.EVENT, self.id)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def terms(self) -> Terms:
        return Terms(
            self.capacity,
            self.starts_at,
            self.ends_at,
            self.waitlist,
            self.longest_offer,
            self.closed,
            self.state is EventState.CANCELLED,
        )

    @property
    def open(self) -> bool:
        """Members can see it and answer."""
        return self.state is EventState.PUBLISHED

    def may_manage(self, member: Member, role: Role) -> bool:
        """Its host, and who looks after the community; `role`: who they are now."""
        return member.id == self.host_id or may(role, StaffAction.HOST_EVENTS)

    def face(self, going: int) -> Event:
        """How it is suggested, found and put into digests."""
        return Event(
            id=self.id,
            title=self.title,
            starts_at=self.starts_at,
            summary=self.description,
            minutes=self.minutes,
            timezone=self.timezone,
            place=self.venue.text,
            host_id=self.host_id,
            host_name=self.host_name,
            capacity=self.capacity,
            going=going,
            tags=self.tags,
            language=self.language,
            audience=self.audience,
        )

    def changed(self, **changes: object) -> HostedEvent:
        """As it is after an edit: a new version, and a new sequence where calendars must hear of it."""
        after = replace(self, **changes)  # type: ignore[arg-type]
        heard = (self.starts_at, self.minutes, self.venue, self.title, self.state) != (
            after.starts_at,
            after.minutes,
            after.venue,
            after.title,
            after.state,
        )
        return replace(after, version=self.version + 1, sequence=self.sequence + heard)


def adopted(event: Event, *, code: str, token: str) -> HostedEvent:
    """An event that came with an import, from now on with a guest list of our own."""
    return HostedEvent(
        id=event.id,
        title=clean_line(event.title, limit=MAX_TITLE) or event.id,
        starts_at=event.starts_at,
        timezone=event.timezone,
        host_id=event.host_id,
        host_name=event.host_name,
        description=clean(event.summary, limit=MAX_DESCRIPTION),
        minutes=min(max(event.minutes, 1), MAX_MINUTES),
        venue=Venue(PlaceKind.ADDRESS, clean_line(event.place, limit=MAX_PLACE)) if event.place else Venue(),
        capacity=min(max(event.capacity, 0), MAX_CAPACITY),
        tags=event.tags,
        language=event.language,
        audience=event.audience,
        state=EventState.PUBLISHED,
        code=code,
        token=token,
    )


class Flaw(StrEnum):
    """What keeps an event from being published; wording says it."""

    PAST = "past"
    TOO_FAR = "too-far"
    LATE_REMINDERS = "late-reminders"
    ZONE = "zone"


def flaws(event: HostedEvent, now: datetime) -> Iterator[Flaw]:
    """What keeps an event from being published now, beside what no event can be at all."""
    if event.starts_at <= now:
        yield Flaw.PAST
    elif event.starts_at - now > FARTHEST:
        yield Flaw.TOO_FAR
    if any(event.starts_at - timedelta(minutes=m) <= now for m in event.reminders if m not in DEFAULT_REMINDERS):
        yield Flaw.LATE_REMINDERS
    try:
        ZoneInfo(event.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Flaw.ZONE


# What is due


class MomentKind(StrEnum):
    """What becomes due for an event. REFRESH: its cards and its item are brought in step with its guest list. RECAP:
    its host is sent what came of it. THREAD: its threads are brought in step with it; LOCK: they are closed. DOOR: the
    roles that it asks for changed, or who has them."""

    PUBLISH = "publish"
    REFRESH = "refresh"
    LAPSE = "lapse"
    REMIND = "remind"
    LAST_CALL = "last-call"
    OVER = "over"
    RECAP = "recap"
    FOLLOW_UP = "follow-up"
    ASK_ON = "ask-on"
    THREAD = "thread"
    LOCK = "lock"
    DOOR = "door"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing due once: `what` is unique for its event, such as ``remind:15@2027-01-08T19:30:00+00:00``.

    The start is in the name, so an event that moves is reminded of anew and never twice for the same time.
    """

    event: int
    what: str
    due_at: datetime
    attempts: int = 0

    @property
    def kind(self) -> MomentKind:
        return MomentKind(self.what.partition(":")[0].partition("@")[0])

    @property
    def detail(self) -> str:
        """What stands between colon and at sign."""
        return self.what.partition("@")[0].partition(":")[2]


def moment(kind: MomentKind, event: HostedEvent, due_at: datetime, detail: str = "") -> Moment:
    """A moment that belongs to the present start of an event."""
    name = f"{kind.value}:{detail}" if detail else kind.value
    return Moment(event.number, f"{name}@{event.starts_at.isoformat()}", due_at)


def refresh(event: HostedEvent, at: datetime) -> Moment:
    """Its cards and its item are to be brought in step."""
    return Moment(event.number, MomentKind.REFRESH.value, at)


def in_step(event: HostedEvent, at: datetime) -> Moment:
    """Its threads are to be brought in step."""
    return Moment(event.number, MomentKind.THREAD.value, at)


def door(event: HostedEvent, at: datetime) -> Moment:
    """Who may come is to be looked at anew."""
    return Moment(event.number, MomentKind.DOOR.value, at)


def lapse(event: HostedEvent, at: datetime) -> Moment:
    """The first of its offers ends."""
    return Moment(event.number, MomentKind.LAPSE.value, at)


def moments_of(event: HostedEvent, now: datetime) -> list[Moment]:
    """What a published event has coming: reminders that still lie ahead, the last call, the end."""
    found = [
        moment(MomentKind.REMIND, event, due_at, str(minutes))
        for minutes in dict.fromkeys(event.reminders)
        if (due_at := event.starts_at - timedelta(minutes=minutes)) > now
    ]
    found.append(moment(MomentKind.LAST_CALL, event, event.starts_at - LAST_CALL))
    found.append(moment(MomentKind.OVER, event, event.ends_at))
    return found
