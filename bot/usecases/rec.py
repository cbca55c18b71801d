"""``/rec``: moderators pin, ban and boost what is suggested, each with a reason. Knows words and wording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.items import ItemId
from bot.domain.outgoing import Block, Bullets, Heading, Outgoing, Paragraph, Text
from bot.domain.permissions import PUBLIC, StaffAction
from bot.domain.rules import COMMUNITY, Rule, RuleAction, kind_scope, room_scope
from bot.domain.text import clean_line
from bot.errors import BadInput, NotFound
from bot.ports import Store, UnitOfWork
from bot.usecases.curating import Curator, decide, take_back
from bot.usecases.digest_report import DAYS, figure_lines
from bot.usecases.rec_words import Order, end_of, parse
from bot.usecases.suggest import details
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording

LINES: Final = 20


@dataclass(frozen=True, slots=True)
class RecCommand:
    """``/rec pin|ban|boost|unpin|unban|unboost ITEM ...``, ``/rec list``, ``/rec log``, ``/rec digests``."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:
        say = turn.wording.say
        if not turn.may(StaffAction.CURATE):
            say_plainly(self.store, self.answering, turn, say("rec-staff-only"))
            return
        try:
            order = parse(words) if words.strip() else Order("list")
        except BadInput as problem:
            say_plainly(self.store, self.answering, turn, str(problem))
            return
        if order is None:
            say_plainly(self.store, self.answering, turn, say("rec-usage"))
            return
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            blocks = self._done(uow, turn, order)
            self.answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language))
            uow.commit()

    def _done(self, uow: UnitOfWork, turn: Turn, order: Order) -> tuple[Block, ...]:
        match order.verb:
            case "list":
                return self._list(uow, turn)
            case "log":
                return self._log(uow, turn)
            case "digests":
                found = uow.digests.figures(turn.community.id, days=DAYS, at=turn.at)
                lines = tuple((Text(line),) for line in figure_lines(turn.wording, found))
                return (Heading(turn.wording.say("digests-heading", days=found.days)), Bullets(lines))
            case _:
                return (Paragraph((Text(self._changed(uow, turn, order)),)),)

    def _changed(self, uow: UnitOfWork, turn: Turn, order: Order) -> str:
        say = turn.wording.say
        who = Curator(f"member:{turn.member.id}", turn.role)
        assert order.action is not None, "only lists and logs have no action"
        try:
            if order.verb == "end":
                ended = take_back(
                    uow, turn.community.id, who, order.action, order.item, reason=order.reason, at=turn.at
                )
                return say("rec-ended" if ended else "rec-none-such", item=order.item)
            rule = Rule(
                order.action,
                ItemId(order.item),
                clean_line(order.reason),
                who.name,
                turn.at,
                scope=scope_of(uow, turn.community.id, order),
                amount=order.amount,
                until=end_of(order.until, turn.community.timezone),
            )
            rule = decide(uow, turn.community.id, who, rule)
        except NotFound as problem:
            return say("rec-no-item", item=order.item) if order.item in str(problem) else str(problem)
        except ValueError:
            return say("rec-refused")
        return say(f"rec-{rule.action.value}-done", item=_title(uow, turn, rule.item), reason=rule.reason)

    def _list(self, uow: UnitOfWork, turn: Turn) -> tuple[Block, ...]:
        say = turn.wording.say
        rules = uow.rules.active(turn.community.id, turn.at)
        titles = {i: d.title for i, d in details(uow, turn.viewer, [r.item for r in rules]).items()}
        lines = tuple(
            (Text(rule_line(turn.wording, rule, titles.get(rule.item, rule.item))),) for rule in rules[:LINES]
        )
        return (
            Heading(say("rec-heading")),
            Bullets(lines) if lines else Paragraph((Text(say("rec-nothing")),)),
            Paragraph((Text(say("rec-usage")),)),
        )

    def _log(self, uow: UnitOfWork, turn: Turn) -> tuple[Block, ...]:
        rows = [row for row in uow.audit.all(turn.community.id, limit=500) if row.action.startswith("rec.")]
        say = turn.wording.say
        lines = tuple(
            (Text(f"{turn.wording.day(r.at.date())} · {r.actor} · {r.action} · {r.target} · {r.reason}"),)
            for r in rows[:LINES]
        )
        return (Heading(say("rec-log-heading")), Bullets(lines) if lines else Paragraph((Text(say("rec-nothing")),)))


def scope_of(uow: UnitOfWork, community_id: int, order: Order) -> str:
    """Raises NotFound for a room that is not there."""
    if order.kind is not None:
        return kind_scope(order.kind)
    if not order.room:
        return COMMUNITY
    for room in uow.rooms.all(community_id):
        if room.audience == PUBLIC and order.room.casefold() in {room.name.casefold(), str(room.id)}:
            return room_scope(room.id)
    raise NotFound(f"There is no public room #{order.room}.")


def rule_line(wording: Wording, rule: Rule, title: str) -> str:
    """``Pinned: Rust from zero (course:rust-start) – exam week – until 1 December``."""
    say = wording.say
    amount = f" {rule.amount:+g}" if rule.action is RuleAction.BOOST else ""
    where = "" if rule.scope == COMMUNITY else f" · {rule.scope}"
    until = "" if rule.until is None else " · " + say("rec-until", day=wording.day(rule.until.date()))
    return f"{say(f'rec-word-{rule.action.value}')}{amount}: {title} ({rule.item}) – {rule.reason}{where}{until}"


def _title(uow: UnitOfWork, turn: Turn, item: str) -> str:
    found = details(uow, turn.viewer, [item]).get(item)
    return found.title if found is not None else item
