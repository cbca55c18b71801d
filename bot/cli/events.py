"""``studyhall event create|list|show|publish|cancel|rsvp|checkin``: the community's events without a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.cli.ideas import event as event_commands
from bot.domain.events import EventState, HostedEvent, PlaceKind, Venue, flaws
from bot.domain.people import Member
from bot.domain.rsvp import CheckIn, Decline, Go, Refused, Standing
from bot.errors import BadInput, NotFound
from bot.ports import UnitOfWork
from bot.usecases.events.answering import said
from bot.usecases.events.cards import crowd_of, length
from bot.usecases.events.codes import check_in_code
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.reading import Problem, minutes, reminders, seats, start, title
from bot.usecases.events.seats import Seats
from bot.usecases.events.series import Series
from bot.usecases.reach import platform_for
from bot.wording import Wording, choose

Which = Annotated[str, typer.Argument(help="An event: its number or id.")]
Who = Annotated[str, typer.Argument(help="A member: number, account such as telegram:123, or name.")]


def _wording(app: Application) -> Wording:
    return choose(app.community.language)


def _read(app: Application, reader: Callable[[str], Any], words: str) -> Any:
    found = reader(words)
    if isinstance(found, Problem):
        raise BadInput(found.said(_wording(app)))
    return found


def _event(app: Application, uow: UnitOfWork, which: str) -> HostedEvent:
    """Raises NotFound."""
    known = uow.hosted.numbered(app.community.id, int(which)) if which.isdecimal() and len(which) < 10 else None
    known = known or uow.hosted.get(app.community.id, which)
    if known is None:
        raise NotFound(f"No event {which!r}.", hint="`studyhall event list --all` lists them.")
    return known


def _member(uow: UnitOfWork, member_id: int) -> Member:
    found = uow.members.get(member_id)
    if found is None:
        raise NotFound(f"no member {member_id}")
    return found


def document(app: Application, uow: UnitOfWork, event: HostedEvent) -> dict[str, Any]:
    """The documented shape of one event."""
    crowd = crowd_of(uow, app.community.id, event)
    return {
        "event": event.number,
        "id": event.id,
        "item": event.item,
        "state": event.state.value,
        "title": event.title,
        "starts_at": event.starts_at.isoformat(),
        "timezone": event.timezone,
        "minutes": event.minutes,
        "place": event.venue.text,
        "host": event.host_name,
        "capacity": event.capacity,
        "code": event.code,
        "guests": {standing.value: crowd.of(standing) for standing in Standing if crowd.of(standing)},
    }


def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its title.")],
    when: Annotated[str, typer.Argument(help='When: "fri 19:30", "下周三晚上八点", "2027-01-08 19:30".')],
    host: Annotated[str, typer.Option(help="Whose event it is, as for other commands.")],
    how_long: Annotated[str, typer.Option("--length", help='"90 min", "1h30".')] = "60",
    place: Annotated[str, typer.Option(help="A link or an address.")] = "",
    about: Annotated[str, typer.Option(help="What it is about.")] = "",
    capacity: Annotated[str, typer.Option("--seats", help="Seats; 0: as many as come.")] = "0",
    remind: Annotated[str, typer.Option("--reminders", help='"1 day, 15 min".')] = "1 day, 15 min",
    room: Annotated[list[int] | None, typer.Option(help="Number of a room to announce it in; may be repeated.")] = None,
    thread: Annotated[bool, typer.Option(help="A thread for it, where the platform has threads.")] = True,
    publish: Annotated[bool, typer.Option("--publish", help="At once; otherwise it is a draft.")] = False,
    as_json: Json = False,
) -> None:
    """Plan an event. Times are read in the host's time zone and shown in full."""
    with opened(context) as app:
        now = app.clock.now()
        with app.store.write() as uow:
            person = _member(uow, member_of(app, host))
            starts_at = _read(app, lambda words: start(words, _wording(app), person.timezone, now), when)
            link = place.startswith(("https://", "http://"))
            kind = PlaceKind.NONE if not place else PlaceKind.LINK if link else PlaceKind.ADDRESS
            event = HostedEvent(
                id=app.ids.code(),
                title=_read(app, title, name),
                starts_at=starts_at,
                timezone=person.timezone,
                host_id=person.id,
                host_name=person.name,
                description=about[:1000],
                minutes=_read(app, minutes, how_long),
                venue=Venue(kind, place[:200]),
                capacity=_read(app, seats, capacity),
                reminders=_read(app, reminders, remind),
                rooms=tuple(dict.fromkeys(room or ())),
                thread=thread,
                language=app.community.language,
                code=check_in_code(app.ids),
                token=app.ids.code(),
            )
            if missing := [number for number in event.rooms if uow.rooms.get(number) is None]:
                raise NotFound(f"No room {missing[0]}.", hint="It is in the address of the room's page.")
            hosting = Hosting(uow, app.community, now, "command line")
            event = hosting.create(event)
            if publish:
                event = _published(app, hosting, event)
            shown = document(app, uow, event)
            uow.commit()
        if as_json:
            show_json(shown)
        else:
            full = _wording(app).in_full(event.starts_at, event.timezone, minutes=event.minutes)
            show(f"{event.state.value} {event.number}: {event.title}", f"  {full}", f"  check-in code {event.code}")


