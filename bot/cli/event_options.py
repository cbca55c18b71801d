"""What is said of an event on the command line, read: the same readers as the forms, and what is wrong in a sentence.

Nothing is cut: what is too long is refused with the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import typer

from bot.app import Application
from bot.domain.admission import Admission, AdmissionKind
from bot.domain.events import MAX_DESCRIPTION, HostedEvent
from bot.domain.incoming import RoomKind
from bot.domain.items import ItemId
from bot.domain.permissions import PUBLIC
from bot.domain.recurrence import Recurrence
from bot.domain.rooms import Room
from bot.domain.text import clean
from bot.errors import BadInput, NotFound
from bot.ports import UnitOfWork
from bot.usecases.events.inviting import Wrong, read_roles, read_segment_choice
from bot.usecases.events.reading import Problem, minutes, reminders, seats, start, title, venue
from bot.usecases.events.repeating import read_repeats
from bot.wording import Wording, choose

T = TypeVar("T")

Length = Annotated[str | None, typer.Option("--length", help='"90 min", "1h30"; 60 minutes unless said.')]
Place = Annotated[str | None, typer.Option(help='A room such as "#stage", a link, or an address.')]
About = Annotated[str | None, typer.Option(help="What it is about.")]
SeatsOf = Annotated[str | None, typer.Option("--seats", help="Seats; 0: as many as come.")]
Queue = Annotated[str | None, typer.Option(help="Waitlist: 12h, 2h, 30m (how long a seat is held at most), or off.")]
Remind = Annotated[str | None, typer.Option("--reminders", help='"1 day, 15 min", or "none".')]
For = Annotated[
    list[str] | None,
    typer.Option("--for", help="Who may come: everyone, staff, level:…, topic:…, segment:…, role:… (may be repeated)."),
]
RoomsOf = Annotated[
    list[str] | None, typer.Option("--room", help='Where to announce it: "#general" or its number; may be repeated.')
]
Course = Annotated[list[str] | None, typer.Option(help="Id of a course that is good before; may be repeated.")]
Repeats = Annotated[str | None, typer.Option(help="none, weekly, biweekly or monthly.")]
Ends = Annotated[str | None, typer.Option(help="When the series ends: 2027-06-30, or how many times.")]

_WINDOWS: Final = {"12h": timedelta(hours=12), "2h": timedelta(hours=2), "30m": timedelta(minutes=30)}
_REPEATS: Final = ("none", "weekly", "biweekly", "monthly")


@dataclass(frozen=True, slots=True)
class Said:
    """None: not said. `name` and `when` are the title and the time."""

    name: str | None = None
    when: str | None = None
    how_long: str | None = None
    place: str | None = None
    about: str | None = None
    capacity: str | None = None
    queue: str | None = None
    remind: str | None = None
    who: Sequence[str] | None = None
    rooms: Sequence[str] | None = None
    courses: Sequence[str] | None = None


def wording_of(app: Application) -> Wording:
    return choose(app.community.language)


def read(app: Application, found: T | Problem) -> T:
    """Raises BadInput with what is wrong."""
    if isinstance(found, Problem):
        raise BadInput(found.said(wording_of(app)))
    return found


def fields_of(app: Application, uow: UnitOfWork, said: Said, timezone: str) -> dict[str, Any]:
    """The fields of an event that were said. Raises BadInput, NotFound."""
    found: dict[str, Any] = {}
    rooms = [room for room in uow.rooms.all(app.community.id) if room.kind is RoomKind.CHANNEL]
    readers: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
        ("title", said.name, title),
        ("starts_at", said.when, lambda words: start(words, wording_of(app), timezone, app.clock.now())),
        ("minutes", said.how_long, minutes),
        ("venue", said.place, lambda words: venue(words, [one for one in rooms if one.audience == PUBLIC])),
        ("capacity", said.capacity, seats),
        ("reminders", said.remind, reminders),
    )
    for name, words, reader in readers:
        if words is not None:
            found[name] = read(app, reader(words))
    if said.about is not None:
        found["description"] = _about(app, said.about)
    if said.queue is not None:
        if said.queue not in {*_WINDOWS, "off"}:
            raise BadInput(f"A waitlist is 12h, 2h, 30m or off, not {said.queue!r}.")
        found["waitlist"] = said.queue != "off"
        found |= {"longest_offer": _WINDOWS[said.queue]} if said.queue in _WINDOWS else {}
    if said.who:
        found["admission"] = admission_of(app, uow, said.who)
    if said.rooms is not None:
        found["rooms"] = tuple(dict.fromkeys(room_of(rooms, words).id for words in said.rooms))
    if said.courses is not None:
        found["courses"] = _courses(app, uow, said.courses)
    return found


def _about(app: Application, words: str) -> str:
    text = clean(words, limit=MAX_DESCRIPTION + 1).strip()
    if len(text) > MAX_DESCRIPTION:
        raise BadInput(read_limit(app, MAX_DESCRIPTION))
    return text


def read_limit(app: Application, most: int) -> str:
    return wording_of(app).say("event-wrong-about", number=most)


def _courses(app: Application, uow: UnitOfWork, ids: Sequence[str]) -> tuple[ItemId, ...]:
    known = uow.courses.get(app.community.id, ids)
    missing = next((one for one in ids if one not in known), None)
    if missing is not None:
        raise NotFound(f"No course {missing!r}.", hint="`studyhall course list` lists them.")
    return tuple(dict.fromkeys(known[one].item for one in ids))


def room_of(rooms: Sequence[Room], words: str) -> Room:
    """By ``#name`` or number. Raises NotFound that says which there are."""
    if words.isdecimal():
        found = [room for room in rooms if room.id == int(words)]
    else:
        named = words.lstrip("#").casefold()
        found = [room for room in rooms if room.name.casefold() == named]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(_named(room) for room in (found or rooms)[:30]) or "none yet"
    if found:
        raise NotFound(f"Several rooms are called {words!r}.", hint=f"Say which by its number: {listed}.")
    raise NotFound(f"No room {words}.", hint=f"There are: {listed}.")


