"""A ranker learned on how others began. Knows scorers, arrivals and short histories; knows no texts.

Part of the training users is set aside: the scorers are fitted without them, and from the first k items of each the
ranker learns to put the next one first. Then the scorers are fitted anew on everybody. Nobody who is judged is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recsys.evaluation.beginnings import Early, EarlySequential, Moves
from recsys.evaluation.cohort import Cohort, likeliest
from recsys.evaluation.histories import CELLS, Floats, Histories, Integers, Mask
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.neighbours import ItemNeighbours, RandomWalk
from recsys.evaluation.scoring import Model, Scorer, Train, standardised
from recsys.evaluation.trees import Ranked, learn_to_rank

_PREFIXES: Final = (1, 2, 3, 4, 5)
_FEWEST: Final = 300
"""Examples from which on a ranker is learned at all."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """score(u) = LambdaMART (Burges 2010) over the `depth` best of the sum of z-scores; below these, that sum.

    Features of an item: the z-scores of `parts`, log shares of it among items at this position, at the first and at
    all positions; of the history: its length and the log share of its last item. Without a history: `Cohort`, its
    half-life chosen on the same users that are set aside. The ranker is used only where it orders better than the sum
    does on a fifth of these users, who are not learned from.
    """

    parts: tuple[Model, ...] = (
        EarlySequential(),
        EarlySequential(fade=0.8, early=0.5),
        Sequential(),
        Early(Ease(ridge=30.0)),
        Ease(),
        Early(ItemNeighbours()),
        RandomWalk(),
        Moves(),
    )
    depth: int = 60
    share: float = 0.15
    users: int = 12_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        """None: what there is to choose is chosen while fitting."""
        return {}

    def fit(self, train: Train) -> Scorer:
        histories = train.histories
        rng = np.random.default_rng([train.seed, 11])
        longer = np.flatnonzero(histories.lengths >= 2)
        aside = np.sort(rng.permutation(longer)[: min(self.users, round(self.share * len(longer)))])
        rest = np.ones(len(histories), dtype=np.bool_)
        rest[aside] = False
        inner = Train(histories.where(rest[histories.rows]), train.catalogue, train.seed)
        ranker, cohort = None, Cohort()
        if len(aside) * len(_PREFIXES) >= _FEWEST:
            people = histories.take(aside)
            cohort = likeliest(inner, people)
            draft = _Newcomers([part.fit(inner) for part in self.parts], _Shares.of(inner.histories), self.depth)
            ranker = _learned(draft, people, rng.random(len(aside)) < 0.2, train.seed)
        whole = Train(histories, train.catalogue, train.seed, train.progress)
        scorers = [part.fit(whole) for part in self.parts]
        return _Newcomers(scorers, _Shares.of(histories), self.depth, ranker, cohort.fit(whole))


@dataclass(frozen=True, slots=True)
class _Shares:
    """Log shares of the items, shape (positions, items), and among all actions, shape (items,)."""

    at: Floats
    whole: Floats

    @classmethod
    def of(cls, histories: Histories) -> _Shares:
        def shares(entries: Mask) -> Floats:
            counts = np.bincount(histories.items[entries], minlength=histories.item_count) + 1.0
            return np.asarray(np.log(counts / counts.sum()), dtype=np.float32)

        position = histories.position
        at = [shares(position == place) for place in range(max(_PREFIXES) + 1)]
        return cls(np.stack(at), shares(position >= 0))


@dataclass(frozen=True, slots=True)
class _Newcomers:
    parts: Sequence[Scorer]
    shares: _Shares
    depth: int
    ranker: Ranked | None = None
    beginning: Scorer | None = None

    def __call__(self, histories: Histories) -> Floats:
        scores = np.zeros((len(histories), histories.item_count), dtype=np.float32)
        begun = np.flatnonzero(histories.lengths > 0)
        blank = np.flatnonzero(histories.lengths == 0)
        if len(blank) and self.beginning is not None:
            scores[blank] = self.beginning(histories.take(blank))
        for rows, sums, codes, features in self.proposed(histories.take(begun)):
            scores[begun[rows]] = sums
            if self.ranker is not None:
                # Whatever was proposed stands above the rest, which keeps its own order.
                sums -= sums.max(axis=1, keepdims=True) + 1
                ranked = self.ranker(features)
                ranked += 1 - ranked.min(axis=1, keepdims=True)
                np.put_along_axis(sums, codes, ranked, axis=1)
                scores[begun[rows]] = sums
        return scores

    def proposed(self, histories: Histories) -> Iterator[tuple[Integers, Floats, Integers, Floats]]:
        """Rows, sums of z-scores (rows, items), codes (rows, depth), features (rows, depth, features) by batches."""
        items = histories.item_count
        depth = min(self.depth, items)
        step = max(1, CELLS // max(4 * items, 1))
        for first in range(0, len(histories), step):
            rows = np.arange(first, min(first + step, len(histories)))
            part = histories.take(rows)
            found = [standardised(scorer(part)) for scorer in self.parts]
            sums: Floats = np.sum(found, axis=0, dtype=np.float32)
            open_sums = sums.copy()
            open_sums[part.rows, part.items] = -np.inf
            # Sorted, so that a tie in the ranker goes by code.
            codes = np.sort(np.argpartition(-open_sums, depth - 1, axis=1)[:, :depth], axis=1)
            yield rows, sums, codes, self._features(part, found, codes)

    def _features(self, part: Histories, found: Sequence[Floats], codes: Integers) -> Floats:
        known = part.lengths
        place = np.minimum(known, len(self.shares.at) - 1)
        last = part.items[part.starts[1:] - 1]
        of_items = [np.take_along_axis(scores, codes, axis=1) for scores in found]
        of_items += [self.shares.at[place[:, None], codes], self.shares.at[0][codes], self.shares.whole[codes]]
        of_histories = [np.log1p(known), self.shares.whole[last]]
        of_items += [np.broadcast_to(value[:, None], codes.shape) for value in of_histories]
        return np.stack(of_items, axis=2).astype(np.float32)


def _prefixes(people: Histories, longest: int) -> Iterator[tuple[Integers, Histories, Integers]]:
    """Which people, their first k items, and the next one, for every k there is."""
    for known in _PREFIXES[:longest]:
        rows = np.flatnonzero(people.lengths > known)
        mine = people.take(rows)
        if len(rows):
            yield rows, mine.where(mine.position < known), mine.items[mine.starts[:-1] + known]


def _learned(draft: _Newcomers, people: Histories, judging: Mask, seed: int) -> Ranked | None:
    features, hits, groups = [], [], []
    for rows, history, following in _prefixes(people, len(_PREFIXES)):
        for at, _, codes, found in draft.proposed(history):
            hit = codes == following[at][:, None]
            there = hit.any(axis=1)
            features.append(found[there])
            hits.append(hit[there])
            groups.append(judging[rows[at[there]]])
    return learn_to_rank(np.concatenate(features), np.concatenate(hits), np.concatenate(groups), len(draft.parts), seed)
