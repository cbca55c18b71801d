"""The bot's messages as HTML: every kind of part, with spiky text in every field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.web import codec
from adapters.web.render import Surroundings, message_links, plain, render
from bot.domain.forms import Choice, ChoiceField, Form, TextField
from bot.domain.outgoing import (
    Bullets,
    Button,
    Card,
    Code,
    Document,
    FileRef,
    Heading,
    Link,
    LocalTime,
    Mention,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Picture,
    Quote,
    Strong,
    Style,
    Text,
)
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from tests.adapters.web.reader import read, visible
from tests.adapters.web.test_markup import spiky

AT = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)
REF = MessageRef(RoomRef("web", "general"), "m1.abcdefgh")
AROUND = Surroundings({REF: "/rooms/3?m=9"}.get, "act-m1")

text = spiky
label = spiky.filter(lambda one: bool(one.strip()))
url = st.one_of(
    st.sampled_from(
        ["https://a.example/x?a=1&b=2", "http://b.example", "/rooms/1", "//evil.example", "/\\evil.example"]
    ),
    spiky.map("https://{}".format),
    spiky.map("/{}".format),
)
ref = st.sampled_from([REF, MessageRef(RoomRef("web", "secret"), "m2.hidden00")])
message_link = st.builds(MessageLink, text, ref)
inline = st.one_of(
    st.builds(Text, text),
    st.builds(Strong, text),
    st.builds(Code, text),
    st.builds(Link, text, url),
    message_link,
    st.builds(Mention, st.just(AccountRef("web", "m1")), text, st.booleans()),
    st.builds(LocalTime, st.just(AT), text),
)
inlines = st.lists(inline, max_size=4).map(tuple)
any_url = st.one_of(url, st.sampled_from(["javascript:alert(1)", "data:text/html,<b>", "x"]), label)
button = st.one_of(
    st.builds(Button, label, code=st.text("abc:\"'<>&", min_size=1, max_size=8), style=st.sampled_from(Style)),
    st.builds(Button, label, url=any_url, pressed=st.none()),
)
rows = st.lists(st.lists(button, max_size=3).map(tuple), max_size=2).map(tuple)
lines = st.lists(text, max_size=3).map(tuple)
card = st.builds(
    Card,
    kind=st.one_of(st.sampled_from(["course", "post", "event", "member"]), text),
    title=text,
    item=text,
    title_link=st.one_of(st.none(), st.builds(Link, text, url), message_link),
    facts=lines,
    body=text,
    reasons=lines,
    buttons=rows,
    state=text,
)
block = st.one_of(
    st.builds(Heading, text),
    st.builds(Paragraph, inlines),
    st.builds(Bullets, st.lists(inlines, max_size=3).map(tuple)),
    st.builds(Quote, inlines, inlines),
    card,
    st.builds(Note, inlines),
    st.builds(Picture, st.just(FileRef("k3y", "p.png", "image/png", 9)), label),
    st.builds(Document, st.builds(FileRef, st.just("k3y"), text, st.just("text/calendar"), st.just(9)), text),
)
choices = st.lists(st.tuples(spiky.filter(bool), label), min_size=1, max_size=3, unique_by=lambda one: one[0])
question = st.one_of(
    st.builds(lambda label, hint, value, long: ("text", label, hint, value, long), label, text, text, st.booleans()),
    st.builds(
        lambda label, hint, offered, many: ("choice", label, hint, offered, many), label, text, choices, st.booleans()
    ),
)


def _form(title: str, note: str, questions: list[tuple[Any, ...]], problem: str) -> Form:
    fields: list[TextField | ChoiceField] = []
    for number, (kind, name, hint, *rest) in enumerate(questions):
        if kind == "text":
            fields.append(TextField(f"q{number}", name, hint, rest[0], long=rest[1], required=bool(hint)))
        else:
            offered = tuple(Choice(value, words) for value, words in rest[0])
            most = len(offered) if rest[1] else 1
            fields.append(ChoiceField(f"q{number}", name, offered, (offered[0].value,), most=most, hint=hint))
    return Form(title, tuple(fields), "Send", note, code="v1:fill:abc", problems={"q0": problem} if problem else {})


asked = st.builds(_form, label, text, st.lists(question, min_size=1, max_size=3), text)
outgoing = st.builds(
    Outgoing,
    st.lists(block, max_size=4).map(tuple),
    rows,
    st.sampled_from(["en", "zh"]),
    form=st.one_of(st.none(), asked),
)

ALLOWED = {
    "h3": {"class"}, "h4": {"class"}, "p": {"class", "role"}, "ul": {"class"}, "li": set(), "blockquote": {"class"},
    "footer": {"class"}, "section": {"class"}, "div": {"class", "role", "aria-label"}, "strong": {"class", "id"},
    "code": set(),
    "span": {"class", "aria-disabled"}, "a": {"class", "href", "target", "rel", "download"},
    "time": {"datetime", "title", "data-local"},
    "button": {"type", "form", "name", "value", "class", "aria-pressed"}, "img": {"src", "alt", "loading"},
    "label": {"for", "class"}, "small": {"id"}, "legend": set(), "fieldset": {"id", "aria-describedby", "aria-invalid"},
    "input": {
        "type", "id", "form", "name", "value", "maxlength", "autocomplete", "checked", "aria-describedby",
        "aria-invalid",
    },
    "textarea": {"rows", "id", "form", "name", "maxlength", "autocomplete", "aria-describedby", "aria-invalid"},
}  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(outgoing)
def test_text_is_shown_and_nothing_else_gets_in(message: Outgoing) -> None:
    html = render(message, AROUND)
    seen = read(html)
    assert seen.mistakes == []
    for tag, attributes in seen.tags:
        assert set(attributes) <= ALLOWED[tag]
        target = attributes.get("href")
        if target is not None:
            assert target.startswith(("https://", "http://", "/"))
            assert not target.startswith(("//", "/\\"))
            if not target.startswith("/"):
                assert attributes["target"] == "_blank"
                assert "noopener" in (attributes["rel"] or "")
        if tag == "button":
            assert (attributes["value"] or "").startswith(("press:", "submit:"))
            assert attributes["form"] == "act-m1"
    shown, at = "".join(seen.text), 0
    for piece in _pieces(message):
        found = shown.find(piece, at)
        assert found >= 0, piece
        at = found + len(piece)


def _pieces(message: Outgoing) -> list[str]:
    """Every text in the order in which it must be read, spelled out anew rather than asked of the renderer."""
    found: list[str] = []

    def inline_texts(parts: tuple[Any, ...]) -> list[str]:
        names = ("fallback", "name", "text")
        return [next(str(getattr(part, name)) for name in names if hasattr(part, name)) for part in parts]

    for one in message.blocks:
        if isinstance(one, Heading):
            found.append(one.text)
        elif isinstance(one, Paragraph | Note):
            found += inline_texts(one.inlines)
        elif isinstance(one, Bullets):
            found += [piece for item in one.items for piece in inline_texts(item)]
        elif isinstance(one, Quote):
            found += inline_texts(one.inlines) + inline_texts(one.source)
        elif isinstance(one, Document):
            found.append(one.title)
        elif isinstance(one, Card):
            title = one.title_link.text if one.title_link else one.title
            found += [title, *one.facts, one.body, *one.reasons, one.state]
            found += [button.label for row in one.buttons for button in row]
    if message.form:
        found += _asked_pieces(message.form)
    return found + [button.label for row in message.buttons for button in row]


def _asked_pieces(form: Form) -> list[str]:
    found = [form.title, form.note]
    for one in form.fields:
        found.append(one.label)
        if isinstance(one, TextField):
            found.append(one.value if one.long else "")
        else:
            found += [choice.label for choice in one.choices]
        found += [form.problems.get(one.name, ""), one.hint]
    return [*found, form.submit]


@settings(max_examples=300, deadline=None)
@given(outgoing)
def test_the_stored_form_is_the_message(message: Outgoing) -> None:
    try:
        stored = codec.dumps(message)
    except UnicodeEncodeError:
        pytest.fail("lone surrogates are refused by the domain's clean(), and must not break us here")
    except ValueError:
        return
    assert codec.loads(stored) == message


@pytest.mark.parametrize("payload", ["", "{", "[]", '{"blocks": [{"type": "hologram"}]}', '{"blocks": 1}'])
def test_what_cannot_be_read_is_an_error_without_its_text(payload: str) -> None:
    with pytest.raises(ValueError, match="stored message: "):
        codec.loads(payload)


def test_a_card_says_its_kind_in_the_language_of_the_message() -> None:
    for language, word in (("en", "Course"), ("zh", "课程")):
        html = render(Outgoing((Card("course", "Rust", "course:1"),), language=language), AROUND)
        assert visible(html).startswith(word)


def test_links_show_where_they_lead() -> None:
    html = render(Outgoing((Paragraph((Link("Open the course", "https://www.learn.example/rust"),)),)), AROUND)
    assert visible(html) == "Open the course (learn.example)"
    html = render(Outgoing((Paragraph((Link("learn.example/rust", "https://learn.example/rust"),)),)), AROUND)
    assert visible(html) == "learn.example/rust"


def test_a_message_that_may_not_be_seen_is_no_link() -> None:
    hidden = MessageRef(RoomRef("web", "secret"), "x")
    message = Outgoing((Paragraph((MessageLink("seen", REF), Text(" "), MessageLink("hidden", hidden))),))
    assert list(message_links(message)) == [REF, hidden]
    seen = read(render(message, AROUND))
    assert [attributes["href"] for tag, attributes in seen.tags if tag == "a"] == ["/rooms/3?m=9"]
    assert "".join(seen.text) == "seen hidden"


def test_pressed_buttons_say_so() -> None:
    buttons = ((Button("Rust", code="a", pressed=True), Button("Go", code="b", pressed=False), Button("On", code="c")),)
    tags = [attributes for tag, attributes in read(render(Outgoing((), buttons), AROUND)).tags if tag == "button"]
    assert [one.get("aria-pressed") for one in tags] == ["true", "false", None]


def test_plain_text_for_search_and_previews() -> None:
    message = Outgoing(
        (
            Heading("For you"),
            Paragraph((Text("See "), Link("this", "https://a.example/x"), Text(" at "), LocalTime(AT, "Fri 18:00"))),
            Bullets(((Strong("one"),), (Code("two"), Mention(AccountRef("web", "m1"), "Lin")))),
            Quote((Text("because"),), (MessageLink("Mei, 3 May", REF),)),
            Card("course", "Rust", "course:1", facts=("6 h", "free"), body="Learn.", reasons=("You saved Go",)),
            Note((Text("small"),)),
        )
    )
    assert plain(message).splitlines() == [
        "For you",
        "See this (https://a.example/x) at Fri 18:00",
        "• one",
        "• two@Lin",
        "“because”",
        "Mei, 3 May",
        "Rust · 6 h · free",
        "Learn.",
        "You saved Go",
        "small",
    ]
