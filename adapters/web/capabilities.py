"""The web community's numbers in one place. Knows limits; does nothing."""

from __future__ import annotations

from typing import Final

PLATFORM: Final = "web"
BOT_ACCOUNT: Final = "bot"

MAX_BODY: Final = 64 * 1024
"""Bytes of a request, counted before anything is parsed."""
MAX_TEXT: Final = 4_000
"""Code points of one message; the other platforms allow 4,000 to 4,096."""
MAX_NOTICE: Final = 300
MAX_THREAD: Final = 100
"""Code points of the name of a thread."""

QUICK_REACTIONS: Final = ("👍", "❤️", "✅", "🎉", "👀")
COMMANDS: Final = (
    "start", "learn", "foryou", "path", "ask", "people", "profile", "digest", "calendar", "link", "help",
)  # fmt: skip
"""What the composer suggests, in this order; each has its sentence ``web-command-<name>``."""

PAGE: Final = 50
"""Messages on a page, and per "load older"."""
MAX_KNOWN: Final = 200
"""Messages that an open page keeps up to date; older ones are read afresh when it is reloaded."""

WRITE_BURST: Final = 30.0
WRITE_RATE: Final = 2.0
"""Writes per second that a member may keep up for ever, after a burst."""
DOOR_BURST: Final = 20.0
DOOR_RATE: Final = 0.5
"""Sign-ins, token attempts and new members per network address."""

STREAMS_PER_MEMBER: Final = 8
HEARTBEAT: Final = 15.0
STREAM_SECONDS: Final = 900.0
"""A live stream ends after this long and the page opens the next: what may be seen is decided anew."""
NOTICE_SECONDS: Final = 6.0
"""How long a notice waits for a page that is just being reloaded."""
SESSION_DAYS: Final = 30