def _named(room: Room) -> str:
    return f"#{room.name or '?'} ({room.ref.platform}, {room.id})"


def admission_of(app: Application, uow: UnitOfWork, said: Sequence[str]) -> Admission:
    """``everyone``, ``staff``, ``level:beginner``, ``topic:rust``, ``segment:NAME``, ``role:NAME`` (several are any of
    them). Raises BadInput."""
    pairs = [words.partition(":") for words in said]
    kinds = {kind.strip().casefold() for kind, _, _ in pairs}
    values = [value.strip() for _, _, value in pairs]
    known = {kind.value for kind in AdmissionKind}
    if len(kinds) > 1 or (len(pairs) > 1 and kinds != {AdmissionKind.ROLE.value}) or not kinds <= known:
        raise BadInput(f"Say one of {', '.join(sorted(known))}; only role: may be repeated.")
    kind = AdmissionKind(kinds.pop())
    wording, now = wording_of(app), app.clock.now()
    read_: Admission | Wrong
    if kind is AdmissionKind.ROLE:
        read_ = read_roles(uow, wording, app.community.id, values)
    elif kind is AdmissionKind.SEGMENT:
        read_ = read_segment_choice(uow, wording, app.community.id, values[0], now)
    else:
        try:
            return Admission(kind, values[0].casefold())
        except ValueError as error:
            raise BadInput(f"{':'.join(filter(None, (kind.value, values[0])))} is nobody.") from error
    if isinstance(read_, Wrong):
        raise BadInput(read_.problem.said(wording))
    return read_


def rule_of(app: Application, event: HostedEvent, repeats: str, ends: str) -> Recurrence | None:
    """Raises BadInput."""
    if repeats not in _REPEATS:
        raise BadInput(f"It repeats {', '.join(_REPEATS)}, not {repeats!r}.")
    return read(app, read_repeats(event, {"repeats": (repeats,), "ends": (ends,)}))


def with_rule(app: Application, event: HostedEvent, repeats: str | None, ends: str | None) -> HostedEvent:
    """A draft with its rule. Raises BadInput."""
    if repeats is None and ends is None:
        return event
    rule = rule_of(app, event, repeats or "weekly", ends or "")
    return replace(event, repeats=rule, series=event.id if rule is not None else "")


def in_future(app: Application, at: datetime, event: HostedEvent) -> datetime:
    """When a draft is to be published. Raises BadInput."""
    if not app.clock.now() < at < event.starts_at:
        raise BadInput(wording_of(app).say("event-wrong-later"))
    return at
