"""The bot's messages as Telegram takes them, judged by a parser and a count that are not the renderer's."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings

from adapters.telegram.render import Key, message_link, render, render_caption, render_one
from bot.domain.outgoing import (
    Button,
    Card,
    Heading,
    Link,
    LocalTime,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Quote,
    Strong,
    Style,
    Text,
)
from bot.domain.refs import MessageRef, RoomRef
from bot.domain.text import clean
from tests.adapters.spiky import AT, REF, messages
from tests.adapters.web.test_markup import spiky
from tests.telegram_server.markup import finished, parse_html, units


class Seen(HTMLParser):
    """Another author's parser: what is visible, and which tags there are."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.open = "", [("", "")], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href") or ""))
        self.open += 1

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1

    def handle_data(self, data: str) -> None:
        self.text += data


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(messages)
def test_every_part_is_within_the_limits_and_reads_as_it_says(message: Outgoing) -> None:
    for rendered, limit in ((render(message), 4096), (render_one(message), 4096), (render_caption(message), 1024)):
        for part in rendered.parts:
            told, entities = finished(*parse_html(part.html))
            assert told or part.file is not None
            assert units(told) <= (1024 if part.file is not None else limit)
            assert len([e for e in entities if e["type"] not in ("url", "bot_command")]) <= 100
            seen = Seen(part.html)
            assert seen.open == 0
            assert seen.text == part.text
            assert {tag for tag, _ in seen.tags} <= {"", "b", "i", "code", "a", "blockquote", "tg-time"}
            for tag, href in seen.tags:
                if tag == "a":
                    assert href.startswith(("https://a.example/", "https://t.me/c/1500000001/3/12", "tg://user?id=5"))
            keys = [key for row in part.keyboard for key in row]
            assert len(keys) <= 100
            assert all(1 <= len(row) <= 8 for row in part.keyboard)
            assert all(key.label.strip() and 1 <= len(key.code.encode()) <= 64 for key in keys)
    assert len(render_one(message).parts) <= 1


@settings(max_examples=200, deadline=None)
@given(spiky)
def test_peoples_text_is_never_markup_and_rings_nobody(said: str) -> None:
    rendered = render(Outgoing((Paragraph((Text(said),)),)))
    if not clean(said):
        assert rendered.parts == ()
        return
    (part,) = rendered.parts
    told, entities = finished(*parse_html(part.html))
    assert told.replace("\u2060", "") == clean(said)
    assert {entity["type"] for entity in entities} <= {"url", "bot_command"}


def test_a_name_in_a_quotation_rings_nobody() -> None:
    (part,) = render(Outgoing((Quote((Text("ask @mallory_99 or me@mail.example"),)),))).parts
    _, entities = finished(*parse_html(part.html))
    assert [entity["type"] for entity in entities] == ["blockquote"]
    assert "me@mail.example" in part.text


def test_long_text_is_divided_between_blocks_and_nothing_is_lost() -> None:
    blocks = tuple(Paragraph((Text(f"{number} " + "学" * 1500),)) for number in range(7))
    rendered = render(Outgoing(blocks, ((Button("Again", "again"),),)))
    texts = [part.text for part in rendered.parts]
    assert [piece.split(" ")[0] for each in texts for piece in each.split("\n\n")] == [str(n) for n in range(7)]
    assert [bool(part.keyboard) for part in rendered.parts] == [False, False, False, True]
    assert rendered.degraded == ()


def test_one_endless_block_is_cut_and_nothing_is_lost() -> None:
    words = "family 👨‍👩‍👧‍👦 " * 1500
    rendered = render(Outgoing((Paragraph((Strong(words),)),)))
    assert len(rendered.parts) > 1
    assert "".join(part.text for part in rendered.parts).replace(" ", "") == clean(words).replace(" ", "")


def _cards(count: int, body: str) -> Outgoing:
    cards = tuple(
        Card("Course", f"Title {n}", f"course:{n}", facts=("2 h",), body=body, reasons=("because",) * 3,
             buttons=((Button("Enrol", f"v1:enrol:{n:08}"), Button("Save", f"v1:save:{n:08}", pressed=True)),))
        for n in range(count)
    )  # fmt: skip
    return Outgoing((Heading("For you"), *cards), ((Button("More", "v1:more:12345678", style=Style.PRIMARY),),))


def test_a_list_is_one_message_whose_buttons_carry_the_numbers_of_their_cards() -> None:
    rendered = render(_cards(3, "short"))
    (part,) = rendered.parts
    assert rendered.degraded == ()
    assert "2. Title 1" in part.text
    assert part.keyboard[1] == (
        Key("2 · Enrol", code="v1:enrol:00000001"),
        Key("✓ Save", code="v1:save:00000001"),
    )
    assert part.keyboard[-1] == (Key("More", code="v1:more:12345678", style="primary"),)


def test_a_list_that_is_too_long_loses_its_summaries_first_and_stays_one_message() -> None:
    rendered = render(_cards(5, "学" * 900))
    (part,) = rendered.parts
    assert rendered.degraded == ("summaries",)
    assert "→ because" in part.text
    assert sum(len(row) for row in part.keyboard) == 11


def test_times_links_and_escapes() -> None:
    message = Outgoing(
        (
            Paragraph((Text("a < b & c "), Link("x", 'https://e.example/?a=1&b="2"'), LocalTime(AT, "Sat 10:30"))),
            Note((MessageLink("there", REF), MessageLink("web", MessageRef(RoomRef("web", "general"), "1")))),
        )
    )
    (part,) = render(message).parts
    assert part.html == (
        'a &lt; b &amp; c <a href="https://e.example/?a=1&amp;b=&quot;2&quot;">x</a>'
        '<tg-time unix="1794047400" format="wDt">Sat 10:30</tg-time>\n\n'
        '<a href="https://t.me/c/1500000001/3/12">there</a><i>web</i>'
    )


def test_paths_of_our_own_open_where_the_community_has_an_address() -> None:
    message = Outgoing((Paragraph((Link("page", "/me"),)),), ((Button("Open", url="/me"),),))
    (bare,) = render(message).parts
    assert bare.html == "page"
    assert bare.keyboard == ()
    (part,) = render(message, public_url="https://hall.example/").parts
    assert part.html == '<a href="https://hall.example/me">page</a>'
    assert part.keyboard == ((Key("Open", url="https://hall.example/me"),),)


def test_buttons_alone_have_something_to_stand_on() -> None:
    (part,) = render(Outgoing((), ((Button("Go", "go"),),))).parts
    assert part.text.strip()


def test_basic_groups_and_private_chats_have_no_addresses_of_messages() -> None:
    assert message_link(MessageRef(RoomRef("telegram", "-55"), "1")) is None
    assert message_link(MessageRef(RoomRef("telegram", "101"), "1")) is None
    assert message_link(MessageRef(RoomRef("telegram", "-1007"), "1")) == "https://t.me/c/7/1"
