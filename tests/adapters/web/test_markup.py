"""People's text as HTML, judged by an HTML parser of another author and a spiky alphabet."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.web.markup import domain, own_path, safe_url, text_html
from bot.domain.text import clean
from tests.adapters.web.reader import read, visible

SPIKES = [
    "<", ">", "&", '"', "'", "/", "=", ";", "#", "x", "`", "```", "```py\n", "\n", " ", "@", ":", ".", "(", ")", "[",
    "]",    "&lt;", "&#60;", "<script>", "</code>", "<!--", "]]>", "<a href=", "javascript:", "data:", "http://", "https://",
    "https://a.example", "//b.example", "www.", "学", "，", "。", "👍🏽", "\u202e", "\u200f", "é", "\u0301", "\ud800",
    "\x00", "%00", "%22", "\\", "{}", "{0}", "{% x %}", "{{ 7*7 }}", "onload=alert(1)", "a.b", "localhost:80",
]  # fmt: skip
spiky = st.lists(st.one_of(st.sampled_from(SPIKES), st.characters()), max_size=30).map("".join)


@settings(max_examples=3000, deadline=None)
@given(spiky.map(clean))
@example("https://good.example@evil.example/path")
@example("`https://x.example` https://x.example/`a`")
@example("```py\nprint('<b>')\n```\nafter")
def test_text_stays_text(text: str) -> None:
    seen = read(text_html(text))
    assert seen.mistakes == []
    assert "".join(seen.text) == text
    for tag, attributes in seen.tags:
        match tag:
            case "a":
                assert set(attributes) == {"href", "target", "rel"}
                assert attributes["target"] == "_blank"
                assert attributes["rel"] == "noopener noreferrer nofollow ugc"
                address = attributes["href"] or ""
                assert address in text
                parts = urlsplit(address)
                assert parts.scheme in ("http", "https")
                assert parts.username is None
                assert parts.hostname
            case "code":
                assert attributes in ({}, {"class": "block"})
            case "span":
                assert attributes == {"class": "tick"}
            case _:
                pytest.fail(f"<{tag}> has no business in people's text")


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://docs.example/a_(b).", ["https://docs.example/a_(b)"]),
        ("(https://docs.example/a)", ["https://docs.example/a"]),
        ("看https://docs.example/路，然后", ["https://docs.example/"]),
        ("参考https://docs.example/a?b=1&c=2#d。好", ["https://docs.example/a?b=1&c=2#d"]),
        ("http://localhost:8000/x and https://a.example:443", ["http://localhost:8000/x", "https://a.example:443"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example www.a.example", []),
        ("https://user@a.example https://user:pw@a.example/ https://a.example@b.example", []),
        ("https:// http://-", ["http://-"]),
        ("`https://a.example`", []),
        ("xhttps://a.example", []),
    ],
)
def test_addresses(text: str, addresses: list[str]) -> None:
    seen = read(text_html(text))
    assert [attributes["href"] for tag, attributes in seen.tags if tag == "a"] == addresses
    assert visible(text_html(text)) == text


def test_code_is_set_as_code_and_copies_as_written() -> None:
    html = text_html("use `a < b`:\n```rust\nfn main() {}\n```")
    assert [tag for tag, _ in read(html).tags if tag == "code"] == ["code", "code"]
    assert visible(html) == "use `a < b`:\n```rust\nfn main() {}\n```"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://a.example@evil.example",
        "https:///path",
        "https://a.example\\@evil.example",
        "https://[::1",
        "https://a.example:99999/",
        "https://a b.example",
        'https://a.example/"onmouseover=x',
        "",
    ],
)
def test_unsafe_urls(url: str) -> None:
    assert safe_url(url) is None


def test_own_paths_stay_here() -> None:
    assert own_path("/rooms/1?m=2") == "/rooms/1?m=2"
    assert own_path("//evil.example") is None
    assert own_path("/\\evil.example") is None
    assert own_path("https://a.example") is None
    assert own_path("/a\nb") is None


def test_a_foreign_script_in_a_host_is_shown_as_what_it_is() -> None:
    assert domain("https://www.docs.example/x") == "docs.example"
    assert domain("https://аpple.example/") == "xn--pple-43d.example"


@pytest.mark.parametrize(
    "evil", ["https://" + "a." * 2000, "https://a" + ":1" * 1500, "`" * 4000, "```\n" * 1000, "https://a/" + ")" * 4000]
)
def test_no_text_takes_long(evil: str) -> None:
    begun = time.perf_counter()
    text_html(evil[:4000])
    assert time.perf_counter() - begun < 0.25
