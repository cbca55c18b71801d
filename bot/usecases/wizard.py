"""A form asked one question at a time, where the platform shows none as a whole. Knows steps; knows no platform.

Where somebody is, and what they answered so far, is kept in the store: they can go back, go on tomorrow, or leave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from pydantic import TypeAdapter

from bot.domain.forms import ChoiceField, Field, Form, RolesField, TextField, fitted
from bot.domain.outgoing import Block, Button, Heading, Note, Outgoing, Paragraph, Rows, Strong, Style, Text
from bot.domain.text import clip
from bot.ports import UnitOfWork
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of
from bot.wording import Wording

KIND: Final = "form"
LISTENS: Final = timedelta(hours=1)
"""How long plain words are taken for the answer; later they are what they look like, and a button leads back."""

_PER_ROW: Final = 2
_SHOWN: Final = 200
_LISTED: Final = 600


@dataclass(frozen=True, slots=True)
class Step:
    """Where a member is. `left`: they put it aside; what they answered is kept for when they take it up again."""

    token: str
    form: Form
    at: int
    touched: datetime
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left: bool = False

    @property
    def field(self) -> Field:
        return self.form.fields[self.at]

    @property
    def last(self) -> bool:
        return self.at + 1 == len(self.form.fields)

    def answered(self, values: tuple[str, ...]) -> Step:
        """The same step with its question answered, whatever was wrong with it before forgotten."""
        name = self.field.name
        problems = {key: words for key, words in self.form.problems.items() if key != name}
        return replace(self, answers={**self.answers, name: values}, form=replace(self.form, problems=problems))


_CODEC: Final = TypeAdapter(Step)


def load_step(uow: UnitOfWork, member_id: int) -> Step | None:
    state = uow.conversations.get(member_id, KIND)
    return None if state is None else _CODEC.validate_python(state)


def save_step(uow: UnitOfWork, turn: Turn, step: Step) -> None:
    step = replace(step, touched=turn.at)
    uow.conversations.put(turn.member.id, KIND, _CODEC.dump_python(step, mode="json"), turn.at)


def end_wizard(uow: UnitOfWork, member_id: int, token: str) -> None:
    """Nothing more is asked of that form; another that was begun since stays."""
    step = load_step(uow, member_id)
    if step is not None and step.token == token:
        uow.conversations.end(member_id, KIND)


def begin_wizard(
    uow: UnitOfWork,
    turn: Turn,
    answering: Answering,
    token: str,
    form: Form,
    *,
    edit: bool,
    readings: Rows = (),
) -> None:
    """Ask the first question, or the first that something is wrong with. One form at a time: an older one is left."""
    step = Step(token, form, _first(form), turn.at, {one.name: _given(one) for one in form.fields if _given(one)})
    save_step(uow, turn, step)
    _show(uow, turn, answering, step, edit=edit, readings=readings)


def go_on(
    uow: UnitOfWork,
    turn: Turn,
    answering: Answering,
    step: Step,
    problem: str = "",
    *,
    edit: bool = True,
    readings: Rows = (),
) -> None:
    """Keep the step and ask its question; `problem` is said above it, `readings` are what may be meant."""
    step = replace(step, left=False)
    if problem:
        problems = {**step.form.problems, step.field.name: problem}
        step = replace(step, form=replace(step.form, problems=problems))
    save_step(uow, turn, step)
    _show(uow, turn, answering, step, edit=edit, readings=readings)


def after(step: Step) -> Step:
    """The next question."""
    return replace(step, at=min(step.at + 1, len(step.form.fields) - 1))


def before(step: Step) -> Step:
    return replace(step, at=max(step.at - 1, 0))


def spoken(step: Step, text: str) -> tuple[str, ...] | None:
    """What plain words answer to the question; None: nothing that it offers."""
    match step.field:
        case TextField():
            values, _ = fitted(replace(step.field, required=False), (text,))
            return values
        case ChoiceField(choices=choices):
            said = {one.casefold() for one in (text.strip(), *text.replace("，", ",").split(","))}
            said = {one.strip() for one in said}
            found = tuple(
                choice.value
                for number, choice in enumerate(choices, 1)
                if choice.label.casefold() in said or str(number) in said
            )
            return found or None
        case RolesField():
            values, _ = fitted(step.field, tuple(text.replace("，", ",").replace("、", ",").split(",")))
            return values or None
        case _:
            assert_never(step.field)


def tapped(step: Step, number: int) -> Step | None:
    """A choice was pressed: taken or, among several, switched. None: there is no such choice."""
    one = step.field
    if not isinstance(one, ChoiceField) or not 0 <= number < len(one.choices):
        return None
    value, chosen = one.choices[number].value, step.answers.get(one.name, ())
    if one.most == 1:
        return step.answered((value,))
    return step.answered(tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value))


def question(wording: Wording, step: Step) -> Outgoing:
    """The message of one step."""
    say, one = wording.say, step.field
    label = Paragraph((Strong(one.label),))
    blocks: list[Block] = [Heading(step.form.title)]
    if step.at == 0 and step.form.note:
        blocks.append(Paragraph((Text(step.form.note),)))
    if wrong := step.form.problems.get(one.name):
        blocks.append(Paragraph((Text(f"⚠️ {wrong}"),)))
    blocks.append(label)
    if one.hint:
        blocks.append(Paragraph((Text(one.hint),)))
    if isinstance(one, RolesField) and one.known:
        names = wording.listing([choice.label for choice in one.known])
        blocks.append(Paragraph((Text(clip(names, _LISTED)),)))
    if not isinstance(one, ChoiceField) and (now := step.answers.get(one.name)):
        known = {choice.value: choice.label for choice in one.known} if isinstance(one, RolesField) else {}
        value = ", ".join(known.get(each, each) for each in now)
        blocks.append(Paragraph((Text(say("form-now", value=clip(value, _SHOWN))),)))
    how = "form-write" if not isinstance(one, ChoiceField) else "form-tap" if one.most == 1 else "form-tap-several"
    progress = say("form-step", step=step.at + 1, total=len(step.form.fields))
    blocks.append(Note((Text(f"{progress} · {say(how)}"),)))
    return Outgoing(tuple(blocks), _choices(step) + _steering(wording, step), wording.language)


def _show(uow: UnitOfWork, turn: Turn, answering: Answering, step: Step, *, edit: bool, readings: Rows = ()) -> None:
    message = question(turn.wording, step)
    message = replace(message, buttons=readings + message.buttons)
    if edit:
        answering.edit(uow, turn, message)
    else:
        answering.reply(uow, turn, message)


def _choices(step: Step) -> Rows:
    one = step.field
    if not isinstance(one, ChoiceField):
        return ()
    chosen = step.answers.get(one.name, ())
    buttons = [
        Button(choice.label, code_of(f"pick-{number}", step.token), pressed=choice.value in chosen)
        for number, choice in enumerate(one.choices)
    ]
    return tuple(tuple(buttons[start : start + _PER_ROW]) for start in range(0, len(buttons), _PER_ROW))


def _steering(wording: Wording, step: Step) -> Rows:
    say, token, one = wording.say, step.token, step.field
    row: list[Button] = []
    if step.at:
        row.append(Button(say("button-back"), code_of("back", token)))
    given = bool(step.answers.get(one.name))
    several = isinstance(one, ChoiceField) and one.most > 1
    if given or several or not one.required:
        words = say("form-skip") if not given and not one.required else say("form-keep")
        words = step.form.submit if step.last and (given or not one.required) else words
        row.append(Button(words, code_of("next", token), style=Style.PRIMARY))
    row.append(Button(say("button-cancel"), code_of("cancel", token)))
    return (tuple(row),)


def _first(form: Form) -> int:
    return next((at for at, one in enumerate(form.fields) if one.name in form.problems), 0)


def _given(one: Field) -> tuple[str, ...]:
    match one:
        case TextField():
            return (one.value,) if one.value else ()
        case ChoiceField():
            return one.chosen
        case RolesField():
            return one.chosen
        case _:
            assert_never(one)
