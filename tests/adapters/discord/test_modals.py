"""Forms as windows: what is drawn, judged by the SDK's and the simulation's own checks, and what comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from typing import Any

import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st
from simcord.components import validate_modal

from adapters.discord import interactions, modals
from bot.domain.forms import Choice, ChoiceField, Filled, Form, TextField
from bot.domain.outgoing import Outgoing, Paragraph, Text
from bot.domain.refs import MessageRef, RoomRef
from bot.ports import ButtonRow, UnitOfWork
from bot.surroundings import SystemClock
from bot.usecases.turn import Turn
from tests.adapters.discord.hall import Hall, discord_of, labels, run, shown, welcome

SHORT = Form(
    "A meeting",
    (
        TextField("title", "What is it called?", hint="as members will read it", most=20),
        ChoiceField("kind", "What kind?", (Choice("talk", "A talk"), Choice("hack", "Hacking together"))),
        ChoiceField("tags", "Topics", tuple(Choice(one, one.title()) for one in ("rust", "go", "sql")), (), 0, 2),
        TextField("about", "What is it about?", long=True, required=False),
    ),
    "Publish",
    note="Four questions.",
)
LONG = Form("Seven", tuple(TextField(f"f{number}", f"Question {number}") for number in range(7)), "Send")

words = st.text(st.sampled_from("a<&*_`\\#|🦀中\u202e\u0301\ud800 \n"), max_size=300)
named = st.text(st.sampled_from("abc🦀中 *"), min_size=1, max_size=130).filter(str.strip)


@st.composite
def fields(draw: st.DrawFn) -> Any:
    name = draw(st.text("abcdefgh_0", min_size=1, max_size=20).filter(lambda one: one.replace("_", "").isalnum()))
    if draw(st.booleans()):
        most = draw(st.integers(1, 4_000))
        return TextField(
            name, draw(named), draw(words), draw(words), most, long=draw(st.booleans()), required=draw(st.booleans())
        )
    values = [f"v{number}" for number in range(draw(st.integers(1, 25)))]
    most = draw(st.integers(1, len(values)))
    chosen = tuple(values[: draw(st.integers(0, most))])
    least = draw(st.integers(0, most))
    choices = tuple(Choice(value, draw(named)) for value in values)
    return ChoiceField(name, draw(named), choices, chosen, least, most, draw(words))


@given(st.lists(fields(), min_size=1, max_size=12, unique_by=lambda one: one.name), named, words, st.data())
def test_every_window_is_within_what_discord_takes(
    every: list[Any], title: str, note: str, data: st.DataObject
) -> None:
    problems = {one.name: data.draw(words) for one in every if data.draw(st.booleans())}
    form = Form(title, tuple(every), "Send", note, f"v1:fill:{'a' * 16}", problems)
    pages = modals.pages(form)
    assert [one for page in pages for one in page] == every
    for number in range(len(pages)):
        drawn = modals.window(form, number)
        validate_modal(drawn)
        assert 1 <= len(drawn["components"]) <= 5
        assert 1 <= units(drawn["title"]) <= 45
        for one in drawn["components"]:
            if one["type"] != 18:
                continue
            assert 1 <= units(one["label"]) <= 45
            assert units(one.get("description", "")) <= 100
            control = one["component"]
            assert units(control.get("value", "")) <= control.get("max_length", 4_000)
            if control["type"] in (21, 22):
                assert len(control["options"]) <= 10
                assert len(control["options"]) >= (2 if control["type"] == 21 else 1)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def test_what_was_typed_is_read_from_every_kind_of_place() -> None:
    sent = [
        {"type": 10, "id": 1},
        {"type": 18, "component": {"type": 4, "custom_id": "title", "value": "Rust night"}},
        {"type": 18, "component": {"type": 21, "custom_id": "kind", "value": None}},
        {"type": 18, "component": {"type": 22, "custom_id": "tags", "values": ["go", "sql"]}},
        {"type": 1, "components": [{"type": 4, "custom_id": "about", "value": ""}]},
    ]
    assert modals.typed(sent) == {"title": ("Rust night",), "kind": (), "tags": ("go", "sql"), "about": ()}
    given = {"title": ("x",)}
    asked = replace(SHORT, fields=(SHORT.fields[0], replace(SHORT.fields[3], value="kept")))
    assert modals.merged(asked, given) == {"title": ("x",), "about": ("kept",)}


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, the answer comes before Discord is told that it follows."""
    monkeypatch.setattr(interactions, "STORE_PATIENCE", 60.0)


