"""What the application needs from outside, as Protocols. Knows the domain; knows no implementation."""

from __future__ import annotations

from bot.ports.behaviour import Audit, AuditRow, Exposures, Interactions, Rules
from bot.ports.calendars import CalendarFeeds
from bot.ports.catalogue import Change, Courses, Events, ItemChange, Items, Prerequisites, Qualities, ToEmbed
from bot.ports.flow import (
    ButtonRow,
    Buttons,
    Conversations,
    Files,
    Inbox,
    InboxRow,
    KeptFile,
    Outbox,
    OutboxRow,
    Planned,
    Schedules,
    Showing,
    Unasked,
)
from bot.ports.hosting import CardRow, Counts, EventCards, EventMirrors, Guests, HostedEvents, MirrorRow, Moments
from bot.ports.people import Communities, Demand, Digests, Introductions, Links, Marks, Members, Sought
from bot.ports.setup import Checks, Homes, SetupCodes
from bot.ports.talk import Messages, Posts, Rooms
from bot.ports.whole import Clock, Engine, Ids, Messenger, Parse, Pinning, SkippedRow, Store, UnitOfWork

__all__ = [
    "Audit",
    "AuditRow",
    "ButtonRow",
    "Buttons",
    "CalendarFeeds",
    "CardRow",
    "Change",
    "Checks",
    "Clock",
    "Communities",
    "Conversations",
    "Counts",
    "Courses",
    "Demand",
    "Digests",
    "Engine",
    "EventCards",
    "EventMirrors",
    "Events",
    "Exposures",
    "Files",
    "Guests",
    "Homes",
    "HostedEvents",
    "Ids",
    "Inbox",
    "InboxRow",
    "Interactions",
    "Introductions",
    "ItemChange",
    "Items",
    "KeptFile",
    "Links",
    "Marks",
    "Members",
    "Messages",
    "Messenger",
    "MirrorRow",
    "Moments",
    "Outbox",
    "OutboxRow",
    "Parse",
    "Pinning",
    "Planned",
    "Posts",
    "Prerequisites",
    "Qualities",
    "Rooms",
    "Rules",
    "Schedules",
    "SetupCodes",
    "Showing",
    "SkippedRow",
    "Sought",
    "Store",
    "ToEmbed",
    "Unasked",
    "UnitOfWork",
]
