"""How digests do, counted in people. Knows tables; hides nothing: whoever shows a number does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from bot.domain.digests import UNREACHABLE, DigestFigures
from bot.domain.schedules import Frequency, Job, Outcome
from storage.scope import Scope
from storage.tables import DIGESTS, EXPOSURES, INTERACTIONS, MEMBERS, OCCURRENCES

_D = DIGESTS.c
_E = EXPOSURES.c
_I = INTERACTIONS.c
_O = OCCURRENCES.c
_SURFACES = ("digest", "digest-side")


def digest_figures(scope: Scope, community_id: int, *, days: int, at: datetime) -> DigestFigures:
    """The last `days` up to `at`."""
    since = at - timedelta(days=days)
    gone = or_(_D.unreachable >= UNREACHABLE, and_(_D.enabled.is_(False), _D.last_note == "unreachable"))
    on = and_(_D.enabled.is_(True), _D.unreachable < UNREACHABLE, _D.frequency != Frequency.OFF.value)
    people = DIGESTS.join(MEMBERS, MEMBERS.c.id == _D.member_id)

    def of(*where: ColumnElement[bool]) -> int:
        here = and_(_D.community_id == community_id, MEMBERS.c.bot.is_(False), *where)
        return int(scope.value(select(func.count()).select_from(people).where(here)) or 0)

    stopped = select(_D.last_note, func.count().label("people")).select_from(people)
    stopped = stopped.where(
        _D.community_id == community_id,
        MEMBERS.c.bot.is_(False),
        _D.enabled.is_(False),
        or_(_D.last_note == "stopped", _D.last_note.startswith("stop-")),
    ).group_by(_D.last_note)
    return DigestFigures(
        days,
        getting=of(on),
        paused=of(on, _D.paused_until > at.date()),
        written=_occurred(scope, community_id, since, at, _O.outcome == Outcome.DONE.value),
        little=_occurred(scope, community_id, since, at, _O.note == "nothing good enough"),
        acted=int(scope.value(_acted(community_id, since, at)) or 0),
        stops={row.last_note.removeprefix("stop-"): row.people for row in scope.rows(stopped)},
        unreachable=of(gone),
    )


def _occurred(scope: Scope, community_id: int, since: datetime, at: datetime, which: ColumnElement[bool]) -> int:
    here = and_(_O.community_id == community_id, _O.job == Job.DIGEST.value, _O.due_at > since, _O.due_at <= at, which)
    return int(scope.value(select(func.count(_O.recipient.distinct())).where(here)) or 0)


def _acted(community_id: int, since: datetime, at: datetime) -> Any:
    """Who did something with an item after a digest showed it to them. Exposures of one time are few beside all that
    was ever done, so they lead."""
    shown: Table = EXPOSURES
    done = and_(_I.member_id == _E.member_id, _I.item == _E.item, _I.at >= _E.at, _I.at <= at)
    return (
        select(func.count(_E.member_id.distinct()))
        .select_from(shown.join(INTERACTIONS, done))
        .where(
            _E.community_id == community_id,
            _E.surface.in_(_SURFACES),
            _E.at > since,
            _E.at <= at,
        )
    )