class Asking:
    """A hall in which ``/help`` asks a form. `refused`: what its receiver finds wrong; `received`: what it took."""

    def __init__(self, hall: Hall, form: Form) -> None:
        self.hall, self.form = hall, form
        self.refused: dict[str, str] = {}
        self.received: list[Filled] = []
        self.restart()

    def restart(self) -> None:
        self.hall.restart()
        made = self.hall.dispatcher
        steps = made.presses.form
        form = replace(steps, submit=replace(steps.submit, receivers={"meeting": self._receive}))
        self.hall.dispatcher = replace(
            made, presses=replace(made.presses, form=form), commands={**made.commands, "help": self._ask}
        )

    def _ask(self, turn: Turn, words: str) -> None:
        with self.hall.store.write() as uow:
            if turn.begin(uow):
                self.hall.dispatcher.presses.form.submit.ask(uow, turn, self.form, "meeting", {})
                uow.commit()

    def _receive(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str] | None:
        if self.refused:
            return self.refused
        self.received.append(answers)
        answering = self.hall.dispatcher.presses.form.answering
        answering.reply(uow, turn, Outgoing((Paragraph((Text("published"),)),)))
        return None


@pytest.fixture
def short(hall: Hall) -> Iterator[Asking]:
    return Asking(hall, SHORT)


FILLED = {"title": "Rust night", "kind": "talk", "tags": ["go", "sql"]}


@pytest.mark.usefixtures("unhurried")
def test_a_form_is_the_first_answer_to_a_command(short: Asking) -> None:
    async def scenario() -> None:
        async with discord_of(short.hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "help")
            await short.hall.answered()
            assert asked.modal is not None
            assert not asked.deferred
            done = await lin.submit_modal(asked, FILLED)
            await short.hall.answered()
            assert done.ephemeral
            assert done.response is not None
            assert "published" in shown(done.response)
            assert short.received == [{"title": ("Rust night",), "kind": ("talk",), "tags": ("go", "sql"), "about": ()}]

    run(scenario)


def test_a_form_that_comes_too_late_for_that_is_opened_by_a_button(short: Asking) -> None:
    async def scenario() -> None:
        async with discord_of(short.hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "help")
            await env.advance_time(2)
            assert asked.deferred
            await short.hall.answered()
            assert asked.modal is None
            assert asked.response is not None
            assert "A meeting" in shown(asked.response)
            short.restart()
            await env.restart_bot(short.hall.adapter.connect())
            opened = await lin.click(asked.response, label="Open the form")
            assert opened.modal is not None
            await lin.submit_modal(opened, FILLED)
            await short.hall.answered()
            assert len(short.received) == 1

    run(scenario)


@pytest.mark.usefixtures("unhurried")
def test_what_is_wrong_is_said_and_what_was_typed_stands_there_again(short: Asking) -> None:
    async def scenario() -> None:
        async with discord_of(short.hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "help")
            await short.hall.answered()
            short.refused = {"title": "There is one of that name."}
            refused = await lin.submit_modal(asked, FILLED)
            await short.hall.answered()
            way = refused.response
            assert way is not None
            assert "There is one of that name" in shown(way)
            assert short.received == []
            again = await lin.click(way, label="Open the form")
            assert again.modal is not None
            fields = {one["component"]["custom_id"]: one for one in again.modal["components"] if one["type"] == 18}
            assert fields["title"]["component"]["value"] == "Rust night"
            assert "There is one of that name" in fields["title"]["description"]
            chosen = [one["value"] for one in fields["tags"]["component"]["options"] if one.get("default")]
            assert chosen == ["go", "sql"]
            still = await lin.submit_modal(again, FILLED | {"title": "Go night"})
            await short.hall.answered()
            assert "There is one of that name" in shown(way)
            assert still.acknowledged
            short.refused = {}
            last = await lin.click(way, label="Open the form")
            await lin.submit_modal(last, FILLED | {"title": "Go night"})
            await short.hall.answered()
            assert [one["title"] for one in short.received] == [("Go night",)]

    run(scenario)


