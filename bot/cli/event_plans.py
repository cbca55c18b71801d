"""``studyhall event create|edit|publish|schedule|discard|cancel``: what a host's forms do, without a chat."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from bot.app import Application
from bot.cli import event_options as options
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.cli.event_options import Said, read, wording_of
from bot.cli.events import ACTOR, Which, document, event_of, person_of
from bot.cli.ideas import event as event_commands
from bot.domain.events import EventState, HostedEvent, flaws
from bot.errors import BadInput
from bot.ports import UnitOfWork
from bot.usecases.events.codes import check_in_code
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.reading import start
from bot.usecases.events.repeating import moved
from bot.usecases.events.series import Made, Series

_DRAFTS = frozenset({EventState.DRAFT, EventState.SCHEDULED})


def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its title.")],
    when: Annotated[str, typer.Argument(help='When: "fri 19:30", "下周三晚上八点", "2027-01-08 19:30".')],
    host: Annotated[str, typer.Option(help="Whose event it is, as for other commands.")],
    how_long: options.Length = None,
    place: options.Place = None,
    about: options.About = None,
    capacity: options.SeatsOf = None,
    queue: options.Queue = None,
    remind: options.Remind = None,
    who: options.For = None,
    room: options.RoomsOf = None,
    course: options.Course = None,
    repeats: options.Repeats = None,
    ends: options.Ends = None,
    thread: Annotated[bool, typer.Option(help="A thread for it, where the platform has threads.")] = True,
    publish: Annotated[bool, typer.Option("--publish", help="At once; otherwise it is a draft.")] = False,
    as_json: Json = False,
) -> None:
    """Plan an event. Times are read in the host's time zone and shown in full."""
    said = Said(name, when, how_long, place, about, capacity, queue, remind, who, room, course)
    with opened(context) as app, app.store.write() as uow:
        person = person_of(uow, member_of(app, host))
        event = HostedEvent(
            id=app.ids.code(),
            timezone=person.timezone,
            host_id=person.id,
            host_name=person.name,
            language=app.community.language,
            thread=thread,
            code=check_in_code(app.ids),
            token=app.ids.code(),
            **options.fields_of(app, uow, said, person.timezone),
        )
        event = options.with_rule(app, event, repeats, ends)
        hosting = _hosting(app, uow)
        event = hosting.create(event)
        if publish:
            event = _published(app, uow, hosting, event)
        _shown(app, uow, event, as_json=as_json)
        uow.commit()


def edit(
    context: typer.Context,
    which: Which,
    name: Annotated[str | None, typer.Option("--title", help="Its title.")] = None,
    when: Annotated[str | None, typer.Option(help="When, as for create. Of a series: this one only.")] = None,
    how_long: options.Length = None,
    place: options.Place = None,
    about: options.About = None,
    capacity: options.SeatsOf = None,
    queue: options.Queue = None,
    remind: options.Remind = None,
    who: options.For = None,
    room: options.RoomsOf = None,
    course: options.Course = None,
    repeats: options.Repeats = None,
    ends: options.Ends = None,
    announced: Annotated[
        Made | None, typer.Option(help="Of a series whose rhythm changes: what becomes of those announced already.")
    ] = None,
    thread: Annotated[bool | None, typer.Option("--thread/--no-thread", help="Whether it has a thread.")] = None,
    closed: Annotated[bool | None, typer.Option("--closed/--open", help="Whether anybody new is let in.")] = None,
    as_json: Json = False,
) -> None:
    """Change a draft or a published event; its guests hear of another time or place."""
    said = Said(name, when, how_long, place, about, capacity, queue, remind, who, room, course)
    with opened(context) as app, app.store.write() as uow:
        event = event_of(app, uow, which)
        if event.state not in {*_DRAFTS, EventState.PUBLISHED}:
            raise BadInput(f"It is {event.state.value}.")
        changes = options.fields_of(app, uow, said, event.timezone)
        changes |= {name: value for name, value in (("closed", closed), ("thread", thread)) if value is not None}
        if changes:
            after = moved(event.changed(**changes))
            _check(app, after)
            event = _hosting(app, uow).change(event, after)
        if repeats is not None or ends is not None:
            event = _repeat(app, uow, event, repeats, ends, announced)
        elif not changes:
            raise BadInput("Nothing to change was said.", hint="`studyhall event edit --help` lists what can be.")
        _shown(app, uow, event, as_json=as_json)
        uow.commit()


