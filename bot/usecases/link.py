"""``/link``: one person with accounts on several platforms, proved from both sides; ``/unlink`` takes it apart again.

A code alone joins nothing: whoever gives it, and whoever made it, both say yes to the other first. What is said to a
code that is unknown, used, too old or void is the same, so that trying tells nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.events import lapse, refresh
from bot.domain.guests import Standing
from bot.domain.links import CODE_LIVES, QUESTION_LIVES, Link, LinkState, new_code, typed_code
from bot.domain.outgoing import DeliveryClass, Outgoing, Sending
from bot.domain.people import Member
from bot.ports import AuditRow, ButtonRow, Ids, Store, UnitOfWork
from bot.usecases import link_views as views
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording, choose

KIND: Final = "link"
"""The conversation that remembers when codes were made and tried."""
WITHIN: Final = timedelta(hours=1)
MADE_PER_HOUR: Final = 5
TRIED_PER_HOUR: Final = 5


def hashed(secret: bytes, community_id: int, code: str) -> str:
    """What is kept of a code. Keyed: whoever reads the database cannot try all codes against it."""
    keyed = hashlib.blake2b(code.encode(), key=secret[:64], person=b"studyhall link", digest_size=32)
    keyed.update(f":{community_id}".encode())
    return keyed.hexdigest()


def counted(uow: UnitOfWork, turn: Turn, what: str, most: int) -> bool:
    """Count one more of `what` by this member; False where there were as many within the hour already."""
    state: dict[str, Any] = uow.conversations.get(turn.member.id, KIND) or {}
    lately = [at for at in state.get(what, ()) if datetime.fromisoformat(at) > turn.at - WITHIN]
    if len(lately) >= most:
        return False
    uow.conversations.put(turn.member.id, KIND, state | {what: [*lately, turn.at.isoformat()]}, turn.at)
    return True


def why_not(uow: UnitOfWork, first: Member, second: Member) -> str:
    """The sentence that says why these two cannot be one person; empty when they can."""
    if first.bot or second.bot:
        return "link-unknown"
    if first.sample or second.sample:
        return "link-sample"
    platforms = [{one.account.platform for one in uow.members.identities(member.id)} for member in (first, second)]
    return "link-same-platform" if platforms[0] & platforms[1] else ""


@dataclass(frozen=True, slots=True)
class Telling:
    """Reaches the side that has not just done something, in its own room on its own platform."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn, link: Link, to: Member, message: Outgoing, *, first: bool) -> None:
        platform = link.first_platform if first else link.second_platform
        sending = Sending(
            key=f"link:{link.id}:{self.ids.code()}",
            room=uow.rooms.direct(turn.community.id, platform, to.id).ref,
            message=message,
            delivery=DeliveryClass.AT_LEAST_ONCE,
            to_member=to.id,
        )
        uow.outbox.add(turn.community.id, sending, turn.at)

    def words(self, turn: Turn, to: Member) -> Wording:
        return choose(to.language, turn.community.language)


