"""Telegram counts text in UTF-16 code units: length, slices and cuts in that measure. Pure; knows nothing else."""

from __future__ import annotations


def length(text: str) -> int:
    """UTF-16 code units; what lies beyond the basic plane counts for two."""
    return len(text) + sum(char > "\uffff" for char in text)


def index(text: str, units: int) -> int:
    """How many code points of `text` fit in `units` code units; a pair is never cut in two."""
    if text.isascii():
        return min(max(units, 0), len(text))
    used = 0
    for number, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > units:
            return number
    return len(text)


def cut(text: str, units: int) -> tuple[str, str]:
    """The longest beginning of at most `units` code units, ended at white space where some is near, and the rest.

    No grapheme is torn where the border can be moved: joiners, marks and modifiers stay with what they belong to.
    """
    end = index(text, units)
    if end == len(text):
        return text, ""
    for border in ("\n", " ", "。", "，"):
        found = text.rfind(border, end * 2 // 3, end)
        if found > 0:
            return text[: found + 1], text[found + 1 :]
    whole = end
    while whole > max(1, end - 32) and _joins(text, whole):
        whole -= 1
    if not _joins(text, whole):
        end = whole
    return text[:end], text[end:]


def _joins(text: str, at: int) -> bool:
    """Whether the characters on both sides of `at` are one for a reader."""
    after, before = text[at], text[at - 1]
    return before == "\u200d" or after in "\u200d\ufe0f\u20e3" or "\u0300" <= after <= "\u036f" or "🏻" <= after <= "🏿"
