"""The calendar of the sample community and what is said about it. Knows events; knows no file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sample import bank, rooms
from bot.sample.people import Person
from bot.sample.small_talk import answers
from bot.sample.talk import Script


@dataclass(frozen=True, slots=True)
class Happening:
    """A dated event; `starts_at` is in the host's time zone."""

    planned: bank.Planned
    host: Person
    starts_at: datetime


def happenings(members: tuple[Person, ...], now: datetime) -> tuple[Happening, ...]:
    """The calendar around `now`, earliest first."""
    by_name = {person.name: person for person in members}
    dated = []
    for planned in bank.planned():
        host = by_name[planned.host]
        day = host.local(now + timedelta(days=planned.days))
        dated.append(Happening(planned, host, day.replace(hour=planned.hour, minute=0, second=0, microsecond=0)))
    return tuple(sorted(dated, key=lambda happening: happening.starts_at))


def announce(script: Script, calendar: tuple[Happening, ...]) -> None:
    """Hosts announce their events some days ahead; a few members answer."""
    for happening in calendar:
        planned, host = happening.planned, happening.host
        room = rooms.GENERAL if planned.language == "zh" and host.telegram is not None else rooms.WELCOME
        earliest = min(happening.starts_at - timedelta(days=9), script.limit - timedelta(days=3))
        at = script.moment(host, earliest.astimezone(script.now.tzinfo), script.limit - timedelta(hours=30))
        at = min(at, (happening.starts_at - timedelta(days=1)).astimezone(script.now.tzinfo))
        when = happening.starts_at.strftime("%Y-%m-%d %H:%M (UTC%z)")
        text = script.deck.draw(planned.language, "announce").format(
            title=planned.title, when=when, minutes=planned.minutes, place=planned.place, summary=planned.summary
        )
        opening = script.say(room, host, at, text)
        opening.edited = None
        script.react(opening, planned.language, 6, ("👍", "❤️", "🎉"))
        answers(script, opening, "announce_reply", 3, planned.language, planned.tags)
