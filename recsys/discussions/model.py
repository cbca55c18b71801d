"""A trained ranker of discussions whose score is a sum of groups of features. Knows trees; knows no state and no files.

What a tree gives a row is split along the path to its leaf: each split is credited with the change of the mean that it
brings (Saabas 2014), and credits are summed by group. They depend on the leaf only, so they are worked out once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from recsys.discussions.boosting import Grown
from recsys.discussions.examples import Examples, Table
from recsys.discussions.messages import Doubles, Integers
from recsys.discussions.names import GROUP_OF, GROUPS, NAMES

_LOW: Final = 0.5
"""The share of candidates that nobody joined to which the model says nothing."""
_HIGH: Final = 0.9
"""The share of joined topics that score at most 1."""


@dataclass(frozen=True)
class DiscussionModel:
    """trees: LightGBM's own text. credits: what each leaf gives each group, shape (leaves, groups); those of tree t
    begin at starts[t]. low, high: sums of credits that stand for 0 and for 1.

    questions: how many it was trained on. figures: nDCG@10 of the questions held back, ours and others'.
    """

    trees: str
    credits: Doubles
    starts: Integers
    low: float
    high: float
    questions: int
    trained_at: float
    figures: Mapping[str, float]
    _booster: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.credits.ndim != 2 or self.credits.shape[1] != len(GROUPS) or not self.high > self.low:
            raise ValueError("credits are one row a leaf and one column a group, and high is above low")
        import lightgbm

        booster = lightgbm.Booster(model_str=self.trees)
        if booster.feature_name() != list(NAMES) or booster.num_trees() != len(self.starts):
            raise ValueError("the trees are of other features than there are now")
        object.__setattr__(self, "_booster", booster)

    def raw(self, table: Table) -> Doubles:
        """Credits of each row by group, shape (rows, groups)."""
        if not len(table):
            return np.zeros((0, len(GROUPS)))
        leaves = self._booster.predict(table, pred_leaf=True, num_threads=1)
        rows = np.asarray(leaves, dtype=np.int64).reshape(len(table), -1) + self.starts
        return np.asarray(self.credits[rows].sum(axis=1))

    def parts(self, table: Table) -> Doubles:
        """What each group adds to a value of 0 to 1, shape (rows, groups): 0 nothing to say, 1 as likely as can be.

        Whatever is left after the groups is that the topic is alive at all, and goes to the first one.
        """
        raw = self.raw(table) / (self.high - self.low)
        raw[:, 0] -= self.low / (self.high - self.low)
        total = raw.sum(axis=1)
        wanted = np.clip(total, 0.0, 1.0)
        scale = np.divide(wanted, total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(raw * scale[:, None])


def model_of(
    grown: Grown, held: Examples, table: Table, questions: int, now: float, others: Mapping[str, float]
) -> DiscussionModel:
    """A model out of grown trees; `held` with its features sets the scale. now: seconds."""
    booster = grown.booster
    trees = booster.model_to_string(num_iteration=grown.trees)
    dumped = booster.dump_model(num_iteration=grown.trees)["tree_info"]
    leaves, starts = _credits([tree["tree_structure"] for tree in dumped])
    unscaled = DiscussionModel(trees, leaves, starts, 0.0, 1.0, questions, now, {})
    total = unscaled.raw(table).sum(axis=1)
    joined = held.labels == 1
    low = float(np.quantile(total[~joined], _LOW)) if (~joined).any() else float(total.min()) - 1.0
    high = max(float(np.quantile(total[joined], _HIGH)), low + 1e-6)
    figures = {"ndcg@10": grown.validation, **others}
    return DiscussionModel(trees, leaves, starts, low, high, questions, now, figures)


def _credits(trees: Sequence[Mapping[str, Any]]) -> tuple[Doubles, Integers]:
    rows: list[Doubles] = []
    starts: list[int] = []
    for tree in trees:
        found: dict[int, Doubles] = {}
        waiting = [(tree, np.zeros(len(GROUPS)))]
        while waiting:
            node, credit = waiting.pop()
            if "split_feature" not in node:
                found[int(node.get("leaf_index", 0))] = credit
                continue
            group = GROUPS.index(GROUP_OF[NAMES[node["split_feature"]]])
            for child in (node["left_child"], node["right_child"]):
                step = np.zeros(len(GROUPS))
                step[group] = _mean(child) - _mean(node)
                waiting.append((child, credit + step))
        starts.append(len(rows))
        rows += [found[leaf] for leaf in range(len(found))]
    return np.asarray(rows).reshape(-1, len(GROUPS)), np.asarray(starts, dtype=np.int64)


def _mean(node: Mapping[str, Any]) -> float:
    return float(node["internal_value"] if "split_feature" in node else node["leaf_value"])
