"""What learners with a like history went on to. Knows a trained model; knows no texts and no vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from recsys.actions import Integers
from recsys.candidates.source import Sparse
from recsys.collaborative import Because, CollaborativeModel, Folded
from recsys.columns import Floats, Slots
from recsys.located import Located
from recsys.request import Request
from recsys.rules import FEWEST, most_telling
from recsys.types import Evidence, Model


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the model speaks for, in order of slots, and the model's codes of that (none for a model without codes)."""

    scores: Sparse
    codes: Integers


@dataclass(frozen=True, slots=True)
class Collaborative:
    """x / (x + half) of the model's score x, which is in standard deviations.

    Of few learners little can be known: the value is damped by users / (users + doubt).
    """

    model: Model
    half: float = 4.0
    doubt: float = 50.0
    name: str = "collaborative"
    _located: Located | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if isinstance(self.model, CollaborativeModel):
            object.__setattr__(self, "_located", Located(self.model.names, self.model.code))

    def propose(self, request: Request, n: int) -> Slots:
        return self.spoken(request).scores.best(request.admitted, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        raw = self.spoken(request).scores.at(slots)
        users = self.model.user_count if isinstance(self.model, CollaborativeModel) else math.inf
        trust = 1.0 / (1.0 + self.doubt / max(users, 1))
        return np.asarray(trust * raw / (raw + self.half), dtype=np.float64)

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """items: what of the history led here, strongest first. Numbers are of at least FEWEST people, or not said.

        note `rule`: of those who took the only item named, `of`, `count` took this, `times` as often as others. note
        `alike`: of the `of` users most like this one, `count` took it. Without a note: `count` took the first and this.
        """
        folded = self._folded(request)
        if folded is None:
            return [Evidence()] * len(slots)
        items = [request.view.items[slot].id for slot in slots.tolist()]
        found = zip(items, folded.because(items), strict=True)
        return [self._told(request, folded, item, because) for item, because in found]

    def _told(self, request: Request, folded: Folded, item: str, because: Because) -> Evidence:
        telling = most_telling(folded.rules(item, because))
        if telling is not None:
            one, found = telling
            return Evidence((one,), found.together, "rule", found.of, round(found.lift, 1))
        took, of = self._alike(request, folded, item)
        if took >= FEWEST:
            return Evidence(because.items, took, "alike", of)
        return Evidence(items=because.items, count=because.together if because.together >= FEWEST else 0)

    def _alike(self, request: Request, folded: Folded, item: str) -> tuple[int, int]:
        people, code = folded.model.people, folded.model.code(item)
        if people is None or code is None:
            return 0, 0
        alike = request.once("collaborative.alike", lambda: people.alike([step for step, _ in folded.steps]))
        return people.took(alike, code)

    def _folded(self, request: Request) -> Folded | None:
        model = self.model
        if not isinstance(model, CollaborativeModel):
            return None
        return request.once("collaborative.folded", lambda: model.fold(request.history, request.query.now))

    def spoken(self, request: Request) -> Spoken:
        """All that the model speaks for, what the user knows among them."""

        def work() -> Spoken:
            folded = self._folded(request)
            if folded is None or self._located is None:
                scores = self.model.scores(request.history, request.query.now)
                # A model may name what it scores below 0; that says no more than silence.
                above = {item: score for item, score in scores.items() if score > 0}
                return Spoken(Sparse.of(request, above), np.zeros(0, dtype=np.int64))
            codes, raw = folded.scored()
            slots = self._located.at(request.view, codes)
            order = np.argsort(slots, kind="stable")[np.count_nonzero(slots < 0) :]
            return Spoken(Sparse(slots[order], raw[order].astype(np.float64)), codes[order])

        return request.once("collaborative.scores", work)
