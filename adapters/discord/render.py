"""`Outgoing` -> parts in Discord's own form, purely. Knows every block and Discord's limits; knows no SDK object.

A layout (components v2) puts the buttons of a card right under it; the plain form, for servers whose clients cannot
show layouts, has one text and its rows below. Either is split between blocks; a list that almost fits loses its frames
first, so that what people press stays one message that can be edited in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, assert_never
from urllib.parse import urlsplit

from adapters.discord import markdown as md
from adapters.discord.capabilities import (
    MAX_ALT,
    MAX_COMPONENTS,
    MAX_CONTENT,
    MAX_CUSTOM_ID,
    MAX_DISPLAY,
    MAX_FILE,
    MAX_FILES,
    MAX_LABEL,
    MAX_ROW,
    MAX_ROWS,
    PLATFORM,
)
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Card,
    Code,
    Document,
    FileRef,
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
    Style,
    Text,
)
from bot.domain.refs import MessageRef
from bot.wording import Wording, choose

Component = dict[str, Any]
Resolve = Callable[[MessageRef], str | None]
"""The address of a message in Discord's own client; None: it is not one of Discord's, or its server is unknown."""

_ROW, _BUTTON, _TEXT, _GALLERY, _FILE, _FRAME = 1, 2, 10, 12, 13, 17
_STYLES: Final = {Style.PRIMARY: 1, Style.SECONDARY: 2, Style.SUCCESS: 3, Style.DANGER: 4}
_LINK_STYLE: Final = 5
_MAX_URL: Final = 512
_KINDS: Final = frozenset({"course", "post", "event", "member"})
_ONLY_BUTTONS: Final = "⋯"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME: Final = 60
_PIECE: Final = 1_800
"""A text is cut into pieces of at most this, each of which fits into a message of either form."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a message; `name` is what its parts refer to, `alt` what it shows, in words."""

    file: FileRef
    name: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One message: either `components` of a layout, or `content` with rows of buttons as `components`."""

    components: tuple[Component, ...]
    content: str = ""
    layout: bool = True
    pings: tuple[int, ...] = ()
    files: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    parts: tuple[Part, ...]
    degraded: tuple[str, ...] = ()


@dataclass(slots=True)
class _Piece:
    """What must not be torn apart: a text, the file below it, and the rows of buttons that belong to it."""

    text: str
    rows: list[list[Button]] = field(default_factory=list)
    framed: bool = False
    file: Attached | None = None

    def size(self, *, frames: bool) -> int:
        framed = 1 if frames and self.framed else 0
        own = (1 if self.text else 0) + (1 if self.file else 0)
        return framed + own + sum(1 + len(row) for row in self.rows)


@dataclass(slots=True)
class _Writing:
    """One rendering: how links are written, and what was noticed on the way."""

    resolve: Resolve
    words: Wording
    pings: list[int] = field(default_factory=list)
    degraded: dict[str, None] = field(default_factory=dict)
    files: int = 0


def render(message: Outgoing, resolve: Resolve, *, layout: bool = True) -> Rendered:
    """The messages to send, in order; at least one. What could not be shown is named in `degraded`."""
    writing = _Writing(resolve, choose(message.language))
    pieces = [piece for block in message.blocks for piece in _pieces(block, writing)]
    last = _buttons(message.buttons, writing)
    if last:
        pieces.append(_Piece("", last))
    if not layout:
        parts = [_plain(group) for group in _plain_groups(pieces)]
    else:
        framed = list(_groups(pieces, frames=True))
        bare = list(_groups(pieces, frames=False)) if len(framed) > 1 else framed
        frames = len(framed) <= len(bare)
        parts = [_layout(group, frames=frames) for group in (framed if frames else bare)]
    if not parts:
        parts = [_layout([_Piece(_ONLY_BUTTONS)], frames=False) if layout else _plain([_Piece(_ONLY_BUTTONS)])]
    pings = tuple(dict.fromkeys(writing.pings))
    return Rendered(tuple(replace(part, pings=pings) for part in parts), tuple(writing.degraded))


# Blocks to pieces


def _pieces(block: Block, writing: _Writing) -> Iterator[_Piece]:
    match block:
        case Heading():
            yield from _texts([f"### {_one_line(block.text)}" if block.text.strip() else ""])
        case Paragraph():
            yield from _texts([_inlines(block.inlines, writing)])
        case Bullets():
            yield from _texts(f"- {_inlines(item, writing)}" for item in block.items)
        case Quote():
            source = _inlines(block.source, writing)
            lines = [*(f"> {line}" for line in _inlines(block.inlines, writing).split("\n")), f"-# {source}"]
            yield from _texts(lines if source else lines[:-1])
        case Note():
            yield from _texts(f"-# {line}" for line in _inlines(block.inlines, writing).split("\n") if line.strip())
        case Card():
            yield _card(block, writing)
        case Picture():
            if block.file.size > MAX_FILE:
                writing.degraded["pictures"] = None
                yield from _texts([f"-# {_one_line(block.alt)}"])
            else:
                yield _Piece("", file=_attached(block.file, block.alt, writing))
        case Document():
            title = md.clipped(_one_line(block.title), _PIECE)
            if block.file.size > MAX_FILE:
                writing.degraded["documents"] = None
                yield _Piece(title)
            else:
                yield _Piece(title, file=_attached(block.file, "", writing))
        case _:
            assert_never(block)


def _attached(file: FileRef, alt: str, writing: _Writing) -> Attached:
    """Under a name that is the file's own as far as an address takes it, and no other's of this message."""
    stem, dot, ending = file.name.rpartition(".")
    safe = _UNSAFE.sub("-", stem if dot else file.name).strip("-.")[:_MAX_NAME] or "file"
    ending = _UNSAFE.sub("", ending)[:10] if dot else ""
    writing.files += 1
    # The number also keeps a name from beginning as Discord marks spoilers.
    name = f"{writing.files}-{safe}.{ending}" if ending else f"{writing.files}-{safe}"
    return Attached(file, name, md.clipped(" ".join(md.encodable(alt).split()), MAX_ALT))


def _shown(file: Attached) -> Component:
    media = {"url": f"attachment://{file.name}"}
    if not file.alt:
        return {"type": _FILE, "file": media}
    return {"type": _GALLERY, "items": [{"media": media, "description": file.alt}]}


def _card(card: Card, writing: _Writing) -> _Piece:
    label = writing.words.say(f"kind-{card.kind}") if card.kind in _KINDS else _one_line(card.kind)
    title = _inline(card.title_link, writing) if card.title_link else md.escaped(card.title)
    facts = " · ".join(_one_line(fact) for fact in card.facts)
    lines = [
        f"**{title}**" if title.strip() else "",
        f"-# {label} · {facts}" if facts else f"-# {label}",
        md.escaped(card.body),
        *(f"- {_one_line(reason)}" for reason in card.reasons),
        f"**{_one_line(card.state)}**" if card.state.strip() else "",
    ]
    text = "\n".join(line for line in lines if line.strip())
    if md.length(text) > _PIECE:
        writing.degraded["text-cut"] = None
        text = md.clipped(text, _PIECE)
    return _Piece(text, _buttons(card.buttons, writing), framed=True)


def _texts(lines: Iterable[str]) -> Iterator[_Piece]:
    """The lines together, in as many pieces as their length asks for."""
    kept: list[str] = []
    used = 0
    for line in (short for long in lines for short in _short(long)):
        size = md.length(line) + 1
        if kept and used + size > _PIECE:
            yield _Piece("\n".join(kept))
            kept, used = [], 0
        kept.append(line)
        used += size
    text = "\n".join(kept)
    if text.strip():
        yield _Piece(text)


def _short(line: str) -> Iterator[str]:
    """`line`, cut into pieces where it is longer than one may be: at a space where there is one."""
    while md.length(line) > _PIECE:
        at = _cut(line)
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line


def _cut(line: str) -> int:
    at = used = 0
    for at, char in enumerate(line):  # noqa: B007  the index is what is wanted
        used += 2 if char > "\uffff" else 1
        if used > _PIECE:
            break
    space = max(line.rfind(" ", at // 2, at), line.rfind("\n", at // 2, at))
    at = space if space > 0 else at
    backslashes = len(line[:at]) - len(line[:at].rstrip("\\"))
    return at - backslashes % 2


# Pieces to parts


def _groups(pieces: Sequence[_Piece], *, frames: bool) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    size = text = files = 0
    for piece in _fitting(pieces):
        # Neighbouring texts without buttons become one component; what stands below the second is one more.
        joined = bool(group) and _mergeable(group[-1], piece)
        more, letters = piece.size(frames=frames) - int(joined), md.length(piece.text) + 2
        full = files == MAX_FILES and piece.file is not None
        if group and (full or size + more > MAX_COMPONENTS or text + letters > MAX_DISPLAY):
            yield group
            group, size, text, files, more = [], 0, 0, 0, piece.size(frames=frames)
        group.append(piece)
        size, text, files = size + more, text + letters, files + int(piece.file is not None)
    if group:
        yield group


def _fitting(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """A piece with more buttons than a message takes is divided; nothing of it is left out."""
    for piece in pieces:
        rest = piece
        while rest.size(frames=True) > MAX_COMPONENTS:
            yield _Piece(rest.text, rest.rows[:MAX_ROWS], rest.framed)
            rest = _Piece("", rest.rows[MAX_ROWS:])
        yield rest


def _mergeable(before: _Piece, piece: _Piece) -> bool:
    return bool(before.text and piece.text) and not (before.rows or before.file or before.framed or piece.framed)


def _layout(group: Sequence[_Piece], *, frames: bool) -> Part:
    seen: dict[str, int] = {}
    components: list[Component] = []
    for at, piece in enumerate(group):
        drawn = [_shown(piece.file)] if piece.file is not None else []
        drawn += [_row(row, seen) for row in piece.rows]
        if frames and piece.framed:
            components.append({"type": _FRAME, "components": [{"type": _TEXT, "content": piece.text}, *drawn]})
            continue
        if at and _mergeable(group[at - 1], piece) and components[-1]["type"] == _TEXT:
            components[-1] = {"type": _TEXT, "content": f"{components[-1]['content']}\n{piece.text}"}
        elif piece.text:
            components.append({"type": _TEXT, "content": piece.text})
        components.extend(drawn)
    return Part(tuple(components), files=_files(group))


def _plain_groups(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    text = rows = files = 0
    for piece in pieces:
        rest = piece
        while len(rest.rows) > MAX_ROWS:
            if group:
                yield group
            yield [_Piece(rest.text, rest.rows[:MAX_ROWS])]
            group, text, rows, files, rest = [], 0, 0, 0, _Piece("", rest.rows[MAX_ROWS:])
        letters = md.length(rest.text) + 2
        full = files == MAX_FILES and rest.file is not None
        if group and (full or text + letters > MAX_CONTENT or rows + len(rest.rows) > MAX_ROWS):
            yield group
            group, text, rows, files = [], 0, 0, 0
        group.append(rest)
        text, rows, files = text + letters, rows + len(rest.rows), files + int(rest.file is not None)
    if group:
        yield group


def _plain(group: Sequence[_Piece]) -> Part:
    seen: dict[str, int] = {}
    rows = tuple(_row(row, seen) for piece in group for row in piece.rows)
    files = _files(group)
    content = "\n".join(piece.text for piece in group if piece.text) or ("" if files else _ONLY_BUTTONS)
    return Part(rows, content, layout=False, files=files)


def _files(group: Sequence[_Piece]) -> tuple[Attached, ...]:
    return tuple(piece.file for piece in group if piece.file is not None)


# Buttons


def _buttons(rows: Rows, writing: _Writing) -> list[list[Button]]:
    """Rows of at most five that Discord can show; a link to a page of our own cannot be one there."""
    kept: list[list[Button]] = []
    for row in rows:
        shown = [button for button in row if not button.url or _web(button.url)]
        if len(shown) < len(row):
            writing.degraded["link-button"] = None
        kept.extend(list(shown[at : at + MAX_ROW]) for at in range(0, len(shown), MAX_ROW))
    return kept


def _row(row: Sequence[Button], seen: dict[str, int]) -> Component:
    return {"type": _ROW, "components": [_button(button, seen) for button in row]}


def _button(button: Button, seen: dict[str, int]) -> Component:
    label = " ".join(md.encodable(button.label).split())
    if button.pressed:
        label = f"✓ {label}"
    drawn: Component = {"type": _BUTTON, "label": md.clipped(label, MAX_LABEL)}
    if button.url:
        return {**drawn, "style": _LINK_STYLE, "url": button.url}
    style = Style.SUCCESS if button.pressed else button.style
    return {**drawn, "style": _STYLES[style], "custom_id": custom_id(button.code, seen)}


def custom_id(code: str, seen: dict[str, int]) -> str:
    """`code`, made unique in its message as Discord demands; `code_of_id` takes the addition away again."""
    times = seen[code] = seen.get(code, 0) + 1
    made = code if times == 1 else f"{code}#{times}"
    assert len(made) <= MAX_CUSTOM_ID  # a code has 64 bytes at most
    return made


def code_of_id(native: str) -> str:
    head, mark, number = native.rpartition("#")
    return head if mark and head and number.isdecimal() else native


# Inlines


def _one_line(text: str) -> str:
    return " ".join(md.escaped(text).split())


def _inlines(inlines: Inlines, writing: _Writing) -> str:
    return "".join(_inline(inline, writing) for inline in inlines)


def _inline(inline: Inline, writing: _Writing) -> str:
    match inline:
        case Text():
            return md.escaped(inline.text)
        case Strong():
            return f"**{md.escaped(inline.text)}**" if inline.text.strip() else md.escaped(inline.text)
        case Code():
            return md.code(inline.text)
        case Link():
            return _link(inline)
        case MessageLink():
            url = writing.resolve(inline.ref)
            return md.link(inline.text, url) if url and inline.text.strip() else md.escaped(inline.text)
        case Mention():
            return _mention(inline, writing)
        case LocalTime():
            stamp = int(inline.at.timestamp())
            return f"<t:{stamp}:F> (<t:{stamp}:R>)"
        case _:
            assert_never(inline)


def _link(link: Link) -> str:
    if not _web(link.url) or not link.text.strip():
        return md.escaped(link.text)
    host = urlsplit(link.url).netloc.rpartition("@")[2]
    shown = md.link(link.text, link.url)
    return shown if host.lower() in link.text.lower() else f"{shown} ({md.escaped(host)})"


def _mention(mention: Mention, writing: _Writing) -> str:
    native = mention.account.native_id
    if mention.ping and mention.account.platform == PLATFORM and native.isdecimal():
        writing.pings.append(int(native))
        return f"<@{native}>"
    return md.escaped(f"@{mention.name}")


def _web(url: str) -> bool:
    """An address that Discord takes: http(s) with a host, not too long."""
    if not url.startswith(("https://", "http://")) or len(url) > _MAX_URL:
        return False
    try:
        return bool(urlsplit(url).hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False