@dataclass(frozen=True, slots=True)
class LinkCommand:
    """``/link`` makes a code, ``/link CODE`` gives one. `secret` keys what is kept of codes."""

    store: Store
    answering: Answering
    ids: Ids
    secret: bytes

    def __call__(self, turn: Turn, words: str) -> None:
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            if turn.overheard:
                message = self._overheard(uow, turn, words)
            elif words.strip():
                message = self._given(uow, turn, words)
            else:
                message = self._made(uow, turn)
            self.answering.reply(uow, turn, message)
            uow.commit()

    def _overheard(self, uow: UnitOfWork, turn: Turn, words: str) -> Outgoing:
        """Others have read it: a code among it is worth nothing any more."""
        link = self._named(uow, turn, words)
        if link is not None:
            uow.links.end(link.id, LinkState.VOID, turn.at)
        return views.plain(turn.wording, turn.wording.say("link-in-private"))

    def _made(self, uow: UnitOfWork, turn: Turn) -> Outgoing:
        say = turn.wording.say
        if turn.member.sample:
            return views.plain(turn.wording, say("link-sample"))
        if not counted(uow, turn, "made", MADE_PER_HOUR):
            return views.plain(turn.wording, say("link-too-often"))
        code = new_code(self.ids.code())
        offered = Link(
            id=0,
            community_id=turn.community.id,
            first_id=turn.member.id,
            second_id=None,
            first_platform=turn.room.ref.platform,
            second_platform="",
            state=LinkState.OFFERED,
            made_at=turn.at,
            expires_at=turn.at + CODE_LIVES,
        )
        uow.links.offer(offered, hashed(self.secret, turn.community.id, code))
        return views.code_message(turn.wording, code)

    def _given(self, uow: UnitOfWork, turn: Turn, words: str) -> Outgoing:
        say = turn.wording.say
        if not counted(uow, turn, "tried", TRIED_PER_HOUR):
            return views.plain(turn.wording, say("link-too-often"))
        link = self._named(uow, turn, words)
        first = uow.members.get(link.first_id) if link is not None else None
        second = uow.members.get(turn.member.id)
        if link is None or first is None or second is None or not link.open_at(turn.at):
            return views.plain(turn.wording, say("link-unknown"))
        if first.id == second.id:
            own = link.first_platform == turn.room.ref.platform
            return views.plain(turn.wording, say("link-own-code" if own else "link-already"))
        problem = why_not(uow, first, second)
        if problem:
            return views.plain(turn.wording, say(problem))
        here = turn.room.ref.platform
        if not uow.links.ask(link.id, second.id, here, until=turn.at + QUESTION_LIVES):
            return views.plain(turn.wording, say("link-unknown"))
        asked = replace(link, second_id=second.id, second_platform=here, expires_at=turn.at + QUESTION_LIVES)
        tokens = [self.ids.code(), self.ids.code()]
        rows = [
            ButtonRow(token, KIND, {"link": link.id, "first": side is first}, side.id, turn.at, asked.expires_at)
            for token, side in zip(tokens, (first, second), strict=True)
        ]
        uow.buttons.add(turn.community.id, rows)
        telling = Telling(self.answering, self.ids)
        theirs = views.question(telling.words(turn, first), asked, first, second, tokens[0], to_first=True)
        telling(uow, turn, asked, first, theirs, first=True)
        return views.question(turn.wording, asked, first, second, tokens[1], to_first=False)

    def _named(self, uow: UnitOfWork, turn: Turn, words: str) -> Link | None:
        code = typed_code(words)
        return uow.links.by_code(turn.community.id, hashed(self.secret, turn.community.id, code)) if code else None


@dataclass(frozen=True, slots=True)
class UnlinkCommand:
    """``/unlink``: the accounts of a member, and a way out of each link."""

    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            links = uow.links.of(turn.member.id)
            if not links:
                message = views.plain(turn.wording, turn.wording.say("unlink-nothing"))
            else:
                tokens = [self.ids.code() for _ in links]
                rows = [
                    ButtonRow(token, KIND, {"link": link.id}, turn.member.id, turn.at)
                    for token, link in zip(tokens, links, strict=True)
                ]
                uow.buttons.add(turn.community.id, rows)
                names = [account_of(uow, turn.wording, link) for link in links]
                message = views.linked_accounts(
                    turn.wording, uow.members.identities(turn.member.id), list(zip(links, names, tokens, strict=True))
                )
            self.answering.reply(uow, turn, message)
            uow.commit()


def account_of(uow: UnitOfWork, wording: Wording, link: Link) -> str:
    """The account that a link brought along, as people call it."""
    there = (one for one in uow.members.identities(link.first_id) if one.account.platform == link.second_platform)
    identity = next(there, None)
    return views.account_line(wording, identity) if identity else wording.platform(link.second_platform)


