"""Weeks of a simulated year around changes of clocks, with crashes and outages, held to an independent reckoning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.year.judge import Judge, Judged
from benchmarks.year.life import Sent
from benchmarks.year.living import Year
from benchmarks.year.whole import outcomes_of, year


def wrong(judged: Judged) -> dict[str, list[object]]:
    named = {
        "quiet": judged.quiet,
        "twice": judged.twice,
        "crowded": judged.crowded,
        "over": judged.over,
        "unpromised": judged.unpromised,
        "missed": judged.missed,
    }
    return {name: list(found) for name, found in named.items() if found}


@pytest.mark.slow
def test_weeks_in_which_everything_happens(tmp_path: Path) -> None:
    life, judged = year(tmp_path, members=6, days=42, seed=1)
    assert wrong(judged) == {}
    assert judged.kept > 60
    assert life.crashes > 5
    assert outcomes_of(tmp_path / "year.db").get("claimed", 0) == 0


def test_the_judge_notices(tmp_path: Path) -> None:
    """What it must find, planted into a quiet fortnight."""
    lived = Year(tmp_path, members=4, days=14, seed=3)
    lived._script = []
    lived.life.down.clear()
    lived.life.silent.clear()
    lived.life.blocked.clear()
    lived.run()
    life, judge = lived.life, Judge(lived.life, lived.until)
    assert wrong(judge.judged()) == {}
    digests = [one for one in life.sent if one.digest]
    one = digests[len(digests) // 2]
    honest = list(life.sent)

    def found(*sent: Sent) -> set[str]:
        life.sent[:] = sorted(sent, key=lambda each: each.at)
        return set(wrong(judge.judged()))

    assert "missed" in found(*(each for each in honest if each != one))
    assert {"twice", "crowded"} <= found(*honest, replace(one, at=one.at + timedelta(minutes=1)))
    late = replace(one, at=one.at + timedelta(hours=9))
    assert "missed" in found(*(late if each == one else each for each in honest))
    assert "unpromised" in found(*honest, replace(one, key="digest:member:1:2020-01-01"))
    settings = judge.wishes(one.member, one.at).settings
    life.changes[one.member] = [
        replace(each, settings=replace(settings, quiet_start=0, quiet_end=23)) for each in life.changes[one.member]
    ]
    assert "quiet" in found(*honest)
