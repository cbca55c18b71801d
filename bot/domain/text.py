"""The one gate for people's text: `clean()` on every entry and exit. Knows Unicode; knows no platform."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_TEXT: Final = 20_000
"""Longest text kept, in code points; the platforms allow 4,000 to 4,096 a message, exports join them."""

_MAX_MARKS: Final = 3
"""Combining marks kept on one base character (Vietnamese needs two, pointed Hebrew three)."""

# C0 and C1 controls but tab and newline, DEL, lone surrogates, non-characters, bidi controls and invisible operators:
# they hide, reorder or break text, and no renderer needs them. ZWJ, ZWNJ and variation selectors stay: emoji and
# several scripts need them.
_DROP: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufdd0-\ufdef"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e001f]"
)
_NEWLINES: Final = re.compile(r"\r\n?|\u0085|\u2028|\u2029")
_SPACES: Final = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTER: Final = re.compile(r"[^\W\d_]")


def clean(text: str, *, limit: int = MAX_TEXT) -> str:
    """`text` without what can break or deceive: idempotent, at most `limit` code points, always encodable.

    Length and marks are capped before normalising: putting a pile of marks in order takes NFC quadratic time. Composing
    may leave other piles, so they are capped once more.
    """
    text = text[: limit * 2 + 64]
    text = _NEWLINES.sub("\n", text)
    text = _cap_marks(_DROP.sub("", text))
    text = _cap_marks(unicodedata.normalize("NFC", text))
    return text[:limit].strip()


def clean_line(text: str, *, limit: int = 300) -> str:
    """`clean()` for titles and names: one line, runs of white space folded."""
    return " ".join(clean(text, limit=limit * 4).split())[:limit].strip()


def _cap_marks(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def language_of(text: str, *, default: str = "en") -> str:
    """``zh`` or ``en`` by the share of Han characters among letters; `default` where there are no letters.

    One Han character carries about as much as two to three Latin letters, hence the low threshold.
    """
    letters = len(_LETTER.findall(text))
    if not letters:
        return default
    return "zh" if len(_HAN.findall(text)) / letters >= 0.2 else "en"


def clip(text: str, limit: int) -> str:
    """At most `limit` code points, cut at a word border where one is near, with an ellipsis."""
    text = _SPACES.sub(" ", text)
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    space = cut.rfind(" ")
    if space > limit * 0.7:
        cut = cut[:space]
    return cut.rstrip(" ,.;:，。；：") + "…"
