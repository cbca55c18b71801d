"""The features of a candidate by name, in groups: what a group adds to a score is one reason. Computes nothing.

lively: what goes on in the topic; rooms: the member's rooms, and what follows what; company: ties between the
member and those who take part; rhythm: how the topics were that the member joins, and what it has passed by.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_LIVELY: Final = (
    "gap",
    "age",
    "gap-before",
    "messages",
    "participants",
    "pace",
    "spread",
    "unanswered",
    "length",
    "people-day",
    "messages-10m",
    "messages-60m",
    "messages-1440m",
    "messages-2880m",
    "starter-messages",
    "starter-joined",
    "poster-messages",
    "poster-joins",
    "gap-rank",
    "age-rank",
    "gap-behind",
    "gap-behind-room",
    "joins-10m",
    "joins-hour",
    "overdue",
)
_ROOMS: Final = (
    "room-share",
    "room-share-faded",
    "room-joins",
    "room-joins-faded",
    "room-since",
    "room-last",
    "room-move",
    "room-general",
    "room-hour",
    "room-day",
    "room-gap",
    "room-open",
    "room-lift",
    "room-joins-faded-rank",
    "room-move-rank",
    "room-rate",
    "rooms-ahead",
    "rates-ahead",
)
_COMPANY: Final = (
    "together-mean",
    "together-max",
    "follow-mean",
    "follow-max",
    "follow-recent",
    "talk-mean",
    "talk-recent",
    "starter-follow",
    "starter-talk",
    "poster-follow",
    "poster-talk",
    "poster-answered",
    "led-mean",
    "together-mean-rank",
    "follow-max-rank",
    "talk-recent-rank",
    "follow-recent-rank",
)
_RHYTHM: Final = (
    "member-topics",
    "member-joins",
    "member-since",
    "member-starts",
    "candidates",
    "used-gap",
    "used-age",
    "used-people",
    "habit-gap",
    "habit-age",
    "habit-messages",
    "habit-people",
    "since-seen",
    "passed",
    "passed-last",
    "unseen-people",
    "room-habit-gap",
    "room-habit-age",
    "room-used-gap",
    "room-gap-habit",
    "room-habit-gap-rank",
    "passed-last-rank",
)
GROUPS: Final = ("lively", "rooms", "company", "rhythm")
NAMES: Final = (*_LIVELY, *_ROOMS, *_COMPANY, *_RHYTHM)
GROUP_OF: Final = MappingProxyType(
    {name: group for group, names in zip(GROUPS, (_LIVELY, _ROOMS, _COMPANY, _RHYTHM), strict=True) for name in names}
)
