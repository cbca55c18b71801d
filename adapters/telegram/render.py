"""`Outgoing` -> parts that Telegram takes, purely. Knows every kind of block; knows no SDK and no sentence of its own.

Telegram has one keyboard a message, so the buttons of a card carry its number, and a list stays one message as long as
it can: what people press is edited in place. For that, summaries are left out first, then reasons; what was left out
is named in `degraded`. Text without buttons is never shortened but divided between blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never
from urllib.parse import urlsplit

from adapters.telegram.capabilities import (
    MAX_BUTTONS,
    MAX_CAPTION,
    MAX_ENTITIES,
    MAX_IN_ROW,
    MAX_LABEL,
    MAX_TEXT,
    PLATFORM,
)
from adapters.telegram.runs import Chunk, Line, Run, chunk, divide, said
from bot.domain.outgoing import (
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
    Style,
    Text,
)
from bot.domain.refs import MessageRef
from bot.domain.text import clean, clean_line, clip

_GAP: Final = 2
"""Code units between blocks: an empty line."""
_ONLY_BUTTONS: Final = "⋯"
"""Telegram sends no keyboard without a text."""
_STYLES: Final = {Style.PRIMARY: "primary", Style.SUCCESS: "success", Style.DANGER: "danger", Style.SECONDARY: None}


@dataclass(frozen=True, slots=True)
class Key:
    """One button of a keyboard; either `code` or `url`."""

    label: str
    code: str = ""
    url: str = ""
    style: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One message: HTML, the text that people will see, and its keyboard.

    `file`: a picture or a document, whose caption the text is then; `instead` (HTML) is said where it cannot be shown.
    """

    html: str
    text: str
    keyboard: tuple[tuple[Key, ...], ...] = ()
    file: Picture | Document | None = None
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    parts: tuple[Part, ...]
    degraded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Laid:
    """A block as text, and the buttons that belong to it."""

    chunk: Chunk
    rows: tuple[tuple[Key, ...], ...] = ()


def render(message: Outgoing, *, public_url: str = "") -> Rendered:
    """The parts of a new message. `public_url`: where our own paths lead, if anywhere."""
    return _Renderer(message, public_url).parts(MAX_TEXT)


def render_one(message: Outgoing, *, public_url: str = "", limit: int = MAX_TEXT) -> Rendered:
    """The same as exactly one part, for an edit: what does not fit is left out at the end."""
    return _Renderer(message, public_url).one(limit)


def render_caption(message: Outgoing, *, public_url: str = "") -> Rendered:
    """As the caption of a picture or a file."""
    return render_one(message, public_url=public_url, limit=MAX_CAPTION)


def message_link(ref: MessageRef) -> str | None:
    """Where Telegram shows a message: only supergroups and channels have such addresses, for their members."""
    room = ref.room
    if room.platform != PLATFORM or not room.native_id.startswith("-100") or not ref.native_id.isdecimal():
        return None
    thread = f"{room.thread_id}/" if room.thread_id else ""
    return f"https://t.me/c/{room.native_id.removeprefix('-100')}/{thread}{ref.native_id}"


