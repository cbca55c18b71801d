"""Learn from what was shown and what followed how to weigh reasons. Knows attribution; knows no formulas."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import kind_of
from bot.ports import Clock, Store
from recsys.exposed import Exposed
from recsys.modelfile import DamagedModel
from recsys.rankfile import load_ranking, save_ranking
from recsys.ranking import RankingConfig
from recsys.ranklearning import LearntRanking, TooLittle, fit_ranking
from recsys.signals import Feedback

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(days=120)
RIPE: Final = timedelta(days=1)
"""What was shown later than this ago may still be acted on, and says nothing yet."""
FOLLOWS: Final = timedelta(days=7)
"""An action so long after an exposure was no answer to it."""
MOST: Final = 100_000
SURFACES: Final = frozenset({"foryou", "start", "digest"})
"""Lists that the recommender made; what was searched for answers words."""
_PRESSED: Final = "press:"


class Weighing(Protocol):
    """What answers with the weights."""

    @property
    def ranking(self) -> RankingConfig: ...
    def publish_ranking(self, learnt: LearntRanking | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of one attempt. `ranking` None: there was too little to learn from (`note` says how much)."""

    ranking: LearntRanking | None
    published: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class LearnRanking:
    """Read what may be used, learn, and answer with it unless a replay of the latest lists says that it is worse.

    Blocks: call it on a thread.
    """

    store: Store
    clock: Clock
    folder: Path
    engine: Weighing

    def __call__(self, community_id: int) -> Learnt:
        now = self.clock.now()
        config = self.engine.ranking
        with self.store.read() as uow:
            shown = list(uow.exposures.for_training(community_id, since=now - LOOK_BACK, limit=MOST))
            signals = Feedback().trainable | {Signal.DISMISS.value}
            followed = list(uow.interactions.explicit(community_id, signals, since=now - LOOK_BACK))
        try:
            found = fit_ranking(
                answered(shown, followed, until=now - RIPE),
                config.learnable,
                now=now.timestamp(),
                current=config.learnt,
            )
        except TooLittle as little:
            log.info("too little to weigh anew", extra={"reason": str(little)})
            return Learnt(None, published=False, note=str(little))
        if not found.judgement.better:
            log.warning("learnt weights are worse and refused", extra={"version": found.version})
            return Learnt(found, published=False)
        save_ranking(found, self.folder)
        self.engine.publish_ranking(found)
        log.info("weights learnt", extra={"version": found.version, "lists": found.lists, "clicks": found.clicks})
        return Learnt(found, published=True)


def answered(
    shown: Iterable[Exposure], followed: Iterable[Interaction], *, until: datetime | None = None
) -> Iterator[Exposed]:
    """Every exposure of a suggested list with what it led to.

    A press names the exposure whose button it was; any other action belongs to the last exposure of the item before
    it, at most `FOLLOWS` ago. Exposures after `until` are left out.
    """
    suggested = [e for e in shown if e.member_id is not None and e.surface in SURFACES]
    rules = Feedback()
    clicked, dismissed = set[str](), set[str]()
    latest: dict[tuple[int, str], list[Exposure]] = {}
    keys = {exposure.key for exposure in suggested}
    for exposure in suggested:
        latest.setdefault((exposure.member_id or 0, exposure.item), []).append(exposure)
    for action in followed:
        into = dismissed if action.signal.value in rules.dismissed else clicked
        pressed = action.key.removeprefix(_PRESSED).rpartition(":")[0] if action.key.startswith(_PRESSED) else ""
        if pressed in keys:
            into.add(pressed)
            continue
        before = [e for e in latest.get((action.member_id, action.item), ()) if e.at <= action.at]
        if before and action.at - before[-1].at <= FOLLOWS:
            into.add(before[-1].key)
    for exposure in suggested:
        if until is None or exposure.at <= until:
            yield exposed(exposure, clicked=exposure.key in clicked, dismissed=exposure.key in dismissed)


def exposed(exposure: Exposure, *, clicked: bool, dismissed: bool) -> Exposed:
    return Exposed(
        user=f"member:{exposure.member_id}",
        item=exposure.item,
        kind=kind_of(exposure.item).value,
        rank=exposure.rank,
        at=exposure.at.timestamp(),
        parts={part.source: part.value if part.plain is None else part.plain for part in exposure.parts},
        clicked=clicked,
        dismissed=dismissed,
        policy=exposure.policy,
        propensity=exposure.propensity,
    )


def last_ranking(folder: Path) -> LearntRanking | None:
    """The weights learnt last, if there are whole ones."""
    try:
        return load_ranking(folder)
    except FileNotFoundError:
        return None
    except DamagedModel as damage:
        log.warning("the learnt weights are damaged and left out until the next training: %s", damage)
        return None
