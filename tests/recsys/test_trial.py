"""Whether a new model may go out: held-out actions, honest comparison, lists that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from recsys.actions import ActionLog
from recsys.trial import (
    Case,
    Judged,
    Moved,
    gains,
    hold_out,
    judge,
    moved,
    panel,
    popular_gains,
    rank_biased_overlap,
    verdict,
)
from recsys.types import Interaction


@dataclass(frozen=True)
class Says:
    """A model that always gives these scores, to who did anything."""

    said: Mapping[str, float] = field(default_factory=dict)
    version: str = "says"

    def scores(self, history: Sequence[Interaction], now: float) -> dict[str, float]:
        return dict(self.said) if history else {}

    def neighbours(self, item: str, n: int) -> Sequence[tuple[str, float]]:
        return []

    def arrays(self) -> Mapping[str, Any]:
        return {}


def log_of(*histories: str) -> ActionLog:
    names = tuple(sorted(set("".join(histories))))
    users = np.repeat(np.arange(len(histories)), [len(h) for h in histories])
    items = np.asarray([names.index(item) for history in histories for item in history], dtype=np.int64)
    return ActionLog(names, users.astype(np.int64), items, np.ones(len(items), dtype=np.float32))


def did(*items: str) -> tuple[Interaction, ...]:
    return tuple(Interaction("", item, "enrol", 0.0) for item in items)


def test_the_last_action_of_a_user_is_held_out_when_it_may_be() -> None:
    log = log_of("abc", "d", "bc")
    candidates = np.asarray([True, True, True, True, True, False])
    rest, cases = hold_out(log, candidates)
    assert cases == [Case(did("a", "b"), "c")]
    assert rest.users.tolist() == [0, 0, 1, 2, 2]
    assert [log.names[item] for item in rest.items] == ["a", "b", "d", "b", "c"]


def test_at_most_so_many_cases_always_the_same() -> None:
    log = log_of(*["ab"] * 50)
    every = np.ones(len(log), dtype=np.bool_)
    one, cases = hold_out(log, every, cases=7, seed=3)
    again, _ = hold_out(log, every, cases=7, seed=3)
    assert len(cases) == 7
    assert len(one) == len(log) - 7
    assert one.items.tolist() == again.items.tolist()


def test_gains_are_those_of_the_rank_with_the_seen_masked() -> None:
    model = Says({"a": 9.0, "b": 3.0, "c": 2.0, "d": 1.0})
    found = gains(model, [Case(did("a"), "b"), Case(did("b"), "c"), Case(did("a"), "x")], 0.0)
    assert found.tolist() == pytest.approx([1.0, 1 / np.log2(3), 0.0])
    common = popular_gains(log_of("ab", "ab", "ac"), [Case(did("a"), "b"), Case(did("b"), "c")])
    assert common.tolist() == pytest.approx([1.0, 1 / np.log2(3)])


def test_a_worse_model_is_refused_and_a_like_one_goes_out() -> None:
    rng = np.random.default_rng(0)
    old = rng.random(300)
    judged = judge(old * 0.7, old, None)
    refused = verdict(judged, None, alarm=0.5, old_users=1000, growth=1.0)
    assert (refused.state, refused.why) == ("refused", "worse")
    assert f"{judged.new:.4f}" in refused.reason
    like = judge(old + rng.normal(0, 0.1, 300), old, None)
    assert verdict(like, None, alarm=0.5, old_users=1000, growth=1.0).state == "published"


def test_a_difference_of_few_cases_says_nothing() -> None:
    judged = judge(np.zeros(20), np.ones(20), np.ones(20))
    assert (judged.p_old, judged.p_popular) == (None, None)
    assert verdict(judged, None, alarm=0.5, old_users=1000, growth=1.0).state == "published"


def test_worse_than_popularity_is_refused_even_as_the_first() -> None:
    popular = np.random.default_rng(0).random(200)
    refused = verdict(judge(popular * 0.5, None, popular), None, alarm=0.5, old_users=0, growth=9.0)
    assert (refused.state, refused.why) == ("refused", "unpopular")


FAR = Moved(overlap=0.2, changed=0.9)


@pytest.mark.parametrize(
    ("judged", "users", "growth", "state"),
    [
        (None, 1000, 1.0, "held"),
        (None, 50, 1.0, "published"),  # everybody new moves the lists of a small community
        (None, 1000, 2.5, "published"),
        (Judged(500, 0.3, 0.2, 0.001), 1000, 1.0, "published"),  # clearly better: it may be other
        (Judged(500, 0.21, 0.2, 0.4), 1000, 1.0, "held"),
    ],
)
def test_lists_that_move_far_wait_for_somebody(judged: Judged | None, users: int, growth: float, state: str) -> None:
    found = verdict(judged, FAR, alarm=0.5, old_users=users, growth=growth)
    assert found.state == state
    assert (found.why == "far") == (state == "held")
    assert verdict(judged, FAR, alarm=0.9, old_users=users, growth=growth).state == "published"


def test_a_model_that_may_not_stay_is_replaced_whatever_speaks_against_it() -> None:
    found = verdict(None, FAR, alarm=0.5, old_users=1000, growth=1.0, may_stay=False)
    assert found.state == "published"
    assert "moved" in found.reason


def test_overlap_counts_the_top_most() -> None:
    ten = list("abcdefghij")
    assert rank_biased_overlap(ten, ten) == 1.0
    assert rank_biased_overlap(ten, list("0123456789")) == 0.0
    tail = rank_biased_overlap(ten, [*ten[:9], "x"])
    head = rank_biased_overlap(ten, ["x", *ten[1:]])
    assert 1 > tail > head > 0
    assert rank_biased_overlap([], []) == 1.0


def test_the_panel_has_nothing_one_and_many_and_moves_when_a_list_does() -> None:
    log = log_of("abc", "abd", "ae")
    histories = panel(log, size=8)
    assert histories[0] == ()
    assert did("a") in histories
    assert did("a", "b", "d") in histories
    one, other = Says(dict.fromkeys("bcde", 1.0)), Says(dict.fromkeys("vwxyz", 1.0))
    same = moved(one, one, histories, (["a"], ["a"]), 0.0)
    assert (same.overlap, same.changed) == (1.0, 0.0)
    far = moved(other, one, histories, (["a"], ["a"]), 0.0)
    assert far.overlap == pytest.approx(1 / len(histories))
    assert far.changed > 0.8
