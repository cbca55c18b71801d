"""Pictures and documents: with what is said below them, in words where they cannot be shown. Through the real SDK."""

from __future__ import annotations

import asyncio
import struct
import zlib

import pytest

from adapters.telegram.adapter import TelegramMessenger
from adapters.telegram.client import Access, Client
from adapters.telegram.presses import Presses
from adapters.telegram.render import render, render_one
from bot.domain.outgoing import (
    Block,
    Button,
    Card,
    Document,
    FileRef,
    Heading,
    Outgoing,
    Paragraph,
    Picture,
    Receipt,
    Text,
)
from bot.domain.refs import MessageRef, RoomRef
from bot.errors import RateLimited, Refused
from tests.telegram_server import Person, TelegramServer
from tests.telegram_server.app import Fault
from tests.telegram_server.markup import parse_html, units


def png(width: int = 16, height: int = 9) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress((b"\x00" + b"\x7f" * 3 * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


KEPT = {"plot": png(), "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "long": png(4000, 10), "broken": b"no picture"}
PLOT = Picture(FileRef("plot", "members.png", "image/png", len(KEPT["plot"])), "Members by week, rising <fast>")
ICS = Document(FileRef("ics", "talk.ics", "text/calendar", 30), "Into your calendar")
GO = ((Button("Go", code="go"),),)


def words(text: str) -> Paragraph:
    return Paragraph((Text(text),))


@pytest.fixture
def mei(server: TelegramServer) -> Person:
    person = server.world.person("Mei")
    person.sends(None, "/start")
    return person


class Speaking:
    def __init__(self, server: TelegramServer, person: Person) -> None:
        self.server, self.room = server, RoomRef("telegram", str(person.id))

    def send(self, message: Outgoing, key: str = "k") -> Receipt:
        return self._with(message, None, key)

    def edit(self, ref: MessageRef, message: Outgoing) -> Receipt:
        return self._with(message, ref)

    def _with(self, message: Outgoing, ref: MessageRef | None, key: str = "k") -> Receipt:
        async def pause(_: float) -> None:
            return None

        async def run() -> Receipt:
            client = Client(Access(self.server.token, self.server.base_url))
            await client.open()
            try:
                speaking = TelegramMessenger(
                    client, lambda room: None, Presses(lambda: 0.0, 8.0), files=KEPT.get, sleep=pause
                )
                if ref is not None:
                    return await speaking.edit(ref, message)
                return await speaking.send(self.room, message, key=key)
            finally:
                await client.leave()

        return asyncio.run(run())


@pytest.fixture
def speaking(server: TelegramServer, mei: Person) -> Speaking:
    return Speaking(server, mei)


def test_what_is_said_stands_below_the_picture(server: TelegramServer, mei: Person, speaking: Speaking) -> None:
    receipt = speaking.send(Outgoing((Heading("This <week>"), PLOT, words("3 new")), GO))
    (sent,) = mei.inbox
    assert sent.text == "This <week>\n\n3 new"
    assert [(e["type"], e["length"]) for e in sent.entities] == [("bold", 11)]
    assert sent.buttons == [{"text": "Go", "callback_data": "go"}]
    photo = sent.extra["photo"][0]
    assert (photo["width"], photo["height"]) == (16, 9)
    assert server.world.files[photo["file_id"]] == KEPT["plot"]
    assert receipt == Receipt((MessageRef(speaking.room, str(sent.id)),))


def test_a_picture_alone_says_what_it_shows(mei: Person, speaking: Speaking) -> None:
    speaking.send(Outgoing((PLOT,)))
    assert [(m.text, "photo" in m.extra) for m in mei.inbox] == [("Members by week, rising <fast>", True)]


def test_a_document_has_its_name(server: TelegramServer, mei: Person, speaking: Speaking) -> None:
    speaking.send(Outgoing((ICS,)))
    (sent,) = mei.inbox
    assert (sent.text, sent.extra["document"]["file_name"]) == ("Into your calendar", "talk.ics")
    assert server.world.files[sent.extra["document"]["file_id"]] == KEPT["ics"]


def test_what_does_not_fit_below_follows(mei: Person, speaking: Speaking) -> None:
    blocks: tuple[Block, ...] = (PLOT, *(words(f"{n} " + "学" * 400) for n in range(5)))
    receipt = speaking.send(Outgoing(blocks, GO))
    first, second = mei.inbox
    assert units(first.text) <= 1024
    assert [piece[0] for piece in f"{first.text}\n\n{second.text}".split("\n\n")] == list("01234")
    assert ("photo" in first.extra, "photo" in second.extra) == (True, False)
    assert (bool(first.buttons), bool(second.buttons)) == (False, True)
    assert len(receipt.refs) == 2


def test_several_files_and_the_words_below_the_last(mei: Person, speaking: Speaking) -> None:
    speaking.send(Outgoing((words("hello"), PLOT, ICS), GO))
    first, second = mei.inbox
    assert (first.text, second.text) == ("Members by week, rising <fast>", "hello")
    assert "document" in second.extra
    assert second.buttons


def test_a_list_of_cards_is_not_torn_apart_for_a_picture(mei: Person, speaking: Speaking) -> None:
    cards = tuple(
        Card("Course", f"Title {n}", f"course:{n}", body="学" * 300, buttons=((Button("Save", f"v1:save:{n:08}"),),))
        for n in range(4)
    )
    speaking.send(Outgoing((PLOT, *cards)))
    first, second = mei.inbox
    assert first.text == "Members by week, rising <fast>"
    assert len(second.buttons) == 4


@pytest.mark.parametrize("key", ["long", "broken"])
def test_what_is_no_picture_for_telegram_goes_as_a_document(mei: Person, speaking: Speaking, key: str) -> None:
    picture = Picture(FileRef(key, "p.png", "image/png", len(KEPT[key])), "A plot")
    assert speaking.send(Outgoing((picture, words("below")))).degraded == ()
    (sent,) = mei.inbox
    assert sent.text == "below"
    assert sent.extra["document"]["file_name"] == "p.png"


def test_a_file_that_is_gone_is_told_in_words(mei: Person, speaking: Speaking) -> None:
    gone = Picture(FileRef("gone", "p.png", "image/png", 5), "Members by week")
    receipt = speaking.send(Outgoing((words("This week"), gone), GO))
    (sent,) = mei.inbox
    assert (sent.text, "photo" in sent.extra) == ("This week\n\nMembers by week", False)
    assert sent.buttons
    assert receipt.degraded == ("pictures",)


def test_where_files_may_not_be_sent_words_go(server: TelegramServer, mei: Person, speaking: Speaking) -> None:
    words_ = "Bad Request: not enough rights to send {} to the chat"
    server.refuses("sendPhoto", 400, words_.format("photos"))
    server.refuses("sendDocument", 400, words_.format("documents"))
    assert speaking.send(Outgoing((PLOT, words("below")))).degraded == ("pictures",)
    assert [m.text for m in mei.inbox] == ["below\n\nMembers by week, rising <fast>"]


def test_limits_and_refusals_are_no_matter_of_the_file(server: TelegramServer, mei: Person, speaking: Speaking) -> None:
    server.fails("sendPhoto", Fault("limit", 4))
    with pytest.raises(RateLimited):
        speaking.send(Outgoing((PLOT,)))
    assert mei.inbox == []
    mei.blocks_bot()
    with pytest.raises(Refused):
        speaking.send(Outgoing((PLOT,)))
    assert server.calls("sendMessage") == []


def test_edits(server: TelegramServer, mei: Person, speaking: Speaking) -> None:
    (ref,) = speaking.send(Outgoing((words("text"),))).refs
    speaking.edit(ref, Outgoing((PLOT, words("now with a picture")), GO))
    (sent,) = mei.inbox
    assert (sent.text, "photo" in sent.extra, len(sent.buttons)) == ("now with a picture", True, 1)
    speaking.edit(ref, Outgoing((words("only words"),)))
    assert (sent.text, "photo" in sent.extra, sent.buttons) == ("only words", True, [])
    assert speaking.edit(ref, Outgoing((words("only words"),))).refs == (ref,)  # unchanged is no error
    assert speaking.edit(ref, Outgoing((words("学" * 1500),))).degraded == ("text",)
    assert units(sent.text) <= 1024
    speaking.edit(ref, Outgoing((ICS, words("a document now"))))
    assert (sent.text, "document" in sent.extra) == ("a document now", True)
    gone = Document(FileRef("gone", "x", "y", 1), "Lost")
    assert speaking.edit(ref, Outgoing((gone, words("kept")))).degraded == ()
    assert (sent.text, "document" in sent.extra) == ("kept", True)


def test_a_text_that_should_become_a_lost_picture_stays_a_text(mei: Person, speaking: Speaking) -> None:
    (ref,) = speaking.send(Outgoing((words("text"),))).refs
    gone = Picture(FileRef("gone", "x", "y", 1), "A plot")
    assert speaking.edit(ref, Outgoing((words("new"), gone))).degraded == ("pictures",)
    assert [m.text for m in mei.inbox] == ["new\n\nA plot"]


def test_captions_are_counted_as_people_see_them() -> None:
    message = Outgoing((PLOT, words("😀&" * 341)))
    (part,) = render(message).parts
    text, _ = parse_html(part.html)
    assert units(text) == 1023
    assert len(render(Outgoing((PLOT, words("😀&" * 342)))).parts) == 2
    assert render_one(Outgoing((PLOT, ICS, words("x")))).degraded == ("pictures",)
