"""Time zones by the names of cities, in English and Chinese. Knows names; knows neither members nor their clocks.

Names come from the time zones themselves, from Unicode's list of their cities (through Babel), and from ``cities.txt``:
large cities that no zone is named after, and names that several places share.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

_MOST: Final = 8
_CLOSE: Final = 0.75
_NOT_PLACES: Final = ("Etc/", "SystemV/", "posix/", "right/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")


def find(words: str, *, most: int = _MOST) -> tuple[str, ...]:
    """Zones that the words may mean: one when it is clear, several when they are to be asked, none when unknown.

    A zone's own name first, then whole names of cities, then beginnings, then words within names.
    """
    wanted = _plain(words)
    if not wanted:
        return ()
    exact = _zones().get(wanted)
    if exact is not None:
        return (exact,)
    names = _names()
    if wanted in names:
        return names[wanted][:most]
    if len(wanted) < 2:
        return ()
    begin = [zone for name, zones in names.items() if name.startswith(wanted) for zone in zones]
    within = [zone for name, zones in names.items() if wanted in name for zone in zones] if not begin else []
    return tuple(dict.fromkeys((*begin, *within)))[:most]


def like(words: str, *, most: int = 4) -> tuple[str, ...]:
    """Zones whose names are nearly that, for who mistyped."""
    near = difflib.get_close_matches(_plain(words), [*_names(), *_zones()], n=most, cutoff=_CLOSE)
    zones = [zone for name in near for zone in (_names().get(name) or (_zones()[name],))]
    return tuple(dict.fromkeys(zones))[:most]


def near_language(hint: str) -> tuple[str, ...]:
    """Zones of the country that a locale names or implies (``pt-BR``, ``zh-hans``, ``de``); none for one that is spoken
    everywhere (``en``) and names no country."""
    parts = hint.replace("_", "-").split("-")
    territory = next((part.upper() for part in parts[1:] if len(part) == 2 and part.isalpha()), "")
    if not territory:
        if parts[0].casefold() == "en":
            return ()
        likely = get_global("likely_subtags")
        tag = "_".join([parts[0].lower(), *(part.title() for part in parts[1:] if len(part) == 4)])
        territory = str(likely.get(tag) or likely.get(parts[0].lower()) or "").rpartition("_")[2]
    zones = get_global("territory_zones").get(territory, ())
    known = available_timezones()
    return tuple(zone for zone in zones if zone in known)[:_MOST]


def _plain(words: str) -> str:
    return " ".join(words.replace("_", " ").casefold().split())


@cache
def _zones() -> dict[str, str]:
    return {_plain(name): name for name in available_timezones()}


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Zones by the plain name of a city, the likeliest first."""
    found: dict[str, dict[str, None]] = {}

    def add(name: str, zone: str) -> None:
        if zone in known:
            found.setdefault(_plain(name), {})[zone] = None

    known = available_timezones()
    listed = files(__package__).joinpath("cities.txt").read_text("utf-8")
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            zone, *names = (part.strip() for part in line.split("|"))
            for name in names:
                add(name, zone)
    aliases = get_global("zone_aliases")
    for zone in sorted(known):
        if "/" in zone and not zone.startswith(_NOT_PLACES) and zone not in aliases:
            add(zone.rpartition("/")[2], zone)
    for language in ("en", "zh_Hans"):
        for zone, told in Locale.parse(language).time_zones.items():
            if city := told.get("city"):
                add(str(city), str(aliases.get(zone, zone)))
    return {name: tuple(zones) for name, zones in found.items()}
