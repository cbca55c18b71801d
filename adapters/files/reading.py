"""Opening a file for import: encodings, gzip, and errors that name the place. Knows bytes and text; knows no format."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from bot.errors import BadInput

MAX_LINE: Final = 32 * 1024 * 1024
"""Longest physical line read, in characters: a whole member's message fits, a file without line ends does not."""

_HEAD: Final = 4096
_CHUNK: Final = 64 * 1024
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"SQLite format 3", "a SQLite database"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
# Nearly all Chinese prose is written with the 3,755 characters of GB 2312's first level (lead bytes B0-D7) and its
# punctuation (A1, A3). Western and Cyrillic single-byte text does not pair like that.
_GB_PAIR: Final = re.compile(rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]")
_HIGH: Final = re.compile(rb"[\x80-\xff]")


class TextSource:
    """The decoded text of one file, in pieces; every failure is a BadInput that names the file."""

    def __init__(self, text: io.TextIOWrapper, path: Path) -> None:
        self._text = text
        self._path = path
        self._start = True

    @property
    def name(self) -> str:
        """The file's name without its folder, for messages."""
        return self._path.name

    def read(self, size: int) -> str:
        """Up to `size` characters; empty at the end."""
        with _readable(self._path, self._text.encoding):
            return self._without_mark(self._text.read(size))

    def lines(self) -> Iterator[str]:
        """Physical lines with their ends (LF, CRLF or CR), so that line numbers are those of an editor."""
        number = 0
        while True:
            number += 1
            with _readable(self._path, self._text.encoding):
                line = self._without_mark(self._text.readline(MAX_LINE + 1))
            if len(line) > MAX_LINE:
                raise BadInput(
                    f"{self.name}: line {number} is longer than {MAX_LINE:,} characters.",
                    hint="Is this the right file? Put each row on a line of its own.",
                )
            if not line:
                return
            yield line

    def _without_mark(self, text: str) -> str:
        if self._start and text:
            self._start = False
            return text.removeprefix("\ufeff")
        return text


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[TextSource]:
    """Open `path` as text: by its byte order mark, else as `encoding`, else as UTF-8; gzip is unpacked on the way.

    Raises BadInput where the file is missing, a folder, empty, not text, or in another encoding.
    """
    with _open_bytes(path) as raw:
        with _readable(path, encoding or "utf-8"):
            head = raw.peek(_HEAD)[:_HEAD]
        if not head:
            raise BadInput(f"{path.name} is empty.", hint="Export it again, or name another file.")
        chosen = _encoding_of(head, path.name, encoding)
        try:
            text = io.TextIOWrapper(cast("BinaryIO", raw), encoding=chosen, errors="strict", newline="")
        except (LookupError, ValueError) as error:
            raise BadInput(
                f"There is no text encoding called {chosen[:40]!r}.", hint="Try utf-8, gb18030 or utf-16."
            ) from error
        with text:
            yield TextSource(text, path)


@contextmanager
def _open_bytes(path: Path) -> Iterator[io.BufferedReader]:
    if path.is_dir():
        raise BadInput(f"{path.name or path} is a folder.", hint="Name a file inside it.")
    if not path.is_file():
        raise BadInput(f"There is no file {str(path)[:300]!r}.", hint="Check the path.")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise BadInput(f"{path.name} cannot be opened: {error.strerror}.", hint="Check its permissions.") from error
    with raw:
        with _readable(path, "utf-8"):
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
        if not packed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield io.BufferedReader(cast("io.RawIOBase", unpacked), buffer_size=_CHUNK)


@contextmanager
def _readable(path: Path, encoding: str) -> Iterator[None]:
    """Turn what reading can raise into BadInput."""
    try:
        yield
    except UnicodeError as error:
        raise _wrong_encoding(path, encoding) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            f"{path.name} is a damaged or incomplete gzip file.", hint="Copy or pack it again, or unpack it first."
        ) from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}.", hint="Copy it again.") from error


def _encoding_of(head: bytes, name: str, asked: str | None) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    for magic, what in _NOT_TEXT:
        if head.startswith(magic):
            raise BadInput(f"{name} is {what}, not text.", hint="Save or export it as CSV (UTF-8) or JSON.")
    if asked is not None:
        return asked
    # Text of one byte per character has next to no NUL; UTF-16 of Latin letters has one in every other place.
    if head.count(0) * 4 > len(head):
        guess = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        raise BadInput(
            f"{name} looks like UTF-16 without a byte order mark.", hint=f"Add --encoding {guess}, or save it as UTF-8."
        )
    return "utf-8"


def _wrong_encoding(path: Path, encoding: str) -> BadInput:
    offset, line, sample = _first_misfit(path, encoding)
    if looks_like_gb18030(sample) and "gb" not in encoding.lower():
        hint = "It is probably Chinese text in GB18030: add --encoding gb18030, or convert the file to UTF-8."
    else:
        hint = "Save it as UTF-8, or name its encoding with --encoding."
    label = encoding.upper().removesuffix("-SIG")
    return BadInput(f"{path.name}: not {label} text at byte {offset} (line {line}).", hint=hint)


def looks_like_gb18030(sample: bytes) -> bool:
    """Are most of the bytes above ASCII written as pairs of frequent Chinese characters?"""
    high = len(_HIGH.findall(sample))
    return high >= 2 and len(_GB_PAIR.findall(sample)) * 2 >= high * 0.6


def _first_misfit(path: Path, encoding: str) -> tuple[int, int, bytes]:
    """Byte offset (from 0), line (from 1) and the bytes around the first place that `encoding` cannot read.

    Read again from the start: the streaming decoder does not know how far into the file it was.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, line = 0, 1
    with _open_bytes(path) as raw:
        while True:
            chunk = raw.read(_CHUNK)
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                held = len(error.object) - len(chunk)
                before = error.object[: error.start].decode(encoding, "ignore")
                sample = error.object[error.start : error.start + _HEAD]
                return offset - held + error.start, line + before.count("\n"), sample
            except UnicodeError:
                return offset, line, chunk[:_HEAD]
            if not chunk:
                return offset, line, b""
            offset += len(chunk)
