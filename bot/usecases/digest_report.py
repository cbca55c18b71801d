"""How digests do, for moderators: numbers of people, never of a handful. Knows wording; counts nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.domain.digests import DigestFigures
from bot.domain.quality import FEWEST
from bot.usecases.digest_controls import STOP_REASONS
from bot.wording import Wording

DAYS: Final = 28
_STOPS: Final = (*STOP_REASONS, "stopped")
"""By reason, and without one."""


def told(count: int) -> int | None:
    """A number of people, or None where it would tell of somebody."""
    return count if count >= FEWEST else None


def figure_lines(wording: Wording, found: DigestFigures) -> Iterator[str]:
    """One fact a line, the numbers of fewer than FEWEST people left open."""

    def people(count: int) -> str:
        shown = told(count)
        return wording.say("report-few", least=FEWEST) if shown is None else wording.say("digests-people", count=shown)

    say = wording.say
    yield say("digests-getting", people=people(found.getting), paused=people(found.paused))
    yield say("digests-written", people=people(found.written), acted=people(found.acted))
    yield say("digests-little", people=people(found.little))
    known = [(why, found.stops.get(why, 0)) for why in _STOPS]
    reasons = [
        say("digests-stop", why=say(f"digests-stop-{why}"), people=people(count)) for why, count in known if told(count)
    ]
    yield say(
        "digests-stops", people=people(sum(found.stops.values())), reasons=wording.listing(reasons) if reasons else "–"
    )
    yield say("digests-unreachable", people=people(found.unreachable))


def document(found: DigestFigures) -> dict[str, object]:
    """The same for programs: null where a number is left open."""
    return {
        "days": found.days,
        **{
            name: told(getattr(found, name))
            for name in ("getting", "paused", "written", "acted", "little", "unreachable")
        },
        "stops": {why: told(found.stops.get(why, 0)) for why in _STOPS},
    }
