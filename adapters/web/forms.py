"""A form as fields of a page, and the fields of a request as its answers. Knows HTML; knows no store and no rule.

The fields belong to the form element of their message, as its buttons do, so nothing is marked as required for the
browser: that would hold up every other button of the message. What is missing is said by the answer.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final, assert_never

from markupsafe import Markup

from bot.domain.forms import Choice, ChoiceField, Field, Form, RolesField, TextField
from bot.wording import Wording

PREFIX: Final = "f:"
_EMPTY: Final = Markup("")


def form(asked: Form, element: str, words: Wording) -> Markup:
    """`element` is the id of the form element that the fields are sent with."""
    problem = Markup('<p class="form-problem" role="alert">{}</p>').format(words.say("form-problems"))
    return Markup(
        '<div class="form" role="group" aria-label="{}"><h3 class="b-heading">{}</h3>{}{}{}'
        '<button type="submit" form="{}" name="do" value="submit:{}" class="btn btn-primary">{}</button></div>'
    ).format(
        asked.title,
        asked.title,
        Markup('<p class="b-text">{}</p>').format(asked.note) if asked.note else _EMPTY,
        problem if asked.problems else _EMPTY,
        _EMPTY.join(_field(one, asked.problems.get(one.name, ""), element, words) for one in asked.fields),
        element,
        asked.code,
        asked.submit,
    )


def values(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was filled in, by the name of the field, in the order of the request."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        if name.startswith(PREFIX) and value:
            found.setdefault(name.removeprefix(PREFIX), []).append(value)
    return tuple((name, tuple(given)) for name, given in found.items())


def _field(one: Field, problem: str, element: str, words: Wording) -> Markup:
    id = f"{element}-{one.name}"  # noqa: A001  what it is called in HTML
    aside = [one.hint] if one.hint else []
    if not one.required:
        aside.append(words.say("form-optional"))
    described = Markup('<small id="{}-hint">{}</small>').format(id, " · ".join(aside)) if aside else _EMPTY
    wrong = Markup('<strong class="field-problem" id="{}-problem">{}</strong>').format(id, problem)
    labels = [name for name, there in ((f"{id}-hint", aside), (f"{id}-problem", problem)) if there]
    attributes = Markup(' aria-describedby="{}"').format(" ".join(labels)) if labels else _EMPTY
    if problem:
        attributes += Markup(' aria-invalid="true"')
    match one:
        case TextField():
            drawn = Markup('<label for="{}">{}</label>{}').format(id, one.label, _text(one, id, element, attributes))
        case ChoiceField():
            drawn = _choices(one, id, element, attributes)
        case RolesField():
            drawn = _roles(one, id, element, attributes)
        case _:
            assert_never(one)
    return Markup('<div class="field">{}{}{}</div>').format(drawn, wrong if problem else _EMPTY, described)


def _text(one: TextField, id: str, element: str, attributes: Markup) -> Markup:  # noqa: A002  as above
    named = Markup('id="{}" form="{}" name="{}{}" maxlength="{}" autocomplete="off"{}').format(
        id, element, PREFIX, one.name, one.most, attributes
    )
    if one.long:
        return Markup('<textarea rows="4" {}>\n{}</textarea>').format(named, one.value)
    return Markup('<input type="text" value="{}" {}>').format(one.value, named)


def _choices(one: ChoiceField, id: str, element: str, attributes: Markup) -> Markup:  # noqa: A002  as above
    kind = "radio" if one.most == 1 else "checkbox"
    return _boxes(kind, one.name, one.label, one.choices, one.chosen, id, element, attributes)


def _roles(one: RolesField, id: str, element: str, attributes: Markup) -> Markup:  # noqa: A002  as above
    """Those that are known, by name, and what was typed elsewhere: nothing that was chosen is lost."""
    known = {choice.value for choice in one.known}
    strange = tuple(Choice(value, value) for value in one.chosen if value not in known)
    return _boxes("checkbox", one.name, one.label, (*one.known, *strange), one.chosen, id, element, attributes)


def _boxes(
    kind: str,
    name: str,
    label: str,
    choices: Iterable[Choice],
    chosen: Container[str],
    id: str,  # noqa: A002  as above
    element: str,
    attributes: Markup,
) -> Markup:
    drawn = (
        Markup(
            '<label class="choice"><input type="{}" form="{}" name="{}{}" value="{}"{}> <span>{}</span></label>'
        ).format(
            kind,
            element,
            PREFIX,
            name,
            choice.value,
            Markup(" checked") if choice.value in chosen else _EMPTY,
            choice.label,
        )
        for choice in choices
    )
    return Markup('<fieldset id="{}"{}><legend>{}</legend>{}</fieldset>').format(
        id, attributes, label, _EMPTY.join(drawn)
    )
