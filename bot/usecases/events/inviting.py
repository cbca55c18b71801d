"""Who may come, asked and read: everyone, staff, a level, a topic, a segment, or who has a role of a platform.

A role is meant by its key, by the platform's own id (what Discord's list of roles gives) or by name. A segment of fewer
than five people is no choice: everybody would know who they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.admission import MOST_ROLES, Admission, AdmissionKind, NativeRole
from bot.domain.events import HostedEvent
from bot.domain.forms import MAX_CHOICES, Choice, ChoiceField, Filled, Form, RolesField
from bot.domain.people import Level
from bot.domain.segments import FEWEST
from bot.domain.text import clip
from bot.ports import UnitOfWork
from bot.usecases.events.admitting import roles_here
from bot.usecases.events.cards import admission_name, role_name
from bot.usecases.events.reading import Problem
from bot.usecases.segments import all_segments, find_segment, is_crowd, segment_name
from bot.wording import Wording
from bot.wording.reasons import topic_name

WHO: Final = "event-who"
ROLES: Final = "role"
_LABEL: Final = 80
_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Wrong:
    """`field` of the form, and what is wrong with it."""

    field: str
    problem: Problem


def who_form(wording: Wording, event: HostedEvent, uow: UnitOfWork, community_id: int, topics: Sequence[str]) -> Form:
    say, admission = wording.say, event.admission
    roles = roles_here(uow, community_id)
    who = [Choice("everyone", say("event-for-everyone")), Choice("staff", say("event-for-staff"))]
    who += [Choice(ROLES, say("event-for-a-role"))] if roles or admission.roles else []
    who += [Choice(f"level:{one.value}", say("event-for-level", level=say(f"level-{one.value}"))) for one in Level]
    for segment in all_segments(uow, community_id):
        label = say("event-for-segment", name=segment_name(wording, segment.slug, segment.name))
        who.append(Choice(f"segment:{segment.slug}", clip(label, _LABEL)))
    who += [Choice(f"topic:{one}", say("event-for-topic", topic=topic_name(wording, one))) for one in topics]
    chosen = admission.kind.value + (f":{admission.value}" if admission.value else "")
    if chosen not in {choice.value for choice in who}:
        who.insert(0, Choice(chosen, clip(admission_name(wording, event), _LABEL)))
    who = _within(who, chosen)
    fields: list[ChoiceField | RolesField] = [
        ChoiceField("who", say("event-field-who"), tuple(who), (chosen,)),
    ]
    if roles or admission.roles:
        known = {role.key: role for role in (*admission.roles, *roles)}
        fields.append(
            RolesField(
                "roles",
                say("event-field-roles"),
                tuple(Choice(role.key, _role_label(wording, role)) for role in known.values()),
                tuple(role.key for role in admission.roles),
                tuple((role.platform, role.native_id) for role in admission.roles),
                most=MOST_ROLES,
                hint=say("event-hint-roles"),
            )
        )
    return Form(say("event-manage-who"), tuple(fields), say("event-form-save"))


def _within(choices: list[Choice], chosen: str) -> list[Choice]:
    """As many as a question may have; what is chosen is always among them."""
    kept = choices[:MAX_CHOICES]
    if chosen in {choice.value for choice in kept}:
        return kept
    return [*kept[:-1], next(choice for choice in choices if choice.value == chosen)]


def read_who(uow: UnitOfWork, wording: Wording, community_id: int, answers: Filled, now: datetime) -> Admission | Wrong:
    value = (answers.get("who") or ("everyone",))[0]
    said = answers.get("roles", ())
    kind, _, detail = value.partition(":")
    if kind == ROLES:
        return read_roles(uow, wording, community_id, said)
    if said:
        return Wrong("who", Problem("event-wrong-who-roles"))
    if kind == AdmissionKind.SEGMENT:
        return read_segment_choice(uow, wording, community_id, detail, now)
    return Admission(AdmissionKind(kind), detail)


def read_segment_choice(
    uow: UnitOfWork, wording: Wording, community_id: int, slug: str, now: datetime
) -> Admission | Wrong:
    """By slug or by name."""
    low = slug.casefold()
    found = find_segment(uow, community_id, slug) or next(
        (one for one in all_segments(uow, community_id) if segment_name(wording, one.slug, one.name).casefold() == low),
        None,
    )
    if found is None:
        return Wrong("who", Problem("event-wrong-segment", {"name": slug}))
    if not is_crowd(uow, community_id, found, now):
        name = segment_name(wording, found.slug, found.name)
        return Wrong("who", Problem("event-wrong-segment-few", {"name": name, "count": FEWEST}))
    return Admission(AdmissionKind.SEGMENT, found.slug, label=found.name)


def read_roles(uow: UnitOfWork, wording: Wording, community_id: int, said: Sequence[str]) -> Admission | Wrong:
    """Roles of places that are ours. A name that several have means all of them."""
    known = roles_here(uow, community_id)
    found: dict[str, NativeRole] = {}
    for words in said:
        meant = _meant(known, wording, words)
        if not meant:
            there = wording.listing([role_name(wording, role) for role in known[:_NAMED]]) or "–"
            return Wrong("roles", Problem("event-wrong-role", {"words": clip(words, 60), "roles": there}))
        found |= {role.key: role for role in meant}
    if not found:
        return Wrong("roles", Problem("event-wrong-no-role"))
    if len(found) > MOST_ROLES:
        return Wrong("roles", Problem("event-wrong-many-roles", {"number": MOST_ROLES}))
    return Admission(AdmissionKind.ROLE, roles=tuple(found.values()))


def _meant(known: Sequence[NativeRole], wording: Wording, words: str) -> list[NativeRole]:
    exact = [role for role in known if words in {role.key, role.native_id, f"<@&{role.native_id}>"}]
    low = words.lstrip("@＠").casefold().strip()
    return exact or [
        role for role in known if low in {role.name.casefold(), role_name(wording, role).lstrip("@").casefold()}
    ]


def _role_label(wording: Wording, role: NativeRole) -> str:
    return clip(f"{role_name(wording, role)} · {wording.platform(role.platform)}", _LABEL)
