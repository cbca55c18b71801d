"""LightGBM's LambdaMART over questions. Knows tables and trees; knows no features by name.

LambdaMART (Burges 2010) as LightGBM has it (Ke et al. 2017): gradient boosted trees whose gradients are those of nDCG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from recsys.discussions.examples import Examples, Table
from recsys.discussions.messages import Doubles

_PATIENCE: Final = 25


@dataclass(frozen=True, slots=True)
class Boosting:
    """Parameters of the trees. fewest: rows in a leaf; columns: share of features that each split looks at; truncation:
    places at the top whose order counts. rounds: at most so many trees; how many is found on validation questions."""

    learning_rate: float = 0.1
    leaves: int = 31
    fewest: int = 50
    ridge: float = 0.0
    columns: float = 1.0
    truncation: int = 30
    rounds: int = 400

    def options(self, seed: int) -> dict[str, Any]:
        return {
            "objective": "lambdarank",
            "metric": "ndcg",
            "eval_at": [10],
            "learning_rate": self.learning_rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.fewest,
            "lambda_l2": self.ridge,
            "feature_fraction_bynode": self.columns,
            "lambdarank_truncation_level": self.truncation,
            "num_threads": 1,
            "seed": seed,
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }


RICH: Final = Boosting(columns=0.4, truncation=15)
"""For many features: as good on validation questions as anything dearer that was tried."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees, and the validation nDCG@10 by which their number was chosen."""

    booster: Any
    trees: int
    validation: float

    def scores(self, table: Table) -> Doubles:
        """Shape (rows,); larger is better."""
        if not len(table):
            return np.zeros(0)
        return np.asarray(self.booster.predict(table, num_iteration=self.trees, num_threads=1))


def grow(
    tables: tuple[Table, Table], train: Examples, held: Examples, names: Sequence[str], plan: Boosting, seed: int
) -> Grown:
    """Fit on the questions of `train`, as many trees as `held` likes best. tables: the features of both."""
    import lightgbm

    options = plan.options(seed)
    learned = lightgbm.Dataset(
        tables[0], train.labels, group=train.sizes, feature_name=list(names), params=options, free_raw_data=True
    )
    judged = lightgbm.Dataset(tables[1], held.labels, group=held.sizes, reference=learned, params=options)
    booster = lightgbm.train(
        options,
        learned,
        plan.rounds,
        valid_sets=[judged],
        callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
    )
    return Grown(booster, int(booster.best_iteration), float(booster.best_score["valid_0"]["ndcg@10"]))
