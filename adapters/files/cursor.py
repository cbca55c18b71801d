"""A place in a JSON text that is read in pieces, with true line numbers. Knows JSON; knows no format made of it.

The standard decoder does the work on a sliding window: it is faster than event parsers, names the place of an error,
keeps lone surrogates and control characters for `clean()` to judge, and a file of any size takes a few megabytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from adapters.files.reading import TextSource
from bot.errors import BadInput

MAX_VALUE: Final = 64 * 1024 * 1024
"""Longest single value (one message, one course) held, in characters."""

_CHUNK: Final = 512 * 1024
_LOW: Final = 32 * 1024
_LONGEST_TOKEN: Final = 16
"""No literal or escape is longer: an error this near to the window's end may only mean that the rest is not there."""

_MAX_DIGITS: Final = 40
_SPACE: Final = re.compile(r"[ \t\r\n]*+")
# Everything up to the next bracket, with strings taken whole; possessive, so that nothing is tried twice.
_FLAT: Final = re.compile(r'(?:[^\[\]{}"]++|"(?>[^"\\]++|\\.)*+")*+', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


# Control characters inside strings are forgiven: what is text gets cleaned later, and a row is worth more than a rule.
_DECODER: Final = json.JSONDecoder(strict=False)
_BIG_NUMBERS: Final = json.JSONDecoder(strict=False, parse_int=_integer)


class TooDeep(Exception):
    """A value is nested too deeply to be built; `skip()` gets past it."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested too deeply in line {line}")
        self.line = line


class JsonCursor:
    """Reads one JSON text from front to back. `hex_escapes`: also read ``\\x0B``, which is not JSON but is written."""

    def __init__(self, source: TextSource, *, hex_escapes: bool = False) -> None:
        self._source = source
        self._hex = hex_escapes
        self._text = ""
        self._at = 0
        self._line = 1
        self._column = 0  # characters of the current line that have left the window
        self._more = True

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def line(self) -> int:
        """The physical line, from 1, of the next character that is not white space."""
        self.peek()
        return self._line

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            if len(self._text) - self._at < _LOW and self._more:
                self._fill(_CHUNK)
            match = _SPACE.match(self._text, self._at)
            self._advance(match.end() if match else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more:
                return ""

    def value(self) -> object:
        """Decode the next value. Raises TooDeep (nothing was consumed) or BadInput with line and column."""
        self.peek()
        decoder = _DECODER
        while True:
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise TooDeep(self._line) from None
            except json.JSONDecodeError as error:
                if self._unfinished(error):
                    self._grow()
                elif not (self._hex and self._mend()):
                    raise self._broken(error) from None
                continue
            except ValueError:  # an integer longer than Python converts
                decoder = _BIG_NUMBERS
                continue
            if self._more and end + _LONGEST_TOKEN > len(self._text) and not isinstance(value, str | list | dict):
                self._grow()  # a number may go on: 1, 1.5, 1.5e+9
                continue
            self._advance(end)
            return value

    def skip(self) -> None:
        """Go past the next value, however large or deep, without building or holding it."""
        if self.peek() not in ("[", "{"):
            self.value()
            return
        depth = 0
        while True:
            match = _FLAT.match(self._text, self._at)
            self._advance(match.end() if match else self._at)
            if self._at == len(self._text) or self._text[self._at] == '"':
                if not self._more:
                    raise self._ended()
                self._grow()
                continue
            depth += 1 if self._text[self._at] in "[{" else -1
            self._advance(self._at + 1)
            if depth == 0:
                return

    def members(self) -> Iterator[str]:
        """Enter an object; whoever iterates consumes the value of each key before asking for the next."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            if self.peek() != '"':
                raise self._wrong("a name in double quotes")
            key = self.value()
            self._expect(":")
            yield str(key)
            if self._take("}"):
                return
            self._expect(",", "a comma or }")

    def elements(self) -> Iterator[int]:
        """Enter an array; yields the line on which each element starts. The element is consumed by whoever iterates."""
        self._expect("[")
        if self._take("]"):
            return
        while True:
            yield self.line
            if self._take("]"):
                return
            self._expect(",", "a comma or ]")

    def end(self) -> None:
        """Nothing but white space may follow."""
        if self.peek():
            raise self._wrong("the end of the file")

    def _take(self, char: str) -> bool:
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def _expect(self, char: str, wanted: str = "") -> None:
        if not self._take(char):
            raise self._wrong(wanted or char)

    def _fill(self, size: int) -> None:
        """Drop what was read and take in `size` more characters."""
        if self._at:
            newline = self._text.rfind("\n", 0, self._at)
            self._column = self._at - newline - 1 if newline >= 0 else self._column + self._at
            self._text = self._text[self._at :]
            self._at = 0
        piece = self._source.read(size)
        self._more = bool(piece)
        self._text += piece

    def _grow(self) -> None:
        """Double the window, so that a long value costs time in proportion to its length."""
        held = len(self._text) - self._at
        if held > MAX_VALUE:
            raise BadInput(
                f"{self.name}: the entry in line {self._line} is longer than {MAX_VALUE:,} characters.",
                hint="Is a quotation mark missing there?",
            )
        self._fill(max(_CHUNK, held))

    def _advance(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _unfinished(self, error: json.JSONDecodeError) -> bool:
        near_end = error.pos >= len(self._text) - _LONGEST_TOKEN
        return self._more and (near_end or error.msg.startswith("Unterminated string"))

    def _mend(self) -> bool:
        mended = _ESCAPE.sub(lambda m: f"\\u00{m[1]}" if m[1] else m[0], self._text[self._at :])
        if len(mended) == len(self._text) - self._at:
            return False
        self._text = self._text[: self._at] + mended
        return True

    def _place(self, position: int) -> tuple[int, int]:
        line = self._line + self._text.count("\n", self._at, position)
        newline = self._text.rfind("\n", 0, position)
        column = position - newline if newline >= 0 else self._column + position + 1
        return line, column

    def _broken(self, error: json.JSONDecodeError) -> BadInput:
        if error.msg.startswith("Unterminated string") or not self._text[error.pos :].strip("\0 \t\r\n"):
            return self._ended()
        line, column = self._place(error.pos)
        return BadInput(
            f"{self.name}: not valid JSON at line {line}, column {column}: {error.msg.lower()}.",
            hint="Export the file again, or mend that place.",
        )

    def _ended(self) -> BadInput:
        line, column = self._place(len(self._text))
        return BadInput(
            f"{self.name}: the file ends in the middle, at line {line}, column {column}"
            f" (the entry there starts in line {self._line}).",
            hint="The export was probably interrupted: export or copy it again.",
        )

    def _wrong(self, wanted: str) -> BadInput:
        found = self.peek()
        if not found:
            return self._ended()
        line, column = self._place(self._at)
        return BadInput(
            f"{self.name}: not valid JSON at line {line}, column {column}: expected {wanted}, found {found!r}.",
            hint="Export the file again, or mend that place.",
        )
