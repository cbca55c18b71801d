"""The sentence of an item that answers best, quoted as it is. Knows sentences; searches and writes nothing."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Final

from recsys.encoders.errors import EncoderUnavailable
from recsys.segment import STOP, query_words, words
from recsys.sentences import sentences
from recsys.types import Encoder, Item, Passage

MOST_SENTENCES: Final = 40
"""Sentences that are encoded for one question: one urgent call to the encoder."""
_READ: Final = 20_000
_OVERLAP: Final = 0.3
_SLOPE: Final = 12.0
_HALF: Final = 0.38


def best_passages(encoder: Encoder, items: Sequence[Item], question: str, *, k: int = 3) -> list[Passage]:
    """Of each item the sentence that is nearest to the question; the k best of them, best first, ties by item.

    Without an encoder shared words decide, and nobody is very sure.
    """
    wanted = frozenset(query_words(question)) - STOP or frozenset(query_words(question))
    share = max(MOST_SENTENCES // max(len(items), 1), 1)
    candidates = [(item.id, sentence, overlap) for item in items for overlap, sentence in _likely(item, wanted, share)][
        :MOST_SENTENCES
    ]
    if not candidates:
        return []
    cosines = _cosines(encoder, question, [sentence for _, sentence, _ in candidates])
    best: dict[str, Passage] = {}
    for place, (item_id, sentence, overlap) in enumerate(candidates):
        score = _OVERLAP * overlap + (cosines[place] if cosines else 0.0)
        if item_id not in best or score > best[item_id].score:
            best[item_id] = Passage(item_id, sentence, score, confidence(score))
    return heapq.nsmallest(k, best.values(), key=lambda passage: (-passage.score, passage.item))


def confidence(score: float) -> float:
    """How sure one may be that a passage with this score is about the question: a logistic curve.

    Its two constants were fitted on questions with their accepted answers against answers to other questions.
    """
    return 1.0 / (1.0 + math.exp(-_SLOPE * (score - _HALF)))


def _likely(item: Item, wanted: frozenset[str], most: int) -> list[tuple[float, str]]:
    """The sentences of an item that share most words with the question, in case of ties the first ones."""
    read = [sentence.lstrip("-*> ") for sentence in sentences(item.text[:_READ]) if not sentence.startswith("#")]
    found = [sentence for sentence in read if sentence] or [item.title]
    rated = [(_overlap(sentence, wanted), place, sentence) for place, sentence in enumerate(found)]
    chosen = heapq.nsmallest(most, rated, key=lambda rate: (-rate[0], rate[1]))
    return [(overlap, sentence) for overlap, _, sentence in chosen]


def _overlap(sentence: str, wanted: frozenset[str]) -> float:
    return len(wanted.intersection(words(sentence))) / len(wanted) if wanted else 0.0


def _cosines(encoder: Encoder, question: str, found: Sequence[str]) -> list[float]:
    """Empty when the encoder cannot answer now."""
    try:
        vectors = encoder.encode([question, *found])
    except EncoderUnavailable:
        return []
    return [float(cosine) for cosine in vectors[1:] @ vectors[0]]
