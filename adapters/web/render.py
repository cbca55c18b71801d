"""`Outgoing` -> HTML, purely. Knows every kind of part; knows no request, no store and no sentence of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from markupsafe import Markup, escape

from adapters.web.forms import form
from adapters.web.markup import domain, own_path, safe_url
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Card,
    Code,
    Document,
    Heading,
    Inline,
    Inlines,
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
    Text,
)
from bot.domain.refs import MessageRef
from bot.wording import Wording, choose

Resolve = Callable[[MessageRef], str | None]
"""The path of a message that the reader may open; None: they may not, or it is gone."""

KINDS: Final = frozenset({"course", "post", "event", "member"})
_EMPTY: Final = Markup("")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message needs to know about the page: how to write links, which form its buttons belong to, and how a
    moment reads in the reader's own time zone (where that is unknown: as the message says it)."""

    resolve: Resolve
    form: str
    local: Callable[[datetime], str] | None = None


def render(message: Outgoing, around: Surroundings) -> Markup:
    """The whole message. The text content is the message's own text, in order, plus kind labels and link domains."""
    words = choose(message.language)
    body = _EMPTY.join(_block(block, around, words) for block in message.blocks)
    asked = form(message.form, around.form, words) if message.form else _EMPTY
    return body + asked + _rows(message.buttons, around)


def message_links(message: Outgoing) -> Iterator[MessageRef]:
    """Every message that `message` links to, so that all can be looked up at once."""
    for block in message.blocks:
        match block:
            case Paragraph() | Note():
                yield from _links_in(block.inlines)
            case Bullets():
                for item in block.items:
                    yield from _links_in(item)
            case Quote():
                yield from _links_in(block.inlines)
                yield from _links_in(block.source)
            case Card():
                if isinstance(block.title_link, MessageLink):
                    yield block.title_link.ref
            case Heading() | Picture() | Document():
                continue
            case _:
                assert_never(block)


def plain(message: Outgoing) -> str:
    """The message without any form: for search, previews and programs that cannot show more."""
    lines = [line for block in message.blocks for line in _plain_block(block) if line]
    if message.form:
        lines += [message.form.title, message.form.note, *(one.label for one in message.form.fields)]
    return "\n".join(line for line in lines if line)


def _links_in(inlines: Inlines) -> Iterator[MessageRef]:
    return (inline.ref for inline in inlines if isinstance(inline, MessageLink))


def _block(block: Block, around: Surroundings, words: Wording) -> Markup:
    match block:
        case Heading():
            return Markup('<h3 class="b-heading">{}</h3>').format(block.text)
        case Paragraph():
            return Markup('<p class="b-text">{}</p>').format(_inlines(block.inlines, around))
        case Bullets():
            items = _EMPTY.join(Markup("<li>{}</li>").format(_inlines(item, around)) for item in block.items)
            return Markup('<ul class="b-bullets">{}</ul>').format(items)
        case Quote():
            source = Markup('<footer class="b-source">{}</footer>').format(_inlines(block.source, around))
            return Markup('<blockquote class="b-quote"><p class="b-text">{}</p>{}</blockquote>').format(
                _inlines(block.inlines, around), source if block.source else _EMPTY
            )
        case Card():
            return _card(block, around, words)
        case Note():
            return Markup('<p class="b-note">{}</p>').format(_inlines(block.inlines, around))
        case Picture():
            return Markup('<p class="b-picture"><img src="/files/{}" alt="{}" loading="lazy"></p>').format(
                block.file.key, block.alt
            )
        case Document():
            return Markup('<p class="b-document"><a href="/files/{}" download="{}">{}</a></p>').format(
                block.file.key, block.file.name, block.title
            )
        case _:
            assert_never(block)


def _card(card: Card, around: Surroundings, words: Wording) -> Markup:
    label = words.say(f"kind-{card.kind}") if card.kind in KINDS else card.kind
    title = _inline(card.title_link, around) if card.title_link else escape(card.title)
    parts = [
        Markup('<p class="card-kind">{}</p><h4 class="card-title">{}</h4>').format(label, title),
        _listing("facts", card.facts),
        Markup('<p class="card-body">{}</p>').format(card.body) if card.body else _EMPTY,
        _listing("reasons", card.reasons),
        Markup('<p class="card-state">{}</p>').format(card.state) if card.state else _EMPTY,
        _rows(card.buttons, around),
    ]
    kind = card.kind if card.kind in KINDS else "other"
    return Markup('<section class="card card-{}">{}</section>').format(kind, _EMPTY.join(parts))


