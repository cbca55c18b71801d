"""How a raw update is kept in the inbox: as it came, with who we were and when it came. Knows JSON; reads no update.

{"v": 1, "at": "2026-11-07T10:30:00+00:00", "me": {"id": 1, "username": "…"}, "update": {…}}

Where it mattered, also ``"standings": {"-1001": "administrator"}``: what whoever it is from was in our groups then, as
Telegram said when it was asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.files.loose import as_id, as_object, as_text


@dataclass(frozen=True, slots=True)
class Me:
    """The bot's own account, as the platform names it."""

    id: str
    username: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    at: datetime
    me: Me
    update: Mapping[str, object]
    standings: tuple[tuple[str, str], ...] = ()


def dumps(update: object, me: Me, at: datetime, standings: Mapping[str, str] | None = None) -> str:
    """ASCII, so that a lone surrogate or a NUL in an update cannot stop the store from taking it."""
    kept = {"v": 1, "at": at.isoformat(), "me": {"id": me.id, "username": me.username}, "update": update}
    return json.dumps(kept | ({"standings": dict(standings)} if standings else {}))


def loads(raw: str) -> Envelope:
    """Raises ValueError for anything that `dumps` did not write, and for an update that is no object."""
    try:
        kept = as_object(json.loads(raw))
        at = datetime.fromisoformat(as_text(kept.get("at")))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"telegram update: {type(error).__name__}") from None
    me, update = as_object(kept.get("me")), kept.get("update")
    native_id = as_id(me.get("id"))
    if kept.get("v") != 1 or native_id is None or at.tzinfo is None:
        raise ValueError("telegram update: not in an envelope")
    if update != (whole := as_object(update)):
        raise ValueError("telegram update: no object")
    standings = tuple((chat, as_text(status)) for chat, status in as_object(kept.get("standings")).items())
    return Envelope(at, Me(native_id, as_text(me.get("username"))), whole, standings)