class _Renderer:
    def __init__(self, message: Outgoing, public_url: str) -> None:
        self._message = message
        self._public = public_url.rstrip("/")
        self._degraded: dict[str, None] = {}
        self._cards = sum(isinstance(block, Card) and any(block.buttons) for block in message.blocks)

    def parts(self, limit: int) -> Rendered:
        files = [block for block in self._message.blocks if isinstance(block, Picture | Document)]
        laid = self._fitting(limit) if self._cards else self._lay(bodies=True, reasons=True)
        if not files:
            return self._made(self._divided(laid, limit))
        # What is said stands below the last file as far as it fits; a list of cards is not torn apart for that.
        under = self._caption(laid)
        rest = self._divided(laid[len(under) :], limit) if len(under) < len(laid) else []
        made = self._made([under, *rest], files[-1])
        return Rendered((*(self._alone(one) for one in files[:-1]), *made.parts), made.degraded)

    def _caption(self, laid: Sequence[_Laid]) -> list[_Laid]:
        if self._cards and not _fits(laid, MAX_CAPTION):
            return []
        under: list[_Laid] = []
        for one in laid:
            if not _fits([*under, one], MAX_CAPTION):
                break
            under.append(one)
        return under

    def _alone(self, file: Picture | Document) -> Part:
        """A file below which only its own words stand."""
        shown = _instead(file)
        return Part(shown.markup(), shown.plain(), file=file, instead="")

    def _divided(self, laid: Sequence[_Laid], limit: int) -> list[list[_Laid]]:
        parts: list[list[_Laid]] = [[]]
        for block in laid:
            pieces = divide(block.chunk, limit, MAX_ENTITIES)
            for number, piece in enumerate(pieces):
                # The buttons of a block come with its last piece.
                one = _Laid(piece, block.rows if number == len(pieces) - 1 else ())
                if parts[-1] and not _fits([*parts[-1], one], limit):
                    parts.append([])
                parts[-1].append(one)
        return parts

    def one(self, limit: int) -> Rendered:
        files = [block for block in self._message.blocks if isinstance(block, Picture | Document)]
        for file in files[:-1]:
            self._degraded["pictures" if isinstance(file, Picture) else "documents"] = None
        limit = min(limit, MAX_CAPTION) if files else limit
        laid = self._fitting(limit)
        if not _fits(laid, limit):
            self._degraded["text"] = None
            laid = _shortened(laid, limit)
        return self._made([laid], files[-1] if files else None)

    def _fitting(self, limit: int) -> list[_Laid]:
        laid = self._lay(bodies=True, reasons=True)
        for bodies, reasons, name in ((False, True, "summaries"), (False, False, "reasons")):
            if _fits(laid, limit):
                return laid
            if self._cards:
                self._degraded[name] = None
                laid = self._lay(bodies=bodies, reasons=reasons)
        return laid

    def _made(self, parts: Sequence[Sequence[_Laid]], file: Picture | Document | None = None) -> Rendered:
        """`file` belongs to the first part."""
        made: list[Part] = []
        for number, blocks in enumerate(parts):
            rows = [row for block in blocks for row in block.rows]
            if number == len(parts) - 1:
                rows += self._rows(self._message.buttons)
            chunks = [block.chunk for block in blocks if block.chunk.lines]
            if file is not None and number == 0:
                made.append(self._with(file, chunks, rows))
                continue
            if not chunks and not rows:
                continue
            html = "\n\n".join(one.markup() for one in chunks) or _ONLY_BUTTONS
            text = "\n\n".join(one.plain() for one in chunks) or _ONLY_BUTTONS
            made.append(Part(html, text, self._bounded(rows)))
        return Rendered(tuple(made), tuple(self._degraded))

    def _with(self, file: Picture | Document, chunks: Sequence[Chunk], rows: Sequence[tuple[Key, ...]]) -> Part:
        """Below a file stands what is said, or else the file's own words."""
        own = _instead(file)
        said_ = chunks or [own]
        html = "\n\n".join(one.markup() for one in said_)
        text = "\n\n".join(one.plain() for one in said_)
        return Part(html, text, self._bounded(rows), file, own.markup() if chunks else "")

    def _bounded(self, rows: Sequence[tuple[Key, ...]]) -> tuple[tuple[Key, ...], ...]:
        kept: list[tuple[Key, ...]] = []
        left = MAX_BUTTONS
        for row in rows:
            for start in range(0, len(row), MAX_IN_ROW):
                keys = row[start : start + MAX_IN_ROW][:left]
                left -= len(keys)
                if keys:
                    kept.append(keys)
        if sum(map(len, rows)) > MAX_BUTTONS:
            self._degraded["buttons"] = None
        return tuple(kept)

    def _lay(self, *, bodies: bool, reasons: bool) -> list[_Laid]:
        laid: list[_Laid] = []
        number = 0
        for block in self._message.blocks:
            if isinstance(block, Card):
                number += any(block.buttons)
                mark = str(number) if self._cards > 1 and any(block.buttons) else ""
                laid.append(_Laid(self._card(block, mark, bodies=bodies, reasons=reasons), self._keys(block, mark)))
            else:
                laid.append(_Laid(self._block(block)))
        return [one for one in laid if one.chunk.lines or one.rows]

    def _block(self, block: Heading | Paragraph | Bullets | Quote | Note | Picture | Document) -> Chunk:
        match block:
            case Picture() | Document():
                return chunk(())  # a message of its own, or what the text is the caption of
            case Heading():
                return chunk([[said(clean_line(block.text, limit=MAX_TEXT), "b")]])
            case Paragraph():
                return chunk(self._lines(block.inlines), spaced=True)
            case Note():
                return chunk((_slanted(line) for line in self._lines(block.inlines)), spaced=True)
            case Bullets():
                return chunk([Run("• "), *self._flat(item)] for item in block.items)
            case Quote():
                source = [Run("— "), *self._flat(block.source)] if block.source else []
                return chunk([*self._lines(block.inlines), source], quoted=True, spaced=True)
            case _:
                assert_never(block)

    def _card(self, card: Card, mark: str, *, bodies: bool, reasons: bool) -> Chunk:
        title = said(clean_line(card.title, limit=MAX_TEXT), "b")
        if card.title_link is not None:
            linked = self._inline(card.title_link)
            title = linked if linked.form == "a" else title
        lines: list[list[Run]] = [[Run(f"{mark}. " if mark else ""), title]]
        lines.append([said(" · ".join(clean_line(fact) for fact in (card.kind, *card.facts) if fact))])
        if bodies:
            lines.append([said(clean(card.body))])
        if reasons:
            lines += [[said(f"→ {clean_line(reason, limit=MAX_TEXT)}", "i")] for reason in card.reasons]
        lines.append([said(f"✓ {clean_line(card.state)}" if card.state else "", "b")])
        return chunk(lines)

    def _keys(self, card: Card, mark: str) -> tuple[tuple[Key, ...], ...]:
        rows = self._rows(card.buttons)
        if not mark:
            return tuple(rows)
        return tuple((replace(first, label=f"{mark} · {first.label}"), *rest) for first, *rest in rows)

    def _rows(self, rows: Rows) -> list[tuple[Key, ...]]:
        drawn = (tuple(key for button in row if (key := self._key(button))) for row in rows)
        return [row for row in drawn if row]

    def _key(self, button: Button) -> Key | None:
        label = clip(clean_line(button.label), MAX_LABEL)
        if button.pressed:
            label = f"✓ {label}"
        style = _STYLES[button.style]
        if button.code:
            return Key(label or "·", code=button.code, style=style)
        url = self._url(button.url)
        if url is None:
            self._degraded["links"] = None
            return None
        return Key(label or "·", url=url, style=style)

    def _lines(self, inlines: Inlines) -> Iterator[list[Run]]:
        """Line breaks in people's text begin new lines of ours."""
        line: list[Run] = []
        for inline in inlines:
            run = self._inline(inline)
            first, *others = run.text.split("\n")
            line.append(replace(run, text=first))
            for other in others:
                yield line
                line = [replace(run, text=other)]
        yield line

    def _flat(self, inlines: Inlines) -> list[Run]:
        return [replace(run, text=run.text.replace("\n", " ")) for run in map(self._inline, inlines)]

    def _inline(self, inline: Inline) -> Run:
        match inline:
            case Text():
                return said(_kept(inline.text))
            case Strong():
                return said(_kept(inline.text), "b")
            case Code():
                return Run(_kept(inline.text), "code")
            case Link():
                url = self._url(inline.url)
                if url is None:
                    self._degraded["links"] = None
                    return said(_kept(inline.text))
                return said(_kept(inline.text) or url, "a", url)
            case MessageLink():
                url = message_link(inline.ref)
                if url is None:
                    self._degraded["message links"] = None
                    return said(_kept(inline.text))
                return said(_kept(inline.text), "a", url)
            case Mention():
                name = clean_line(inline.name) or "?"
                if inline.ping and inline.account.platform == PLATFORM and inline.account.native_id.isdecimal():
                    return said(name, "a", f"tg://user?id={inline.account.native_id}")
                return said(name)
            case LocalTime():
                return said(clean_line(inline.fallback) or "?", "tg-time", str(int(inline.at.timestamp())))
            case _:
                assert_never(inline)

    def _url(self, url: str) -> str | None:
        """An address that opens for everybody; None for a path of ours that leads nowhere from here."""
        if url.startswith("/"):
            return self._public + url if self._public else None
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return None
        bad = any(char.isspace() or not char.isprintable() for char in url)
        return url if host and not bad and len(url) <= 2000 and "@" not in parts.netloc else None