def _published(app: Application, hosting: Hosting, event: HostedEvent) -> HostedEvent:
    """Raises BadInput with what is wrong."""
    wrong = next(flaws(event, app.clock.now()), None)
    if wrong is not None:
        raise BadInput(_wording(app).say(f"event-flaw-{wrong.value}"))
    return hosting.publish(event)


def publish(context: typer.Context, which: Which) -> None:
    """Publish a draft; its cards go out with the running bot."""
    with opened(context) as app, app.store.write() as uow:
        event = _event(app, uow, which)
        if event.state not in {EventState.DRAFT, EventState.SCHEDULED}:
            raise BadInput(f"It is {event.state.value}.")
        event = _published(app, Hosting(uow, app.community, app.clock.now(), "command line"), event)
        Series(uow, app.community, app.clock.now(), app.ids).extend(event)
        uow.commit()
        show(f"published {event.number}: {event.title}")


def list_events(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also drafts and what is over or cancelled.")] = False,
    as_json: Json = False,
) -> None:
    """What is coming, in order."""
    with opened(context) as app, app.store.read() as uow:
        states = () if everything else (EventState.PUBLISHED,)
        ends_after = None if everything else app.clock.now()
        events = uow.hosted.all(app.community.id, states=states, ends_after=ends_after)
        rows = [document(app, uow, event) for event in events]
        if as_json:
            show_json({"events": rows})
            return
        for event, row in zip(events, rows, strict=True):
            going = row["guests"].get("going", 0) + row["guests"].get("checked_in", 0)
            of = f"{going}/{event.capacity}" if event.capacity else f"{going}"
            local = event.starts_at.astimezone(ZoneInfo(event.timezone))
            show(f"{event.number:4d}  {local:%Y-%m-%d %H:%M}  {event.state.value:9s} {of:>9s}  {event.title}")


def show_event(context: typer.Context, which: Which, as_json: Json = False) -> None:
    """One event, its guests by name, and what is due for it."""
    with opened(context) as app, app.store.read() as uow:
        event = _event(app, uow, which)
        guests = uow.guests.all(event.number)
        names = uow.members.names(guests.guests)
        if as_json:
            members = [
                {"member": guest.member_id, "name": names.get(guest.member_id, ""), "standing": guest.standing.value}
                for guest in guests.guests.values()
            ]
            due = [{"what": m.what, "due_at": m.due_at.isoformat()} for m in uow.moments.waiting(event.number)]
            show_json(document(app, uow, event) | {"members": members, "due": due})
            return
        wording = _wording(app)
        show(f"{event.number}: {event.title} ({event.state.value})")
        show(f"  {wording.in_full(event.starts_at, event.timezone, minutes=event.minutes)}")
        show(f"  {length(wording, event.minutes)} · {event.venue.text or '-'} · {event.host_name or '-'}")
        show(f"  check-in code {event.code}")
        for guest in sorted(guests.guests.values(), key=lambda g: (g.standing.value, g.place, g.at, g.member_id)):
            show(f"  {guest.standing.value:10s} {names.get(guest.member_id, '?')}")


def cancel(
    context: typer.Context,
    which: Which,
    reason: Annotated[str, typer.Option(help="Said to everybody on the list.")] = "",
) -> None:
    """Cancel an event and tell its guests; a draft is discarded."""
    with opened(context) as app, app.store.write() as uow:
        event = _event(app, uow, which)
        if event.state in {EventState.CANCELLED, EventState.OVER}:
            raise BadInput(f"It is {event.state.value}.")
        Series(uow, app.community, app.clock.now(), app.ids).call_off(event, reason[:300], "command line")
        uow.commit()
        show(f"cancelled {event.number}: {event.title}")


def rsvp(
    context: typer.Context,
    which: Which,
    member: Who,
    answer: Annotated[str, typer.Argument(help="going, maybe or cant.")] = "going",
) -> None:
    """Answer for a member, such as somebody who asked by phone."""
    if answer not in {"going", "maybe", "cant"}:
        raise typer.BadParameter("say going, maybe or cant", param_hint="ANSWER")
    _decide(
        context, which, member, lambda who: Go(who) if answer == "going" else Decline(who, Standing(answer), sure=True)
    )


def checkin(context: typer.Context, which: Which, member: Who) -> None:
    """Note that a member is there."""
    _decide(context, which, member, CheckIn)


def _decide(context: typer.Context, which: str, member: str, action: Callable[[int], Go | Decline | CheckIn]) -> None:
    with opened(context) as app, app.store.write() as uow:
        event = _event(app, uow, which)
        if event.state not in {EventState.PUBLISHED, EventState.OVER}:
            raise BadInput(f"It is {event.state.value}.")
        person = _member(uow, member_of(app, member))
        # Whoever answered before is written to where they answered.
        known, now = uow.guests.around(event.number, person.id).of(person.id), app.clock.now()
        act = replace(action(person.id), platform="" if known else platform_for(uow, person.id))
        effect = Seats(uow, app.community, event, now).decide(act).answer(person.id)
        uow.commit()
        sentence = said(_wording(app), event, effect, person.timezone, now)
        if isinstance(effect, Refused):
            raise BadInput(sentence)
        show(f"{person.name}: {sentence}")


def add_to(_: typer.Typer) -> None:
    """Beside ``event ideas``."""
    for name, command in (
        ("create", create),
        ("publish", publish),
        ("list", list_events),
        ("show", show_event),
        ("cancel", cancel),
        ("rsvp", rsvp),
        ("checkin", checkin),
    ):
        event_commands.command(name)(command)
