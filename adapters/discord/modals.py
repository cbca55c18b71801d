"""`Form` -> Discord's windows (modals), and what was typed into one -> values. Purely; knows no SDK object.

A window has five places, so a longer form is several, one after the other. A choice is drawn as what it is: radio
buttons for one of few, boxes for several of few, a menu for many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, assert_never

from adapters.discord import markdown as md
from adapters.discord.capabilities import MAX_CHOICE, PLATFORM
from bot.domain.forms import ChoiceField, Field, Filled, Form, RolesField, TextField

Component = dict[str, Any]

MAX_PLACES: Final = 5
MAX_TITLE: Final = 45
MAX_LABEL: Final = 45
MAX_DESCRIPTION: Final = 100
MAX_HINT: Final = 100
MAX_TYPED: Final = 4_000
MAX_FEW: Final = 10
"""Of radio buttons and of boxes; radio buttons are at least two."""

_SELECT, _INPUT, _ROLES, _TEXT, _LABEL, _RADIOS, _BOXES = 3, 4, 6, 10, 18, 21, 22
_SHORT, _LONG = 1, 2


def pages(form: Form) -> list[tuple[Field, ...]]:
    """The fields of each window. What is said about the form stands in the first one and takes a place there."""
    first = MAX_PLACES - 1 if _has_place(form) else MAX_PLACES
    fields = list(form.fields)
    found = [tuple(fields[:first])]
    found += [tuple(fields[at : at + MAX_PLACES]) for at in range(first, len(fields), MAX_PLACES)]
    return found


def _has_place(form: Form) -> bool:
    """Whether what is said about the form has a place of its own; never where that would make one more window."""
    return bool(form.note.strip()) and len(form.fields) % MAX_PLACES != 0


def first_problem(form: Form) -> int:
    """The window that has to be looked at first: that of the first field with something wrong in it."""
    return next((at for at, page in enumerate(pages(form)) if any(one.name in form.problems for one in page)), 0)


def window(form: Form, page: int) -> dict[str, Any]:
    """The payload of one window. `form.code` and the page are what its submission carries."""
    every = pages(form)
    title = f"{form.title} ({page + 1}/{len(every)})" if len(every) > 1 else form.title
    components: list[Component] = []
    note = form.note.strip() if page == 0 else ""
    if note and _has_place(form):
        components.append({"type": _TEXT, "content": md.clipped(md.escaped(note), MAX_TYPED)})
        note = ""
    for one in every[page]:
        components.append(_label(one, form.problems.get(one.name, ""), note))
        note = ""
    return {
        "title": _clipped(title, MAX_TITLE),
        "custom_id": f"{form.code}#{page}",
        "components": components,
    }


def code_and_page(custom_id: str) -> tuple[str, int]:
    """Of a submission."""
    code, mark, page = custom_id.rpartition("#")
    return (code, int(page)) if mark and page.isdecimal() and len(page) < 4 else (custom_id, 0)


def typed(components: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """What a submission holds, by field; anything that is not ours is left out."""
    return dict(_typed(components))


def merged(form: Form, given: Filled) -> dict[str, tuple[str, ...]]:
    """All of a form: what was given in its windows, and where none was open, what stands there already."""
    return {one.name: tuple(given[one.name]) if one.name in given else standing(one) for one in form.fields}


def standing(field: Field) -> tuple[str, ...]:
    match field:
        case TextField():
            return (field.value,) if field.value else ()
        case ChoiceField():
            return field.chosen
        case RolesField():
            return field.chosen
        case _:
            assert_never(field)


def _typed(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in components:
        inner = [*(one.get("components") or []), *([one["component"]] if one.get("component") else [])]
        if inner:
            yield from _typed(inner)
        if (name := one.get("custom_id")) is None:
            continue
        found = one.get("values")
        values = list(found) if found is not None else [one.get("value")]
        yield str(name), tuple(str(value) for value in values if value not in (None, ""))


def _label(field: Field, problem: str, note: str = "") -> Component:
    said = f"⚠ {problem}" if problem else ""
    label = _clipped(field.label, MAX_LABEL)
    # What does not fit into a label is said below it.
    longer = field.label if label != " ".join(md.encodable(field.label).split()) else ""
    description = " · ".join(part for part in (said, longer, _hint_below(field), note) if part)
    drawn: Component = {"type": _LABEL, "label": label, "component": _control(field)}
    return {**drawn, "description": _clipped(description, MAX_DESCRIPTION)} if description else drawn


def _hint_below(field: Field) -> str:
    return "" if isinstance(field, TextField) else field.hint


def _control(field: Field) -> Component:
    match field:
        case TextField():
            most = min(field.most, MAX_TYPED)
            drawn: Component = {
                "type": _INPUT,
                "custom_id": field.name,
                "style": _LONG if field.long else _SHORT,
                "required": field.required,
                "max_length": most,
            }
            if field.hint.strip():
                drawn["placeholder"] = _clipped(field.hint, MAX_HINT)
            if field.value:
                drawn["value"] = md.clipped(md.encodable(field.value), most)
            return drawn
        case ChoiceField():
            return _choice(field)
        case RolesField():
            return _roles(field)
        case _:
            assert_never(field)


def _choice(field: ChoiceField) -> Component:
    options = [_option(choice.value, choice.label, choice.value in field.chosen) for choice in field.choices]
    few = len(options) <= MAX_FEW
    if field.most == 1 and few and len(options) > 1:
        return {"type": _RADIOS, "custom_id": field.name, "required": field.required, "options": options}
    drawn = {
        "custom_id": field.name,
        "required": field.required,
        "min_values": field.least,
        "max_values": field.most,
        "options": options,
    }
    return {"type": _BOXES if few and field.most > 1 else _SELECT, **drawn}


def _roles(field: RolesField) -> Component:
    """Discord's own list of the server's roles, which is never out of date."""
    drawn: Component = {
        "type": _ROLES,
        "custom_id": field.name,
        "required": field.required,
        "min_values": 0,
        "max_values": field.most,
    }
    here = [native_id for platform, native_id in field.native if platform == PLATFORM and native_id.isdecimal()]
    defaults = [{"id": native_id, "type": "role"} for native_id in here]
    return {**drawn, "default_values": defaults} if defaults else drawn


def _option(value: str, label: str, chosen: bool) -> Component:  # noqa: FBT001  one of three columns
    drawn: Component = {"value": value, "label": _clipped(label, MAX_CHOICE)}
    return {**drawn, "default": True} if chosen else drawn


def _clipped(text: str, limit: int) -> str:
    return md.clipped(" ".join(md.encodable(text).split()), limit)
