"""People's text as Discord's markdown that shows just that text. Knows the syntax; knows no message.

A backslash makes the next character plain in every client, so what has a meaning gets one. Escaping `<` and `@` also
takes mentions, channel links, times and custom emoji out of foreign text, and a broken `://` is not linked.
"""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"[\\*_~`|\[\]<>@#]")
_LINE_START: Final = re.compile(r"^(\s*)([-+])", re.MULTILINE)
_NUMBERED: Final = re.compile(r"^(\s*\d+)\.", re.MULTILINE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_URL_SAFE: Final = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", "|": "%7C"})


def escaped(text: str) -> str:
    """`text`, shown as it is: no markup, no mention, no link, no list."""
    text = _SPECIAL.sub(r"\\\g<0>", encodable(text))
    text = _NUMBERED.sub(r"\1\\.", _LINE_START.sub(r"\1\\\2", text))
    return text.replace("://", "\\://")


def encodable(text: str) -> str:
    """Lone surrogates cannot be sent."""
    return _SURROGATE.sub("\ufffd", text)


def code(text: str) -> str:
    """Inline code. A backtick cannot be written inside, so its look-alike stands for it."""
    inside = " ".join(encodable(text).replace("`", "ˋ").split())
    return f"`{inside}`" if inside else ""


def link(text: str, url: str) -> str:
    """A masked link. `url` must be http(s); line breaks and brackets of its text cannot end it."""
    label = " ".join(escaped(text).split())
    target = "".join(encodable(url).split()).translate(_URL_SAFE)
    return f"[{label}]({target})" if label else f"<{target}>"


def length(text: str) -> int:
    """UTF-16 units: never less than Discord's own count, whichever of its counts is asked."""
    return len(text) + sum(char > "\uffff" for char in text)


def clipped(text: str, limit: int) -> str:
    """At most `limit` units, cut between characters and never right behind a backslash."""
    if length(text) <= limit:
        return text
    kept: list[str] = []
    used = 0
    for char in text:
        used += 2 if char > "\uffff" else 1
        if used > limit - 1:
            break
        kept.append(char)
    cut = "".join(kept)
    if (len(cut) - len(cut.rstrip("\\"))) % 2:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"
