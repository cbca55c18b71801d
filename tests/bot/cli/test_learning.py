"""``studyhall path`` as a person or a program calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.app import Application
from bot.cli import cli
from bot.domain.incoming import Sender
from bot.domain.paths import Prerequisite
from bot.domain.refs import AccountRef
from bot.settings import read_settings
from tests.bot.world import CATALOGUE


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A community with a catalogue, one member and two proposals, and an encoder without weights."""
    monkeypatch.setenv("STUDYHALL_ENCODER", "hashing")
    with Application.open(read_settings(home=tmp_path), name="Ferris Hall") as app, app.store.write() as uow:
        uow.courses.upsert_many(app.community.id, CATALOGUE)
        uow.members.resolve(app.community.id, Sender(AccountRef("web", "lin"), "Lin"), app.clock.now())
        uow.prerequisites.propose(
            app.community.id,
            [Prerequisite("web-react", "web-css", "sequence", 0.8, 31, 40), Prerequisite("sql", "linux", "level", 0.4)],
            app.clock.now(),
        )
        uow.commit()
    return tmp_path


def call(home: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def document(home: Path, *words: str) -> dict[str, object]:
    found = call(home, *words, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)  # type: ignore[no-any-return]


def test_a_path_and_what_is_decided_about_it(home: Path) -> None:
    found = document(home, "path", "rust", "Lin")
    assert [step["item"] for step in found["steps"]] == [  # type: ignore[attr-defined]
        "course:rust-start", "course:rust-async", "course:rust-expert",
    ]  # fmt: skip
    assert found["weekly_hours_assumed"] is True
    plain = call(home, "path", "rust", "Lin").stdout
    assert "○ 1. Rust from zero" in plain
    assert "needed before" in plain
    waiting = document(home, "path", "proposals")
    assert waiting["waiting"] == 2
    number = waiting["proposals"][0]["number"]  # type: ignore[index]
    assert "31 of 40 learners took it first" in call(home, "path", "proposals").stdout
    decided = document(home, "path", "confirm", str(number), "--by", "mei")
    assert decided["decided"][0]["decided_by"] == "mei"  # type: ignore[index]
    assert "refused" in call(home, "path", "refuse", "2").stdout
    assert document(home, "path", "proposals")["waiting"] == 0
    steps = document(home, "path", "web", "Lin")["steps"]
    assert steps[0]["needed_for"] == ["course:web-react"]  # type: ignore[index]


def test_what_cannot_be_done_is_said(home: Path) -> None:
    assert call(home, "path", "confirm", "99").exit_code == 1
    assert "no proposal 99" in call(home, "path", "confirm", "99").stderr
    assert call(home, "path", "rust", "Nobody").exit_code == 1
    assert call(home, "path", "rust").exit_code == 2
    assert "No course here" in call(home, "path", "qqqq zzzz", "Lin").stdout


def test_ratings_experts_and_reports(home: Path) -> None:
    first = document(home, "rate", "rust-start", "4", "--by", "Lin")
    assert (first["kept"], first["course"]) == ("rating", "rust-start")
    assert isinstance(first["quality"], float)
    assert document(home, "expert", "Lin")["experts"] == [{"member": 1, "name": "Lin"}]
    assert document(home, "rate", "Rust from zero", "2", "--by", "Lin", "--note", "dated")["kept"] == "mark"
    assert "already" in call(home, "rate", "rust-start", "2", "--by", "Lin", "--note", "dated").stdout
    assert document(home, "expert", "Lin", "--off")["experts"] == []
    found = document(home, "report", "author", "Ferris School")
    assert found["fewest"] == 5
    course = next(one for one in found["courses"] if one["course"] == "rust-start")  # type: ignore[attr-defined]
    assert course["experts"] == {"mean": 2.0, "marks": 1}
    assert (course["enrolled"], course["ratings"]) == (None, None)
    assert "fewer than 5" in call(home, "report", "author", "--all").stdout
    assert call(home, "report", "author", "Nobody").exit_code == 1
    assert call(home, "report", "author").exit_code == 2
    assert call(home, "rate", "zzz", "3", "--by", "Lin").exit_code == 1
    assert call(home, "rate", "rust-start", "6", "--by", "Lin").exit_code == 2
