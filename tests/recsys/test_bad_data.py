"""Data as nobody would wish them: fitted, saved, asked and judged without a crash, what was left out counted."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from recsys.actions import ActionLog, collect
from recsys.evaluation.datasets import Columns, catalogue_of, read_events
from recsys.fitting import FitParameters, fit, fit_log
from recsys.modelfile import load, save
from recsys.signals import HISTORY_CAP
from recsys.trial import gains, hold_out
from recsys.types import Interaction
from tests.recsys.worlds import NOW, did

QUICK = FitParameters(min_users=1, examples=0)
NAN = float("nan")
ODD = (
    "course:课程-一",
    "course:e\u0301",
    "course:é",
    "course:\u202eabc",
    "course:😀",
    "course: spaces\tand\nlines",
    "course:\x00",
)


def answers(actions: list[Interaction], folder: Path, history: tuple[Interaction, ...]) -> dict[str, float]:
    """Through fit, file and model."""
    model = fit(actions, now=NOW, parameters=QUICK)
    save(model, folder, QUICK)
    found = load(folder).scores(history, NOW)
    assert all(math.isfinite(score) for score in found.values())
    return dict(found)


def people(count: int = 30, items: int = 8) -> list[Interaction]:
    return [did(f"u{n}", f"c{(n + k) % items}", "enrol", 50 - k) for n in range(count) for k in range(4)]


def test_one_user_with_a_hundred_thousand_actions_weighs_one_history(tmp_path: Path) -> None:
    flood = [did("flood", f"c{n % 5000}", "click", 100_000 - n) for n in range(100_000)]
    log = collect([*people(), *flood])
    assert len(log) == 30 * 4 + HISTORY_CAP
    before, after = fit(people(), now=NOW, parameters=QUICK), fit([*people(), *flood], now=NOW, parameters=QUICK)
    ours = [f"c{n}" for n in range(8)]

    def first(model: object) -> str:
        found = model.scores((did("x", "c1"),), NOW)  # type: ignore[attr-defined]
        return max((item for item in ours if item in found and item != "c1"), key=found.__getitem__)

    assert first(before) == first(after)


def test_an_item_that_everybody_has_is_no_ones_neighbour_only(tmp_path: Path) -> None:
    found = answers([*people(), *(did(f"u{n}", "all", "enrol", 60) for n in range(30))], tmp_path, (did("x", "c1"),))
    others = {item: score for item, score in found.items() if item not in {"c1", "all"}}
    assert others


def test_duplicates_change_nothing() -> None:
    once, thrice = fit(people(), now=NOW, parameters=QUICK), fit(people() * 3, now=NOW, parameters=QUICK)
    assert once.version == thrice.version


def test_times_in_the_future_and_values_that_are_none(tmp_path: Path) -> None:
    odd = [
        did("u1", "c7", "enrol", -1e6),
        Interaction("u2", "c1", "enrol", NAN),
        Interaction("u2", "c2", "enrol", math.inf),
        Interaction("u3", "c3", "progress", NOW, NAN),
        Interaction("u4", "c4", "rate", NOW, math.inf),
    ]
    found = answers([*people(), *odd], tmp_path, (did("x", "c1"), Interaction("x", "c2", "enrol", NAN)))
    assert found


@pytest.mark.parametrize("actions", [[], [did("u1", "c1")], [did(f"u{n}", f"c{n}") for n in range(50)]])
def test_nothing_nobody_and_all_cold_have_an_empty_answer(actions: list[Interaction], tmp_path: Path) -> None:
    assert answers(actions, tmp_path, (did("x", "elsewhere"),)) == {}
    assert answers(actions, tmp_path, ()) == {}


def test_ids_of_any_letters_come_back_as_they_were(tmp_path: Path) -> None:
    actions = [did(f"u{n}", ODD[(n + k) % len(ODD)], "enrol", 9 - k) for n in range(40) for k in range(3)]
    found = answers(actions, tmp_path, (did("x", ODD[0]),))
    assert set(found) - {ODD[0]} <= set(ODD)
    assert len(found) > 1


def test_a_log_of_one_user_has_one_case_and_no_crash() -> None:
    log = ActionLog(("a", "b"), np.zeros(2, np.int64), np.asarray([0, 1]), np.ones(2, np.float32))
    rest, cases = hold_out(log, np.ones(2, dtype=np.bool_))
    assert gains(fit_log(rest, now=NOW, parameters=QUICK), cases, NOW).tolist() == [0.0]


def test_evaluation_counts_what_it_leaves_out(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["user", "item", "time"])
        rows.writerows([f"学员{n}", ODD[k], 1_700_000_000 + k] for n in range(5) for k in range(4))
        rows.writerows([["u", "", 1], ["", "c", 1], ["u", "c", "nan"], ["u", "c", "never"]])
        rows.writerow(["u", "c", 9_999_999_999])
    events = read_events(file, Columns(), latest=1_800_000_000.0)
    assert len(events) == 20
    assert sum(events.left_out.counts.values()) == 5
    assert set(catalogue_of([events]).items) <= set(ODD)
