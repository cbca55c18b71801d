"""The card of an event: one message, the same in every room, and as somebody's own. Knows words; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.admission import ADMINS, AdmissionKind, NativeRole
from bot.domain.events import EventState, HostedEvent, PlaceKind
from bot.domain.guests import HOLDING, SEATED, Guest, GuestList, Standing
from bot.domain.items import Course, Kind, kind_of, native_of
from bot.domain.outgoing import (
    Block,
    Button,
    Heading,
    Inline,
    Link,
    LocalTime,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Strong,
    Style,
    Text,
)
from bot.ports import Counts, UnitOfWork
from bot.usecases.events.thread_places import Reader, ThreadPlace, thread_for, thread_places
from bot.usecases.segments import segment_name
from bot.usecases.views import code_of
from bot.wording import LANGUAGES, Wording
from bot.wording.reasons import topic_name

_SHOWN: Final = (Standing.GOING, Standing.WAITING, Standing.MAYBE)
_PLATFORMS: Final = 2
"""Counts are split by platform from so many platforms on."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many come, wait, may come; the courses that go with the event, by title and address; where its threads are.

    `interested`: how many said so in a platform's own calendar, by platform. They are no guests."""

    counts: Counts
    courses: tuple[tuple[str, str], ...] = ()
    threads: tuple[ThreadPlace, ...] = ()
    interested: Mapping[str, int] = field(default_factory=dict)

    def of(self, *standings: Standing) -> int:
        return sum(sum(self.counts.get(standing, {}).values()) for standing in standings)

    @property
    def going(self) -> int:
        return self.of(*SEATED)

    @property
    def held(self) -> int:
        return self.of(*HOLDING)

    @property
    def waiting(self) -> int:
        return self.of(Standing.WAITING)

    def going_by_platform(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for standing in SEATED:
            for platform, count in self.counts.get(standing, {}).items():
                found[platform] = found.get(platform, 0) + count
        return {platform: found[platform] for platform in sorted(found, key=lambda p: (-found[p], p)) if platform}


def crowd_of(uow: UnitOfWork, community_id: int, event: HostedEvent) -> Crowd:
    courses = [native_of(item) for item in event.courses if kind_of(item) is Kind.COURSE]
    known: dict[str, Course] = uow.courses.get(community_id, courses) if courses else {}
    named = tuple((known[course].title, known[course].url) for course in courses if course in known)
    return Crowd(
        uow.guests.counts(event.number), named, thread_places(uow, event), uow.mirrors.interested(event.number)
    )


def room_card(wording: Wording, event: HostedEvent, crowd: Crowd, reader: Reader | None = None) -> Outgoing:
    """What everybody sees; presses are answered to whoever pressed. `reader`: who reads the room it is in."""
    blocks = tuple(_said(wording, event, crowd, reader))
    return Outgoing(blocks, _room_buttons(wording, event, crowd), wording.language)


def own_card(
    wording: Wording,
    event: HostedEvent,
    crowd: Crowd,
    guests: GuestList,
    member_id: int,
    *,
    manages: bool = False,
    reader: Reader | None = None,
) -> Outgoing:
    """The same for one reader, with where they stand and what they can do now."""
    guest = guests.of(member_id)
    blocks = list(_said(wording, event, crowd, reader))
    standing = standing_line(wording, guests, member_id)
    if standing:
        blocks.insert(1, Paragraph((Strong(standing),)))
    if guest is not None and guest.standing is Standing.OFFERED and guest.until is not None:
        blocks.insert(2, Paragraph(offer_line(wording, event, guest)))
    return Outgoing(tuple(blocks), _own_buttons(wording, event, crowd, guest, manages=manages), wording.language)


def standing_line(wording: Wording, guests: GuestList, member_id: int) -> str:
    """``✅ You are going.`` Empty for whoever has not answered."""
    guest = guests.of(member_id)
    if guest is None or guest.standing is Standing.OUT:
        return ""
    if guest.standing is Standing.WAITING:
        return wording.say("event-you-waiting", position=guests.position(member_id))
    return wording.say(f"event-you-{guest.standing.value.replace('_', '-')}")


def offer_line(wording: Wording, event: HostedEvent, guest: Guest) -> tuple[Inline, ...]:
    """``The seat is yours until 14:30.``"""
    assert guest.until is not None
    before, _, after = wording.say("event-offer-until", until="\u0000").partition("\u0000")
    return (Text(before), local_time(wording, guest.until, event.timezone), Text(after))


def local_time(wording: Wording, at: datetime, timezone: str) -> LocalTime:
    """In the reader's own zone where the platform can, otherwise in the event's, which is then named."""
    return LocalTime(at, f"{wording.moment(at, timezone)} ({timezone})")


def length(wording: Wording, minutes: int) -> str:
    """``45 min``, ``2 h``, ``1 h 30 min``, ``2 d``."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [
        wording.say(name, count=count)
        for name, count in (("event-days", days), ("event-hours", hours), ("event-minutes", left))
        if count
    ]
    return " ".join(parts)


def platform_name(wording: Wording, platform: str) -> str:
    name = f"event-platform-{platform}"
    return wording.say(name) if wording.has(name) else platform.title()


def _said(wording: Wording, event: HostedEvent, crowd: Crowd, reader: Reader | None) -> Iterator[Block]:
    say = wording.say
    yield Heading(say("event-title", title=event.title))
    if event.state is EventState.CANCELLED:
        yield Paragraph((Strong(say("event-cancelled")),))
    elif event.state is EventState.OVER:
        yield Paragraph((Strong(say("event-over")),))
    elif event.unconfirmed:
        yield Paragraph((Strong(say("event-unconfirmed")),))
    yield Paragraph(
        (
            Text("🗓 "),
            local_time(wording, event.starts_at, event.timezone),
            Text(f" · {length(wording, event.minutes)}"),
        )
    )
    where = _where(wording, event)
    if where:
        yield Paragraph(where)
    if event.description:
        yield Paragraph((Text(event.description),))
    counted = _counted(wording, event, crowd)
    if counted:
        yield Paragraph((Text(counted),))
    if event.open:
        for platform, count in crowd.interested.items():
            yield Note((Text(say("event-interested", count=count, platform=platform_name(wording, platform))),))
    yield from _ways_on(wording, crowd, reader)
    if event.admission.kind is not AdmissionKind.EVERYONE:
        yield Note((Text(say("event-for", who=admission_name(wording, event))),))


def _ways_on(wording: Wording, crowd: Crowd, reader: Reader | None) -> Iterator[Block]:
    """To what is good to have before, and to where the event is talked about."""
    if crowd.courses:
        links: list[Inline] = [Text(wording.say("event-courses") + " ")]
        for number, (title, url) in enumerate(crowd.courses):
            links += [Text(" · ")] if number else []
            links.append(Link(title, url) if url.startswith(("https://", "http://")) else Text(title))
        yield Paragraph(tuple(links))
    place = thread_for(crowd.threads, reader)
    if place is not None:
        yield Paragraph((Text("🧵 "), MessageLink(wording.say("event-thread-link"), place.first)))


def arrangements(wording: Wording, event: HostedEvent) -> list[str]:
    """What is arranged and not seen on the card, for its host: how it repeats, the waitlist, the reminders."""
    say, lines = wording.say, []
    if (rule := event.repeats) is not None:
        how = say(f"event-repeats-{rule.repeats.value}")
        if rule.until is not None:
            lines.append(say("event-arranged-until", how=how, day=rule.until.isoformat()))
        elif rule.times:
            lines.append(say("event-arranged-times", how=how, count=rule.times))
        else:
            lines.append(say("event-arranged-repeats", how=how))
    if event.capacity:
        hold = length(wording, int(event.longest_offer.total_seconds() // 60))
        lines.append(say("event-arranged-queue", hold=hold) if event.waitlist else say("event-queue-off"))
    before = wording.listing([length(wording, minutes) for minutes in sorted(event.reminders, reverse=True)])
    lines.append(say("event-arranged-reminders", before=before) if before else say("event-arranged-silent"))
    return lines


def admission_name(wording: Wording, event: HostedEvent) -> str:
    admission, roles = event.admission, event.admission.roles
    match admission.kind:
        case AdmissionKind.EVERYONE:
            return wording.say("event-for-everyone")
        case AdmissionKind.STAFF:
            return wording.say("event-for-staff")
        case AdmissionKind.TOPIC:
            return wording.say("event-for-topic", topic=topic_name(wording, admission.value))
        case AdmissionKind.LEVEL:
            return wording.say("event-for-level", level=wording.say(f"level-{admission.value}"))
        case AdmissionKind.ROLE:
            return wording.say("event-for-roles", roles=wording.listing([role_name(wording, r) for r in roles]))
        case AdmissionKind.SEGMENT:
            return wording.say("event-for-segment", name=segment_name(wording, admission.value, admission.label))


def role_name(wording: Wording, role: NativeRole) -> str:
    """``@Mentor``; of who administers a place, that in words."""
    return wording.say("event-role-admins", place=role.name) if role.native_id == ADMINS else f"@{role.name}"


def _where(wording: Wording, event: HostedEvent) -> tuple[Inline, ...]:
    parts: list[tuple[Inline, ...]] = []
    match event.venue.kind:
        case PlaceKind.LINK:
            parts.append((Text("📍 "), Link(event.venue.text, event.venue.text)))
        case PlaceKind.ROOM | PlaceKind.ADDRESS:
            parts.append((Text(f"📍 {event.venue.text}"),))
        case PlaceKind.NONE:
            pass
    if event.host_name:
        parts.append((Text(f"🎙 {event.host_name}"),))
    if event.language != wording.language and event.language in LANGUAGES:
        parts.append((Text(f"🌐 {wording.say(f'language-{event.language}')}"),))
    line: list[Inline] = []
    for number, part in enumerate(parts):
        line += [Text(" · ")] if number else []
        line += part
    return tuple(line)


def _counted(wording: Wording, event: HostedEvent, crowd: Crowd) -> str:
    say = wording.say
    if event.state is EventState.OVER:
        came = crowd.of(Standing.CHECKED_IN)
        if came:
            return f"👥 {say('event-came', count=came, seats=crowd.going)}"
        return f"👥 {say('event-had-seats', count=crowd.going)}" if crowd.going else ""
    going = (
        say("event-going-of", count=crowd.going, capacity=event.capacity)
        if event.capacity
        else say("event-going", count=crowd.going)
    )
    parts = [going]
    if crowd.of(Standing.OFFERED):
        parts.append(say("event-offered", count=crowd.of(Standing.OFFERED)))
    if crowd.waiting:
        parts.append(say("event-waiting", count=crowd.waiting))
    if crowd.of(Standing.MAYBE):
        parts.append(say("event-maybe", count=crowd.of(Standing.MAYBE)))
    line = "👥 " + " · ".join(parts)
    by_platform = crowd.going_by_platform()
    if len(by_platform) >= _PLATFORMS:
        named = " · ".join(f"{platform_name(wording, platform)} {count}" for platform, count in by_platform.items())
        line += f"  ({named})"
    return line


def _room_buttons(wording: Wording, event: HostedEvent, crowd: Crowd) -> Rows:
    say = wording.say
    if event.state is EventState.OVER and crowd.of(Standing.NO_SHOW):
        return ((Button(say("event-button-missed"), code_of("excuse", event.token)),),)
    if not event.open:
        return ()
    full = bool(event.capacity) and (crowd.held >= event.capacity or crowd.waiting > 0)
    queue = crowd.waiting + 1
    go = say("event-button-queue", position=queue) if full and event.waitlist else say("event-button-go")
    return (
        (
            Button(go, code_of("go", event.token), style=Style.SUCCESS),
            Button(say("event-button-maybe"), code_of("maybe", event.token)),
            Button(say("event-button-cant"), code_of("cant", event.token)),
        ),
        (
            Button(say("event-button-calendar"), code_of("cal", event.token)),
            Button(say("event-button-remind"), code_of("remind", event.token)),
            Button(say("event-button-manage"), code_of("manage", event.token)),
        ),
    )


def _own_buttons(wording: Wording, event: HostedEvent, crowd: Crowd, guest: Guest | None, *, manages: bool) -> Rows:
    say, token = wording.say, event.token
    standing = guest.standing if guest else None
    if event.state is EventState.OVER and standing is Standing.NO_SHOW:
        return ((Button(say("event-button-excuse"), code_of("excuse", token)),),)
    if not event.open:
        return ((Button(say("event-button-manage"), code_of("manage", token)),),) if manages else ()
    if standing is Standing.OFFERED:
        first: tuple[Button, ...] = (
            Button(say("event-button-take"), code_of("take", token), style=Style.SUCCESS),
            Button(say("event-button-pass"), code_of("pass", token)),
        )
    else:
        go, _, _ = _room_buttons(wording, event, crowd)[0]
        if standing is Standing.WAITING:
            go = Button(say("event-button-take" if guest and guest.told else "event-you-wait"), go.code, pressed=True)
        elif standing in SEATED:
            go = Button(say("event-button-go"), go.code, pressed=True)
        first = (
            go,
            Button(say("event-button-maybe"), code_of("maybe", token), pressed=standing is Standing.MAYBE),
            Button(say("event-button-cant"), code_of("cant", token), pressed=standing is Standing.CANT),
        )
        if standing is Standing.WAITING:
            first = (*first, Button(say("event-button-unqueue"), code_of("pass", token)))
    second = [
        Button(say("event-button-calendar"), code_of("cal", token)),
        Button(say("event-button-remind"), code_of("remind", token)),
    ]
    if manages:
        second.append(Button(say("event-button-manage"), code_of("manage", token)))
    return (first, tuple(second))
