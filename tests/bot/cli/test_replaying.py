"""``studyhall replay`` on a file whose truth is known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli

WORTH = (0.1, 0.2, 0.5)
CHANCES = (0.6, 0.3, 0.1)


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["replay", *(str(word) for word in words)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three items; the scores prefer the worst, a policy of its own the best."""
    rng = np.random.default_rng(5)
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user", "item", "rank", "policy", "propensity", "reward", "slate", "best"])
        slate = json.dumps([[f"i{n}", 1 - n / 10, chance] for n, chance in enumerate(CHANCES)])
        for row in range(1_500):
            at = int(rng.choice(3, p=CHANCES))
            reward = int(rng.random() < WORTH[at])
            writer.writerow([f"u{row % 300}", f"i{at}", 5, "explore", CHANCES[at], reward, slate, float(at == 2)])
        writer.writerow(["u1", "i0", 1, "main", 1.0, 1, "", ""])
        writer.writerow(["u1", "i0", 5, "explore", 0.0, 1, "", ""])
        writer.writerow(["u1", "i0", 5, "explore", 0.6, "?", "", ""])
        writer.writerow(["u1", "i0", 5, "explore", 0.6, 1, "[1]", ""])
    return path


def test_policies_are_estimated_with_intervals(log: Path) -> None:
    ended = call("--exposures", log, "--target", "best", "--json")
    assert ended.exit_code == 0, ended.output
    found = json.loads(ended.stdout)
    assert found["places"] == 1_500
    assert sum(found["left_out"].values()) == 4
    by_name = {one["policy"]: one for one in found["policies"]}
    assert set(by_name) == {"logged", "uniform", "greedy", "best"}
    truth = {"uniform": sum(WORTH) / 3, "greedy": WORTH[0], "best": WORTH[2]}
    for name, value in truth.items():
        for kind in ("ips", "snips"):
            assert by_name[name][kind]["low"] <= value <= by_name[name][kind]["high"], (name, kind)
    assert not found["naive"]["low"] <= truth["best"] <= found["naive"]["high"]
    assert by_name["best"]["effective"] < by_name["logged"]["effective"] == pytest.approx(1_500)
    assert by_name["best"]["doubly_robust"] is None


def test_a_table_for_people(log: Path) -> None:
    ended = call("--exposures", log)
    assert ended.exit_code == 0
    assert "1500 drawn places; what was logged earned 0." in ended.stdout
    assert "uniform" in ended.stdout
    assert "left out: 1 rows (another policy)" in ended.stdout


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    ended = call("--exposures", path)
    assert ended.exit_code == 1
    assert "no column user" in ended.stderr
    path.write_text("user,item,propensity,reward\n")
    assert json.loads(call("--exposures", path, "--json").stdout) == {
        "places": 0,
        "left_out": {},
        "naive": None,
        "policies": [],
    }
