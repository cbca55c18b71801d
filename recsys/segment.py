"""Text to words, the same way for what is stored and for what is asked. Knows English, Chinese and code; no index."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from recsys.encoders.text import simplified

LONGEST: Final = 200_000
"""Characters of one text that are read; a text of this length is a book."""
_LONGEST_WORD: Final = 64

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_LATIN = r"a-z0-9_\u00df-\u024f"
# A run of Han, or a word with what belongs to it in code: .net, node.js, c++, c#, type-safe, snake_case, it's; or any
# other script's word. Every alternative begins with a character of its own class, so the scan is linear.
_TOKEN = re.compile(
    rf"[{_HAN}]+"
    rf"|(?:(?<![{_LATIN}])\.)?[{_LATIN}]+(?:[.\-'’/&@][{_LATIN}]+)*(?:\+\+|\#)?(?![{_LATIN}+#])"
    rf"|[{_LATIN}]+"
    rf"|[^\W{_HAN}{_LATIN}]+"
)
_PARTS = re.compile(rf"[{_LATIN}]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLAIN = re.compile(r"[a-z]{3,}")

# Words that say nothing of the subject: kept in the index, left out of queries that have other words.
_STOP: Final = """
a about an and any are as at be by can could do does for from good have how i if in into is it its me my of on or
please should so some that the there these this to want was what when where which who why will with would you your
的 了 和 是 在 我 你 他 她 它 们 这 那 有 与 及 或 也 都 就 吗 呢 吧 啊 请 问 请问 怎么 怎样 如何 什么 哪些 哪个
一个 可以 想 要 想要 有没有 推荐 关于 为什么 能 会 应该
"""
STOP: Final = frozenset(_STOP.split())


def words(text: str) -> list[str]:
    """The words of a text in order, folded and stemmed; compounds are followed by their parts.

    "Running Node.js 数据库" gives run, node.js, node, js, 数据, 据库, 数据库. Full-width and traditional characters
    become plain and simplified ones; a word is at most 64 characters.
    """
    found: list[str] = []
    text = text[:LONGEST].encode("utf-8", "replace").decode("utf-8")
    for word in _TOKEN.findall(_folded(text)):
        if word[0] >= "\u3400" and _is_han(word[0]):
            found.extend(_jieba().cut_for_search(word))
        elif _PLAIN.fullmatch(word):
            found.append(_stem(word[:_LONGEST_WORD]))
        else:
            found.append(word[:_LONGEST_WORD])
            parts = _PARTS.findall(word.replace("_", " "))
            if len(parts) > 1:
                found.extend(_stem(part[:_LONGEST_WORD]) if _PLAIN.fullmatch(part) else part for part in parts)
    return found


def query_words(text: str, *, most: int = 32) -> list[str]:
    """The different words of a query in order, without stop words unless there is nothing else; at most `most`."""
    every = list(dict.fromkeys(words(text)))
    return ([word for word in every if word not in STOP] or every)[:most]


def looks_like_code(text: str) -> bool:
    """Whether a query names an identifier, a symbol or a version: useEffect, std::vector, C++, 3.11."""
    return bool(_CODE.search(text))


_CODE = re.compile(r"\w\.\w|(?:^|\s)\.\w|\w\(\)|::|\w_\w|[a-z][A-Z]|\w\+\+|\b[A-Za-z]#|\b[A-Z]{2,}|`")


def _folded(text: str) -> str:
    """Compatibility forms plain, case folded, identifiers in camel case split beside their whole."""
    text = unicodedata.normalize("NFKC", text)
    # Most texts have no such identifier: one look at the whole spares one at each word.
    if _CAMEL.search(text):
        every = text.split()
        text = " ".join(word if (parts := _CAMEL.sub(" ", word)) == word else f"{word} {parts}" for word in every)
    return simplified(text.casefold())


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u4dbf" or "\u4e00" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003134f"


@lru_cache(maxsize=1)
def _jieba() -> Any:
    import rjieba  # its dictionary takes memory: only where Chinese is read

    return rjieba


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    stems = _stemmer().analyze(word)
    return str(stems[0]) if stems else word


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import tantivy

    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.stemmer("english")).build()
