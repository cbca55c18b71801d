"""Text with form, before it is HTML: runs, lines and how they are counted and divided. Pure; knows no block of ours.

People's text is data: it becomes HTML in one place, `markup`, which escapes everything. Telegram counts what remains
when the markup is gone, so the length of a run is that of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final, Literal

from adapters.telegram import utf16

Form = Literal["", "b", "i", "code", "a", "tg-time"]

# Telegram makes mentions of what looks like one, and rings whoever bears the name. Nobody is rung by a quotation: an
# invisible word joiner keeps the name from being one.
_NAME: Final = re.compile(r"(?<![\w@])@(?=[A-Za-z]\w{3})", re.ASCII)
_JOINER: Final = "\u2060"


@dataclass(frozen=True, slots=True)
class Run:
    """`value` is the address of a link, or the seconds of a time."""

    text: str
    form: Form = ""
    value: str = ""

    @property
    def units(self) -> int:
        return utf16.length(self.text)

    def markup(self) -> str:
        text = escape(self.text, quote=False)
        match self.form:
            case "":
                return text
            case "a":
                return f'<a href="{escape(self.value)}">{text}</a>'
            case "tg-time":
                return f'<tg-time unix="{escape(self.value)}" format="wDt">{text}</tg-time>'
            case _:
                return f"<{self.form}>{text}</{self.form}>"


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that stay together where they can: a block. `quoted`: somebody's words."""

    lines: tuple[Line, ...]
    quoted: bool = False

    @property
    def units(self) -> int:
        return sum(units(line) for line in self.lines) + max(len(self.lines) - 1, 0)

    @property
    def entities(self) -> int:
        return sum(bool(run.form) for line in self.lines for run in line) + self.quoted

    def markup(self) -> str:
        text = "\n".join("".join(run.markup() for run in line) for line in self.lines)
        return f"<blockquote>{text}</blockquote>" if self.quoted else text

    def plain(self) -> str:
        return "\n".join("".join(run.text for run in line) for line in self.lines)


def said(text: str, form: Form = "", value: str = "") -> Run:
    """A run of people's text, or of ours."""
    return Run(_NAME.sub(f"@{_JOINER}", text), form, value)


def units(line: Line) -> int:
    return sum(run.units for run in line)


def chunk(lines: Iterable[Sequence[Run]], *, quoted: bool = False, spaced: bool = False) -> Chunk:
    """Without empty runs and, unless `spaced`, without empty lines; never with empty lines at the ends."""
    kept: list[Line] = []
    for line in lines:
        full = tuple(run for run in line if run.text)
        blank = not any(run.text.strip() for run in full)
        if not blank:
            kept.append(full)
        elif spaced and kept:
            kept.append(())
    while kept and not kept[-1]:
        kept.pop()
    return Chunk(tuple(kept), quoted)


def divide(whole: Chunk, limit: int, most: int) -> list[Chunk]:
    """`whole` in chunks of at most `limit` code units and `most` entities, cut between lines where possible."""
    done: list[Chunk] = []
    lines: list[Line] = []
    for line in whole.lines:
        for piece in _pieces(line, limit, most - whole.quoted) if line else [line]:
            grown = Chunk((*lines, piece), whole.quoted)
            if lines and (grown.units > limit or grown.entities > most):
                done.append(Chunk(tuple(lines), whole.quoted))
                lines = []
            if lines or piece:
                lines.append(piece)
    if lines:
        done.append(Chunk(tuple(lines), whole.quoted))
    return done


def _pieces(line: Line, limit: int, most: int) -> list[Line]:
    """One line as lines that each fit."""
    done: list[Line] = []
    now: list[Run] = []
    room, marks = limit, most
    for run in line:
        left = run
        while left.text:
            if room == 0 or (left.form and marks == 0):
                done.append(tuple(now))
                now, room, marks = [], limit, most
            if left.units <= room:
                head, rest = left.text, ""
            elif now and left.units <= limit and room < limit // 8:
                done.append(tuple(now))
                now, room, marks = [], limit, most
                continue
            else:
                head, rest = utf16.cut(left.text, room)
            if not head:  # a pair of code units is wider than the room that is left
                done.append(tuple(now))
                now, room, marks = [], limit, most
                continue
            taken = replace(left, text=head)
            now.append(taken)
            room -= taken.units
            marks -= bool(taken.form)
            left = replace(left, text=rest)
    if now:
        done.append(tuple(now))
    return [line for line in done if any(run.text.strip() for run in line)]
