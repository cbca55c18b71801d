"""Learning the order of candidates from histories that the links have not seen. Knows logs; knows no names.

Some users are drawn and divided; of each part's users a next action is foreseen from links that were counted over all
other users. So the network learns from what it will meet: people who were not counted, or whose next action was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.actions import ActionLog, Integers
from recsys.features import STEPS, Features, counts_of, most_popular
from recsys.links import Floats, blocks, count_links
from recsys.logit import together, train_logit
from recsys.network import Examples, Network, train_network

FEWEST: Final = 50
"""Fewer examples than this are not learned from ..."""
_MANY_WEIGHTS: Final = 200
"""... and fewer than this by few weights only."""
_LARGE: Final = 3_000_000
"""From this many actions on, links are counted once without all the users to foresee, not once for each part."""
_EACH: Final = 3
"""Examples of one user, where there are many users: how the history ended, how it went on somewhere in its middle, and
how it began, so that short histories are known too."""
_BEGINNING: Final = 10
"""After so many actions a history has begun."""
_MANY: Final = 16_000
"""Of so many examples only part of the candidates is kept: the best, and some that stand for the others."""
_BEST, _SOME = 20, 20
_HELD: Final = 0.15
"""Share of the users by whom the learned order is judged before it is taken, where there are many examples."""
_FEW: Final = 8_000
"""Of so many examples or fewer all judge, each by an order that was learned without its part of the users."""
_PARTS: Final = 4
_ENOUGH: Final = 4_000
"""So many examples are enough for few weights."""
_AT: Final = 10
_FOLDS: Final = 4
_ANSWERS: Final = 5
"""So many examples may have one item as their answer, however seldom it is anywhere else."""
_OFTENER: Final = 2.0
"""And so many times as many more as its places before the end of histories predict."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """examples: of so many users next actions are learned from, and so many next actions at least, where there are as
    many. epochs: how often. links: kept of each item."""

    examples: int
    epochs: int
    links: int
    seed: int = 0

    def steps(self, log: ActionLog) -> int:
        """How often `learn` reports."""
        return len(self._folds(log)) * (blocks(len(log.names)) + 1) + self.epochs

    def learn(self, log: ActionLog, done: Callable[[], None]) -> Network | None:
        """What orders better than the sums of links do, on users that it was not trained on; None when there is too
        little to learn from, or nothing does.

        Three orders are tried: of few weights (`logit`), of many (`network`), and the sum of both. The one that gains
        most is taken.
        """
        found = self._uncrowded(log, list(self._examples(log, done)))
        answered = [one for one in found if one.answer >= 0]
        if len(answered) < FEWEST:
            return None
        drawn, users = np.asarray([one.drawn for one in answered]), np.asarray([one.user for one in answered])
        examples = _joined(answered)
        del found, answered
        if len(examples) > _FEW or examples.stand_for is not None:
            held = drawn < _HELD
            orders = self._orders(examples, ~held, done)
            judges = examples.take(np.flatnonzero(held))
            wanted = _wanted([_gain(order, judges) for order in orders], users[held])
            return None if wanted is None else orders[wanted]
        orders = self._orders(examples, users >= 0, done)
        gains = np.zeros((len(orders), len(examples)))
        for part in range(_PARTS):
            held = np.floor(drawn * _PARTS) == part
            if held.any() and not held.all():
                judges = examples.take(np.flatnonzero(held))
                for number, order in enumerate(self._orders(examples, ~held)):
                    gains[number, held] = _gain(order, judges)
        wanted = _wanted(list(gains), users)
        return None if wanted is None else orders[wanted]

    def _orders(
        self, examples: Examples, used: NDArray[np.bool_], done: Callable[[], None] = lambda: None
    ) -> list[Network]:
        """The orders that are tried, the simplest first."""
        rows = np.flatnonzero(used)
        some = np.sort(np.random.default_rng([self.seed, 5]).permutation(rows)[:_ENOUGH])
        logit = train_logit(examples.take(some))
        if len(examples) < _MANY_WEIGHTS:
            return [logit]
        network = train_network(examples.take(rows), epochs=self.epochs, seed=self.seed, done=done)
        return [logit, together(network, logit), network]

    def _folds(self, log: ActionLog) -> list[Integers]:
        """Users to foresee, in parts; drawn, always the same ones."""
        large = len(log) > _LARGE
        # Long histories cost more each: half as many users, with three examples of each, take about as long.
        most = -(-self.examples // 2) if large else self.examples
        drawn = np.random.default_rng([self.seed, 1]).permutation(log.user_count)[:most]
        folds = 1 if large else _FOLDS
        return [np.sort(drawn[fold::folds]) for fold in range(folds)]

    def _examples(self, log: ActionLog, done: Callable[[], None]) -> Iterator[_Example]:
        rng, kept = np.random.default_rng([self.seed, 2]), np.random.default_rng([self.seed, 4])
        folds = self._folds(log)
        ends = np.flatnonzero(np.diff(log.users, append=-1) != 0)
        begins = np.concatenate(([0], ends[:-1] + 1))
        asked = sum(map(len, folds))
        wanted = max(_EACH, -(-self.examples // max(asked, 1)))
        many = sum(int(np.minimum((ends - begins)[users], wanted).sum()) for users in folds) > _MANY
        for users in folds:
            mine = np.zeros(log.user_count, dtype=np.bool_)
            mine[users] = True
            rest = log.where(~mine[log.users])
            counts = counts_of(rest)
            features = Features(count_links(rest, self.links, done), counts, most_popular(counts))
            for user in users.tolist():
                begin, end = int(begins[user]), int(ends[user])
                drawn = float(rng.random())
                for at in _cuts(rng, begin, end, wanted):
                    past = slice(max(begin, at - STEPS), at)
                    codes = log.items[past][::-1]
                    found = features.of(codes, log.weights[past][::-1].astype(np.float64), at - begin)
                    place = np.flatnonzero(found.items[found.candidates] == log.items[at])
                    answer = int(place[0]) if len(place) else -1
                    values = found.values[: 0 if answer < 0 else None].astype(np.float16)
                    example = _Example(values, answer, drawn, user, int(log.items[at]))
                    # Who judges judges by all candidates.
                    yield _thinned(example, kept) if many and drawn >= _HELD and answer >= 0 else example
            done()

    def _uncrowded(self, log: ActionLog, examples: list[_Example]) -> list[_Example]:
        """Of the examples whose answer is one item a drawn _ANSWERS + _OFTENER n, where n is its part of all actions
        that are nobody's last, times the examples; all the others as they are.

        What is last in a history and nowhere else may be a finale that all come to, or pushed; the links say what
        leads to it in both cases, so that few examples are enough. Who wants more has to make it look like any other.
        """
        before = log.items[:-1][np.diff(log.users) == 0]
        count = len(log.names)
        part = np.bincount(before, minlength=count) / max(len(before), 1)
        most = _ANSWERS + _OFTENER * part * len(examples)
        drawn = np.random.default_rng([self.seed, 3]).permutation(len(examples))
        items = np.asarray([one.item for one in examples], dtype=np.int64)[drawn]
        order = np.argsort(items, kind="stable")
        counts = np.bincount(items, minlength=count)
        rank = np.arange(len(order)) - (np.cumsum(counts) - counts)[items[order]]
        kept = np.sort(drawn[order[rank < most[items[order]]]])
        return [examples[place] for place in kept.tolist()]


@dataclass(frozen=True, slots=True)
class _Example:
    """values: of the candidates, at half the precision, because there are very many of them. item: what was done next;
    answer: its place among them, -1 when it is none of them (then no values are kept). user: whose it is; drawn: a
    number from 0 to 1 of that user. stand_for: how many candidates each row stands for, None for one."""

    values: NDArray[np.float16]
    answer: int
    drawn: float
    user: int
    item: int
    stand_for: Floats | None = None


def _thinned(example: _Example, rng: np.random.Generator) -> _Example:
    """The best candidates, the answer, and some of the others, each of which stands for as many as were left out for
    it: so the sum over the candidates, by which the answer is judged, is on average what it was."""
    count, answer = len(example.values), example.answer
    others = np.setdiff1d(np.arange(_BEST, count), answer)
    if len(others) <= _SOME:
        return example
    drawn = rng.choice(others, _SOME, replace=False)
    kept = np.unique(np.concatenate((np.arange(_BEST), [answer], drawn)))
    stand_for = np.where(np.isin(kept, drawn), len(others) / _SOME, 1.0).astype(np.float32)
    place = int(np.searchsorted(kept, answer))
    return replace(example, values=example.values[kept], answer=place, stand_for=stand_for)


def _cuts(rng: np.random.Generator, begin: int, end: int, wanted: int) -> list[int]:
    """Entries of a user to foresee, the first never: the last one, and others before it."""
    size = end - begin
    if size < 1:
        return []
    if wanted > _EACH:
        drawn = rng.choice(size, min(wanted, size), replace=False)
        return sorted({end, *(begin + 1 + drawn[1:]).tolist()})
    middle, early = rng.integers(size), rng.integers(min(size, _BEGINNING))
    return sorted({end, begin + 1 + int(middle), begin + 1 + int(early)})


def _joined(examples: list[_Example]) -> Examples:
    starts = np.concatenate(([0], np.cumsum([len(one.values) for one in examples]))).astype(np.int64)
    answers = np.asarray([one.answer for one in examples], dtype=np.int64)
    values = np.empty((starts[-1], examples[0].values.shape[1]), dtype=np.float16)
    stand_for = np.ones(starts[-1], dtype=np.float32)
    thinned = False
    # Half a gigabyte where there are many: what is joined is given back at once.
    for place in range(len(examples) - 1, -1, -1):
        one, rows = examples.pop(), slice(starts[place], starts[place + 1])
        values[rows] = one.values
        if one.stand_for is not None:
            stand_for[rows], thinned = one.stand_for, True
    return Examples(values, starts, answers, stand_for if thinned else None)


def _gain(network: Network, held: Examples) -> NDArray[np.float64]:
    """nDCG of the learned order minus that of the order of the candidates, for each example."""
    scores = network.scores(held.values.astype(np.float32))
    gains = np.zeros(len(held))
    for query, (start, answer) in enumerate(zip(held.starts[:-1].tolist(), held.answers.tolist(), strict=True)):
        mine = scores[start : int(held.starts[query + 1])]
        place = int((mine > mine[answer]).sum()) + int((mine[:answer] == mine[answer]).sum())
        gains[query] = _worth(place) - _worth(answer)
    return gains


def _wanted(gains: Sequence[NDArray[np.float64]], users: Integers) -> int | None:
    """Which order gains most, of those that gain for sure; None when none does.

    Of few weights, held back by a ridge, any mean gain is enough: little can be lost by them where there is too little
    to be sure. Of two that gain alike the simpler one.
    """
    means = [float(one.mean()) if len(one) else 0.0 for one in gains]
    sure = [mean > 0 and (not number or _better(gains[number], users)) for number, mean in enumerate(means)]
    return max(np.flatnonzero(sure).tolist(), key=means.__getitem__, default=None)


def _better(gains: NDArray[np.float64], users: Integers) -> bool:
    """Is the mean gain above its standard error? Gains of one user go together, so users are what is drawn (the
    variance of a ratio of means over clusters, Cochran 1977, 6.3)."""
    if not len(gains):
        return False
    mean = float(gains.mean())
    of_users = np.bincount(users, gains - mean)
    return mean > float(np.sqrt((of_users * of_users).sum())) / len(gains)


def _worth(place: int) -> float:
    return float(1 / np.log2(place + 2)) if place < _AT else 0.0
