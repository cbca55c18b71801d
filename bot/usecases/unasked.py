"""The one gate for what a member did not ask for: digests, invitations, campaigns. Knows rules; knows no content.

Every sending of that kind passes here when it is queued and once more when it goes out. The rules:

* only to who said yes to something and did not stop, pause or become unreachable;
* never in the member's quiet hours: it waits for their end;
* no two within SPACING, whichever features they come from. Two digests are as far apart as their frequency says; of
  daily ones the clocks (an hour in spring) and the platforms' pace decide by some minutes, hence BETWEEN_DIGESTS;
* beside the digest at most PER_WEEK in any seven days.

A digest was promised for an hour, so it is put off where it would come too soon; everything else is not sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.digests import UNREACHABLE, DigestSettings
from bot.domain.localtime import zone
from bot.domain.outgoing import Sending
from bot.domain.people import Member
from bot.domain.schedules import Job
from bot.ports import OutboxRow, Unasked, UnitOfWork

SPACING: Final = timedelta(hours=24)
BETWEEN_DIGESTS: Final = timedelta(hours=22)
WEEK: Final = timedelta(days=7)
PER_WEEK: Final = 2
LOOK_BACK: Final = WEEK + SPACING
_DIGEST: Final = "digest:"


class Refusal(StrEnum):
    """Why not."""

    OFF = "off"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    SPACED = "spaced"
    CAP = "cap"


def digest_key(recipient: str, period: str) -> str:
    """The key of a digest's sending: one in a period, however often it is composed."""
    return f"{_DIGEST}{recipient}:{period}"


def slot(
    settings: DigestSettings,
    timezone: str,
    others: Sequence[Unasked],
    at: datetime,
    *,
    digest: bool = False,
    promised: datetime | None = None,
) -> datetime | Refusal:
    """When a message may go out that should at `at`: then, or later; or why it may not.

    `others`: the member's other ones of the last LOOK_BACK, and those that wait. `promised`: when a digest is due.
    """
    if not settings.enabled:
        return Refusal.OFF
    if settings.unreachable >= UNREACHABLE:
        return Refusal.UNREACHABLE
    local = at.astimezone(zone(timezone)).date()
    if settings.paused_until is not None and local < settings.paused_until:
        return Refusal.PAUSED
    moved = settings.awake_from(at, timezone)
    if not digest:
        near = [other.at for other in others] + ([promised] if promised is not None else [])
        if any(abs(moved - other) < SPACING for other in near):
            return Refusal.SPACED
        beside = [other for other in others if not is_digest(other) and abs(moved - other.at) < WEEK]
        return Refusal.CAP if len(beside) >= PER_WEEK else moved
    # Each step waits for one of them, so that there are no more steps than others.
    for _ in others:
        ends = [
            other.at + (BETWEEN_DIGESTS if is_digest(other) else SPACING)
            for other in others
            if abs(moved - other.at) < (BETWEEN_DIGESTS if is_digest(other) else SPACING)
        ]
        if not ends:
            break
        moved = settings.awake_from(max(ends), timezone)
    return moved


def may_send_unasked(uow: UnitOfWork, member: Member, at: datetime) -> bool:
    """Whether something that is no digest may be sent to `member` at `at`, or at the end of their quiet hours."""
    return isinstance(_slot(uow, member, at), datetime)


def queue_unasked(uow: UnitOfWork, member: Member, sending: Sending, at: datetime) -> Refusal | None:
    """Queue it for the moment that the rules allow; why not, where they don't. The only way into the outbox for what is
    no answer and for one member."""
    found = _slot(uow, member, max(at, sending.not_before or at))
    if isinstance(found, Refusal):
        return found
    uow.outbox.add(member.community_id, unasked(sending, member, found), at)
    return None


def unasked(sending: Sending, member: Member, when: datetime) -> Sending:
    """The sending as one that nobody asked for."""
    return replace(sending, unsolicited=True, to_member=member.id, not_before=when)


def verdict(uow: UnitOfWork, row: OutboxRow, at: datetime) -> datetime | Refusal:
    """Asked right before a row goes out: `at` when it may, later when it has to wait, or why it may never.

    What waits in the queue behind it gives way to it, except that of two digests the newer one is the one to send.
    """
    member_id = row.sending.to_member
    member = uow.members.get(member_id) if member_id is not None else None
    if member is None or not row.sending.unsolicited:
        return at
    known = uow.outbox.unasked([member.id], since=at - LOOK_BACK).get(member.id, [])
    digest = row.sending.key.startswith(_DIGEST)
    if digest and any(is_digest(one) and one.waits and one.id > row.id and one.at <= at for one in known):
        return Refusal.SPACED
    gone = [one for one in known if one.id != row.id and not one.waits]
    return slot(uow.digests.get(member.id), member.timezone, gone, at, digest=digest)


def _slot(uow: UnitOfWork, member: Member, at: datetime) -> datetime | Refusal:
    others = uow.outbox.unasked([member.id], since=at - LOOK_BACK).get(member.id, [])
    settings = uow.digests.get(member.id)
    promised = uow.schedules.next_at(member.community_id, Job.DIGEST, f"member:{member.id}")
    return slot(settings, member.timezone, others, at, promised=None if settings.skip_next else promised)


def is_digest(one: Unasked) -> bool:
    """Whether a message is a digest, which was promised for its hour."""
    return one.key.startswith(_DIGEST)


def note_blocked(uow: UnitOfWork, member: Member, platform: str) -> None:
    """Whoever shuts the bot out on the platform of their digest has said stop."""
    settings = uow.digests.get(member.id)
    if not settings.enabled:
        return
    elsewhere = any(identity.account.platform != platform for identity in uow.members.identities(member.id))
    if settings.platform == platform or (not settings.platform and not elsewhere):
        uow.digests.put(member.community_id, replace(settings, enabled=False, last_note="unreachable"))


def note_reached(uow: UnitOfWork, row: OutboxRow, state: str) -> None:
    """What became of an unasked message, in the transaction that keeps it: so many refused ones in a row end all."""
    member_id = row.sending.to_member
    if member_id is None or not row.sending.unsolicited or state not in {"sent", "refused"}:
        return
    if uow.digests.reached(member_id, reached=state == "sent") >= UNREACHABLE:
        settings = uow.digests.get(member_id)
        if settings.enabled:
            uow.digests.put(row.community_id, replace(settings, enabled=False, last_note="unreachable"))
