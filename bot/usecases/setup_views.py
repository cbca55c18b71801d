"""The checklist in words: red and green lines, and a page for everything that can be switched. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from bot.domain.outgoing import Block, Bullets, Button, Heading, Note, Outgoing, Paragraph, Strong, Style, Text
from bot.domain.people import LANGUAGES
from bot.domain.permissions import Home
from bot.domain.rooms import Room
from bot.domain.schedules import Schedule
from bot.domain.setup import Check, CheckName, DeliveryProblem
from bot.domain.text import clip
from bot.usecases.right_names import rights
from bot.usecases.setup_state import STALE, SetupState, is_private, switched
from bot.usecases.views import code_of
from bot.wording import Argument, Wording

PAGE: Final = 6
"""Rooms on one page: two buttons each, within what every platform shows under one message."""
ZONES: Final = (
    *("UTC", "Asia/Shanghai", "Asia/Singapore", "Europe/London", "Europe/Berlin"),
    *("America/New_York", "America/Los_Angeles"),
)
_NAME: Final = 24
_BY_ROOM: Final = frozenset({CheckName.ROOM, CheckName.THREADS})
_BAD_ROOMS: Final = 8
"""Rooms without a right that are named; of the others only how many."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a message of the setup shows. `name`: ``home``, ``rooms``, ``staff``, ``zone`` or ``weekly``."""

    name: str = "home"
    number: int = 0


Shown = tuple[Outgoing, dict[str, Any]]
"""The message, and what its buttons are about: numbers in their codes count in these lists."""


def setup_page(wording: Wording, state: SetupState, page: Page, token: str, at: datetime, *, owner: bool) -> Shown:
    """`owner`: may also decide who is staff."""
    match page.name:
        case "rooms":
            return _rooms(wording, state, page, token)
        case "staff":
            return _staff(wording, state, token, owner=owner)
        case "zone":
            return _zones(wording, state, token)
        case "weekly":
            return _weekly(wording, state, page, token)
        case _:
            return _overview(wording, state, token, at)


def platform_name(platform: str) -> str:
    return platform.title()


def room_label(room: Room) -> str:
    name = clip(room.name or room.ref.native_id, _NAME)
    inside = room.ref.thread_id is not None and room.group and room.group != room.name
    return f"{clip(room.group, _NAME)} › {name}" if inside else f"#{name}"


# The checklist


def good(wording: Wording, text: str) -> str:
    return wording.say("setup-good", text=text)


def bad(wording: Wording, text: str, todo: str) -> str:
    return wording.say("setup-bad", text=text, todo=todo)


def check_line(wording: Wording, check: Check) -> str:
    """``✅ Fine: …`` or ``❌ To do: … → what to do``."""
    say, name = wording.say, check.name.value
    told = {"subject": check.title or check.subject, "detail": check.detail}
    text = say(f"setup-{name}-{'good' if check.ok else 'bad'}", **told)
    return good(wording, text) if check.ok else bad(wording, text, say(f"setup-{name}-todo", **told))


def check_lines(wording: Wording, checks: Sequence[Check]) -> Iterator[str]:
    """Rooms in which all is well are counted, not listed."""
    rooms = [check for check in checks if check.name is CheckName.ROOM]
    for check in checks:
        if check.name not in _BY_ROOM:
            yield check_line(wording, check)
    lacking = [check for check in rooms if not check.ok]
    for check in lacking[:_BAD_ROOMS]:
        yield check_line(wording, check)
    if len(lacking) > _BAD_ROOMS:
        yield bad(wording, wording.say("setup-room-more", count=len(lacking) - _BAD_ROOMS), "")
    if rooms and not lacking:
        yield good(wording, wording.say("setup-room-all", count=len(rooms)))
    yield from _thread_lines(wording, [check for check in checks if check.name is CheckName.THREADS])


def _thread_lines(wording: Wording, checks: Sequence[Check]) -> Iterator[str]:
    """One line for all rooms: a room that has no threads lacks nothing."""
    lacking = list(thread_findings(wording, checks))
    for _, found, todo in lacking:
        yield bad(wording, found, todo)
    if not lacking and any(check.ok for check in checks):
        yield good(wording, wording.say("setup-threads-good"))


