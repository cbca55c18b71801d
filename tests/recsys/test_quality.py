"""A course's quality: shrunk, bounded, explained by its parts, and not for sale to new accounts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.opinions import Act, Share, Tally, TrustRule, tally
from recsys.quality import WEIGHTS, Belief, Judged, Usual, judge, usual

DAY = 86_400.0
NOW = 1_000 * DAY
OLD = NOW - 400 * DAY


def learners(stars: Sequence[float], *, finish: float = 0.5, since: float = OLD, name: str = "h") -> list[Act]:
    """One learner a rating; the first `finish` of them finish."""
    acts: list[Act] = []
    for number, given_stars in enumerate(stars):
        who = f"{name}{number}"
        acts.append(Act(who, "enrol", NOW - 100 * DAY, since=since))
        acts.append(Act(who, "rate", NOW - 60 * DAY, given_stars, since=since))
        if number < finish * len(stars):
            acts.append(Act(who, "complete", NOW - 61 * DAY, since=since))
    return acts


def attackers(number: int, stars: float, *, age: float = 2.0) -> list[Act]:
    return [
        act
        for at in range(number)
        for act in (
            Act(f"fake{at}", "enrol", NOW - DAY, since=NOW - age * DAY),
            Act(f"fake{at}", "rate", NOW - DAY, stars, since=NOW - age * DAY),
        )
    ]


def judged(acts: Sequence[Act], here: Usual | None = None, **more: object) -> Judged:
    found = judge(tally(acts, NOW, **more), here or Usual())  # type: ignore[arg-type]
    assert found is not None
    return found


def test_the_parts_sum_to_the_value_and_the_interval_holds_it() -> None:
    found = judged(learners([5, 4, 5, 2, 4, 5]), marks=[4])
    assert found.value == pytest.approx(0.5 + sum(found.parts.values()))
    assert set(found.parts) <= set(WEIGHTS)
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert found.low < found.value < found.high
    assert found.stars is not None
    mean, low, high = found.stars
    assert 1 <= low < mean < high <= 5


def test_more_voices_count_more_and_make_surer() -> None:
    one, many = judged(learners([5])), judged(learners([5] * 30))
    assert 0.5 < one.value < many.value < 1.0
    assert one.high - one.low > many.high - many.low
    assert judged(learners([1] * 30)).value < judged(learners([1])).value < 0.5


def test_nothing_is_claimed_of_what_nobody_knows() -> None:
    assert judge(Tally(), Usual(years=2.0), years=1.0) is None
    assert judge(tally([Act("u", "rate", NOW + DAY, 5), Act("u", "rate", math.nan, 5)], NOW), Usual()) is None


def test_what_is_usual_here_is_half() -> None:
    here = usual([tally(learners([4, 4, 3, 5, 4]), NOW) for _ in range(6)])
    assert here.ratings.mean == pytest.approx(0.75)
    assert judged(learners([4, 4, 3, 5, 4]), here).parts["ratings"] == pytest.approx(0.0, abs=1e-9)
    # Where courses differ much, one of them is believed sooner.
    differing = usual([tally(learners([stars] * 8), NOW) for stars in (1, 2, 3, 4, 5, 5)])
    assert differing.ratings.strength < here.ratings.strength
    # Too few courses to know what is usual: the default.
    assert usual([tally(learners([1] * 9), NOW)]).ratings == Usual().ratings


@pytest.mark.parametrize("number", [5, 50, 5_000])
@pytest.mark.parametrize("stars", [1.0, 5.0])
def test_new_accounts_cannot_move_it_much(number: int, stars: float) -> None:
    honest = learners([3] * 10 if stars == 5 else [5] * 10)
    before, after = judged(honest), judged(honest + attackers(number, stars))
    assert abs(after.value - before.value) < 0.06
    # Without the cap they would have their way.
    naive = TrustRule(half=1e-9, young=0.0, least=1e9, stranger=1.0)
    open_door = judged(honest + attackers(number, stars), rule=naive)
    if number >= 50:
        assert abs(open_door.value - before.value) > 2 * abs(after.value - before.value)


def test_old_accounts_are_bounded_by_the_weight_of_ratings() -> None:
    honest = learners([5] * 10)
    after = judged(honest + attackers(1_000, 1.0, age=365.0))
    assert judged(honest).value - after.value < WEIGHTS["ratings"]


def test_a_rating_without_having_begun_weighs_less() -> None:
    began = tally([Act("u", "enrol", NOW - DAY, since=OLD), Act("u", "rate", NOW, 1, since=OLD)], NOW)
    stranger = tally([Act("u", "rate", NOW, 1, since=OLD)], NOW)
    assert stranger.ratings.all == pytest.approx(began.ratings.all / 4)


def test_one_person_is_one_voice_and_the_last_word_counts() -> None:
    acts = [Act("u", "rate", NOW - 9 * DAY, 1, since=OLD), Act("u", "rate", NOW - DAY, 5, since=OLD)] * 50
    acts.sort(key=lambda act: act.at)
    told = tally(acts, NOW)
    assert told.ratings.people == 1
    assert told.ratings.yes == pytest.approx(told.ratings.all)


def test_where_people_stop() -> None:
    acts = []
    for number, reached in enumerate([0.1, 0.2, 0.3, 0.6, 0.9, 1.0]):
        acts += [
            Act(f"u{number}", "enrol", NOW - 90 * DAY, since=OLD),
            Act(f"u{number}", "progress", NOW - 80 * DAY, reached, since=OLD),
        ]
    acts.append(Act("busy", "progress", NOW - DAY, 0.1, since=OLD))
    acts.append(Act("cross", "dismiss", NOW - DAY, reason="hard", since=OLD))
    acts.append(Act("poor", "dismiss", NOW - DAY, reason="price", since=OLD))
    told = tally(acts, NOW)
    assert told.stops == (2, 1, 1, 1)
    assert (told.finished.people, told.finished.asked, told.enrolled) == (1, 6, 7)
    assert (told.left_early.people, told.left_early.asked) == (2, 6)
    assert (told.too_hard, told.too_easy, told.complaints.people) == (1, 0, 1)


def test_experts_and_newness_are_parts_of_their_own() -> None:
    base = learners([4] * 6)
    assert judged(base, marks=[5, 5]).value > judged(base).value > judged(base, marks=[1]).value
    here = Usual(years=4.0)
    new, old = judge(tally(base, NOW), here, years=0.0), judge(tally(base, NOW), here, years=20.0)
    assert new is not None
    assert old is not None
    assert new.parts["recent"] > 0 > old.parts["recent"]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["enrol", "progress", "complete", "rate", "dismiss", "click"]),
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        max_size=30,
    ),
    st.lists(st.integers(1, 5), max_size=4),
)
def test_anything_gives_a_number_between_0_and_1_or_none(
    rows: list[tuple[int, str, float, float]], marks: list[int]
) -> None:
    told = tally([Act(f"u{who}", signal, at, value) for who, signal, at, value in rows], NOW, marks=marks)
    found = judge(told, usual([told] * 6), years=3.0)
    if found is not None:
        assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_what_nobody_here_tells_counts_for_nobody() -> None:
    """Where completions are never recorded, a course that many took is not worse for it."""
    silent = usual([tally(learners([4] * 6, finish=0.0), NOW) for _ in range(3)])
    assert silent.finished is None
    assert silent.fits is None
    assert set(judged(learners([4] * 6, finish=0.0), silent).parts) == {"ratings"}
    assert usual([tally(learners([4] * 6, finish=0.5), NOW)]).finished is not None


def test_a_share_counts_people_and_weighs_voices() -> None:
    assert Share.of([(0.5, True), (1.0, False)]) == Share(0.5, 1.5, 1, 2)
    assert Belief(0.5, 4.0).after(3.0, 2.0) == (4.0, 2.0)
