"""``/path skill`` and its buttons, and what moderators decide on: ``/path proposals``. Knows rooms; knows no order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.outgoing import Block, Bullets, Button, Heading, Note, Outgoing, Paragraph, Style, Text
from bot.domain.paths import Decision, Prerequisite
from bot.domain.permissions import StaffAction
from bot.domain.text import clean_line, clip
from bot.ports import ButtonRow, Clock, Ids, Store, UnitOfWork
from bot.usecases.path import FindPath, SkillPath, set_known
from bot.usecases.path_views import path_message
from bot.usecases.prerequisites import DecidePrerequisite
from bot.usecases.suggest import details
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording
from recsys.paths.plan import Learner
from recsys.paths.proposal import SEQUENCE

LONGEST_SKILL: Final = 80
PROPOSALS: Final = frozenset({"proposals", "proposal", "建议", "提议", "待定"})
PAGE: Final = 5


@dataclass(frozen=True, slots=True)
class PathCommand:
    """``/path skill``; for staff also ``/path proposals``."""

    store: Store
    find: FindPath
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:
        skill = clean_line(words, limit=LONGEST_SKILL)
        if not skill:
            say_plainly(self.store, self.answering, turn, turn.wording.say("path-usage"))
        elif skill.casefold() in PROPOSALS and turn.may(StaffAction.DECIDE_PATHS):
            self._proposals(turn)
        else:
            found = self.find(turn.member, turn.viewer, skill, turn.at)
            with self.store.write() as uow:
                if not turn.begin(uow):
                    return
                self.answering.reply(uow, turn, _kept(uow, self.ids, turn, found), items=_shown(found))
                # A skill that nothing here teaches is what the community lacks.
                best = found.best if found.path.steps else 0.0
                uow.demand.add(turn.community.id, turn.member.id, "path", skill, best, turn.at)
                uow.commit()

    def _proposals(self, turn: Turn) -> None:
        with self.store.write() as uow:
            if turn.begin(uow):
                message = proposals_message(uow, turn, self.ids)
                self.answering.reply(uow, turn, message)
                uow.commit()


@dataclass(frozen=True, slots=True)
class PressPath:
    """ "I know this", taken back with a second press, and enrolling in the next step."""

    store: Store
    find: FindPath
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, act: str, skill: str, items: Sequence[str]) -> bool:
        """False: no such button."""
        name = act.rstrip("0123456789")
        number = int(act.removeprefix(name) or 0)
        if name not in {"know", "enrol"} or not 1 <= number <= len(items):
            return False
        item = items[number - 1]
        with self.store.read() as uow:
            known = bool(uow.interactions.keys_of(turn.member.id, ItemId(item), Signal.KNOWN))
            there = item in details(uow, turn.viewer, [item])
        consent = Signal.ENROL.consent
        allowed = consent is None or turn.member.consent.allows(consent)

        def pressed(learner: Learner) -> Learner:
            """The learner as the press leaves them: the path is found before anything is written, so that nothing
            slow holds the writer and press and answer are one transaction."""
            if not there:
                return learner
            if name == "know":
                return replace(learner, known=learner.known - {item} if known else learner.known | {item})
            return replace(learner, progress={item: 0.0, **learner.progress}) if allowed else learner

        found = self.find(turn.member, turn.viewer, skill, turn.at, adjust=pressed)
        say = turn.wording.say
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            if not there:
                notice = say("notice-item-gone")
            elif name == "know":
                set_known(uow, turn.member, item, turn.at, known=not known)
                notice = say("notice-unknown" if known else "notice-known")
            elif consent is not None and not allowed:
                notice = say("notice-not-kept", what=say(f"consent-{consent.value}"))
            else:
                notice = say("notice-enrolled" if _enrolled(uow, turn, item) else "notice-already")
            self.answering.edit(uow, turn, _kept(uow, self.ids, turn, found), notice=notice)
            uow.commit()
        return True


def _enrolled(uow: UnitOfWork, turn: Turn, item: str) -> bool:
    key = f"path:{turn.member.id}:{item}:{Signal.ENROL.value}"
    done = Interaction(turn.member.id, ItemId(item), Signal.ENROL, turn.at, key)
    return uow.interactions.add(turn.community.id, done)


def _kept(uow: UnitOfWork, ids: Ids, turn: Turn, found: SkillPath) -> Outgoing:
    """The message with what its buttons mean in the store. No exposures: a path is asked for, not suggested."""
    token = ids.code()
    payload = {"skill": found.skill, "items": [step.item for step in found.path.steps]}
    uow.buttons.add(turn.community.id, [ButtonRow(token, "path", payload, turn.member.id, turn.at)])
    return path_message(turn.wording, found, token)


def _shown(found: SkillPath) -> tuple[str, ...]:
    return tuple(step.item for step in found.path.steps)


def proposals_message(uow: UnitOfWork, turn: Turn, ids: Ids) -> Outgoing:
    """The surest proposals with a button each for yes and no."""
    say, wording = turn.wording.say, turn.wording
    waiting = uow.prerequisites.all(turn.community.id, state=Decision.PROPOSED)
    blocks: list[Block] = [Heading(say("proposals-heading"))]
    if not waiting:
        blocks.append(Paragraph((Text(say("proposals-none")),)))
        return Outgoing(tuple(blocks), language=wording.language)
    page = waiting[:PAGE]
    titles = _titles(uow, turn, page)
    blocks.append(Paragraph((Text(say("proposals-lead", count=len(waiting))),)))
    lines = tuple((Text(proposal_line(wording, proposal, titles)),) for proposal in page)
    blocks += [Bullets(lines), Note((Text(say("proposals-note")),))]
    # The number of each is in its own row of the store, so a press means what was on the screen.
    rows: list[ButtonRow] = []
    buttons: list[tuple[Button, ...]] = []
    for proposal in page:
        mine = ids.code()
        rows.append(ButtonRow(mine, "proposal", {"number": proposal.id}, turn.member.id, turn.at))
        buttons.append(
            (
                Button(say("proposals-confirm", number=proposal.id), code_of("confirm", mine), style=Style.SUCCESS),
                Button(say("proposals-refuse", number=proposal.id), code_of("refuse", mine)),
            )
        )
    uow.buttons.add(turn.community.id, rows)
    return Outgoing(tuple(blocks), tuple(buttons), wording.language)


def _titles(uow: UnitOfWork, turn: Turn, page: Sequence[Prerequisite]) -> dict[str, str]:
    ids = {native for proposal in page for native in (proposal.course, proposal.needs)}
    return {native: clip(course.title, 60) for native, course in uow.courses.get(turn.community.id, ids).items()}


def proposal_line(wording: Wording, proposal: Prerequisite, titles: dict[str, str]) -> str:
    """``12. “A” before “B” — 31 of 40 learners took it first``."""
    before, after = titles.get(proposal.needs, proposal.needs), titles.get(proposal.course, proposal.course)
    if proposal.source == SEQUENCE:
        why = wording.say("proposal-sequence", count=proposal.count, of=proposal.of)
    else:
        why = wording.say(f"proposal-{proposal.source}", note=proposal.note)
    return wording.say("proposal-line", number=proposal.id, before=before, after=after, why=why)


@dataclass(frozen=True, slots=True)
class PressProposal:
    """Confirm or refuse one proposal; the list shows what is left."""

    store: Store
    clock: Clock
    answering: Answering
    ids: Ids
    decide: DecidePrerequisite

    def __call__(self, turn: Turn, act: str, number: int) -> bool:
        """False: no such button, or no such proposal any more."""
        states = {"confirm": Decision.CONFIRMED, "refuse": Decision.REFUSED}
        if act not in states:
            return False
        say = turn.wording.say
        if not turn.may(StaffAction.DECIDE_PATHS):
            # A role may be taken away after the buttons were sent.
            say_plainly(self.store, self.answering, turn, say("proposals-staff-only"))
            return True
        with self.store.write() as uow:
            if not turn.begin(uow):
                return True
            by = f"member:{turn.member.id}"
            decided = self.decide(uow, turn.community.id, number, states[act], by=by, clock=self.clock)
            if decided is None:
                return False
            message = proposals_message(uow, turn, self.ids)
            self.answering.edit(uow, turn, message, notice=say(f"notice-proposal-{decided.state.value}"))
            uow.commit()
        return True
