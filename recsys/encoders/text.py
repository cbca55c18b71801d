"""How a text is made ready for a model: cleaned, simplified, cut into chunks. Knows characters; knows no model."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from recsys.sentences import sentence_ends

WHOLE: Final = 262_144
"""Texts up to this many characters are read whole; of longer ones evenly spaced windows are read."""
WINDOW: Final = 8_192
MOST_CHUNKS: Final = 32
RECIPE: Final = "r1"
"""Part of every encoder's name: change it whenever this module would give other chunks for the same text."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\ud7a3\uf900-\ufaff\uff01-\uff60\U00020000-\U0003134f]")
_BLANKS = re.compile(r"[^\S\n]+")
_CONTROLS = dict.fromkeys((*range(9), 11, 12, 13, *range(14, 32), *range(127, 160)), " ")

Count = Callable[[str], int]
"""How many tokens a model makes of a text, or a fair guess."""


def prepare(text: str) -> str:
    """Without lone surrogates, control characters and runs of blanks; Chinese in simplified characters."""
    text = text.encode("utf-8", "replace").decode("utf-8").translate(_CONTROLS)
    return simplified(_BLANKS.sub(" ", text).strip())


def simplified(text: str) -> str:
    """Traditional Chinese characters as simplified ones. Japanese (any kana) and texts without Han stay as they are."""
    if _HAN.search(text) is None or _KANA.search(text) is not None:
        return text
    return str(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def guess_tokens(text: str) -> int:
    """About how many word pieces: one for each wide (Chinese, Japanese, Korean) character, else one for four."""
    wide = len(_WIDE.findall(text))
    return wide + (len(text) - wide + 3) // 4


def chunks(text: str, *, count: Count, limit: int, most: int = MOST_CHUNKS) -> list[tuple[str, int]]:
    """Pieces of at most `limit` tokens with their token counts, cut at the borders of paragraphs and sentences.

    At most `most` pieces: of a text that has more, evenly spaced ones from the first to the last, so that every part of
    it counts. Deterministic. Blank pieces are left out.
    """
    pieces = [piece for window in _windows(text) for piece in _pack(window, count, limit)]
    if len(pieces) > most:
        step = (len(pieces) - 1) / max(most - 1, 1)
        pieces = [pieces[round(place * step)] for place in range(most)]
    return pieces


def _windows(text: str) -> list[str]:
    if len(text) <= WHOLE:
        return [text]
    number = WHOLE // WINDOW
    step = (len(text) - WINDOW) / (number - 1)
    return [text[round(place * step) : round(place * step) + WINDOW] for place in range(number)]


def _pack(text: str, count: Count, limit: int) -> list[tuple[str, int]]:
    """Sentences joined greedily; a paragraph's end closes a chunk that is at least half full."""
    text = text.strip()
    if not text:
        return []
    if (tokens := count(text)) <= limit:
        return [(text, max(tokens, 1))]
    packed: list[tuple[str, int]] = []
    begin, size, start = 0, 0, 0
    for end in sentence_ends(text):
        sentence = text[start:end]
        tokens = count(sentence) if sentence.strip() else 0
        if size and size + tokens > limit:
            packed.append((text[begin:start].strip(), size))
            begin, size = start, 0
        if tokens > limit:
            packed.extend(_halve(sentence, count, limit))
            begin, size = end, 0
        else:
            size += tokens
            if size * 2 >= limit and sentence.endswith("\n\n"):
                packed.append((text[begin:end].strip(), size))
                begin, size = end, 0
        start = end
    if size:
        packed.append((text[begin:].strip(), size))
    return [(piece, tokens) for piece, tokens in packed if piece]


def _halve(sentence: str, count: Count, limit: int) -> list[tuple[str, int]]:
    """A sentence that is too long, in halves of halves, at the blank next to the middle if there is one near."""
    sentence = sentence.strip()
    if not sentence:
        return []
    tokens = count(sentence)
    if tokens <= limit or len(sentence) < 2:
        return [(sentence, max(tokens, 1))]
    middle = len(sentence) // 2
    near = sentence.rfind(" ", middle // 2, middle)
    cut = near + 1 if near > 0 else middle
    return _halve(sentence[:cut], count, limit) + _halve(sentence[cut:], count, limit)
