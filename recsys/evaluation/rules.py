"""Association rules as a scorer: who took what you took, took that. Knows arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from recsys.evaluation.histories import Csr
from recsys.evaluation.scoring import Linear, Scorer, Train, blocks, busiest, gram_block, largest, only


@dataclass(frozen=True, slots=True)
class Rules:
    """score(u, j) = sum over i in the faded history of u of w_i c_ij l_ij^power, over the `near` best j of each i.

    c_ij: confidence of i -> j (Agrawal, Imielinski & Swami 1993), l_ij its lift over the share of j among all (Brin et
    al. 1997), both drawn towards that share as if `prior` more users had been counted, as `recsys.rules` tells them.
    power 0 ranks by confidence alone.
    """

    power: float = 0.4
    prior: float = 10.0
    fade: float = 0.7
    near: int = 200
    max_items: int = 100_000

    def axes(self) -> Mapping[str, tuple[Any, ...]]:
        return {"fade": (0.5, 0.7, 0.85), "power": (0.0, 0.2, 0.4, 0.7), "prior": (1.0, 10.0, 50.0)}

    def fit(self, train: Train) -> Scorer:
        codes = busiest(train.histories, self.max_items)
        taken = only(train.histories, codes).latest().faded(1.0)
        columns = taken.tocsc()
        counts = np.asarray(taken.sum(axis=0), dtype=np.float32).ravel()
        shares = counts / max(taken.shape[0], 1)
        parts: list[Csr] = []
        for block in blocks(len(codes)):
            both = gram_block(columns, taken, block)
            rows = np.repeat(np.arange(block.start, block.stop), np.diff(both.indptr))
            share = shares[both.indices]
            # An item does not lead to itself: that entry is there, and 0.
            there = both.data > 0
            both.data = (both.data + np.float32(self.prior) * share) / (counts[rows] + np.float32(self.prior))
            both.data *= there * (both.data / share) ** np.float32(self.power)
            parts.append(largest(both, self.near))
            train.tick(block.stop, len(codes))
        shape = (len(codes), len(codes))
        weights = sparse.vstack(parts, format="csr") if parts else sparse.csr_matrix(shape, dtype=np.float32)
        return Linear(weights, codes, self.fade)
