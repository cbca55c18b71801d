"""What moderators decide about suggestions, applied and recorded. Knows rules and their audit; knows no scores."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.items import ItemId, Kind
from bot.domain.permissions import PUBLIC, Role, StaffAction, may
from bot.domain.rules import Rule, RuleAction
from bot.domain.text import clean_line
from bot.errors import BadInput, NotAllowed, NotFound
from bot.ports import AuditRow, UnitOfWork
from recsys.types import Decisions, Lift, Query

_TITLES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Curator:
    """Whoever decides: `name` is what the audit keeps."""

    name: str
    role: Role


OPERATOR: Final = Curator("cli", Role.OWNER)
"""Whoever may run the program's commands may do whatever the owner may."""


def decide(uow: UnitOfWork, community_id: int, who: Curator, rule: Rule) -> Rule:
    """Put a rule in force and into the audit log. Raises NotAllowed, NotFound for an item that is not there."""
    _check(who)
    item = find_item(uow, community_id, rule.item)
    rule = replace(rule, item=item, actor=who.name, reason=clean_line(rule.reason))
    uow.rules.put(community_id, rule)
    told = f"{rule.reason} [{', '.join(_terms(rule))}]"
    uow.audit.add(community_id, AuditRow(rule.made_at, who.name, f"rec.{rule.action.value}", rule.item, told))
    return rule


def take_back(
    uow: UnitOfWork, community_id: int, who: Curator, action: RuleAction, item: str, *, reason: str, at: datetime
) -> int:
    """End the rules of this action about an item, in every scope; how many there were. Raises NotAllowed.

    The item may be gone by now: its rules can still be taken back.
    """
    _check(who)
    rules = [rule for rule in uow.rules.active(community_id, at) if rule.action is action]
    known = {rule.item for rule in rules}
    found = ItemId(item) if item in known else find_item(uow, community_id, item)
    ended = uow.rules.end(community_id, action, found, None, at)
    if ended:
        told = clean_line(reason) or "-"
        uow.audit.add(community_id, AuditRow(at, who.name, f"rec.un{action.value}", found, told))
    return ended


def find_item(uow: UnitOfWork, community_id: int, words: str) -> ItemId:
    """An item by its id, or by its whole title where only one has it. Raises NotFound."""
    words = clean_line(words)
    if ":" in words and uow.items.get(community_id, [ItemId(words)]):
        return ItemId(words)
    titled = words.casefold()
    found: list[ItemId] = [c.item for c in uow.courses.all(community_id) if c.title.casefold() == titled]
    found += [e.item for e in uow.events.all(community_id) if e.title.casefold() == titled]
    posts = uow.posts.all(community_id, limit=_TITLES)
    found += [p.item for p in posts if p.audience == PUBLIC and p.title.casefold() == titled]
    if len(found) == 1:
        return found[0]
    hint = "Give its id, such as course:rust-start, or its whole title."
    problem = f"{len(found)} items have the title {words!r}." if found else f"There is no item {words!r}."
    raise NotFound(problem, hint=hint)


def amount_of(text: str) -> float:
    """``+0.2``, ``0.2``. Raises BadInput."""
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no number.", hint="Write something like 0.2.") from error


def decisions_for(
    uow: UnitOfWork,
    community_id: int,
    at: datetime,
    *,
    kinds: Collection[Kind] = (),
    room_id: int | None = None,
    pins: bool = True,
) -> tuple[Decisions, frozenset[str]]:
    """What holds in such a list, and which items are banned from it."""
    rules = [r for r in uow.rules.active(community_id, at) if r.holds(at, kinds=kinds, room_id=room_id)]
    banned = frozenset(rule.item for rule in rules if rule.action is RuleAction.BAN)
    pinned: dict[str, str] = {}
    lifted: dict[str, Lift] = {}
    for rule in rules:
        if rule.action is RuleAction.PIN and pins:
            pinned.setdefault(rule.item, rule.reason)
        elif rule.action is RuleAction.BOOST:
            lifted.setdefault(rule.item, Lift(rule.amount, rule.reason))
    return Decisions(pinned, lifted), banned


def ruled(query: Query, decisions: Decisions, banned: frozenset[str]) -> Query:
    """The query with what was decided about its list."""
    where = replace(query.where, exclude=query.where.exclude | banned) if banned else query.where
    return replace(query, where=where, decisions=decisions)


def _check(who: Curator) -> None:
    if not may(who.role, StaffAction.CURATE):
        raise NotAllowed("Only moderators decide what is suggested.")


def _terms(rule: Rule) -> list[str]:
    """What a rule says beside its reason, for the audit."""
    terms = [rule.scope]
    if rule.action is RuleAction.BOOST:
        terms.append(f"{rule.amount:+g}")
    if rule.until is not None:
        terms.append(f"until {rule.until.isoformat()}")
    return terms
