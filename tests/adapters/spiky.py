"""Messages of ours with everything in them that a renderer could stumble over. Knows blocks; knows no platform."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

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
    Rows,
    Strong,
    Style,
    Text,
)
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from tests.adapters.web.test_markup import spiky

AT = datetime(2026, 11, 7, 10, 30, tzinfo=UTC)
REF = MessageRef(RoomRef("telegram", "-1001500000001", "3"), "12")
LONG = st.builds(lambda piece, times: piece * times, spiky, st.integers(1, 400))
FILE = FileRef("key", "plot.png", "image/png", 5)
text = st.one_of(spiky, LONG)
inline = st.one_of(
    st.builds(Text, text),
    st.builds(Strong, text),
    st.builds(Code, text),
    st.builds(Link, text, st.sampled_from(["https://a.example/x?y=1&z=\"'", "/rooms/1", "https://u@b.example"])),
    st.builds(MessageLink, text, st.just(REF)),
    st.builds(Mention, st.just(AccountRef("telegram", "5")), text, ping=st.booleans()),
    st.builds(LocalTime, st.just(AT), text),
)
inlines = st.lists(inline, max_size=4).map(tuple)
button = st.builds(
    Button,
    text.filter(lambda label: bool(label.strip())),
    st.just("v1:save:abcdefgh"),
    style=st.sampled_from(list(Style)),
    pressed=st.sampled_from([None, True, False]),
)
rows: st.SearchStrategy[Rows] = st.lists(st.lists(button, max_size=10).map(tuple), max_size=3).map(tuple)
card = st.builds(
    Card,
    st.just("Course"),
    text,
    st.just("course:1"),
    facts=st.lists(text, max_size=2).map(tuple),
    body=text,
    reasons=st.lists(text, max_size=2).map(tuple),
    buttons=rows,
    state=spiky,
)
block: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, text),
    st.builds(Paragraph, inlines),
    st.builds(Note, inlines),
    st.builds(Bullets, st.lists(inlines, max_size=4).map(tuple)),
    st.builds(Quote, inlines, inlines),
    card,
    st.builds(Picture, st.just(FILE), text.filter(lambda words: bool(words.strip()))),
    st.builds(Document, st.just(FILE), text),
)
messages = st.builds(Outgoing, st.lists(block, max_size=6).map(tuple), rows)
