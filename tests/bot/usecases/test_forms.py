"""Forms: shown whole where a platform can, asked question by question elsewhere, answered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forms import Choice, ChoiceField, Filled, Form, TextField, cleaned
from bot.domain.incoming import FormSubmitted
from bot.domain.outgoing import Outgoing, Paragraph, Text
from bot.ports import UnitOfWork
from bot.usecases.turn import Turn
from tests.bot.reading import acts, words_of
from tests.bot.world import FAKE, Sent, World

FORM = Form(
    "A meeting",
    (
        TextField("title", "What is it called?", hint="as members will read it", most=20),
        ChoiceField("kind", "What kind?", (Choice("talk", "A talk"), Choice("hack", "Hacking together"))),
        ChoiceField(
            "tags", "Topics", tuple(Choice(one, one.title()) for one in ("rust", "go", "sql")), least=0, most=2
        ),
        TextField("about", "What is it about?", long=True, required=False),
    ),
    "Publish",
    note="Four questions.",
)


@dataclass
class Hall:
    """A world in which ``/meet`` asks the form above. `refused`: what the receiver finds wrong."""

    world: World
    whole: bool
    refused: dict[str, str] = field(default_factory=dict)
    back: str = ""
    received: list[tuple[Mapping[str, Any], Filled]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.world.restart()
        made = self.world.app.dispatcher(
            {FAKE: self.world._parse}, lambda: None, forms=frozenset({FAKE} if self.whole else ())
        )
        steps = made.presses.form
        submit = replace(steps.submit, receivers={"meeting": self._receive})
        form = replace(steps, submit=submit)
        self.world.dispatcher = replace(
            made, presses=replace(made.presses, form=form), commands={**made.commands, "meet": self._meet}
        )

    def _meet(self, turn: Turn, words: str) -> None:
        with self.world.store.write() as uow:
            if turn.begin(uow):
                ask = self.world.dispatcher.presses.form.submit.ask
                ask(uow, turn, FORM, "meeting", {"words": words}, back=self.back)
                uow.commit()

    def _receive(
        self, uow: UnitOfWork, turn: Turn, about: Mapping[str, Any], answers: Filled
    ) -> Mapping[str, str] | None:
        if self.refused:
            return self.refused
        self.received.append((about, answers))
        answering = self.world.dispatcher.presses.form.answering
        answering.edit(uow, turn, Outgoing((Paragraph((Text("published"),)),)))
        return None

    def fills(self, who: str, on: Sent, **values: tuple[str, ...]) -> list[Sent]:
        assert on.message.form is not None
        place = replace(self.world.home(who), room=on.ref.room)
        given = tuple(values.items())
        code = on.message.form.code
        return self.world.happens(
            FormSubmitted(place, self.world.sender(who), code, given, self.world.clock.now(), on.ref)
        )


@pytest.fixture
def whole(world: World) -> Iterator[Hall]:
    return Hall(world, whole=True)


@pytest.fixture
def stepwise(world: World) -> Iterator[Hall]:
    return Hall(world, whole=False)


def test_a_whole_form_comes_back_once_with_what_it_was_asked_for(whole: Hall) -> None:
    asked = whole.world.asks("mei", "meet", "please")
    filled: dict[str, tuple[str, ...]] = {"title": (" Rust  night ",), "kind": ("talk",), "tags": ("go", "sql")}
    (answer,) = whole.fills("mei", asked, **filled)
    assert words_of(answer.message) == "published"
    expected = {"title": ("Rust night",), "kind": ("talk",), "tags": ("go", "sql"), "about": ()}
    assert whole.received == [({"words": "please"}, expected)]
    (late,) = whole.fills("mei", asked, **filled)
    assert late.notice
    assert len(whole.received) == 1


def test_what_does_not_fit_is_asked_again_with_what_was_typed(whole: Hall) -> None:
    asked = whole.world.asks("mei", "meet")
    (again,) = whole.fills("mei", asked, title=("x" * 30,), kind=("party",), tags=("rust", "go", "sql"))
    form = again.message.form
    assert form is not None
    assert set(form.problems) == {"title", "kind", "tags"}
    assert form.fields[0].value == "x" * 30  # type: ignore[union-attr]
    assert not whole.received
    (done,) = whole.fills("mei", again, title=("Rust",), kind=("hack",))
    assert words_of(done.message) == "published"


def test_the_receiver_can_send_it_back(whole: Hall) -> None:
    asked = whole.world.asks("mei", "meet")
    whole.refused = {"title": "there is one of that name"}
    (again,) = whole.fills("mei", asked, title=("Rust",), kind=("talk",))
    assert again.message.form is not None
    assert again.message.form.problems == whole.refused
    whole.refused = {}
    whole.restart()
    whole.fills("mei", again, title=("Rust 2",), kind=("talk",))
    assert whole.received[0][1]["title"] == ("Rust 2",)


def test_a_way_back_stays_below_a_whole_form_whatever_is_wrong_in_it(whole: Hall) -> None:
    assert not whole.world.asks("mei", "meet").message.buttons
    whole.back = "v1:manage:somewhere"
    asked = whole.world.asks("mei", "meet")
    (again,) = whole.fills("mei", asked, title=("x" * 30,), kind=("party",))
    for shown in (asked, again):
        assert [[button.code for button in row] for row in shown.message.buttons] == [[whole.back]]


def test_only_who_was_asked_can_answer(whole: Hall) -> None:
    asked = whole.world.asks("mei", "meet")
    (refused,) = whole.fills("sam", asked, title=("Rust",), kind=("talk",))
    assert refused.notice
    assert not whole.received


def test_question_by_question(stepwise: Hall) -> None:
    world = stepwise.world
    first = world.asks("mei", "meet", "please")
    assert "What is it called?" in words_of(first.message)
    assert "1 of 4" in words_of(first.message)
    (second,) = world.tells("mei", "Rust night")
    assert "What kind?" in words_of(second.message)
    third = world.press("mei", second, "pick-1")
    assert "Topics" in words_of(third.message)
    third = world.press("mei", third, "pick-0")
    third = world.press("mei", third, "pick-2")
    third = world.press("mei", third, "pick-0")
    stepwise.restart()
    fourth = world.press("mei", third, "next")
    assert "Publish" in words_of(fourth.message)
    done = world.press("mei", fourth, "next")
    assert words_of(done.message) == "published"
    answers = {"title": ("Rust night",), "kind": ("hack",), "tags": ("sql",), "about": ()}
    assert stepwise.received == [({"words": "please"}, answers)]
    (found,) = world.tells("mei", "Rust night")
    assert "published" not in words_of(found.message)


def test_back_keeps_what_was_answered_and_words_can_choose(stepwise: Hall) -> None:
    world = stepwise.world
    world.asks("mei", "meet")
    (second,) = world.tells("mei", "Rust night")
    first = world.press("mei", second, "back")
    assert "Rust night" in words_of(first.message)
    second = world.press("mei", first, "next")
    (wrong,) = world.tells("mei", "a party")
    assert "not among the choices" in words_of(wrong.message)
    (third,) = world.tells("mei", "HACKING together")
    assert "Topics" in words_of(third.message)
    world.tells("mei", "1, sql")
    (done,) = world.tells("mei", "two\nlines")
    assert words_of(done.message) == "published"
    assert stepwise.received[0][1] == {
        "title": ("Rust night",), "kind": ("hack",), "tags": ("rust", "sql"), "about": ("two\nlines",)
    }  # fmt: skip


def test_what_is_wrong_with_one_answer_is_said_at_once(stepwise: Hall) -> None:
    world = stepwise.world
    world.asks("mei", "meet")
    (again,) = world.tells("mei", "x" * 21)
    assert "At most 20 characters" in words_of(again.message)
    (second,) = world.tells("mei", "x" * 20)
    assert "What kind?" in words_of(second.message)


def test_the_receiver_leads_back_to_the_question_it_does_not_like(stepwise: Hall) -> None:
    world = stepwise.world
    world.asks("mei", "meet")
    (second,) = world.tells("mei", "Rust night")
    third = world.press("mei", second, "pick-0")
    fourth = world.press("mei", third, "next")
    stepwise.refused = {"kind": "no more talks"}
    asked = world.press("mei", fourth, "next")
    assert "no more talks" in words_of(asked.message)
    stepwise.refused = {}
    third = world.press("mei", asked, "pick-1")
    fourth = world.press("mei", third, "next")
    world.press("mei", fourth, "next")
    assert stepwise.received[0][1]["kind"] == ("hack",)


def test_cancel_puts_it_aside_and_it_can_be_taken_up(stepwise: Hall) -> None:
    world = stepwise.world
    world.asks("mei", "meet")
    world.tells("mei", "Rust night")
    left = world.asks("mei", "cancel")
    assert acts(left.message) == ["open"]
    (searched,) = world.tells("mei", "hack")
    assert "A meeting" not in words_of(searched.message)
    assert "nothing to cancel" in words_of(world.asks("mei", "cancel").message)
    taken_up = world.press("mei", left, "open")
    assert "What kind?" in words_of(taken_up.message)
    first = world.press("mei", taken_up, "back")
    assert "Rust night" in words_of(first.message)


def test_after_an_hour_plain_words_are_plain_words_again(stepwise: Hall) -> None:
    world = stepwise.world
    first = world.asks("mei", "meet")
    world.clock.go_on(hours=2)
    (found,) = world.tells("mei", "rust")
    assert "What kind?" not in words_of(found.message)
    left = world.press("mei", first, "cancel")
    world.press("mei", left, "open")
    (second,) = world.tells("mei", "Rust night")
    assert "What kind?" in words_of(second.message)


@given(
    st.dictionaries(
        st.sampled_from(["title", "kind", "tags", "about", "other"]),
        st.lists(st.text(max_size=40), max_size=4).map(tuple),
    )
)
def test_what_is_kept_fits_or_is_named(given: dict[str, tuple[str, ...]]) -> None:
    answers, misfits = cleaned(FORM, given)
    assert set(answers) == {"title", "kind", "tags", "about"}
    for one in FORM.fields:
        if one.name in misfits:
            continue
        values = answers[one.name]
        assert not one.required or values
        match one:
            case TextField():
                assert all(0 < len(value) <= one.most for value in values)
            case ChoiceField():
                assert set(values) <= {choice.value for choice in one.choices}
                assert one.least <= len(values) <= one.most


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: TextField("", "x"),
        lambda: TextField("a", " "),
        lambda: TextField("a", "x", most=0),
        lambda: ChoiceField("a", "x", ()),
        lambda: ChoiceField("a", "x", (Choice("1", "1"), Choice("1", "2"))),
        lambda: ChoiceField("a", "x", (Choice("1", "1"),), chosen=("2",)),
        lambda: ChoiceField("a", "x", (Choice("1", "1"),), least=2, most=1),
        lambda: Form("", (TextField("a", "x"),), "go"),
        lambda: Form("t", (TextField("a", "x"), TextField("a", "y")), "go"),
        lambda: Form("t", (TextField("a", "x"),), "go", code="x" * 65),
    ],
)
def test_nonsense_is_refused_at_birth(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        wrong()
