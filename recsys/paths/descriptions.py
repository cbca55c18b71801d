"""What the texts of courses ask for: "requires", 先修, a level below. Knows words, tags and vectors; no learners."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from recsys.paths.proposal import ASKED, LEVEL, NAMED, Proposal
from recsys.types import Item, Vector

VectorOf = Callable[[str], Vector | None]

_CUES: Final = re.compile(
    r"\b(?:requires?|requiring|prerequisites?(?:\s+(?:is|are))?|assumes?|assuming|builds? on|expects?|"
    r"(?:read|do|take|start) (?:it |this )?(?:only )?after|"
    r"after (?:you(?:'ve| have)? )?(?:finish(?:ed|ing)?|complet(?:ed|ing|e)|tak(?:en|ing|e)|read(?:ing)?)|"
    r"(?:people|learners|readers|those) who (?:have )?(?:already )?(?:finished|know|completed|read)|"
    r"(?:if|when|once) you (?:already |can )?(?:know|program|finished|have finished))\b[:：]?|"
    r"先修(?:课程|要求|知识)?|前置(?:课程|要求|知识|条件)?|先学(?:完|过|会)?|学完|读完|看完|需要(?:先|具备|掌握|有)|"
    r"要求(?:具备|掌握|有)?|已经会用?|已(?:掌握|熟悉|了解)|基于",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(r"[.!?;。！？；\n]")
_NEVER_FIRST: Final = re.compile(
    r"\b(?:no|not|without|never)\b[^.;]{0,24}$|(?:不|无需|没有|无)[^，。；]{0,4}$", re.IGNORECASE
)
_SHORTEST_TITLE: Final = 5
_WITHIN: Final = 90
"""Characters after a cue that it speaks of."""
BROAD: Final = frozenset({"beginner"})
"""Tags that name no topic."""


def asked_phrases(text: str) -> list[str]:
    """What follows each cue up to the end of its sentence, lower case; "no ... required" asks for nothing."""
    phrases: list[str] = []
    for cue in _CUES.finditer(text):
        if _NEVER_FIRST.search(text[max(0, cue.start() - 30) : cue.start()]):
            continue
        rest = text[cue.end() : cue.end() + _WITHIN]
        end = _ENDS.search(rest)
        phrase = rest[: end.start()] if end else rest
        if phrase.strip():
            phrases.append(phrase.strip().casefold())
    return phrases


def from_texts(items: Sequence[Item], vector_of: VectorOf, *, near: float = 0.45) -> list[Proposal]:
    """Proposals for courses, by id; at most one of each kind for an item, in its own language, from any lower level.

    `near`: cosine from which two courses on the same topics, one level apart, count as steps of one stair.
    """
    courses = sorted(items, key=lambda item: item.id)
    titles = [(item, item.title.casefold().strip()) for item in courses if len(item.title.strip()) >= _SHORTEST_TITLE]
    vectors = {item.id: vector_of(item.id) for item in courses}
    topics = {tag for item in courses for tag in item.tags} - BROAD
    found: list[Proposal] = []
    for item in courses:
        named = _named(item, titles)
        found += named
        if not named:
            found += _asked(item, courses, topics, vectors) or _stair(item, courses, vectors, near)
    return found


def _named(item: Item, titles: Sequence[tuple[Item, str]]) -> list[Proposal]:
    best: tuple[int, Item, str] | None = None
    for phrase in asked_phrases(item.text):
        for other, title in titles:
            if other.id != item.id and _has(phrase, title) and (best is None or len(title) > best[0]):
                best = (len(title), other, phrase)
    return [] if best is None else [Proposal(item.id, best[1].id, NAMED, 0.9, note=best[2])]


def _asked(
    item: Item, courses: Iterable[Item], topics: Iterable[str], vectors: dict[str, Vector | None]
) -> list[Proposal]:
    phrases = asked_phrases(item.text)
    wanted = {topic for topic in topics for phrase in phrases if _has(phrase, topic.replace("-", " "))}
    if not wanted:
        return []
    lower = [
        (len(wanted & set(other.tags)), -_rank(other), _cosine(vectors, item, other), other.id, other)
        for other in courses
        if other.id != item.id
        and other.language == item.language
        and _rank(other) < _rank(item)
        and wanted & set(other.tags)
    ]
    if not lower:
        return []
    *_, other = max(lower)
    topic = min(wanted & set(other.tags))
    return [Proposal(item.id, other.id, ASKED, 0.6, note=topic)]


def _stair(item: Item, courses: Iterable[Item], vectors: dict[str, Vector | None], near: float) -> list[Proposal]:
    mine = set(item.tags) - BROAD
    if item.level is None or not mine:
        return []
    lower: list[tuple[float, str]] = []
    for other in courses:
        shared = mine & set(other.tags)
        if other.level is None or other.level != item.level - 1 or other.language != item.language or not shared:
            continue
        cosine = _cosine(vectors, item, other)
        overlap = len(shared) / len((mine | set(other.tags)) - BROAD)
        if cosine >= near and overlap >= 1 / 3:
            lower.append((cosine * overlap, other.id))
    if not lower:
        return []
    score, needs = max(lower)
    return [Proposal(item.id, needs, LEVEL, round(0.2 + 0.4 * min(score, 1.0), 3))]


def _rank(item: Item) -> float:
    return 1.0 if item.level is None else float(item.level)


def _cosine(vectors: dict[str, Vector | None], one: Item, other: Item) -> float:
    a, b = vectors.get(one.id), vectors.get(other.id)
    return 0.0 if a is None or b is None or a.shape != b.shape else float(np.dot(a, b))


def _has(phrase: str, words: str) -> bool:
    """Whole words in Latin letters; anywhere in scripts that write no spaces."""
    if words.isascii():
        return re.search(rf"(?<![a-z0-9_+#]){re.escape(words)}(?![a-z0-9_+#])", phrase) is not None
    return words in phrase
