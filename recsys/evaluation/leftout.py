"""Rows that cannot be used: how many for which reason, and where the first of them are. Knows no files."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

TOLD: Final = 5
"""Lines of each reason that are named: enough to look into the file."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """counts: rows by reason. lines: the first lines of those reasons that are mistakes of the file."""

    counts: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(self._told(reason, count) for reason, count in self.counts.items())

    def _told(self, reason: str, count: int) -> str:
        lines = self.lines.get(reason, ())
        if not lines:
            return f"{count} {reason}"
        more = " ..." if count > len(lines) else ""
        return f"{count} {reason} (line {', '.join(map(str, lines))}{more})"


class Sorting:
    """Collects both while a file is read. `kept` has the line of every row that was taken, in order."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lines: dict[str, list[int]] = {}
        self._kept = array("q")

    def keep(self, line: int) -> None:
        self._kept.append(line)

    def leave(self, reason: str, line: int) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1
        lines = self._lines.setdefault(reason, [])
        if len(lines) < TOLD:
            lines.append(line)

    def count(self, reason: str, count: int) -> None:
        """What is left out on purpose and is no mistake of any line."""
        if count:
            self._counts[reason] = self._counts.get(reason, 0) + count

    def leave_kept(self, reason: str, which: NDArray[np.bool_]) -> None:
        """Of the rows that were kept those that turn out to be of no use after all, shape (kept,)."""
        where = np.flatnonzero(which)
        if len(where):
            self._counts[reason] = self._counts.get(reason, 0) + len(where)
            first = [self._kept[at] for at in where[:TOLD].tolist()]
            self._lines[reason] = sorted([*self._lines.get(reason, []), *first])[:TOLD]

    def found(self) -> LeftOut:
        return LeftOut(dict(self._counts), {reason: tuple(lines) for reason, lines in self._lines.items()})
