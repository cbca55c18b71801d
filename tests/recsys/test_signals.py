"""What interactions are worth, malformed ones included."""

from __future__ import annotations

import math

import pytest

from recsys.signals import DEFAULT_RULES, Feedback, Polarity, Rule
from recsys.types import Interaction
from tests.recsys.worlds import DAY, NOW, did

FEEDBACK = Feedback()


@pytest.mark.parametrize(
    ("signal", "value", "weight"),
    [
        ("enrol", 1, 3), ("complete", 1, 4), ("progress", 0.5, 1), ("progress", 7, 2), ("rate", 5, 3), ("rate", 3, 0),
        ("rate", 1, -3), ("rate", 99, 3), ("save", 1, 2), ("click", 1, 1), ("browse", 1, 0.3), ("attend", 1, 3),
        ("post", 1, 0.5), ("reply", 1, 1), ("react", 1, 0.7), ("solved", 1, 2), ("helpful", 1, 1.5),
        ("unhelpful", 1, -1), ("dismiss", 1, -3), ("unheard-of", 1, 0), ("progress", math.nan, 0),
        ("rate", math.inf, 0),
    ],
)  # fmt: skip
def test_weights(signal: str, value: float, weight: float) -> None:
    interaction = did("u", "x", signal, value=value)
    assert FEEDBACK.weight(interaction) == pytest.approx(weight)
    assert FEEDBACK.polarity(interaction).value == (weight > 0) - (weight < 0)


def test_polarity_of_stars_follows_the_stars() -> None:
    assert FEEDBACK.polarity(did("u", "x", "rate", value=2)) is Polarity.NEGATIVE
    assert FEEDBACK.polarity(did("u", "x", "rate", value=3)) is Polarity.NEUTRAL


def test_worth_halves_and_the_future_is_now() -> None:
    assert FEEDBACK.decayed(did("u", "x", "click", days_ago=30), NOW) == pytest.approx(0.5)
    assert FEEDBACK.decayed(did("u", "x", "click", days_ago=-500), NOW) == 1.0
    for at in (math.nan, math.inf, -math.inf):
        assert FEEDBACK.decayed(Interaction("u", "x", "click", at), NOW) == 0.0


def test_repeats_count_once_and_different_signals_add_up() -> None:
    history = [
        did("u", "x", "enrol", 0),
        did("u", "x", "enrol", 0),
        did("u", "x", "complete", 0),
        did("u", "y", "click", 0),
    ]
    assert FEEDBACK.strengths(history, NOW) == {"x": pytest.approx(7.0), "y": pytest.approx(1.0)}
    assert list(FEEDBACK.strengths([*history, did("u", "x", "click", 0)], NOW)) == ["y", "x"]


def test_only_the_latest_of_a_huge_history_counts() -> None:
    history = [Interaction("u", f"i:{n}", "click", NOW - 100_000 + n) for n in range(100_000)]
    assert list(FEEDBACK.strengths(history, NOW)) == [f"i:{n}" for n in range(99_800, 100_000)]


def test_messages_are_never_training_data() -> None:
    assert not FEEDBACK.trainable & {"post", "reply", "react"}
    with pytest.raises(ValueError, match="never training data"):
        Feedback(trainable=frozenset({"enrol", "reply"}))


@pytest.mark.parametrize("bad", [(math.nan, 1.0), (1.0, 0.0), (1.0, math.nan), (math.inf, 1.0)])
def test_rules_refuse_nonsense(bad: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="half-life"):
        Rule(*bad)


def test_done_is_finished() -> None:
    done = [did("u", "x", "complete"), did("u", "x", "progress", value=1.0), did("u", "x", "attend")]
    assert all(FEEDBACK.is_done(interaction) for interaction in done)
    assert not FEEDBACK.is_done(did("u", "x", "progress", value=0.5))
    assert not FEEDBACK.is_done(did("u", "x", "enrol"))
    assert all(rule.half_life * DAY > 0 for rule in DEFAULT_RULES.values())
