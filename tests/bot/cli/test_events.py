"""``studyhall event``, on a home of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.app import Application
from bot.cli import cli
from bot.domain.incoming import Place
from bot.domain.people import Member
from bot.domain.refs import AccountRef, RoomRef
from bot.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDYHALL_ENCODER", "hashing")
    with Application.open(Settings(home=tmp_path, encoder="hashing")) as app, app.store.write() as uow:
        for name in ("Hana", "Lin", "Mei"):
            uow.members.create(
                Member(0, app.community.id, name, timezone="Asia/Shanghai"), [AccountRef("web", name.lower())]
            )
        uow.rooms.ensure(app.community.id, Place(RoomRef("web", "general"), "general"))
        uow.commit()
    return tmp_path


def call(home: Path, *words: object) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), "event", *(str(word) for word in words)])


def document(ended: Result) -> Any:
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_an_event_from_plan_to_cancellation(home: Path) -> None:
    options = ("--host", "Hana", "--seats", 1, "--length", "1h30", "--json")
    made = document(call(home, "create", "Rust night", "in 3 days 8pm", *options))
    assert (made["state"], made["minutes"], made["capacity"], made["host"]) == ("draft", 90, 1, "Hana")
    assert made["timezone"] == "Asia/Shanghai"
    assert document(call(home, "list", "--json")) == {"events": []}
    number = made["event"]
    assert call(home, "publish", number).exit_code == 0
    assert call(home, "publish", number).exit_code == 1
    assert "Lin: You are going" in call(home, "rsvp", number, "Lin").stdout
    assert "#1 on the waitlist" in call(home, "rsvp", number, "Mei").stdout
    again = call(home, "rsvp", number, "Lin")
    assert again.exit_code == 1
    early = call(home, "checkin", number, "Lin")
    assert early.exit_code == 1
    assert "an hour before" in early.output
    assert "can't come" in call(home, "rsvp", number, "Lin", "cant").stdout
    shown = document(call(home, "show", number, "--json"))
    assert {(one["name"], one["standing"]) for one in shown["members"]} == {("Lin", "cant"), ("Mei", "offered")}
    assert {due["what"].partition("@")[0] for due in shown["due"]} >= {"remind:1440", "remind:15", "over", "lapse"}
    assert "offered    Mei" in call(home, "show", made["id"]).stdout
    (row,) = document(call(home, "list", "--json"))["events"]
    assert row["guests"] == {"cant": 1, "offered": 1}
    assert "0/1" in call(home, "list").stdout
    assert call(home, "cancel", number, "--reason", "ill").exit_code == 0
    assert call(home, "cancel", number).exit_code == 1
    assert document(call(home, "list", "--all", "--json"))["events"][0]["state"] == "cancelled"
    with Application.open(Settings(home=home, encoder="hashing")) as app, app.store.read() as uow:
        rows = uow.audit.all(app.community.id)
    assert {(row.action, row.actor) for row in rows} == {
        ("event.create", "command line"),
        ("event.publish", "command line"),
        ("event.cancel", "command line"),
        ("event.rsvp", "command line"),
        ("event.guests", "command line"),
    }


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("create", "🦀", "in 3 days 8pm", "--host", "Hana"), "letters or digits"),
        (("create", "Rust", "yesterday 8pm", "--host", "Hana"), "passed"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Nobody"), "No member"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--seats", "1000000000"), "up to 100,000"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--room", "99"), "No room 99. There are: #general"),
        (
            ("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--room", "#stage"),
            "No room #stage. There are",
        ),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--about", "x" * 1001), "At most 1,000 characters"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--place", "x" * 201), "At most 200 characters"),
        (("create", "x" * 5000, "in 3 days 8pm", "--host", "Hana"), "At most 100 characters"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--for", "role:Mentor"), "no role “Mentor”"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--for", "segment:Nobody"), "no segment “Nobody”"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--for", "segment:new"), "Fewer than 5 people"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--for", "level:wizard"), "level:wizard is nobody"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--for", "friends"), "Say one of"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--queue", "9h"), "12h, 2h, 30m or off"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--repeats", "daily"), "weekly"),
        (
            ("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--repeats", "weekly", "--ends", "soon"),
            "A day such as",
        ),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--course", "nothing"), "No course"),
        (("edit", "77", "--title", "Rust"), "No event"),
        (("discard", "77"), "No event"),
        (("create", "Rust", "in 3 days 8pm", "--host", "Hana", "--reminders", "20 days", "--publish"), "before now"),
        (("show", "77"), "No event"),
        (("rsvp", "77", "Lin"), "No event"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(home: Path, words: tuple[str, ...], problem: str) -> None:
    ended = call(home, *words)
    assert ended.exit_code == 1
    assert problem in ended.output
    assert document(call(home, "list", "--all", "--json")) == {"events": []}


def test_all_that_the_form_can_and_edits(home: Path) -> None:
    """A room by its name, who may come, a waitlist, a rhythm; and what is announced is decided about, not guessed."""
    said = ("--host", "Hana", "--room", "#general", "--for", "level:beginner", "--queue", "2h", "--repeats", "weekly")
    made = document(call(home, "create", "Rust night", "in 3 days 8pm", *said, "--seats", 3, "--publish", "--json"))
    assert (made["for"], made["repeats"], made["state"]) == ("people at beginner level", "weekly", "published")
    number = made["event"]
    asked = call(home, "edit", number, "--repeats", "biweekly")
    assert asked.exit_code == 1
    assert "--announced move, cancel or keep" in asked.output
    assert call(home, "edit", number).exit_code == 1
    document(call(home, "edit", number, "--repeats", "biweekly", "--announced", "move", "--json"))
    days = {row["starts_at"][:10] for row in document(call(home, "list", "--json"))["events"]}
    assert len(days) == 2
    changed = document(call(home, "edit", number, "--title", "Rust evening", "--for", "everyone", "--closed", "--json"))
    assert (changed["title"], changed["for"]) == ("Rust evening", "everyone")
    assert "closed" in call(home, "rsvp", number, "Lin").output
    assert call(home, "edit", number, "--open").exit_code == 0
    assert call(home, "rsvp", number, "Lin").exit_code == 0
    assert "Lin is off the list" in call(home, "remove", number, "Lin").stdout
    assert "is not on the list" in call(home, "remove", number, "Lin").output
    assert call(home, "discard", number).exit_code == 1, "it is no draft"
    draft = document(call(home, "create", "Another", "in 5 days 8pm", "--host", "Hana", "--json"))["event"]
    assert "scheduled" in call(home, "schedule", draft, "in 2 days 9am").stdout
    assert "discarded" in call(home, "discard", draft).stdout


def test_segments(home: Path) -> None:
    def segment(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--home", str(home), "segment", *words])

    assert "are at beginner level" in segment("put", "Starters", "level beginner").stdout
    listed = document(segment("list", "--json"))["segments"]
    assert [(one["name"], one["at_least"]) for one in listed][-1] == ("Starters", None)
    assert "joined in the last 30 days" in segment("list").stdout
    assert "could not read the rule" in segment("put", "Starters", "happy").output
    assert "removed Starters" in segment("remove", "starters").stdout
    assert segment("remove", "starters").exit_code == 1
