"""Infer what comes before what, and decide on it. Knows consent and the audit log; knows no formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.items import ItemId, Kind, native_of
from bot.domain.paths import Decision, Prerequisite
from bot.ports import AuditRow, Clock, Engine, Store, UnitOfWork
from bot.usecases.engine import feedback_of
from recsys.paths.descriptions import from_texts
from recsys.paths.graph import reaches
from recsys.paths.proposal import Proposal
from recsys.paths.sequence import STARTS, SequenceRule, taken, usually_before
from recsys.types import PUBLIC, Filter, Item


@dataclass(frozen=True, slots=True)
class InferPrerequisites:
    """Look at what learners took in which order and at what courses say, and propose what the catalogue does not say.

    Only members who allow their enrolments to be used are counted, and never a message.
    """

    store: Store
    engine: Engine
    clock: Clock
    rule: SequenceRule | None = None

    def __call__(self, community_id: int) -> int:
        """How many proposals are new."""
        self.engine.refresh()
        items = list(self.engine.items(Filter(audiences=frozenset({PUBLIC}), kinds=frozenset({Kind.COURSE.value}))))
        known = {item.id for item in items}
        with self.store.read() as uow:
            log = taken(
                feedback
                for feedback in map(feedback_of, uow.interactions.explicit(community_id, STARTS))
                if feedback.item in known
            )
        found = chosen(items, [*usually_before(log, self.rule), *from_texts(items, self.engine.vector)])
        proposals = [
            Prerequisite(
                native_of(ItemId(p.item)), native_of(ItemId(p.needs)), p.source, p.confidence, p.count, p.of, p.note
            )
            for p in found
        ]
        with self.store.write() as uow:
            fresh = uow.prerequisites.propose(community_id, proposals, self.clock.now())
            uow.commit()
        return fresh


def chosen(items: Sequence[Item], proposals: Sequence[Proposal]) -> list[Proposal]:
    """One for each pair, the surest; without what binds already, directly or through others, and without what would
    turn that round."""
    bound = {item.id: item.prerequisites for item in items}
    best: dict[tuple[str, str], Proposal] = {}
    for p in proposals:
        pair = (p.item, p.needs)
        if reaches(bound, p.item, p.needs) or reaches(bound, p.needs, p.item):
            continue
        if pair not in best or p.confidence > best[pair].confidence:
            best[pair] = p
    # Of two that contradict each other the surer one stays.
    return [
        p
        for (item, needs), p in sorted(best.items())
        if (needs, item) not in best or (p.confidence, item) > (best[needs, item].confidence, needs)
    ]


@dataclass(frozen=True, slots=True)
class DecidePrerequisite:
    """Confirm or refuse: kept with who and when, and written into the audit log. From then on it binds, or is gone."""

    def __call__(
        self, uow: UnitOfWork, community_id: int, number: int, state: Decision, *, by: str, clock: Clock
    ) -> Prerequisite | None:
        before = uow.prerequisites.get(community_id, number)
        if before is None or before.state is state:
            return before
        at = clock.now()
        after = uow.prerequisites.decide(community_id, number, state, by=by, at=at)
        uow.audit.add(
            community_id,
            AuditRow(at, by, f"prerequisite.{state.value}", f"course:{before.course}", f"after course:{before.needs}"),
        )
        return after
