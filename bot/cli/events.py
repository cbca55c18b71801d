"""``studyhall event list|show|rsvp|remove|checkin``: the community's events and their guests without a chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.cli.event_options import wording_of
from bot.cli.ideas import event as event_commands
from bot.domain.events import EventState, HostedEvent
from bot.domain.guests import Standing
from bot.domain.people import Member
from bot.domain.rsvp import CheckIn, Decline, Go, Refused
from bot.errors import BadInput, NotFound
from bot.ports import UnitOfWork
from bot.usecases.events.answering import said
from bot.usecases.events.cards import admission_name, crowd_of, length
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.seats import Seats
from bot.usecases.reach import platform_for

ACTOR = "command line"
Which = Annotated[str, typer.Argument(help="An event: its number or id.")]
Who = Annotated[str, typer.Argument(help="A member: number, account such as telegram:123, or name.")]


def event_of(app: Application, uow: UnitOfWork, which: str) -> HostedEvent:
    """Raises NotFound."""
    known = uow.hosted.numbered(app.community.id, int(which)) if which.isdecimal() and len(which) < 10 else None
    known = known or uow.hosted.get(app.community.id, which)
    if known is None:
        raise NotFound(f"No event {which!r}.", hint="`studyhall event list --all` lists them.")
    return known


def person_of(uow: UnitOfWork, member_id: int) -> Member:
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
        "for": admission_name(wording_of(app), event),
        "repeats": event.repeats.repeats.value if event.repeats is not None else "none",
        "code": event.code,
        "guests": {standing.value: crowd.of(standing) for standing in Standing if crowd.of(standing)},
    }


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
    with opened(context) as app, app.store.write() as uow:
        event = event_of(app, uow, which)
        Hosting(uow, app.community, app.clock.now(), ACTOR).seen(event, "event.guests")
        guests = uow.guests.all(event.number)
        names = uow.members.names(guests.guests)
        if as_json:
            members = [
                {"member": guest.member_id, "name": names.get(guest.member_id, ""), "standing": guest.standing.value}
                for guest in guests.guests.values()
            ]
            due = [{"what": m.what, "due_at": m.due_at.isoformat()} for m in uow.moments.waiting(event.number)]
            shown = document(app, uow, event) | {"members": members, "due": due}
            uow.commit()
            show_json(shown)
            return
        wording = wording_of(app)
        show(f"{event.number}: {event.title} ({event.state.value})")
        show(f"  for {admission_name(wording, event)}")
        show(f"  {wording.in_full(event.starts_at, event.timezone, minutes=event.minutes)}")
        show(f"  {length(wording, event.minutes)} · {event.venue.text or '-'} · {event.host_name or '-'}")
        show(f"  check-in code {event.code}")
        for guest in sorted(guests.guests.values(), key=lambda g: (g.standing.value, g.place, g.at, g.member_id)):
            show(f"  {guest.standing.value:10s} {names.get(guest.member_id, '?')}")
        uow.commit()


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


def remove(context: typer.Context, which: Which, member: Who) -> None:
    """Take somebody off the list; they are told, and the next in line is asked."""
    with opened(context) as app, app.store.write() as uow:
        event = event_of(app, uow, which)
        person = person_of(uow, member_of(app, member))
        if not Hosting(uow, app.community, app.clock.now(), ACTOR).remove(event, person):
            raise BadInput(f"{person.name} is not on the list.")
        uow.commit()
        show(f"{person.name} is off the list of {event.number}: {event.title}")


def checkin(context: typer.Context, which: Which, member: Who) -> None:
    """Note that a member is there."""
    _decide(context, which, member, CheckIn)


def _decide(context: typer.Context, which: str, member: str, action: Callable[[int], Go | Decline | CheckIn]) -> None:
    with opened(context) as app, app.store.write() as uow:
        event = event_of(app, uow, which)
        if event.state not in {EventState.PUBLISHED, EventState.OVER}:
            raise BadInput(f"It is {event.state.value}.")
        person = person_of(uow, member_of(app, member))
        # Whoever answered before is written to where they answered.
        known, now = uow.guests.around(event.number, person.id).of(person.id), app.clock.now()
        act = replace(action(person.id), platform="" if known else platform_for(uow, person.id))
        effect = Seats(uow, app.community, event, now).decide(act).answer(person.id)
        Hosting(uow, app.community, now, ACTOR).answered_for(event, person, type(act).__name__.lower())
        uow.commit()
        sentence = said(wording_of(app), event, effect, person.timezone, now)
        if isinstance(effect, Refused):
            raise BadInput(sentence)
        show(f"{person.name}: {sentence}")


def add_to(_: typer.Typer) -> None:
    """Beside ``event ideas``."""
    for name, command in (
        ("list", list_events),
        ("show", show_event),
        ("rsvp", rsvp),
        ("remove", remove),
        ("checkin", checkin),
    ):
        event_commands.command(name)(command)
