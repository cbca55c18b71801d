"""``/profile``: what a member told us, what may be used, their language; every line can be changed here."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.domain.consent import SWITCHES, ConsentKind
from bot.domain.outgoing import Bullets, Button, Heading, Note, Outgoing, Paragraph, Text
from bot.domain.people import Member
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.link import UnlinkCommand
from bot.usecases.link_views import account_line
from bot.usecases.onboarding import Start, consent_buttons
from bot.usecases.press import source_name
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording
from bot.wording.reasons import topic_name


def profile_message(uow: UnitOfWork, turn: Turn, token: str) -> Outgoing:
    """Answers, number of known interactions, switches."""
    wording, say, member = turn.wording, turn.wording.say, turn.member
    profile, none = member.profile, turn.wording.say("profile-none")
    topics = wording.listing([topic_name(wording, topic) for topic in profile.topics]) if profile.topics else none
    lines = [
        say("profile-topics", topics=topics),
        say("profile-level", level=say(f"level-{profile.level.value}") if profile.level else none),
        say("profile-goal", goal=say(f"goal-{profile.goal.value}") if profile.goal else none),
        say("profile-hours", hours=wording.number(profile.weekly_hours) if profile.weekly_hours else none),
        say("profile-language", language=say(f"language-{wording.language}")),
        say("profile-timezone", timezone=member.timezone),
    ]
    if profile.muted:
        names = [source_name(wording, source) for source in sorted(profile.muted)]
        lines.append(say("profile-muted", sources=wording.listing(names)))
    accounts = uow.members.identities(member.id)
    if len(accounts) > 1:
        lines.append(
            say("profile-accounts", accounts=wording.listing([account_line(wording, one) for one in accounts]))
        )
    known = len(uow.interactions.of_member(member.id))
    switches = Bullets(tuple((Text(say(f"consent-line-{kind.value}")),) for kind in SWITCHES))
    return Outgoing(
        (
            Heading(say("profile-heading")),
            Bullets(tuple((Text(line),) for line in lines)),
            Paragraph((Text(say("profile-switches")),)),
            switches,
            Note((Text(say("profile-counts", count=known)),)),
        ),
        (
            consent_buttons(wording, member.consent.granted, token),
            (
                Button(say("profile-edit"), code_of("edit", token)),
                Button(say("profile-language-switch"), code_of("language", token)),
                *((Button(say("profile-unmute"), code_of("unmute", token)),) if profile.muted else ()),
                *((Button(say("profile-unlink"), code_of("unlink", token)),) if uow.links.of(member.id) else ()),
            ),
        ),
        wording.language,
    )


@dataclass(frozen=True, slots=True)
class ShowProfile:
    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        token = self.ids.code()
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            uow.buttons.add(turn.community.id, [ButtonRow(token, "profile", {}, turn.member.id, turn.at)])
            self.answering.reply(uow, turn, profile_message(uow, turn, token))
            uow.commit()


@dataclass(frozen=True, slots=True)
class PressProfile:
    """Switches of the profile."""

    store: Store
    answering: Answering
    start: Start
    unlink: UnlinkCommand

    def __call__(self, turn: Turn, act: str, token: str) -> bool:
        if act in {"edit", "unlink"}:
            (self.start if act == "edit" else self.unlink)(turn, "")
            return True
        with self.store.write() as uow:
            # Applied to the member as they are now: the page may have changed their language meanwhile.
            changed = _changed(uow.members.get(turn.member.id) or turn.member, turn.wording, act)
            if changed is None:
                return False
            if not turn.begin(uow):
                return True
            member, wording, notice = changed
            uow.members.update(member)
            later = replace(turn, member=member, wording=wording)
            self.answering.edit(uow, later, profile_message(uow, later, token), notice=notice)
            uow.commit()
        return True


def _changed(member: Member, wording: Wording, act: str) -> tuple[Member, Wording, str] | None:
    """The member after one tap, the words to go on in, and what to say; None: there is no such switch."""
    if act == "language":
        wording = Wording("en" if wording.language == "zh" else "zh")
        return replace(member, language=wording.language), wording, ""
    if act == "unmute":
        return replace(member, profile=replace(member.profile, muted=frozenset())), wording, ""
    if not act.startswith("c-") or act.removeprefix("c-") not in set(ConsentKind):
        return None
    kind = ConsentKind(act.removeprefix("c-"))
    member = replace(member, consent=member.consent.toggled(kind))
    notice = "notice-switched-on" if member.consent.allows(kind) else "notice-switched-off"
    return member, wording, wording.say(notice, what=wording.say(f"consent-{kind.value}"))
