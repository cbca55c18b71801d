"""What learners with a like history went on to: links between items, and a learned order. Knows no text.

Four kinds of links (`recsys.links`) are summed over a history in several ways of fading (`recsys.features`); a small
network (`recsys.network`), trained on users that the links had not seen, orders the best of what they lead to. Where
there is too little to learn an order from, the mean of the z-scores of the sums decides alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.actions import FULL_WEIGHT, Integers, pack_names
from recsys.companions import Companions
from recsys.features import COUNTS, FADES, GROUPS, STEPS, WIDTH, Features, Found, most_popular
from recsys.links import KINDS, Floats, Links
from recsys.network import Network
from recsys.rules import FEWEST, Rule
from recsys.rules import rule as association
from recsys.signals import HISTORY_CAP, Feedback
from recsys.types import Interaction

BREADTH: Final = 300
"""How many items a list of scores names at most."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why an item scored: the items of the history that led to it, strongest first; of each, users who took both."""

    items: tuple[str, ...] = ()
    shared: tuple[int, ...] = ()

    @property
    def together(self) -> int:
        """Users who took the first and it."""
        return self.shared[0] if self.shared else 0


@dataclass(frozen=True, slots=True)
class CollaborativeModel:
    """A trained model. Immutable: any number of threads may ask it.

    counts: `recsys.features.COUNTS` of every item. users: how many acted on each.
    """

    names: tuple[str, ...]
    links: Links
    counts: Floats
    users: NDArray[np.int32]
    network: Network | None
    user_count: int
    version: str
    trained_at: float
    feedback: Feedback = field(default_factory=Feedback)
    people: Companions | None = None
    _codes: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _popular: Integers = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        count = len(self.names)
        if len(set(self.names)) != count:
            raise ValueError("an item is named twice")
        if self.users.shape != (count,) or self.counts.shape != (len(COUNTS), count):
            raise ValueError(f"{count} items do not fit users {self.users.shape}, counts {self.counts.shape}")
        if not np.isfinite(self.counts).all():
            raise ValueError("a count is not a finite number")
        if self.network is not None and self.network.width != WIDTH:
            raise ValueError(f"the network is made for {self.network.width} numbers, not for {WIDTH}")
        self.links.check(count)
        object.__setattr__(self, "_popular", most_popular(self.counts))
        object.__setattr__(self, "_codes", {name: code for code, name in enumerate(self.names)})

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, item: object) -> bool:
        return item in self._codes

    def fold(self, history: Sequence[Interaction], now: float) -> Folded:
        """Place a history in the model; the user need not have been there at training."""
        steps = self._steps(history, now)
        kept = steps[:STEPS]
        codes = np.asarray([code for code, _ in kept], dtype=np.int64)
        weights = np.asarray([weight for _, weight in kept])
        found = Features(self.links, self.counts, self._popular).of(codes, weights, len(steps)) if kept else None
        return Folded(self, tuple(kept), found)

    def scores(self, history: Sequence[Interaction], now: float) -> dict[str, float]:
        """Scores of at most BREADTH items, best first, items of the history among them: of all that score above 0, and
        of all candidates for the learned order, because in a small catalogue half of them are below the mean.

        Unit: standard deviations over all items. How high the scores are comes from the links; which of the items
        outside the history has which of these heights is the learned order.
        """
        return self.fold(history, now).scores()

    def neighbours(self, item: str, n: int) -> Sequence[tuple[str, float]]:
        """Up to n items that follow or accompany `item`, best first, in the unit of `scores`."""
        code = self._codes.get(item)
        if code is None:
            return []
        found = Features(self.links, self.counts).of(np.asarray([code]), np.ones(1), 1)
        order = np.lexsort((found.items, -found.total))
        best = [k for k in order.tolist() if found.total[k] > 0 and found.items[k] != code]
        return [(self.names[found.items[k]], float(found.total[k])) for k in best[:n]]

    def together(self, one: str, other: str) -> int:
        """How many users acted on both; 0 also for a pair that the model does not keep."""
        first, second = self._codes.get(one), self._codes.get(other)
        if first is None or second is None:
            return 0
        entry = self.entry(first, second)
        return 0 if entry is None else int(self.links.together[entry])

    def rule(self, one: str, other: str) -> Rule | None:
        """Who took the first took the other, in counts; None where the model does not keep the pair."""
        first, second = self._codes.get(one), self._codes.get(other)
        entry = None if first is None or second is None else self.entry(first, second)
        return None if entry is None else self.rule_of(int(self.links.together[entry]), one, other)

    def rule_of(self, together: int, one: str, other: str) -> Rule:
        """The rule from one known item to another that so many users took with it."""
        first, second = self.users.item(self._codes[one]), self.users.item(self._codes[other])
        return association(together, first, second, self.user_count)

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """All there is to save; names as UTF-8 bytes and the offsets where they end."""
        blob, ends = pack_names(self.names)
        network = {} if self.network is None else self.network.arrays()
        return {
            "names": blob,
            "name_ends": ends,
            "starts": self.links.starts,
            "targets": self.links.targets,
            "values": self.links.values,
            "together": self.links.together,
            "counts": self.counts,
            "users": self.users,
            **{f"network_{name}": values for name, values in network.items()},
            **(self.people.arrays() if self.people is not None else {}),
        }

    def code(self, item: str) -> int | None:
        """The number of an item in this model; None when it was not trained on."""
        return self._codes.get(item)

    def entry(self, code: int, target: int) -> int | None:
        """Where the link that leads from one item to another lies; None when there is none."""
        row = self.links.row(code)
        targets = self.links.targets[row]
        at = int(targets.searchsorted(target))
        return row.start + at if at < len(targets) and targets[at] == target else None

    def _steps(self, history: Sequence[Interaction], now: float) -> list[tuple[int, float]]:
        """Known items with their weight 0-1, the latest first: as the histories of the training were."""
        last: dict[int, float] = {}
        codes, rules, trainable = self._codes, self.feedback.rules, self.feedback.trainable
        for interaction in history[-HISTORY_CAP:]:
            code = codes.get(interaction.item)
            if code is None or interaction.signal not in trainable:
                continue
            rule = rules.get(interaction.signal)
            worth = 0.0 if rule is None else rule.worth(interaction.value)
            if rule is None or worth <= 0 or not math.isfinite(interaction.at) or not rule.kept(now - interaction.at):
                continue
            last[code] = max(min(worth / FULL_WEIGHT, 1.0), last.pop(code, 0.0))
        return list(last.items())[::-1]