@dataclass(frozen=True, slots=True)
class PressLink:
    """[Yes, that's me] and [No] of both sides; [Unlink] and its confirmation."""

    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """False: there is no such button or link."""
        with self.store.write() as uow:
            link = uow.links.get(turn.community.id, int(row.payload["link"]))
            if link is None:
                return False
            match act:
                case "yes" | "no" if "first" in row.payload:
                    return self._answered(uow, turn, link, first=bool(row.payload["first"]), yes=act == "yes")
                case "part" | "part-yes" | "part-no" if "first" not in row.payload:
                    return self._parted(uow, turn, link, act, row.code)
                case _:
                    return False

    # Becoming one

    def _answered(self, uow: UnitOfWork, turn: Turn, link: Link, *, first: bool, yes: bool) -> bool:
        if not turn.begin(uow):
            return True
        say = turn.wording.say
        if link.state is LinkState.JOINED:
            self.answering.notice(uow, turn, say("notice-link-joined"))
        elif link.state is not LinkState.ASKED or not link.open_at(turn.at):
            self.answering.edit(uow, turn, views.plain(turn.wording, say("link-over")))
        elif not yes:
            self._refused(uow, turn, link, first=first)
        elif (agreed := uow.links.agree(link.id, first=first)) is not None:
            self._agreed(uow, turn, agreed, first=first)
        uow.commit()
        return True

    def _refused(self, uow: UnitOfWork, turn: Turn, link: Link, *, first: bool) -> None:
        uow.links.end(link.id, LinkState.REFUSED, turn.at)
        self.answering.edit(uow, turn, views.plain(turn.wording, turn.wording.say("link-refused")))
        self._tell_other(uow, turn, link, "link-refused-there", first=not first)

    def _agreed(self, uow: UnitOfWork, turn: Turn, link: Link, *, first: bool) -> None:
        say = turn.wording.say
        if not link.agreed:
            there = turn.wording.platform(link.second_platform if first else link.first_platform)
            self.answering.edit(uow, turn, views.plain(turn.wording, say("link-half", platform=there)))
            return
        one, other = uow.members.get(link.first_id), uow.members.get(link.second_id or 0)
        problem = why_not(uow, one, other) if one is not None and other is not None else "link-over"
        joined = None if problem else uow.links.join(link.id, turn.at)
        if joined is None:
            uow.links.end(link.id, LinkState.VOID, turn.at)
            self.answering.edit(uow, turn, views.plain(turn.wording, say(problem or "link-over")))
            return
        self._noted(uow, turn, link, "link.join")
        _seats_anew(uow, turn, joined.id)
        here = replace(turn, member=joined, wording=choose(joined.language, turn.wording.language))
        done = ["link-done", "link-done-note"]
        self.answering.edit(uow, here, views.plain(here.wording, *map(here.wording.say, done)))
        self._tell_other(uow, here, link, *done, first=not first)

    # Parting

    def _parted(self, uow: UnitOfWork, turn: Turn, link: Link, act: str, token: str) -> bool:
        if not turn.begin(uow):
            return True
        wording = turn.wording
        if link.state is not LinkState.JOINED or turn.member.id != link.first_id:
            self.answering.edit(uow, turn, views.plain(wording, wording.say("unlink-nothing")))
        elif act == "part":
            self.answering.edit(uow, turn, views.parting(wording, account_of(uow, wording, link), token))
        elif act == "part-no":
            self.answering.edit(uow, turn, views.plain(wording, wording.say("unlink-kept")))
        elif uow.links.part(link.id, turn.at):
            self._noted(uow, turn, link, "link.part")
            _seats_anew(uow, turn, link.first_id, link.second_id or 0)
            first = self._side(uow, turn, link)
            here = replace(turn, member=uow.members.get(link.first_id if first else link.second_id or 0) or turn.member)
            self.answering.edit(uow, here, views.plain(wording, wording.say("unlink-done")))
            self._tell_other(uow, here, link, "unlink-done", first=not first)
        uow.commit()
        return True

    def _side(self, uow: UnitOfWork, turn: Turn, link: Link) -> bool:
        """Whether the press came from an account that is the first's now."""
        mine = {identity.account.platform for identity in uow.members.identities(link.first_id)}
        return turn.room.ref.platform in mine

    def _tell_other(self, uow: UnitOfWork, turn: Turn, link: Link, *messages: str, first: bool) -> None:
        to = uow.members.get(link.first_id if first else link.second_id or 0)
        if to is None:
            return
        telling = Telling(self.answering, self.ids)
        words = telling.words(turn, to)
        telling(uow, turn, link, to, views.plain(words, *map(words.say, messages)), first=first)

    def _noted(self, uow: UnitOfWork, turn: Turn, link: Link, action: str) -> None:
        platforms: Sequence[str] = (link.first_platform, link.second_platform)
        row = AuditRow(
            turn.at, f"member:{turn.member.id}", action, f"link:{link.id}", f"{link.first_id}+{link.second_id} "
            f"({' + '.join(platforms)})",
        )  # fmt: skip
        uow.audit.add(turn.community.id, row)


def _seats_anew(uow: UnitOfWork, turn: Turn, *members: int) -> None:
    """One person has one seat: what is free now, or not any more, is settled with everybody who waits."""
    numbers = {n for one in members for n in uow.guests.of_member(turn.community.id, one, standings=tuple(Standing))}
    for number in sorted(numbers):
        event = uow.hosted.numbered(turn.community.id, number)
        if event is not None and event.open:
            uow.moments.arm(turn.community.id, [lapse(event, turn.at), refresh(event, turn.at)], again=True)
