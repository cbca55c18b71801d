"""A few questions that belong together, and what was answered. Knows what fits a question; knows no platform.

A platform shows them in its own way: as a dialogue window, as fields of a page, or one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, assert_never

from bot.domain.text import clean, clean_line

MAX_TEXT: Final = 4_000
MAX_CHOICES: Final = 25


@dataclass(frozen=True, slots=True)
class TextField:
    """Free words. `long`: several lines. `value`: what stands there already; `hint`: an example or what it means."""

    name: str
    label: str
    hint: str = ""
    value: str = ""
    most: int = 200
    long: bool = False
    required: bool = True
    type: Literal["text"] = "text"

    def __post_init__(self) -> None:
        _named(self.name, self.label)
        if not 1 <= self.most <= MAX_TEXT:
            raise ValueError(f"a field takes 1-{MAX_TEXT} characters, got {self.most}")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str

    def __post_init__(self) -> None:
        if not self.value or not self.label.strip():
            raise ValueError("a choice needs a value and a label")


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """Between `least` and `most` of `choices`; `chosen` are the values that are chosen already."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: tuple[str, ...] = ()
    least: int = 1
    most: int = 1
    hint: str = ""
    type: Literal["choice"] = "choice"

    def __post_init__(self) -> None:
        _named(self.name, self.label)
        values = [choice.value for choice in self.choices]
        if not 1 <= len(values) <= MAX_CHOICES or len(set(values)) != len(values):
            raise ValueError(f"a question has 1-{MAX_CHOICES} different choices, got {len(values)}")
        if not 0 <= self.least <= self.most <= len(values) or self.most < 1:
            raise ValueError(f"between {self.least} and {self.most} of {len(values)} choices is impossible")
        if not set(self.chosen) <= set(values):
            raise ValueError("what is chosen must be among the choices")

    @property
    def required(self) -> bool:
        return self.least > 0


@dataclass(frozen=True, slots=True)
class RolesField:
    """Up to `most` roles of the platforms, by key, by a platform's own id, or by name: whoever asks knows which is
    meant. `known`: key and name of each; a platform with roles of its own shows its own list instead."""

    name: str
    label: str
    known: tuple[Choice, ...] = ()
    chosen: tuple[str, ...] = ()
    native: tuple[tuple[str, str], ...] = ()
    """Of those that are chosen, the platform and its own id."""
    most: int = 10
    hint: str = ""
    type: Literal["roles"] = "roles"

    def __post_init__(self) -> None:
        _named(self.name, self.label)
        if not 1 <= self.most <= MAX_CHOICES:
            raise ValueError(f"1-{MAX_CHOICES} roles can be chosen, got {self.most}")

    @property
    def required(self) -> bool:
        return False

    @property
    def names(self) -> tuple[str, ...]:
        """Of those that are chosen, as people read them."""
        labels = {choice.value: choice.label for choice in self.known}
        return tuple(labels.get(value, value) for value in self.chosen)


Field = TextField | ChoiceField | RolesField
Filled = Mapping[str, tuple[str, ...]]
"""What was answered: for each field its values; nothing where it was left empty."""


@dataclass(frozen=True, slots=True)
class Form:
    """`problems`: for a field's name, what is wrong with the answer that stands there now. `code` is what a submission
    carries, like that of a button; whoever asks gives it, so it is empty before."""

    title: str
    fields: tuple[Field, ...]
    submit: str
    note: str = ""
    code: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields]
        if not names or len(set(names)) != len(names):
            raise ValueError("a form has fields with different names")
        if not self.title.strip() or not self.submit.strip():
            raise ValueError("a form needs a title and the label of its button")
        if len(self.code.encode()) > 64:
            raise ValueError(f"form code must be 1-64 bytes, got {self.code!r}")


@dataclass(frozen=True, slots=True)
class Unsure:
    """What is wrong with an answer that may be meant in several ways, and those: a tap on one is that answer."""

    problem: str
    readings: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an answer does not fit its field. `number`: the most characters, or the fewest or most choices."""

    kind: Literal["empty", "too-long", "too-few", "too-many", "unknown"]
    number: int = 0


def cleaned(form: Form, given: Filled) -> tuple[dict[str, tuple[str, ...]], dict[str, Misfit]]:
    """What was answered, as it may be kept, and what does not fit. Fields that were not asked are left out."""
    answers: dict[str, tuple[str, ...]] = {}
    misfits: dict[str, Misfit] = {}
    for one in form.fields:
        answer, misfit = fitted(one, given.get(one.name, ()))
        answers[one.name] = answer
        if misfit is not None:
            misfits[one.name] = misfit
    return answers, misfits


def fitted(field: Field, given: tuple[str, ...]) -> tuple[tuple[str, ...], Misfit | None]:
    """One answer, cleaned, and why it does not fit."""
    match field:
        case TextField():
            text = _text(field, given[0] if given else "")
            if not text:
                return (), Misfit("empty") if field.required else None
            return (text,), Misfit("too-long", field.most) if len(text) > field.most else None
        case ChoiceField():
            known = {choice.value for choice in field.choices}
            chosen = tuple(dict.fromkeys(value for value in given if value in known))
            if len(chosen) != len(set(given)):
                return chosen, Misfit("unknown")
            if len(chosen) < field.least:
                return chosen, Misfit("too-few", field.least)
            return chosen, Misfit("too-many", field.most) if len(chosen) > field.most else None
        case RolesField():
            named = tuple(dict.fromkeys(filter(None, (clean_line(value, limit=200) for value in given))))
            return named, Misfit("too-many", field.most) if len(named) > field.most else None
        case _:
            assert_never(field)


def prefilled(form: Form, answers: Filled, problems: Mapping[str, str] | None = None) -> Form:
    """The same form with these answers in it, and what is wrong with them."""
    fields = tuple(_with(one, answers[one.name]) if one.name in answers else one for one in form.fields)
    return replace(form, fields=fields, problems=dict(problems or {}))


def _with(field: Field, answer: tuple[str, ...]) -> Field:
    match field:
        case TextField():
            return replace(field, value=answer[0] if answer else "")
        case ChoiceField():
            known = {choice.value for choice in field.choices}
            return replace(field, chosen=tuple(value for value in answer if value in known))
        case RolesField():
            return replace(field, chosen=answer, native=())
        case _:
            assert_never(field)


def _text(field: TextField, given: str) -> str:
    # One more than may be: what is too long is refused and never cut in silence.
    return clean(given, limit=MAX_TEXT + 1).strip() if field.long else clean_line(given, limit=MAX_TEXT + 1)


def _named(name: str, label: str) -> None:
    if not (name.isascii() and name.replace("_", "").isalnum() and len(name) <= 24):
        raise ValueError(f"a field's name is 1-24 letters and digits, got {name!r}")
    if not label.strip():
        raise ValueError("a field needs a label")
