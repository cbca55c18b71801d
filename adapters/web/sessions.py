"""Who a browser is: a signed cookie, the token against forged posts, personal links. Knows secrets; knows no store."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from itsdangerous import BadSignature, URLSafeSerializer

from adapters.web.capabilities import SESSION_DAYS
from bot.domain.people import LANGUAGES

COOKIE: Final = "studyhall"
THEMES: Final = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie says. `id` is random and changes at every sign-in; `door` proves the access token."""

    id: str
    started: int
    member: int | None = None
    door: str = ""
    language: str | None = None
    theme: str = "auto"


class Keys:
    """Everything that is signed or compared in secret, from one secret of at least 16 bytes."""

    def __init__(self, secret: bytes, access_token: str | None) -> None:
        if len(secret) < 16:
            raise ValueError("the web secret must have at least 16 bytes")
        self._secret = secret
        self._cookie = URLSafeSerializer(secret, salt="studyhall-session")
        self._link = URLSafeSerializer(secret, salt="studyhall-personal-link")
        self._access_token = access_token

    def write(self, session: Session) -> str:
        kept = {
            "i": session.id,
            "s": session.started,
            "m": session.member,
            "d": session.door,
            "l": session.language,
            "t": session.theme,
        }
        return str(self._cookie.dumps(kept))

    def read(self, cookie: str, now: datetime) -> Session | None:
        """None for a cookie that is missing, forged, of another secret or too old."""
        try:
            kept: dict[str, Any] = self._cookie.loads(cookie)
            session = Session(
                id=str(kept["i"]),
                started=int(kept["s"]),
                member=kept["m"] if isinstance(kept["m"], int) else None,
                door=str(kept["d"]),
                language=kept["l"] if kept["l"] in LANGUAGES else None,
                theme=kept["t"] if kept["t"] in THEMES else "auto",
            )
        except (BadSignature, KeyError, TypeError, ValueError):
            return None
        return session if 0 <= now.timestamp() - session.started + 60 < SESSION_DAYS * 86_400 else None

    def csrf(self, session: Session) -> str:
        """The token that every form of this session carries."""
        return self._mac("csrf", session.id)

    def csrf_matches(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(self.csrf(session).encode(), token.encode(errors="replace"))

    def door_open(self, session: Session) -> bool:
        """Whether this browser has shown the access token (of now: a new token closes the door again)."""
        return self._access_token is None or hmac.compare_digest(self._door().encode(), session.door.encode())

    def knock(self, session: Session, token: str) -> Session | None:
        """The session with the door open, where `token` is right."""
        if self._access_token is None:
            return session
        given, right = token.strip().encode(errors="replace"), self._access_token.encode()
        return replace(session, door=self._door()) if hmac.compare_digest(given, right) else None

    def personal_link(self, member_id: int) -> str:
        return str(self._link.dumps(member_id))

    def member_of_link(self, link: str) -> int | None:
        try:
            member_id = self._link.loads(link)
        except BadSignature:
            return None
        return member_id if isinstance(member_id, int) else None

    def _door(self) -> str:
        return self._mac("door", self._access_token or "")

    def _mac(self, purpose: str, value: str) -> str:
        return hmac.new(self._secret, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()[:43]
