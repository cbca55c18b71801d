"""Drawn places of a community with what they earned, and the state of what is suggested. Knows consent; no formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.interactions import Signal
from bot.ports import Clock, Store
from bot.usecases.weighing import MOST, RIPE, answered
from recsys.exposed import Exposed
from recsys.health import Health, Placed, Stocked, health
from recsys.replay import Drawn
from recsys.shelf import Shelf
from recsys.signals import Feedback
from recsys.types import PUBLIC, Filter


@dataclass(frozen=True, slots=True)
class Place:
    """One exposure, for a file: users are numbered anew, so nobody's own number leaves."""

    shown: Exposed
    user: str
    slate: tuple[tuple[str, float, float], ...]

    def drawn(self) -> Drawn:
        """ValueError for a place that was not drawn by probabilities that are some."""
        return Drawn(self.user, self.shown.item, float(self.shown.clicked), self.shown.propensity, self.slate)


@dataclass(frozen=True, slots=True)
class LoggedPlaces:
    """Consented exposures of public items, with what followed within a week; none younger than a day."""

    store: Store
    clock: Clock

    def __call__(self, community_id: int, *, days: int) -> Iterator[Place]:
        now = self.clock.now()
        since = now - timedelta(days=days)
        with self.store.read() as uow:
            shown = list(uow.exposures.for_training(community_id, since=since, limit=MOST))
            signals = Feedback().trainable | {Signal.DISMISS.value}
            followed = list(uow.interactions.explicit(community_id, signals, since=since))
        slates = {(e.member_id, e.at.timestamp(), e.rank, str(e.item)): e.slate for e in shown}
        code: dict[str, str] = {}
        for row in answered(shown, followed, until=now - RIPE):
            user = code.setdefault(row.user, f"u{len(code) + 1}")
            member = int(row.user.partition(":")[2])
            slate = slates[(member, row.at, row.rank, row.item)]
            yield Place(row, user, tuple((str(item), score, chance) for item, score, chance in slate))


@dataclass(frozen=True, slots=True)
class SuggestionHealth:
    """Of what everybody may see."""

    store: Store
    clock: Clock
    shelf: Shelf

    def __call__(self, community_id: int, *, days: int) -> Health:
        now = self.clock.now()
        view = self.shelf.corpus.view()
        stock = [
            Stocked(item.id, item.kind, item.author, int(view.columns.people[slot]))
            for item in self.shelf.corpus.items(Filter(audiences=frozenset({PUBLIC})))
            if (slot := view.slot(item.id)) is not None
        ]
        with self.store.read() as uow:
            placed = [
                Placed(str(e.item), e.at.timestamp(), e.policy)
                for e in uow.exposures.all(community_id, since=now - timedelta(days=days))
                if e.policy != "search"
            ]
        return health(stock, placed, now=now.timestamp())
