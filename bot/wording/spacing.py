"""Where parts of a Chinese sentence meet: one space between Han and Latin or digits, none between Han and Han. Pure.

Only the seams are touched, never what is inside a part: that may be somebody's own title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

OPEN: Final = "\u2068"
CLOSE: Final = "\u2069"
"""First strong isolate and its end: Fluent puts them around what it fills in, which is what shows where parts meet."""

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_LATIN: Final = "@#0-9A-Za-z\u00c0-\u024f"
_SEAM: Final = rf"[ ]*[{OPEN}{CLOSE}][ {OPEN}{CLOSE}]*"
_TWO_HAN: Final = re.compile(rf"(?<=[{_HAN}]){_SEAM}(?=[{_HAN}])")
_MIXED: Final = re.compile(rf"(?<=[{_HAN}]){_SEAM}(?=[{_LATIN}])|(?<=[{_LATIN}]){_SEAM}(?=[{_HAN}])")
_MARKS: Final = re.compile(rf"[{OPEN}{CLOSE}]")


def marked(parts: Iterable[str]) -> list[str]:
    """Each part with its seams marked, to be put together and then `joined`."""
    return [f"{OPEN}{_MARKS.sub('', part)}{CLOSE}" for part in parts]


def joined(text: str) -> str:
    """A sentence whose parts stand between `OPEN` and `CLOSE`, spaced at their seams and without the marks."""
    return _MARKS.sub("", _MIXED.sub(" ", _TWO_HAN.sub("", text)))