def _instead(file: Picture | Document) -> Chunk:
    """What a file shows, in words."""
    words = file.alt if isinstance(file, Picture) else file.title
    return chunk([[said(clip(clean_line(words, limit=MAX_CAPTION), MAX_CAPTION // 2), "i")]])


def _kept(text: str) -> str:
    """Clean text with the spaces at its ends, which stand between it and its neighbours."""
    cleaned = clean(text)
    if not cleaned:
        return " " if text.strip(" ") == "" and text else ""
    return (" " if text[0] == " " else "") + cleaned + (" " if text[-1] == " " else "")


def _slanted(line: list[Run]) -> list[Run]:
    return [replace(run, form="i") if run.form == "" else run for run in line]


def _fits(laid: Sequence[_Laid], limit: int) -> bool:
    units = sum(one.chunk.units for one in laid) + _GAP * max(len(laid) - 1, 0)
    return units <= limit and sum(one.chunk.entities for one in laid) <= MAX_ENTITIES


def _shortened(laid: Sequence[_Laid], limit: int) -> list[_Laid]:
    """As many blocks as fit, the first that does not cut short with an ellipsis; all buttons stay."""
    kept: list[_Laid] = []
    room, marks, full = limit - _GAP, MAX_ENTITIES, False
    for one in laid:
        size = one.chunk.units + _GAP
        if not full and size <= room and one.chunk.entities <= marks:
            kept.append(one)
            room, marks = room - size, marks - one.chunk.entities
            continue
        text: tuple[Line, ...] = ()
        if not full and room > 2 * _GAP and marks > 1:
            text = (*divide(one.chunk, room - 2 * _GAP, marks)[0].lines, (Run("…"),))
        full = True
        kept.append(_Laid(Chunk(text, one.chunk.quoted and bool(text)), one.rows))
    return kept