def _listing(name: str, lines: tuple[str, ...]) -> Markup:
    if not lines:
        return _EMPTY
    items = _EMPTY.join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup('<ul class="card-{}">{}</ul>').format(name, items)


def _rows(rows: Rows, around: Surroundings) -> Markup:
    if not any(rows):
        return _EMPTY
    drawn = (_EMPTY.join(_button(button, around) for button in row) for row in rows if row)
    return Markup('<div class="buttons">{}</div>').format(
        _EMPTY.join(Markup('<div class="button-row">{}</div>').format(row) for row in drawn)
    )


def _button(button: Button, around: Surroundings) -> Markup:
    style = f"btn btn-{button.style.value}"
    if button.url:
        own = own_path(button.url)
        url = own or safe_url(button.url)
        if url is None:
            return Markup('<span class="{}" aria-disabled="true">{}</span>').format(style, button.label)
        rest = Markup("") if own else Markup(' target="_blank" rel="noopener noreferrer nofollow"')
        return Markup('<a class="{}" href="{}"{}>{}</a>').format(style, url, rest, button.label)
    pressed = Markup("")
    if button.pressed is not None:
        pressed = Markup(' aria-pressed="{}"').format("true" if button.pressed else "false")
    return Markup('<button type="submit" form="{}" name="do" value="press:{}" class="{}"{}>{}</button>').format(
        around.form, button.code, style, pressed, button.label
    )


def _inlines(inlines: Inlines, around: Surroundings) -> Markup:
    return _EMPTY.join(_inline(inline, around) for inline in inlines)


def _inline(inline: Inline, around: Surroundings) -> Markup:
    match inline:
        case Text():
            return escape(inline.text)
        case Strong():
            return Markup("<strong>{}</strong>").format(inline.text)
        case Code():
            return Markup("<code>{}</code>").format(inline.text)
        case Link():
            return _link(inline)
        case MessageLink():
            path = around.resolve(inline.ref)
            return Markup('<a href="{}">{}</a>').format(path, inline.text) if path else escape(inline.text)
        case Mention():
            return Markup('<span class="mention">@{}</span>').format(inline.name)
        case LocalTime():
            said = around.local(inline.at) if around.local else inline.fallback
            return Markup('<time datetime="{}" title="{}" data-local>{}</time>').format(
                inline.at.isoformat(), inline.fallback, said
            )
        case _:
            assert_never(inline)


def _link(link: Link) -> Markup:
    own = own_path(link.url)
    if own is not None:
        return Markup('<a href="{}">{}</a>').format(own, link.text)
    url = safe_url(link.url)
    if url is None:
        return escape(link.text)
    anchor = Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>').format(url, link.text)
    host = domain(url)
    if host.lower() in link.text.lower():
        return anchor
    return anchor + Markup(' <span class="domain">({})</span>').format(host)


def _plain_block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield block.text
        case Paragraph() | Note():
            yield _plain_inlines(block.inlines)
        case Bullets():
            yield from (f"• {_plain_inlines(item)}" for item in block.items)
        case Quote():
            yield f"“{_plain_inlines(block.inlines)}”"
            yield _plain_inlines(block.source)
        case Picture():
            yield block.alt
        case Document():
            yield block.title
        case Card():
            yield " · ".join((block.title, *block.facts))
            yield block.body
            yield from block.reasons
            yield block.state
        case _:
            assert_never(block)


def _plain_inlines(inlines: Inlines) -> str:
    return "".join(_plain_inline(inline) for inline in inlines)


def _plain_inline(inline: Inline) -> str:
    match inline:
        case Text() | Strong() | Code() | MessageLink():
            return inline.text
        case Link():
            return (
                inline.text
                if inline.url.startswith("/") or inline.url in inline.text
                else f"{inline.text} ({inline.url})"
            )
        case Mention():
            return f"@{inline.name}"
        case LocalTime():
            return inline.fallback
        case _:
            assert_never(inline)