@dataclass(frozen=True, slots=True)
class Folded:
    """A history in a model. steps: known items of the history and their weight, latest first."""

    model: CollaborativeModel
    steps: tuple[tuple[int, float], ...]
    found: Found | None

    def scores(self) -> dict[str, float]:
        """As `CollaborativeModel.scores`."""
        codes, scores = self._ranked(silent=False)
        names = self.model.names
        return {names[code]: score for code, score in zip(codes.tolist(), scores.tolist(), strict=True)}

    def scored(self) -> tuple[Integers, Floats]:
        """Codes of the items whose score is above 0 and their scores: of the others there is nothing to say."""
        return self._ranked(silent=True)

    def _ranked(self, *, silent: bool) -> tuple[Integers, Floats]:
        found = self.found
        if found is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        total = found.total.copy()
        if self.model.network is not None and len(found.candidates):
            learned = self.model.network.scores(found.values)
            # The candidates stand in order of their totals: ties of the network are broken by these.
            total[found.candidates[np.argsort(-learned, kind="stable")]] = found.total[found.candidates]
        wanted = total > 0
        if not silent:
            wanted[found.candidates] = True
        best = wanted.nonzero()[0]
        if len(best) > BREADTH:
            best = best[(-total[best]).argpartition(BREADTH)[:BREADTH]]
        best = best[np.lexsort((best, -total[best]))]
        return found.items[best], total[best]

    def parts(self, item: str) -> Mapping[str, float]:
        """What the learned score of a candidate is the sum of, by `recsys.features.GROUPS`, above that of a middling
        candidate. Empty for what is no candidate, and without a learned order.
        """
        target, network = self.model.code(item), self.model.network
        if target is None or self.found is None or network is None:
            return {}
        place = np.flatnonzero(self.found.items[self.found.candidates] == target)
        if not len(place):
            return {}
        parts = network.parts(self.found.values[place])[0]
        return {name: float(parts[columns].sum()) for name, columns in GROUPS.items()}

    def because(self, items: Sequence[str], n: int = 3) -> list[Because]:
        """What of the history led to each of some items; nothing where nothing did."""
        codes = [self.model.code(item) for item in items]
        known = [code for code in codes if code is not None]
        if not known or self.found is None:
            return [Because()] * len(items)
        links, names = self.model.links, self.model.names
        back, entries, targets = self.found.linked.to(np.asarray(known, dtype=np.int64))
        spread = self.found.spread.reshape(len(KINDS), len(FADES))
        by_fade = links.values[:, entries].T @ (1.0 / spread)  # shape (linked, fades)
        worth = (by_fade * np.power.outer(np.asarray(FADES), back).T).sum(axis=1)
        together = links.together[entries].tolist()
        parts: dict[int, list[tuple[float, int, int]]] = {code: [] for code in known}
        for target, step, value, people in zip(targets.tolist(), back.tolist(), worth.tolist(), together, strict=True):
            code, weight = self.steps[step]
            part = weight * value
            # What only the arithmetic links, and no person took together, is no reason to give to anybody.
            if people and part > 0:
                parts[target].append((-part, code, people))
        best = {code: sorted(found)[:n] for code, found in parts.items()}
        told = [best[code] if code is not None else [] for code in codes]
        return [
            Because(tuple(names[code] for _, code, _ in found), tuple(people for _, _, people in found))
            for found in told
        ]

    def rules(self, item: str, because: Because) -> list[tuple[str, Rule]]:
        """Of each item that led to this one, what can be said of the people who took both, where there are enough."""
        rule_of = self.model.rule_of
        return [
            (one, rule_of(people, one, item))
            for one, people in zip(because.items, because.shared, strict=True)
            if people >= FEWEST
        ]