@pytest.mark.usefixtures("unhurried")
def test_a_long_form_is_several_windows_and_outlives_a_restart(hall: Hall) -> None:
    asking = Asking(hall, LONG)

    async def scenario() -> None:
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            asked = await lin.slash(channel, "help")
            await hall.answered()
            first = await lin.submit_modal(asked, {f"f{number}": f"answer {number}" for number in range(5)})
            assert first.response is not None
            assert "1" in shown(first.response)
            asking.restart()
            await env.restart_bot(hall.adapter.connect())
            second = await lin.click(first.response, label="Next ▸")
            await lin.submit_modal(second, {"f5": "answer 5", "f6": "answer 6"})
            await hall.answered()
            assert asking.received == [{f"f{number}": (f"answer {number}",) for number in range(7)}]
            with closing(sqlite3.connect(hall.home / "studyhall.db")) as there:
                kept = [row[0] for row in there.execute("SELECT state FROM conversations")]
            assert not any("answer" in state for state in kept)

    run(scenario)


def test_nobody_else_opens_somebodys_form(short: Asking) -> None:
    async def scenario() -> None:
        async with discord_of(short.hall) as env:
            _, channel, (lin, sam) = welcome(env, "lin", "sam")
            asked = await lin.slash(channel, "help")
            await env.advance_time(2)
            await short.hall.answered()
            assert asked.response is not None
            assert labels(asked.response) == ["Open the form"]
            window = await short.hall.adapter._windows.load(sam.id, token(asked.response))
            assert window is None
            assert await short.hall.adapter._windows.load(lin.id, token(asked.response)) is not None

    run(scenario)


def token(message: simcord.ResponseMessage) -> str:
    found: list[str] = []

    def walk(components: list[dict[str, Any]]) -> None:
        for one in components:
            if one.get("custom_id"):
                found.append(one["custom_id"])
            walk(one.get("components", []))

    walk(message.components)
    return found[0].rpartition(":")[2]


@pytest.mark.usefixtures("unhurried")
def test_a_form_asked_by_a_button_leaves_the_message_around_it_as_it_is(short: Asking) -> None:
    """Also where it comes too late to be shown at once: the way to it is a message of its own."""

    async def scenario() -> None:
        hall = short.hall
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            hall.add_courses()
            listed = await lin.slash(channel, "learn find", query="rust")
            await hall.answered()
            assert listed.response is not None
            before = shown(listed.response)
            last = labels(listed.response)[-1]
            pressed = await lin.click(listed.response, label=last)
            ref = MessageRef(RoomRef("discord", f"@{lin.id}"), str(listed.response.id))
            asked = replace(SHORT, code=f"v1:fill:{'a' * 16}")
            with hall.store.write() as uow:
                payload = {"action": "meeting", "about": {}, "form": asdict(asked)}
                uow.buttons.add(hall.community.id, [ButtonRow("a" * 16, "form", payload, None, SystemClock().now())])
                uow.commit()
            form = Outgoing((), form=asked)
            await hall.adapter.messenger.edit(ref, form)
            assert pressed.modal is not None
            await hall.adapter.messenger.edit(ref, form)
            assert shown(listed.response) == before
            (way,) = pressed.followups
            assert labels(way) == ["Open the form"]
            await hall.adapter.messenger.edit(MessageRef(ref.room, str(way.id)), form)
            assert len(pressed.followups) == 1

    run(scenario)
