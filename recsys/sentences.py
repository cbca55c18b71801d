"""Where sentences end in English and in Chinese. Knows punctuation; knows no model and no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Every alternative starts with a mark and then only takes closing signs and blanks: linear on any input.
_END = re.compile(
    r"""[。！？!?；…]+["'”’」』）)\]]*\s*"""
    r"""|\.["'”’)\]]*(?=\s)\s+"""
    r"""|\n+"""
)
_SHORT = 12
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Dr|Mr|Ms|Prof|No|Fig|approx)|\b[A-Z])\.\s+$")


def sentence_ends(text: str) -> Iterator[int]:
    """Offsets just after each sentence (its mark and the blanks that follow it included); the last is len(text)."""
    last = 0
    for found in _END.finditer(text):
        if found.end() > last:
            last = found.end()
            yield last
    if last < len(text):
        yield len(text)


def sentences(text: str, *, longest: int = 400) -> list[str]:
    """The sentences of a text as a reader would quote them: not shorter than a few words, not longer than `longest`.

    Line breaks always separate; short ones ("Yes.", "e.g.") are joined to the next of the same line. A sentence that is
    longer than `longest` characters is cut at the last blank before it and marked with an ellipsis.
    """
    found: list[str] = []
    held = ""
    start = 0
    for end in sentence_ends(text):
        raw = text[start:end]
        start = end
        held += raw
        line_ended = "\n" in raw
        if not line_ended and (len(held.strip()) < _SHORT or _ABBREVIATION.search(held)):
            continue
        _keep(found, held, longest)
        held = ""
    _keep(found, held, longest)
    return found


def _keep(found: list[str], raw: str, longest: int) -> None:
    sentence = " ".join(raw.split())
    if not any(char.isalnum() for char in sentence):
        return
    if len(sentence) > longest:
        cut = sentence.rfind(" ", longest // 2, longest)
        sentence = sentence[: cut if cut > 0 else longest].rstrip() + "…"
    found.append(sentence)
