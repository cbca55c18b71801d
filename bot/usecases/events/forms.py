"""The questions a host is asked: three short forms, each with what is known already. Knows fields; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.events import HostedEvent
from bot.domain.forms import Choice, ChoiceField, Form, TextField
from bot.domain.rooms import Room
from bot.domain.text import clip
from bot.usecases.events.cards import length
from bot.wording import Wording

BASICS: Final = "event-basics"
GUESTS: Final = "event-guests"
LATER: Final = "event-later"
WRITE: Final = "event-write"
CANCEL: Final = "event-cancel"
_MOST_ROOMS: Final = 10
_LABEL: Final = 60


def basics(wording: Wording, event: HostedEvent | None, timezone: str) -> Form:
    """What, when, how long, where."""
    say = wording.say
    when = ""
    if event is not None:
        when = event.starts_at.astimezone(ZoneInfo(event.timezone)).strftime("%Y-%m-%d %H:%M")
    return Form(
        say("event-form-title" if event is None else "event-form-edit"),
        (
            TextField("title", say("event-field-title"), value=event.title if event else "", most=4000),
            TextField("when", say("event-field-when"), say("event-hint-when", timezone=timezone), when, most=100),
            TextField(
                "length",
                say("event-field-length"),
                say("event-hint-length"),
                length(wording, event.minutes) if event else length(wording, 60),
                most=40,
            ),
            TextField(
                "place",
                say("event-field-place"),
                say("event-hint-place"),
                event.venue.text if event else "",
                most=400,
                required=False,
            ),
            TextField(
                "about",
                say("event-field-about"),
                value=event.description if event else "",
                most=1000,
                long=True,
                required=False,
            ),
        ),
        say("event-form-next" if event is None else "event-form-save"),
    )


def guests(wording: Wording, event: HostedEvent, rooms: Sequence[Room]) -> Form:
    """How many, reminders, where it is announced."""
    say = wording.say
    fields: list[TextField | ChoiceField] = [
        TextField(
            "seats",
            say("event-field-seats"),
            say("event-hint-seats"),
            str(event.capacity) if event.capacity else "",
            most=20,
            required=False,
        ),
        ChoiceField(
            "queue",
            say("event-field-queue"),
            tuple(Choice(value, say(f"event-queue-{value}")) for value in ("12h", "2h", "30m", "off")),
            (_window(event),),
        ),
        TextField(
            "reminders",
            say("event-field-reminders"),
            say("event-hint-reminders"),
            ", ".join(length(wording, one) for one in event.reminders),
            most=100,
            required=False,
        ),
    ]
    if rooms:
        # Those that are chosen already are always among what is shown.
        ordered = sorted(rooms, key=lambda room: room.id not in event.rooms)[:25]
        choices = tuple(Choice(str(room.id), _room_label(room)) for room in ordered)
        known = {choice.value for choice in choices}
        fields.append(
            ChoiceField(
                "rooms",
                say("event-field-rooms"),
                choices,
                tuple(str(room) for room in event.rooms if str(room) in known),
                least=0,
                most=min(len(choices), _MOST_ROOMS),
            )
        )
    return Form(say("event-form-guests"), tuple(fields), say("event-form-save"))


def words(wording: Wording, name: str) -> Form:
    """One question: when to post, what to write to the guests, why it is cancelled."""
    say = wording.say
    long = name != LATER
    field = TextField(
        "words",
        say(f"{name}-field"),
        say(f"{name}-hint"),
        most=1000 if long else 100,
        long=long,
        required=name != CANCEL,
    )
    return Form(say(f"{name}-title"), (field,), say(f"{name}-submit"))


def _window(event: HostedEvent) -> str:
    if not event.waitlist:
        return "off"
    known = {timedelta(hours=12): "12h", timedelta(hours=2): "2h", timedelta(minutes=30): "30m"}
    return known.get(event.longest_offer, "12h")


def _room_label(room: Room) -> str:
    return clip(f"#{room.name or room.id} · {room.ref.platform}", _LABEL)
