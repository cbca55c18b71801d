"""What learners with a like history went on to. Knows a trained model; knows no texts and no vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recsys.candidates.source import Sparse, best
from recsys.collaborative import Folded, LinearModel
from recsys.columns import Floats, Slots
from recsys.request import Request
from recsys.types import Evidence, Model


@dataclass(frozen=True, slots=True)
class Collaborative:
    """x / (x + half) of the model's score x, which is in standard deviations.

    Of few learners little can be known: the value is damped by users / (users + doubt).
    """

    model: Model
    half: float = 8.0
    doubt: float = 50.0
    name: str = "collaborative"

    def propose(self, request: Request, n: int) -> Slots:
        slots = self._scores(request).slots
        slots = slots[request.admitted[slots]]
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        raw = self._scores(request).at(slots)
        users = self.model.user_count if isinstance(self.model, LinearModel) else math.inf
        trust = 1.0 / (1.0 + self.doubt / max(users, 1))
        return np.asarray(trust * raw / (raw + self.half), dtype=np.float64)

    def evidence(self, request: Request, slot: int) -> Evidence:
        """items: what of the history led here; count: how many users acted on the first of them and on this item."""
        folded = self._folded(request)
        if folded is None:
            return Evidence()
        because = folded.because(request.view.items[slot].id)
        return Evidence(items=because.items, count=because.together)

    def _folded(self, request: Request) -> Folded | None:
        model = self.model
        if not isinstance(model, LinearModel):
            return None
        return request.once("collaborative.folded", lambda: model.fold(request.history, request.query.now))

    def _scores(self, request: Request) -> Sparse:
        def work() -> Sparse:
            folded = self._folded(request)
            scores = self.model.scores(request.history, request.query.now) if folded is None else folded.scores()
            # A model may name what it scores below 0; that says no more than silence.
            return Sparse.of(request, {item: score for item, score in scores.items() if score > 0})

        return request.once("collaborative.scores", work)
