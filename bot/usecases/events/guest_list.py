"""Who comes, waits, may come: for the host's eyes only. Knows words; decides nothing.

A guest who has lost the role that the event asks for is marked, because everybody can see roles on their platform.
Whether somebody is in a segment is said of nobody.
"""

from __future__ import annotations

from typing import Final

from bot.domain.admission import AdmissionKind
from bot.domain.events import HostedEvent
from bot.domain.forms import MAX_CHOICES, Choice, ChoiceField, Form
from bot.domain.guests import HOLDING, Guest, Standing
from bot.domain.outgoing import Block, Bullets, Button, Heading, Outgoing, Paragraph, Strong, Style, Text
from bot.domain.text import clip
from bot.ports import UnitOfWork
from bot.usecases.events.admitting import Door
from bot.usecases.turn import Turn
from bot.usecases.views import code_of

REMOVE: Final = "event-remove"
LISTED: Final = HOLDING | {Standing.WAITING, Standing.MAYBE}
"""Whom a host may take off the list."""
_LABEL: Final = 60
NAMED: Final = 60
"""Guests named in one list."""


def guest_list(uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Outgoing:
    say, guests = turn.wording.say, uow.guests.all(event.number)
    names = uow.members.names(guests.guests)
    door = Door(uow, turn.community, event, turn.at)

    def name(guest: Guest) -> str:
        known = names.get(guest.member_id, "?")
        marked = event.admission.kind is AdmissionKind.ROLE and guest.standing in HOLDING
        return say("event-guest-without", name=known) if marked and not door.admits(guest.member_id) else known

    blocks: list[Block] = [Heading(say("event-title", title=event.title))]
    for standing in Standing:
        those = [guest for guest in guests.guests.values() if guest.standing is standing]
        if not those or standing is Standing.OUT:
            continue
        those.sort(key=lambda guest: (guest.place, guest.at, guest.member_id))
        named = [name(guest) for guest in those[:NAMED]]
        if len(those) > NAMED:
            named.append(say("event-list-more", count=len(those) - NAMED))
        blocks.append(Paragraph((Strong(say(f"event-guests-{standing.value.replace('_', '-')}", count=len(those))),)))
        blocks.append(Bullets(tuple((Text(one),) for one in named)))
    if len(blocks) == 1:
        blocks.append(Paragraph((Text(say("event-guests-none")),)))
    row = [Button(say("button-back"), code_of("manage", event.token))]
    if event.open and any(guest.standing in LISTED for guest in guests.guests.values()):
        row.append(Button(say("event-manage-remove"), code_of("m-remove", event.token), style=Style.DANGER))
    return Outgoing(tuple(blocks), (tuple(row),), turn.wording.language)


def remove_form(uow: UnitOfWork, turn: Turn, event: HostedEvent) -> Form | None:
    """Who is to be taken off: those who hold or wait for a seat first. None: there is nobody."""
    those = [guest for guest in uow.guests.all(event.number).guests.values() if guest.standing in LISTED]
    those.sort(key=lambda guest: (guest.standing not in HOLDING, guest.place, guest.at, guest.member_id))
    those = those[:MAX_CHOICES]
    if not those:
        return None
    say, names = turn.wording.say, uow.members.names(guest.member_id for guest in those)
    choices = tuple(
        Choice(str(guest.member_id), clip(names.get(guest.member_id, "") or f"#{guest.member_id}", _LABEL))
        for guest in those
    )
    field = ChoiceField("who", say("event-remove-field"), choices, most=len(choices))
    return Form(say("event-remove-title"), (field,), say("event-manage-remove"), note=say("event-remove-note"))
