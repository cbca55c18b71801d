"""Whatever we can say survives the outbox unchanged."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import outgoing
from bot.domain.forms import Choice, ChoiceField, Form, TextField
from bot.domain.outgoing import Button, Card, Outgoing, Paragraph, Sending, Text
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.threads import CloseThread, NameThread, OpenThread, ThreadWork
from bot.errors import BadInput
from storage.codec import outgoing_from_json, outgoing_to_json, sending_from_json, sending_to_json

words = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["<&>\"'", "\u202ehi", "👩‍👩‍👧", "你好", "\\u0000"]
)
ids = st.text("ab1/-", min_size=1, max_size=9)
rooms = st.builds(RoomRef, ids, ids, st.none() | ids)
messages = st.builds(MessageRef, rooms, ids)
times = st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1))
links = st.builds(outgoing.Link, words, ids.map("https://{}".format))
message_links = st.builds(outgoing.MessageLink, words, messages)
inline = st.one_of(
    st.builds(Text, words),
    st.builds(outgoing.Strong, words),
    st.builds(outgoing.Code, words),
    links,
    message_links,
    st.builds(outgoing.Mention, st.builds(AccountRef, ids, ids), words, st.booleans()),
    st.builds(outgoing.LocalTime, times, words),
)
inlines = st.lists(inline, max_size=3).map(tuple)
labels = words.filter(str.strip)
styles = st.sampled_from(outgoing.Style)
pressed = st.none() | st.booleans()
buttons = st.one_of(
    st.builds(Button, labels, code=ids, style=styles, pressed=pressed),
    st.builds(Button, labels, url=ids, style=styles, pressed=pressed),
)
rows = st.lists(st.lists(buttons, max_size=2).map(tuple), max_size=2).map(tuple)
texts = st.lists(words, max_size=2).map(tuple)
files = st.builds(outgoing.FileRef, ids, words, words, st.integers(0, 2**40))
blocks = {
    outgoing.Heading: st.builds(outgoing.Heading, words),
    Paragraph: st.builds(Paragraph, inlines),
    outgoing.Bullets: st.builds(outgoing.Bullets, st.lists(inlines, max_size=2).map(tuple)),
    outgoing.Quote: st.builds(outgoing.Quote, inlines, inlines),
    Card: st.builds(
        Card, words, words, ids, st.none() | links | message_links, texts, words, texts, rows, words
    ),
    outgoing.Note: st.builds(outgoing.Note, inlines),
    outgoing.Picture: st.builds(outgoing.Picture, files, labels),
    outgoing.Document: st.builds(outgoing.Document, files, words),
}  # fmt: skip

fields = st.one_of(
    st.builds(TextField, st.just("a"), labels, words, words, st.integers(1, 4000), st.booleans(), st.booleans()),
    st.builds(ChoiceField, st.just("a"), labels, st.just((Choice("x", "X"), Choice("y", "Y"))), st.just(("y",))),
)
forms = st.builds(Form, labels, st.tuples(fields), labels, words, ids, st.dictionaries(st.just("a"), words))
outgoings = st.builds(
    Outgoing,
    st.lists(st.one_of(*blocks.values()), max_size=4).map(tuple),
    rows,
    words,
    st.booleans(),
    st.none() | forms,
)
works = {
    OpenThread: st.builds(OpenThread, words, messages, st.timedeltas(timedelta(), timedelta(days=800))),
    NameThread: st.builds(NameThread, words),
    CloseThread: st.just(CloseThread()),
}
sendings = st.builds(
    Sending,
    key=ids,
    room=rooms,
    message=outgoings,
    delivery=st.sampled_from(outgoing.DeliveryClass),
    edits=st.none() | messages,
    notice=words,
    items=texts,
    unsolicited=st.booleans(),
    not_before=st.none() | times,
    to_member=st.none() | st.integers(1, 2**62),
    exposures=texts,
    pins=st.booleans(),
    unpins=st.lists(messages, max_size=2).map(tuple),
    thread=st.none() | st.one_of(*works.values()),
)


def test_every_block_is_tried() -> None:
    assert set(get_args(outgoing.Block)) == set(blocks)
    assert set(get_args(ThreadWork)) == set(works)
    assert {field.name for field in dataclasses.fields(Sending)} == {
        "key", "room", "message", "delivery", "edits", "notice", "items", "unsolicited", "not_before", "to_member",
        "exposures", "pins", "unpins", "thread",
    }  # fmt: skip


@given(sendings)
@settings(max_examples=150, deadline=None)
def test_a_sending_comes_back_as_it_was(sending: Sending) -> None:
    assert sending_from_json(sending_to_json(sending)) == sending


@given(outgoings)
@settings(max_examples=100, deadline=None)
def test_a_message_comes_back_as_it_was(message: Outgoing) -> None:
    assert outgoing_from_json(outgoing_to_json(message)) == message


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(BadInput):
        outgoing_to_json(Outgoing((Paragraph((Text("\ud83d"),)),)))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"blocks": [{"type": "script"}]}', "\x00"])
def test_what_we_did_not_write_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no message of ours"):
        sending_from_json(text)
