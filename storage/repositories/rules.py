"""What moderators decided. Nothing is deleted: a rule that is replaced or taken back gets the time of its end."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, or_, select, update

from bot.domain.items import ItemId
from bot.domain.rules import Rule, RuleAction
from storage.scope import Record, Scope
from storage.tables import RULES

_R = RULES.c
# Asked for every list: built once.
_ACTIVE: Final = (
    select(RULES)
    .where(
        _R.community_id == bindparam("b_community"),
        _R.ended_at.is_(None),
        or_(_R.until.is_(None), _R.until > bindparam("b_at", type_=_R.until.type)),
    )
    .order_by(_R.id.desc())
)


class SqlRules:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, rule: Rule) -> None:
        self.end(community_id, rule.action, rule.item, rule.scope, rule.made_at)
        values = {
            "community_id": community_id,
            "action": rule.action.value,
            "item": rule.item,
            "scope": rule.scope,
            "amount": rule.amount,
            "reason": rule.reason,
            "actor": rule.actor,
            "made_at": rule.made_at,
            "until": rule.until,
            "ended_at": None,
        }
        self._scope.run(insert(RULES).values(values))

    def end(self, community_id: int, action: RuleAction, item: ItemId, scope: str | None, at: datetime) -> int:
        mine = (_R.community_id == community_id) & (_R.action == action.value) & (_R.item == item)
        mine &= _R.ended_at.is_(None)
        if scope is not None:
            mine &= _R.scope == scope
        return self._scope.run(update(RULES).where(mine).values(ended_at=at))

    def active(self, community_id: int, at: datetime) -> list[Rule]:
        """Newest first."""
        return [_rule(row) for row in self._scope.rows(_ACTIVE, [{"b_community": community_id, "b_at": at}])]


def _rule(row: Record) -> Rule:
    return Rule(
        action=RuleAction(row.action),
        item=ItemId(row.item),
        reason=row.reason,
        actor=row.actor,
        made_at=row.made_at,
        scope=row.scope,
        amount=row.amount,
        until=row.until,
    )
