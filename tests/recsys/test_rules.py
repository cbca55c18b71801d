"""Association rules: counts, shrinkage, and what may be told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.fitting import FitParameters, fit
from recsys.rules import FEWEST, Rule, most_telling, rule
from tests.recsys.test_collaborative import path_of
from tests.recsys.worlds import NOW


def test_a_rule_is_support_confidence_and_lift() -> None:
    found = rule(37, 60, 100, 400, prior=0.0)
    assert (found.together, found.of) == (37, 60)
    assert found.support == pytest.approx(37 / 400)
    assert found.confidence == pytest.approx(37 / 60)
    assert found.lift == pytest.approx((37 / 60) / (63 / 340))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 200))
def test_few_people_make_a_small_claim(both: int, only_a: int, only_b: int, neither: int) -> None:
    first, second, learners = both + only_a, both + only_b, both + only_a + only_b + neither
    found, bare = rule(both, first, second, learners), rule(both, first, second, learners, prior=1e-9)
    assert 0 <= found.confidence <= 1
    if learners and second and first and learners > first:
        share = second / learners
        low, high = sorted((share, bare.confidence))
        assert low - 1e-9 <= found.confidence <= high + 1e-9
        assert abs(found.lift - 1) <= abs(bare.lift - 1) + 1e-6
    assert not found.tellable or (found.together >= FEWEST and found.lift > 1)


def test_nobody_says_nothing_and_nonsense_is_refused() -> None:
    assert rule(0, 0, 0, 0).lift == 1.0
    assert rule(0, 0, 10, 50).lift == pytest.approx(1.0)
    for wrong in ((5, 4, 9, 20), (0, 15, 15, 20), (-1, 4, 4, 20)):
        with pytest.raises(ValueError, match="cannot be"):
            rule(*wrong)


def test_the_rule_that_adds_most_is_told_and_a_handful_never_is() -> None:
    common, telling, few = rule(50, 100, 200, 400), rule(30, 40, 60, 400), rule(4, 4, 4, 400)
    assert few.lift > telling.lift
    assert not few.tellable
    assert most_telling([("common", common), ("telling", telling), ("few", few)]) == ("telling", telling)
    assert most_telling([("few", few)]) is None


def test_a_model_knows_its_rules() -> None:
    actions = [a for user in range(12) for a in path_of(user, [0, 1])]
    actions += [a for user in range(12, 20) for a in path_of(user, [0, 2])]
    actions += [a for user in range(20, 60) for a in path_of(user, [2, 3])]
    model = fit(actions, now=NOW, parameters=FitParameters(min_users=1))
    found = model.rule("c:0", "c:1")
    assert found == rule(12, 20, 12, 60)
    assert isinstance(found, Rule)
    assert model.rule("c:0", "c:none") is None
