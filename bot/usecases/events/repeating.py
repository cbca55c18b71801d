"""How an event repeats, asked and read: weekly, every two weeks, monthly; until a day or so many times. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.events import HostedEvent
from bot.domain.forms import Choice, ChoiceField, Filled, Form, TextField
from bot.domain.recurrence import MOST, Recurrence, Repeats, places_of
from bot.usecases.events.reading import Problem
from bot.usecases.events.series import Made
from bot.wording import Wording

REPEATS: Final = "event-repeats"


def repeats_form(wording: Wording, rule: Recurrence | None, following: int) -> Form:
    """`rule`: of its series now; `following`: how many are announced for after it, about which the host decides."""
    say = wording.say
    chosen = rule.repeats if rule is not None else Repeats.NONE
    ends = "" if rule is None else str(rule.times or rule.until or "")
    choices = tuple(Choice(one.value, say(f"event-repeats-{one.value}")) for one in Repeats)
    fields: list[ChoiceField | TextField] = [
        ChoiceField("repeats", say("event-repeats-field"), choices, (chosen.value,)),
        TextField("ends", say("event-repeats-ends"), say("event-repeats-hint"), ends, most=20, required=False),
    ]
    note = ""
    if following:
        note = say("event-series-note", count=following)
        ways = tuple(Choice(one.value, say(f"event-series-{one.value}")) for one in Made)
        fields.append(ChoiceField("made", say("event-series-made"), ways))
    return Form(say("event-repeats-title"), tuple(fields), say("event-form-save"), note=note)


def read_repeats(event: HostedEvent, answers: Filled) -> Recurrence | Problem | None:
    """None: once."""
    repeats = Repeats(answers["repeats"][0])
    if repeats is Repeats.NONE:
        return None
    start = event.starts_at.astimezone(ZoneInfo(event.timezone)).replace(tzinfo=None)
    nth = places_of(start.date())[0] if repeats is Repeats.MONTHLY else None
    rule = Recurrence(start, event.timezone, repeats, nth)
    words = (answers.get("ends") or ("",))[0].strip()
    try:
        if words.isdecimal():
            return replace(rule, times=int(words)) if len(words) < 5 else Problem("event-wrong-ends", {"number": MOST})
        return replace(rule, until=date.fromisoformat(words)) if words else rule
    except ValueError:
        return Problem("event-wrong-ends", {"number": MOST})


def moved(event: HostedEvent) -> HostedEvent:
    """After an edit of its time: a draft's rule starts with it."""
    if event.repeats is None or event.open:
        return event
    start = event.starts_at.astimezone(ZoneInfo(event.timezone)).replace(tzinfo=None)
    nth = places_of(start.date())[0] if event.repeats.nth is not None else None
    return replace(event, repeats=replace(event.repeats, start=start, nth=nth))