def _repeat(
    app: Application, uow: UnitOfWork, event: HostedEvent, repeats: str | None, ends: str | None, made: Made | None
) -> HostedEvent:
    series = Series(uow, app.community, app.clock.now(), app.ids)
    head = series.head(event) or event
    now = head.repeats.repeats.value if head.repeats is not None else "weekly"
    rule = options.rule_of(app, event, repeats or now, ends or "")
    if not event.open:
        after = replace(event.changed(), repeats=rule, series=event.id if rule is not None else "")
        return _hosting(app, uow).change(event, after)
    following = series.following(event)
    if following and made is None:
        raise BadInput(
            f"{len(following)} of this series are announced already.",
            hint="Say what becomes of them: --announced move, cancel or keep.",
        )
    return series.change_rule(event, rule, made or Made.KEEP, ACTOR)


def publish(context: typer.Context, which: Which) -> None:
    """Publish a draft; its cards go out with the running bot."""
    with opened(context) as app, app.store.write() as uow:
        event = _published(app, uow, _hosting(app, uow), _draft(app, uow, which))
        uow.commit()
        show(f"published {event.number}: {event.title}")


def schedule(
    context: typer.Context,
    which: Which,
    when: Annotated[str, typer.Argument(help="When it is published by itself, as for create.")],
) -> None:
    """Let a draft be published by itself."""
    with opened(context) as app, app.store.write() as uow:
        event = _draft(app, uow, which)
        _check(app, event)
        at = read(app, start(when, wording_of(app), event.timezone, app.clock.now()))
        event = _hosting(app, uow).schedule(event, options.in_future(app, at, event))
        uow.commit()
        show(f"scheduled {event.number}: {event.title}", f"  {wording_of(app).in_full(at, event.timezone)}")


def discard(context: typer.Context, which: Which) -> None:
    """Give up a draft; nobody has heard of it."""
    with opened(context) as app, app.store.write() as uow:
        event = _draft(app, uow, which)
        _hosting(app, uow).discard(event)
        uow.commit()
        show(f"discarded {event.number}: {event.title}")


def cancel(
    context: typer.Context,
    which: Which,
    reason: Annotated[str, typer.Option(help="Said to everybody on the list.")] = "",
) -> None:
    """Cancel an event and tell its guests; a draft is discarded."""
    with opened(context) as app, app.store.write() as uow:
        event = event_of(app, uow, which)
        if event.state in {EventState.CANCELLED, EventState.OVER}:
            raise BadInput(f"It is {event.state.value}.")
        if len(reason) > _LONGEST_REASON:
            raise BadInput(f"A reason has at most {_LONGEST_REASON} characters.")
        if event.state in _DRAFTS:
            _hosting(app, uow).discard(event)
        else:
            Series(uow, app.community, app.clock.now(), app.ids).call_off(event, reason, ACTOR)
        uow.commit()
        show(f"cancelled {event.number}: {event.title}")


_LONGEST_REASON = 300


def _hosting(app: Application, uow: UnitOfWork) -> Hosting:
    return Hosting(uow, app.community, app.clock.now(), ACTOR)


def _draft(app: Application, uow: UnitOfWork, which: str) -> HostedEvent:
    event = event_of(app, uow, which)
    if event.state not in _DRAFTS:
        raise BadInput(f"It is {event.state.value}.")
    return event


def _check(app: Application, event: HostedEvent) -> None:
    """Raises BadInput with what keeps it from being published."""
    wrong = next(flaws(event, app.clock.now()), None)
    if wrong is not None:
        raise BadInput(wording_of(app).say(f"event-flaw-{wrong.value}"))


def _published(app: Application, uow: UnitOfWork, hosting: Hosting, event: HostedEvent) -> HostedEvent:
    _check(app, event)
    event = hosting.publish(event)
    Series(uow, app.community, app.clock.now(), app.ids).extend(event)
    return event


def _shown(app: Application, uow: UnitOfWork, event: HostedEvent, *, as_json: bool) -> None:
    if as_json:
        show_json(document(app, uow, event))
        return
    full = wording_of(app).in_full(event.starts_at, event.timezone, minutes=event.minutes)
    show(f"{event.state.value} {event.number}: {event.title}", f"  {full}", f"  check-in code {event.code}")


def add_to(_: typer.Typer) -> None:
    """Beside ``event list``."""
    for name, command in (
        ("create", create),
        ("edit", edit),
        ("publish", publish),
        ("schedule", schedule),
        ("discard", discard),
        ("cancel", cancel),
    ):
        event_commands.command(name)(command)
