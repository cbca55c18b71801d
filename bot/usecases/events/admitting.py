"""Who may come to one event, as the store knows them in the unit of work that asks: nothing is remembered between two
presses, so a role that was taken away a moment ago counts no more. Knows reasons; changes nothing.

Nobody learns from it what somebody else is: it answers about whoever asks, and about those whose turn it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.admission import AdmissionKind, NativeRole, is_staff, with_admins
from bot.domain.consent import ConsentKind
from bot.domain.events import HostedEvent
from bot.domain.people import Community, Member
from bot.ports import UnitOfWork
from bot.usecases.events.cards import admission_name
from bot.usecases.native_roles import known_of
from bot.usecases.segments import find_segment, is_in, rules_in_words
from bot.wording import Wording


@dataclass(frozen=True, slots=True)
class Door:
    """Within one unit of work; `known` keeps what was found for the length of one decision."""

    uow: UnitOfWork
    community: Community
    event: HostedEvent
    now: datetime
    known: dict[int, bool] = field(default_factory=dict)

    def admits(self, member_id: int) -> bool:
        if self.event.admission.kind is AdmissionKind.EVERYONE:
            return True
        if member_id not in self.known:
            member = self.uow.members.get(member_id)
            self.known[member_id] = member is not None and self._admits(member)
        return self.known[member_id]

    def _admits(self, member: Member) -> bool:
        admission = self.event.admission
        match admission.kind:
            case AdmissionKind.EVERYONE:
                return True
            case AdmissionKind.STAFF:
                return is_staff(member, known_of(self.uow, member), self.uow.homes.all(self.community.id))
            case AdmissionKind.TOPIC:
                return admission.value in member.profile.topics
            case AdmissionKind.LEVEL:
                return member.profile.level is not None and member.profile.level.value == admission.value
            case AdmissionKind.ROLE:
                held = known_of(self.uow, member)
                return any(role.held_by(platform, one) for role in admission.roles for platform, one in held)
            case AdmissionKind.SEGMENT:
                segment = find_segment(self.uow, self.community.id, admission.value)
                return segment is not None and is_in(self.uow, self.community.id, segment, member, self.now)

    def refusal(self, wording: Wording, member: Member) -> str:
        """Kindly why not, and what would let them."""
        say, admission = wording.say, self.event.admission
        who = admission_name(wording, self.event)
        match admission.kind:
            case AdmissionKind.EVERYONE:
                return say("event-barred-now")
            case AdmissionKind.STAFF:
                return say("event-barred-staff", who=who)
            case AdmissionKind.TOPIC | AdmissionKind.LEVEL:
                return say(f"event-barred-{admission.kind.value}", who=who)
            case AdmissionKind.ROLE:
                return say("event-barred-role", who=who)
            case AdmissionKind.SEGMENT:
                segment = find_segment(self.uow, self.community.id, admission.value)
                if segment is None:
                    return say("event-barred-now")
                rules = rules_in_words(wording, segment)
                if segment.observes and not member.consent.allows(ConsentKind.ENROLMENTS):
                    return say("event-barred-consent", rules=rules)
                return say("event-barred-segment", rules=rules)


def roles_here(uow: UnitOfWork, community_id: int) -> list[NativeRole]:
    """Roles that an event may ask for: of places that are the community's own."""
    return with_admins(uow.native_roles.all(community_id), uow.homes.all(community_id))
