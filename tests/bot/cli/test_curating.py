"""``studyhall rec`` and the community's own ``studyhall replay``, on a home of their own."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.app import Application
from bot.cli import cli
from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import Course, ItemId
from bot.domain.people import Member
from bot.domain.refs import AccountRef
from bot.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two weeks in which Lin was shown the same three courses, one of them drawn."""
    monkeypatch.setenv("STUDYHALL_ENCODER", "hashing")
    now = datetime.now(UTC)
    with Application.open(Settings(home=tmp_path, encoder="hashing")) as app, app.store.write() as uow:
        uow.courses.upsert_many(app.community.id, [Course(f"c{n}", f"Course {n}", provider="School") for n in range(6)])
        member = uow.members.create(Member(0, app.community.id, "Lin"), [AccountRef("web", "lin")])
        for day in range(2, 14):
            slate = ((ItemId("course:c2"), 0.4, 0.5), (ItemId("course:c3"), 0.6, 0.5))
            shown = [
                Exposure(member.id, ItemId(f"course:c{n}"), n + 1, 0.3, (), "explore" if n == 2 else "main", "foryou",
                         now - timedelta(days=day), f"{day}-{n}", 0.5 if n == 2 else 1.0, slate if n == 2 else ())
                for n in range(3)
            ]  # fmt: skip
            uow.exposures.add(app.community.id, shown)
            if day % 2:
                saved = Interaction(member.id, ItemId("course:c2"), Signal.SAVE, now - timedelta(days=day),
                                    f"press:{day}-2:save")  # fmt: skip
                uow.interactions.add(app.community.id, saved)
        uow.commit()
    return tmp_path


def call(home: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *(str(word) for word in words)])


def document(ended: Result) -> Any:
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_decisions_are_put_listed_simulated_and_taken_back(home: Path) -> None:
    put = document(call(home, "rec", "pin", "course:c5", "--reason", "exam week", "--until", "2999-01-31", "--json"))
    assert (put["action"], put["item"], put["until"]) == ("pin", "course:c5", "2999-02-01T00:00:00+00:00")
    assert call(home, "rec", "boost", "course 4", "--reason", "new", "--by", 0.3, "--in", "courses").exit_code == 0
    assert call(home, "rec", "ban", "course:c0", "--reason", "broken").exit_code == 0
    listed = document(call(home, "rec", "list", "--json"))["rules"]
    assert [(rule["action"], rule["item"], rule["scope"]) for rule in listed] == [
        ("ban", "course:c0", "community"),
        ("boost", "course:c4", "kind:course"),
        ("pin", "course:c5", "community"),
    ]
    told = document(call(home, "rec", "simulate", "1", "--boost", "course:c1=0.5", "--ban", "course:c3", "--json"))
    items = [one["item"] for one in told["items"]]
    assert items[0] == "course:c5"
    assert items[1] == "course:c1"
    assert set(told["gone"]) >= {"course:c0", "course:c3"}
    recommended = document(call(home, "recommend", "1", "--json"))["items"]
    assert recommended[0]["item"] == "course:c5"
    assert "pinned" in {part["source"] for part in recommended[0]["parts"]}
    assert "course:c0" not in {one["item"] for one in recommended}
    assert document(call(home, "rec", "unpin", "course:c5", "--reason", "over", "--json")) == {"ended": 1}
    assert call(home, "rec", "unpin", "course:c5").exit_code == 1
    entries = document(call(home, "rec", "log", "--json"))["entries"]
    assert [(one["actor"], one["action"]) for one in entries][:2] == [("cli", "rec.unpin"), ("cli", "rec.ban")]
    assert "broken" in call(home, "rec", "log").stdout
    assert "Course 4" in call(home, "rec", "list").stdout


def test_what_cannot_be_decided_fails_clearly(home: Path) -> None:
    for words in (
        ("pin", "course:nope", "--reason", "why"),
        ("pin", "course:c1", "--reason", ""),
        ("boost", "course:c1", "--reason", "why", "--by", 3),
        ("ban", "course:c1", "--reason", "why", "--in", "#nowhere"),
        ("ban", "course:c1", "--reason", "why", "--until", "soon"),
    ):
        ended = call(home, "rec", *words)
        assert ended.exit_code == 1, words
        assert "Traceback" not in ended.output
    assert document(call(home, "rec", "list", "--json")) == {"rules": []}
    assert document(call(home, "rec", "log", "--json")) == {"entries": []}


def test_health_counts_what_was_shown(home: Path) -> None:
    found = document(call(home, "rec", "health", "--json"))
    assert (found["places"], found["catalogue"]) == (36, 6)
    assert found["coverage"] == pytest.approx(0.5)
    assert found["explored"] == pytest.approx(1 / 3)
    assert found["kinds"] == {"course": 1.0}
    assert found["author"]
    assert "coverage" in call(home, "rec", "health").stdout


def test_the_communitys_own_places_are_replayed_and_exported(home: Path, tmp_path: Path) -> None:
    found = document(call(home, "replay", "--json"))
    assert found["places"] == 12
    assert found["naive"]["value"] == pytest.approx(0.5)
    by_name = {one["policy"]: one for one in found["policies"]}
    assert by_name["uniform"]["snips"]["value"] == pytest.approx(0.5)
    assert by_name["greedy"]["effective"] == 0.0
    file = tmp_path / "log.csv"
    assert document(call(home, "replay", "--export", file, "--json")) == {"written": 36}
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert {row["user"] for row in rows} == {"u1"}
    again = document(call(home, "replay", "--exposures", file, "--json"))
    assert again["policies"] == found["policies"]