def thread_findings(wording: Wording, checks: Sequence[Check]) -> Iterator[tuple[str, str, str]]:
    """Of each platform on which rights for threads are missing: what is so, and what to do."""
    about = [check for check in checks if check.name is CheckName.THREADS and check.detail]
    for platform in sorted({check.platform for check in about}):
        mine = [check for check in about if check.platform == platform]
        named = dict.fromkeys(name.strip() for check in mine for name in check.detail.split(","))
        detail = rights(wording, ", ".join(named))
        yield (
            platform,
            wording.say("setup-threads-bad", count=len(mine), detail=detail),
            wording.say("setup-threads-todo"),
        )


def age_of(wording: Wording, at: datetime, asked: datetime) -> str:
    minutes = max(int((at - asked) / timedelta(minutes=1)), 0)
    if minutes < 120:
        return wording.say("setup-age-minutes", count=minutes)
    return wording.say("setup-age-hours", count=minutes // 60)


def problem_line(wording: Wording, problem: DeliveryProblem) -> str:
    say = wording.say
    told: dict[str, Argument] = {"count": problem.count, "platform": platform_name(problem.platform)}
    if problem.state != "refused":
        text = say(f"setup-delivery-{problem.state.replace('_', '-')}", **told)
        return bad(wording, text, say(f"setup-delivery-{problem.state.replace('_', '-')}-todo"))
    whom = "room" if problem.room else "person"
    cause = problem.cause.value
    text = say(f"setup-refused-{cause}", whom=whom, **told)
    return bad(wording, text, say(f"setup-refused-{cause}-todo", whom=whom))


def _overview(wording: Wording, state: SetupState, token: str, at: datetime) -> Shown:
    say, community = wording.say, state.community
    blocks: list[Block] = [Heading(say("setup-heading", community=community.name))]
    for platform in state.platforms:
        checks = [check for check in state.checks if check.platform == platform]
        blocks.append(Paragraph((Strong(platform_name(platform)),)))
        lines = [*_home_lines(wording, state, platform), *check_lines(wording, checks)]
        blocks.append(_list(lines))
        if checks:
            asked = min(check.at for check in checks)
            key = "setup-asked-long-ago" if at - asked > STALE else "setup-asked"
            blocks.append(Note((Text(say(key, age=age_of(wording, at, asked))),)))
    blocks.append(Paragraph((Strong(community.name),)))
    blocks.append(_list([*_community_lines(wording, state), *_problem_lines(wording, state)]))
    other = next(language for language in LANGUAGES if language != community.language)
    rows = (
        (
            Button(say("setup-button-rooms"), code_of("rooms", token), style=Style.PRIMARY),
            Button(say("setup-button-weekly"), code_of("weekly", token)),
            Button(say("setup-button-staff"), code_of("staff", token)),
        ),
        (
            Button(say("setup-button-language", language=say(f"language-{other}")), code_of(f"lang-{other}", token)),
            Button(say("setup-button-zone"), code_of("zone", token)),
            Button(say("setup-button-again"), code_of("again", token)),
        ),
    )
    return Outgoing(tuple(blocks), rows, wording.language), {}


def _home_lines(wording: Wording, state: SetupState, platform: str) -> Iterator[str]:
    say = wording.say
    names = [home.name or home.native_id for home in state.homes if home.platform == platform]
    if names:
        yield good(wording, say("setup-homes-good", names=wording.listing(names)))
    else:
        yield bad(wording, say("setup-homes-bad"), say("setup-homes-todo"))
    strange = {room.server: room.group or room.name for room in state.foreign if room.ref.platform == platform}
    if strange:
        listed = wording.listing([clip(name, _NAME) for name in list(strange.values())[:5]])
        yield say("setup-off", text=say("setup-homes-foreign", names=listed, count=len(strange)))


def _community_lines(wording: Wording, state: SetupState) -> Iterator[str]:
    say, community = wording.say, state.community
    counts = switched(state.rooms)
    told = {"on": counts["on"], "all": len(state.rooms), "never": counts["never"]}
    if counts["on"]:
        yield good(wording, say("setup-rooms-good", **told))
    else:
        yield bad(wording, say("setup-rooms-bad", **told), say("setup-rooms-todo"))
    yield good(wording, say("setup-staff-line", count=state.staff, homes=len(state.homes)))
    yield good(wording, say("setup-language-line", language=say(f"language-{community.language}")))
    yield good(wording, say("setup-zone-line", timezone=community.timezone))
    if state.weekly:
        for room, schedule in state.weekly:
            yield good(wording, say("setup-weekly-line", room=room_label(room), when=_when(wording, schedule)))
    else:
        yield say("setup-off", text=say("setup-weekly-off"))


def _problem_lines(wording: Wording, state: SetupState) -> Iterator[str]:
    if not state.problems:
        yield good(wording, wording.say("setup-delivery-good"))
    for problem in state.problems:
        yield problem_line(wording, problem)


# Rooms


def _rooms(wording: Wording, state: SetupState, page: Page, token: str) -> Shown:
    say = wording.say
    shown, number, last = _part(state.rooms, page.number)
    counts = switched(state.rooms)
    lead = say("setup-rooms-lead", on=counts["on"], all=len(state.rooms), never=counts["never"])
    blocks: list[Block] = [Heading(say("setup-rooms-heading")), Paragraph((Text(lead),))]
    blocks.append(_list([_room_line(wording, room) for room in shown] or [say("setup-rooms-none")]))
    if state.foreign:
        blocks.append(Note((Text(say("setup-rooms-foreign", count=len(state.foreign))),)))
    blocks.append(Note((Text(say("setup-rooms-note")),)))
    rows = [_room_buttons(wording, room, index, token) for index, room in enumerate(shown)]
    if state.rooms:
        rows.append(
            (
                Button(say("setup-button-all-on"), code_of("all-on", token)),
                Button(say("setup-button-all-off"), code_of("all-off", token)),
            )
        )
    rows.append(_turning(wording, "rooms", number, last, token))
    told = {"rooms": [room.id for room in shown], "page": number}
    return Outgoing(tuple(blocks), tuple(rows), wording.language), told


def _room_line(wording: Wording, room: Room) -> str:
    state = "never" if room.never else "on" if room.indexed else "off"
    private = wording.say("setup-room-private") if is_private(room) else ""
    return (
        wording.say(f"setup-room-{state}", room=room_label(room), platform=platform_name(room.ref.platform)) + private
    )


def _room_buttons(wording: Wording, room: Room, index: int, token: str) -> tuple[Button, ...]:
    """A button says what it does, not what is: a second press changes nothing."""
    say, name = wording.say, clip(room.name or room.ref.native_id, _NAME)
    if room.never:
        return (Button(say("setup-button-lift", room=name), code_of(f"lift-{index}", token)),)
    if room.indexed:
        switch = Button(say("setup-button-off", room=name), code_of(f"off-{index}", token), pressed=True)
    else:
        switch = Button(say("setup-button-on", room=name), code_of(f"on-{index}", token), pressed=False)
    return switch, Button(say("setup-button-never"), code_of(f"never-{index}", token))


# Who is staff


def _staff(wording: Wording, state: SetupState, token: str, *, owner: bool) -> Shown:
    say = wording.say
    blocks: list[Block] = [Heading(say("setup-staff-heading"))]
    blocks.append(Paragraph((Text(say("setup-staff-lead", count=state.staff)),)))
    blocks.append(_list([_home_line(wording, home) for home in state.homes] or [say("setup-homes-bad")]))
    blocks.append(Note((Text(say("setup-staff-note" if owner else "setup-staff-owner-only")),)))
    rows: list[tuple[Button, ...]] = []
    if owner:
        for index, home in enumerate(state.homes[:PAGE]):
            name = clip(home.name or home.native_id, _NAME)
            switch, act = ("setup-button-admins-off", "noadm") if home.admins else ("setup-button-admins-on", "adm")
            rows.append(
                (
                    Button(say(switch, name=name), code_of(f"{act}-{index}", token), pressed=home.admins),
                    Button(say("setup-button-forget"), code_of(f"forget-{index}", token), style=Style.DANGER),
                )
            )
        rows.append((Button(say("setup-button-code"), code_of("code", token)),))
    rows.append((_back(wording, token),))
    told = {"homes": [[home.platform, home.native_id] for home in state.homes[:PAGE]]}
    return Outgoing(tuple(blocks), tuple(rows), wording.language), told


def _home_line(wording: Wording, home: Home) -> str:
    say = wording.say
    text = say(
        "setup-home-admins" if home.admins else "setup-home-no-admins",
        name=home.name or home.native_id,
        platform=platform_name(home.platform),
    )
    roles = say("setup-home-roles", roles=wording.listing(sorted(home.groups))) if home.groups else ""
    return f"{text} {roles}".strip()


# Time zone, weekly suggestion


def _zones(wording: Wording, state: SetupState, token: str) -> Shown:
    say = wording.say
    blocks = (
        Heading(say("setup-zone-heading")),
        Paragraph((Text(say("setup-zone-lead", timezone=state.community.timezone)),)),
    )
    keys = [
        Button(zone, code_of(f"tz-{index}", token), pressed=zone == state.community.timezone)
        for index, zone in enumerate(ZONES)
    ]
    rows = [tuple(keys[start : start + 2]) for start in range(0, len(keys), 2)]
    return Outgoing(blocks, (*rows, (_back(wording, token),)), wording.language), {"zones": list(ZONES)}


def _weekly(wording: Wording, state: SetupState, page: Page, token: str) -> Shown:
    say = wording.say
    shown, number, last = _part([room for room in state.rooms if not is_private(room)], page.number, size=PAGE - 2)
    known = {room.id: schedule for room, schedule in state.weekly}
    lines = [
        say("setup-weekly-line", room=room_label(room), when=_when(wording, known[room.id]))
        if room.id in known
        else say("setup-weekly-room-off", room=room_label(room))
        for room in shown
    ]
    blocks = (
        Heading(say("setup-weekly-heading")),
        Paragraph((Text(say("setup-weekly-lead")),)),
        _list(lines or [say("setup-rooms-none")]),
    )
    rows: list[tuple[Button, ...]] = []
    for index, room in enumerate(shown):
        name, schedule = clip(room.name or room.ref.native_id, _NAME), known.get(room.id)
        if schedule is None:
            rows.append((Button(say("setup-button-weekly-on", room=name), code_of(f"wk-{index}", token)),))
            continue
        rows.append(
            (
                Button(say("setup-button-weekly-off", room=name), code_of(f"wkoff-{index}", token), pressed=True),
                _at(say("setup-button-earlier"), index, schedule.weekday, (schedule.at.hour - 1) % 24, token),
                _at(say("setup-button-later"), index, schedule.weekday, (schedule.at.hour + 1) % 24, token),
                _at(say("setup-button-day"), index, (schedule.weekday + 1) % 7, schedule.at.hour, token),
            )
        )
    rows.append(_turning(wording, "weekly", number, last, token))
    told = {"rooms": [room.id for room in shown], "page": number}
    return Outgoing(blocks, tuple(rows), wording.language), told


def _at(label: str, index: int, weekday: int, hour: int, token: str) -> Button:
    return Button(label, code_of(f"at-{index}-{weekday}-{hour}", token))


def _when(wording: Wording, schedule: Schedule) -> str:
    return wording.say(
        "setup-when",
        weekday=wording.say(f"weekday-{schedule.weekday}"),
        time=time(schedule.at.hour, schedule.at.minute).strftime("%H:%M"),
        timezone=schedule.timezone,
    )


# What all pages share


def _part(rooms: Sequence[Room], number: int, *, size: int = PAGE) -> tuple[list[Room], int, int]:
    """The rooms of a page, its number and the last page's: a page that is not there any more is the last."""
    last = max((len(rooms) - 1) // size, 0)
    number = min(max(number, 0), last)
    return list(rooms[number * size : (number + 1) * size]), number, last


def _turning(wording: Wording, name: str, number: int, last: int, token: str) -> tuple[Button, ...]:
    say = wording.say
    back = (Button(say("setup-button-before"), code_of(f"{name}-{number - 1}", token)),) if number > 0 else ()
    on = (Button(say("setup-button-after"), code_of(f"{name}-{number + 1}", token)),) if number < last else ()
    return *back, _back(wording, token), *on


def _back(wording: Wording, token: str) -> Button:
    return Button(wording.say("setup-button-back"), code_of("home", token))


def _list(lines: Sequence[str]) -> Bullets:
    return Bullets(tuple((Text(line),) for line in lines))
