"""Weights learnt in a world whose true weights, and whose readers' patience, are known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from recsys.columns import Floats
from recsys.exposed import Exposed, ExposureLog, log_of
from recsys.modelfile import DamagedModel
from recsys.rankfile import load_ranking, save_ranking
from recsys.rankfit import LEAST, RankFitParameters, exposure_weights, fit_clicks
from recsys.ranking import RankingConfig
from recsys.ranklearning import LearntRanking, TooLittle, calibration, fit_ranking
from recsys.types import Query
from tests.recsys.worlds import NOW, World, did

TRUE = np.asarray([2.0, 0.5, 1.0, 0.1])
SLOPE = 4.0
NAMES = ("a", "b", "c", "d")
K = 10


def shown_lists(seed: int, lists: int, weights: Floats = TRUE, patience: float = 0.7, kind: float = 0.6) -> ExposureLog:
    """Thirty candidates each, the ten best by equal weights listed, every fifth drawn; rank k is looked at with
    probability k ** -patience."""
    rng = np.random.default_rng(seed)
    parts = rng.uniform(0, 1, (lists, 30, 4)) * [0.35, 0.55, 0.25, 0.3]
    kinds = rng.integers(0, 2, (lists, 30))
    order = np.argsort(-parts.sum(axis=2), axis=1)
    listed = order[:, :K].copy()
    for slot in (4, 9):
        listed[:, slot] = order[np.arange(lists), rng.integers(K, 30, lists)]
    at = np.arange(lists)[:, None]
    parts, kinds = parts[at, listed].reshape(-1, 4), kinds[at, listed].ravel()
    ranks = np.tile(np.arange(1, K + 1), lists)
    looked = rng.random(len(ranks)) < ranks**-patience
    clicked = looked & (rng.random(len(ranks)) < expit(-2.5 + kind * kinds + SLOPE * parts @ weights))
    dismissed = looked & ~clicked & (rng.random(len(ranks)) < 0.05)
    codes = np.repeat(np.arange(lists), K)
    items = rng.integers(0, 200, len(ranks))
    return ExposureLog(NAMES, ("course", "post"), parts, kinds, ranks, codes, codes % 300, items, clicked, dismissed)


def rows_of(log: ExposureLog) -> Iterator[Exposed]:
    for n in range(len(log)):
        yield Exposed(
            user=f"member:{log.users[n]}",
            item=f"course:{log.items[n]}",
            kind=log.kind_names[int(log.kinds[n])],
            rank=int(log.ranks[n]),
            at=float(log.lists[n]),
            parts=dict(zip(log.names, log.parts[n].tolist(), strict=True)),
            clicked=bool(log.clicked[n]),
            dismissed=bool(log.dismissed[n]),
        )


@pytest.fixture(scope="module")
def big() -> ExposureLog:
    return shown_lists(1, 12_000)


@pytest.fixture(scope="module")
def learnt() -> LearntRanking:
    return fit_ranking(rows_of(shown_lists(2, 1_500)), NAMES, now=NOW)


def test_true_weights_and_patience_are_recovered(big: ExposureLog) -> None:
    found = fit_clicks(big, RankFitParameters(ridge=1.0))
    assert found.multipliers * found.slope == pytest.approx(TRUE * SLOPE, abs=0.45)
    assert found.kinds[1] - found.kinds[0] == pytest.approx(0.6, abs=0.12)
    assert found.examined[[1, 4, 9]] == pytest.approx(np.asarray([2, 5, 10]) ** -0.7, abs=0.06)
    assert found.removed == pytest.approx(0.05, abs=0.02)


def test_without_the_correction_for_positions_the_weights_are_biased(big: ExposureLog) -> None:
    """What stood high was looked at more, so whatever put it there seems to please."""
    naive = fit_clicks(big, RankFitParameters(ridge=1.0, positions=False))
    error = np.abs(naive.multipliers * naive.slope - TRUE * SLOPE)
    assert error.max() > 2.0
    assert np.all(naive.examined == 1.0)


def test_popular_items_do_not_speak_for_all() -> None:
    """Nine tenths of the exposures are of five items that are taken up whatever the part says."""
    rng = np.random.default_rng(3)
    count = 20_000
    popular = rng.random(count) < 0.9
    items = np.where(popular, rng.integers(0, 5, count), rng.integers(5, 500, count))
    parts = rng.uniform(0, 0.5, (count, 1))
    clicked = rng.random(count) < np.where(popular, 0.3, expit(-2.0 + 6.0 * parts[:, 0]))
    zeros = np.zeros(count, dtype=np.int64)
    log = ExposureLog(
        ("a",), ("course",), parts, zeros, zeros + 1, np.arange(count), zeros, items, clicked, clicked & False
    )
    weighed, plain = (
        fit_clicks(log, RankFitParameters(ridge=1.0, positions=False, popularity=on)) for on in (True, False)
    )
    fair = fit_clicks(log.taken(~popular), RankFitParameters(ridge=1.0, positions=False))
    slopes = [float(model.slope * model.multipliers[0]) for model in (plain, weighed, fair)]
    assert slopes[0] < slopes[1] < slopes[2]
    weights = exposure_weights(log, 4.0)
    assert weights.mean() == pytest.approx(1.0)
    assert weights.max() / weights.min() <= 16.0 + 1e-9


def test_little_data_changes_little_and_much_changes_much() -> None:
    moved = [float(np.abs(fit_clicks(shown_lists(4, lists)).multipliers - 1).max()) for lists in (5, 60, 4_000)]
    assert moved[0] < 0.12 < moved[2]
    assert moved[0] < moved[1] < moved[2]


def test_no_part_is_silenced_or_turned_round() -> None:
    against = fit_clicks(shown_lists(5, 3_000, np.asarray([1.0, 1.0, 1.0, -2.0])))
    assert against.multipliers[3] == LEAST


def test_the_learnt_order_is_better_on_lists_it_never_saw(learnt: LearntRanking) -> None:
    judged = learnt.judgement
    assert judged.better
    assert judged.lists == 375
    assert judged.gain.after > judged.gain.before
    assert judged.gain.low <= judged.gain.after - judged.gain.before <= judged.gain.high
    assert judged.likelihood.low > 0
    assert judged.calibration_error < 0.03
    assert sum(rows for _, _, rows in judged.reliability) == judged.lists * K
    assert [said for said, _, _ in judged.reliability] == sorted(said for said, _, _ in judged.reliability)


def test_a_replay_refuses_what_is_worse() -> None:
    """What people took to before, they leave now."""
    first, then = shown_lists(6, 900), shown_lists(7, 300, np.asarray([0.1, 3.0, 1.0, 2.0]))
    moved = [replace(row, at=row.at + 1e6) for row in rows_of(then)]
    assert not fit_ranking([*rows_of(first), *moved], NAMES, now=NOW).judgement.better


def test_weights_that_are_in_use_are_what_new_ones_must_beat(learnt: LearntRanking) -> None:
    rows = list(rows_of(shown_lists(8, 800)))
    fresh = fit_ranking(rows, NAMES, now=NOW).judgement.gain
    again = fit_ranking(rows, NAMES, now=NOW, current=learnt).judgement.gain
    assert again.before > fresh.before
    assert again.after == fresh.after


def test_too_little_is_said() -> None:
    with pytest.raises(TooLittle, match="10 lists"):
        fit_ranking(rows_of(shown_lists(9, 10)), NAMES, now=NOW)
    with pytest.raises(TooLittle, match="0 lists"):
        fit_ranking([], NAMES, now=NOW)
    with pytest.raises(ValueError, match="nothing was shown"):
        fit_clicks(log_of([], NAMES))


def test_order_and_repeats_of_the_log_do_not_matter() -> None:
    rows = list(rows_of(shown_lists(10, 100)))
    mixed = [*reversed(rows), *rows[:50]]
    one, other = fit_ranking(rows, NAMES, now=NOW), fit_ranking(mixed, NAMES, now=NOW)
    assert one == other
    assert one.multipliers == other.multipliers


def test_only_slots_that_the_recommender_filled_teach() -> None:
    row = Exposed("u", "course:1", "course", 1, 5.0, {"a": 0.5, "other": 1.0, "b": math.nan})
    log = log_of(
        [
            row,
            replace(row, policy="pin"),
            replace(row, policy="search"),
            replace(row, rank=0),
            replace(row, at=math.nan),
        ],
        NAMES,
    )
    assert len(log) == 1
    assert log.parts.tolist() == [[0.5, 0.0, 0.0, 0.0]]


def test_calibration_of_what_is_true_is_small_and_of_what_is_not_large() -> None:
    rng = np.random.default_rng(11)
    chances = rng.uniform(0, 1, 20_000)
    happened = rng.random(20_000) < chances
    assert calibration(chances, happened)[0] < 0.02
    assert calibration(chances**3, happened)[0] > 0.15


def test_a_file_comes_back_whole_or_not_at_all(learnt: LearntRanking, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_ranking(tmp_path)
    path = save_ranking(learnt, tmp_path)
    back = load_ranking(tmp_path)
    assert back == learnt
    assert (back.multipliers, back.kinds, back.judgement) == (learnt.multipliers, learnt.kinds, learnt.judgement)
    document = json.loads(path.read_text())
    document["ranking"]["multipliers"]["a"] = 9.0
    path.write_text(json.dumps(document))
    with pytest.raises(DamagedModel, match="checksum"):
        load_ranking(tmp_path)
    path.write_text("{")
    with pytest.raises(DamagedModel):
        load_ranking(tmp_path)


def test_learnt_weights_change_parts_and_the_parts_still_sum(learnt: LearntRanking) -> None:
    world = World()
    recommender = world.recommender(world.model())
    query = Query("me", NOW, history=(did("me", "course:0", "complete", 20), did("me", "course:4", "enrol", 10)))
    before = {found.item: found for found in recommender.recommend(query)}
    assert all(found.probability is None for found in before.values())
    weighed = replace(learnt, multipliers={"semantic": 2.0, "language": 0.5}, kinds={"course": 0.05, "post": -0.1})
    recommender.swap_ranking(weighed)
    after = {found.item: found for found in recommender.recommend(query)}
    for found in after.values():
        assert found.score == pytest.approx(math.fsum(reason.value for reason in found.reasons), abs=1e-6)
        assert found.probability is not None
        assert 0 < found.probability < 1
    both = sorted(before.keys() & after.keys())
    assert both
    for item in both:
        one, other = ({r.source: r for r in found[item].reasons} for found in (before, after))
        assert other["semantic"].value == pytest.approx(2 * one["semantic"].value)
        assert other["semantic"].plain == pytest.approx(one["semantic"].value)
        assert other["language"].value == pytest.approx(0.5 * one["language"].value)
        lifted = {"course": 0.05, "post": -0.1}.get(item.partition(":")[0], 0.0)
        assert (other["uptake"].value if "uptake" in other else 0.0) == lifted
        assert one["semantic"].plain is None
    recommender.swap_ranking(None)
    assert [found.item for found in recommender.recommend(query)] == list(before)


def test_what_is_not_weighed_by_hand_is_not_learnt() -> None:
    assert "uptake" not in RankingConfig().learnable
    assert "semantic" in RankingConfig().learnable
