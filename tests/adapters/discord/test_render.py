"""What Discord is sent. Limits are judged by the simulated Discord's own validation, text by a reader of markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simcord.components import validate_message_state

from adapters.discord import markdown as md
from adapters.discord.render import Part, code_of_id, render
from bot.domain.outgoing import (
    Block,
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

LAYOUT = 1 << 15
AT = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)
HERE = MessageRef(RoomRef("discord", "10"), "20")

_spikes = [*"<>&\"'/=;#x@`*_~|\\[]()-+.:!1 \n学é😀\u202e\ud800", "://", "- ", "@everyone", "1. "]
spiky = st.lists(st.sampled_from(_spikes), max_size=80).map("".join)
labels = spiky.filter(lambda text: bool(text.strip()))
codes = st.from_regex(r"v1:[a-z]{1,8}:[a-z2-7]{16}", fullmatch=True)
buttons = st.builds(Button, labels, codes, style=st.sampled_from(Style), pressed=st.sampled_from([None, True, False]))
rows = st.lists(st.lists(buttons, max_size=7).map(tuple), max_size=7).map(tuple)
inlines = st.lists(
    st.one_of(
        st.builds(Text, spiky),
        st.builds(Strong, spiky),
        st.builds(Code, spiky),
        st.builds(Link, spiky, st.sampled_from(["https://example.org/a(b)", "http://x.example/?q=1|2", "/room/1"])),
        st.builds(MessageLink, spiky, st.just(HERE)),
        st.builds(Mention, st.just(AccountRef("discord", "7")), spiky, ping=st.booleans()),
        st.builds(LocalTime, st.just(AT), spiky),
    ),
    max_size=6,
).map(tuple)
long_text = st.builds(lambda text, n: text * n, spiky, st.integers(1, 120))
files = st.builds(
    FileRef, st.text("abc", min_size=1), labels, st.just("image/png"), st.sampled_from([1, 10 * 2**20, 10 * 2**20 + 1])
)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Picture, files, labels),
    st.builds(Document, files, labels),
    st.builds(Heading, spiky),
    st.builds(Paragraph, inlines),
    st.builds(Paragraph, long_text.map(lambda text: (Text(text),))),
    st.builds(Bullets, st.lists(inlines, max_size=5).map(tuple)),
    st.builds(Quote, inlines, inlines),
    st.builds(Note, inlines),
    st.builds(
        Card,
        st.sampled_from(["course", "post", "thing"]),
        spiky,
        st.just("course:1"),
        body=spiky,
        facts=st.lists(spiky, max_size=3).map(tuple),
        reasons=st.lists(spiky, max_size=3).map(tuple),
        buttons=rows,
        state=spiky,
    ),
)
messages = st.builds(Outgoing, st.lists(blocks, max_size=14).map(tuple), rows, st.sampled_from(["en", "zh"]))


def resolve(ref: MessageRef) -> str | None:
    return f"https://discord.com/channels/1/{ref.room.native_id}/{ref.native_id}"


def walk(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from walk(component.get("components", []))


def check(part: Part) -> None:
    """By Discord's rules as the simulation knows them; every text also as UTF-8, as it goes over the wire."""
    validate_message_state(
        list(part.components),
        flags=LAYOUT if part.layout else 0,
        content=None if part.layout else part.content,
        embeds=[],
        require_nonempty=not part.files,
    )
    assert len(part.files) <= 10
    assert all(one.file.size <= 10 * 2**20 for one in part.files)
    names = [one.name for one in part.files]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[0-9]+-[A-Za-z0-9._-]+", name) and len(name) <= 80 for name in names)
    media = [one.get("file") or one["items"][0]["media"] for one in walk(part.components) if one["type"] in (12, 13)]
    if part.layout:
        assert [one["url"].removeprefix("attachment://") for one in media] == names
    texts = [part.content, *(str(one.get("content", "")) for one in walk(part.components))]
    assert sum(len(text.encode("utf-16-le")) // 2 for text in texts) <= (4000 if part.layout else 2000)


@given(messages, st.booleans())
def test_every_part_is_one_that_discord_takes(message: Outgoing, layout: bool) -> None:
    for part in render(message, resolve, layout=layout).parts:
        check(part)


def test_a_file_below_words_that_join_those_before_is_counted() -> None:
    pairs = [
        block
        for number in range(9)
        for block in (
            Paragraph((Text(f"words {number}"),)),
            Document(FileRef(f"k{number}", "a.ics", "text/calendar", 1), f"file {number}"),
        )
    ]
    keys = [Button(f"b{number}", f"v1:go:{number:016d}") for number in range(20)]
    rows = tuple(tuple(keys[at : at + 5]) for at in range(0, 20, 5))
    parts = render(Outgoing(tuple(pairs), rows), resolve).parts
    for part in parts:
        check(part)
    assert sum(len(part.files) for part in parts) == 9


@given(messages, st.booleans())
def test_no_button_is_lost_and_none_is_doubled(message: Outgoing, layout: bool) -> None:
    wanted = [
        button.code
        for row in (*(row for block in message.blocks if isinstance(block, Card) for row in block.buttons),)
        for button in row
    ] + [button.code for row in message.buttons for button in row]
    drawn = [
        code_of_id(one["custom_id"])
        for part in render(message, resolve, layout=layout).parts
        for one in walk(part.components)
        if "custom_id" in one
    ]
    assert drawn == wanted


_MARKUP = re.compile(r"[*_~`|\[\]<>@#]|://|^\s*[-+]|^\s*\d+\.", re.MULTILINE)


def shown(text: str) -> str:
    """What a reader of Discord's markdown sees of a text in which nothing but backslashes has a meaning.

    Fails where something else has one: an oracle that knows nothing of how the text was made.
    """
    hidden = re.sub(r"\\([^0-9A-Za-z\s])", "\x00", text)
    found = _MARKUP.search(hidden)
    assert found is None, found
    assert "\\" not in hidden.replace("\x00", "")
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@given(spiky)
def test_foreign_text_shows_just_itself(text: str) -> None:
    assert shown(md.escaped(text)) == re.sub("[\ud800-\udfff]", "\ufffd", text)


@given(spiky, st.integers(2, 40))
def test_a_clipped_text_ends_in_no_loose_backslash(text: str, limit: int) -> None:
    clipped = md.clipped(md.escaped(text), limit)
    assert len(clipped.encode("utf-16-le")) // 2 <= limit
    shown(clipped.removesuffix("…"))


@pytest.mark.parametrize("evil", ["@everyone", "<@&5>", "<@!7>", "[a](http://evil.example)", "<t:0:R>", "# big"])
def test_known_tricks_stay_text(evil: str) -> None:
    (part,) = render(Outgoing((Paragraph((Text(evil),)),)), resolve).parts
    assert shown(part.components[0]["content"]) == evil
    assert part.pings == ()


def test_a_card_is_a_frame_with_its_own_buttons() -> None:
    card = Card(
        "course",
        "Async Rust",
        "course:1",
        Link("Async Rust", "https://example.org/async"),
        ("6 h", "¥99"),
        "Learn tokio.",
        ("close to what you saved",),
        ((Button("Enrol", "v1:enrol:aaaaaaaaaaaaaaaa", style=Style.PRIMARY),),),
    )
    (part,) = render(Outgoing((card,), language="en"), resolve).parts
    assert part.components == (
        {
            "type": 17,
            "components": [
                {
                    "type": 10,
                    "content": "**[Async Rust](https://example.org/async) (example.org)**\n-# Course · 6 h · ¥99\n"
                    "Learn tokio.\n- close to what you saved",
                },
                {
                    "type": 1,
                    "components": [{"type": 2, "label": "Enrol", "style": 1, "custom_id": "v1:enrol:aaaaaaaaaaaaaaaa"}],
                },
            ],
        },
    )


def test_a_full_page_of_cards_stays_one_message() -> None:
    row = tuple(Button(name, f"v1:{name}:aaaaaaaaaaaaaaaa") for name in ("enrol", "save", "hide", "why"))
    cards = tuple(Card("course", f"Course {n}", f"course:{n}", buttons=(row,)) for n in range(5))
    more = ((Button("More", "v1:more:aaaaaaaaaaaaaaaa"), Button("Why", "v1:w:aaaaaaaaaaaaaaaa")),)
    rendered = render(Outgoing((Heading("For you"), *cards), more), resolve)
    assert len(rendered.parts) == 1
    check(rendered.parts[0])


def test_times_pings_and_links_in_discords_own_form() -> None:
    ping = Mention(AccountRef("discord", "7"), "Lin", ping=True)
    line = (ping, Text(" "), LocalTime(AT, "7 Nov"), Text(" "), MessageLink("here", HERE), Text(" "), Link("me", "/me"))
    (part,) = render(Outgoing((Paragraph(line),)), resolve).parts
    stamp = int(AT.timestamp())
    here = "[here](https://discord.com/channels/1/10/20)"
    assert part.components[0]["content"] == f"<@7> <t:{stamp}:F> (<t:{stamp}:R>) {here} me"
    assert part.pings == (7,)


def test_the_plain_form_has_text_and_rows() -> None:
    message = Outgoing((Heading("Hi"), Paragraph((Text("there"),))), ((Button("Go", "go"),),))
    (part,) = render(message, resolve, layout=False).parts
    assert (part.content, part.layout) == ("### Hi\nthere", False)
    assert part.components[0]["components"][0]["custom_id"] == "go"


def test_a_link_button_to_a_page_of_ours_is_left_out_and_said() -> None:
    rendered = render(Outgoing((Heading("Hi"),), ((Button("Page", url="/me"), Button("Go", "go")),)), resolve)
    assert rendered.degraded == ("link-button",)
    assert [one["label"] for one in walk(rendered.parts[0].components) if one["type"] == 2] == ["Go"]
