"""Search by meaning and by words, fused. Knows encoder, indexes and corpus; knows no users and no wording.

The score is the cosine of query and item plus a bonus for exact words: a weighted share of what the query's words could
give. Fusing ranks instead (RRF with equal weights) was measured to lower every model; a bonus did not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.coursesearch import CourseSearch
from recsys.encoders.errors import EncoderUnavailable
from recsys.index import IndexSet
from recsys.lexical import LexicalSet
from recsys.passages import best_passages
from recsys.segment import looks_like_code, query_words
from recsys.types import Corpus, Encoder, Filter, Hit, Item, Passage, Reason, Vector

log = logging.getLogger(__name__)

DENSE: Final = "dense"
LEXICAL: Final = "lexical"
OVER: Final = "over"
KIND: Final = "kind"
TALK: Final = "post"

_DEPTH: Final = 50
_LONGEST_QUERY: Final = 2_000
_FEW_EXCLUDED: Final = 100


@dataclass(frozen=True, slots=True)
class SearchWeights:
    """How exact words count against meaning (1 for the cosine).

    On 131 courses in English and Chinese, prose queries in other words than the courses' were best between .2 and .6;
    names, codes and subjects of one to three words rose until .8. The models for courses need the words less: with
    them the same was best at .1 and .4 (`course_prose`, `course_keywords`). `least`: below this cosine an item that has
    none of the words is not a result. `over`: taken from dated happenings that are past.
    """

    prose: float = 0.4
    keywords: float = 0.8
    keyword_words: int = 3
    course_prose: float = 0.1
    course_keywords: float = 0.4
    least: float = 0.15
    over: float = 0.2
    talk: float = 0.12
    """Taken from discussions where several kinds are searched together: courses and events come first."""


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Finds items in any language for words in any language that the encoder knows. Thread-safe.

    Without an encoder (EncoderUnavailable) the search goes on by words alone.
    """

    encoder: Encoder
    vectors: IndexSet
    lexical: LexicalSet
    corpus: Corpus
    weights: SearchWeights = SearchWeights()
    courses: CourseSearch | None = None

    def search(self, words: str, *, k: int = 10, where: Filter | None = None, now: float = 0.0) -> list[Hit]:
        """Up to k admitted items, best first, ties by id; each hit's reasons sum to its score.

        `words` is what somebody typed: never syntax; only its first 2,000 characters are read. `now` in seconds.
        """
        where = where or Filter()
        words = words[:_LONGEST_QUERY].strip()
        if k < 1 or not query_words(words):
            return []
        depth = max(_DEPTH, 3 * k)
        allowed: NDArray[np.int64] | None = None
        if _hides_little(where):
            depth += len(where.exclude)
        else:
            allowed = self.corpus.rows(where)
            if not len(allowed):
                return []
        vector = self.vector(words)
        exact = self.lexical.search(words, depth, audiences=where.audiences, allowed=allowed)
        lexical = {hit.row: hit.score for hit in exact}
        dense: dict[int, float] = {}
        if vector is not None:
            near = self.vectors.search(vector[None], depth, audiences=where.audiences, allowed=allowed)[0]
            dense = {hit.row: hit.score for hit in near}
            self._complete(words, vector, dense, lexical, where)
        if self.courses is not None:
            dense |= self._of_courses(self.courses, words, vector, depth, dense.keys() | lexical.keys(), where, allowed)
        return self._fused(words, dense, lexical, where, now)[:k]

    def vector(self, words: str) -> Vector | None:
        """The query's vector; None when the encoder cannot answer now, or sees nothing in the words."""
        try:
            vector: Vector = self.encoder.encode([words])[0]
        except EncoderUnavailable as error:
            log.warning("searching by words alone: %s", error)
            return None
        return vector if vector.any() else None

    def passages(self, words: str, *, k: int = 3, where: Filter | None = None, now: float = 0.0) -> list[Passage]:
        """For the best items the sentence of each that is nearest to the question; see `recsys.passages`."""
        hits = self.search(words, k=2 * k, where=where, now=now)
        items = [item for hit in hits if (item := self.corpus.get(hit.item)) is not None]
        return best_passages(self.encoder, items, words, k=k)

    def _of_courses(
        self,
        courses: CourseSearch,
        words: str,
        vector: Vector | None,
        depth: int,
        found: Set[int],
        where: Filter,
        allowed: NDArray[np.int64] | None,
    ) -> dict[int, float]:
        """The scores of the courses among what was found, and of those that only the models for courses find."""
        question = courses.question(words)
        if question is None:
            return {}
        near = courses.near(question, depth, audiences=where.audiences, allowed=allowed)
        return courses.scores(words, question, vector, sorted(found | set(near)), self.vectors)

    def _complete(
        self, words: str, vector: Vector, dense: dict[int, float], lexical: dict[int, float], where: Filter
    ) -> None:
        """Give what one retriever found the score of the other as well, so that the fused scores compare."""
        alone = sorted(row for row in lexical.keys() - dense.keys() if row in self.vectors)
        if alone:
            only = np.array(alone, dtype=np.int64)
            beside = self.vectors.search(vector[None], len(alone), audiences=where.audiences, allowed=only)[0]
            dense.update((hit.row, hit.score) for hit in beside)
        rest = np.array(sorted(dense.keys() - lexical.keys()), dtype=np.int64)
        if len(rest):
            exact = self.lexical.search(words, len(rest), audiences=where.audiences, allowed=rest)
            lexical.update((hit.row, hit.score) for hit in exact)

    def _fused(
        self, words: str, dense: Mapping[int, float], lexical: Mapping[int, float], where: Filter, now: float
    ) -> list[Hit]:
        weight = self._weight(words, where)
        hits: list[Hit] = []
        for row in dense.keys() | lexical.keys():
            item = self.corpus.by_row(row)
            # Asked again of the item itself: what an index still holds must never widen what may be seen.
            if item is None or not where.admits(item):
                continue
            if row not in lexical and dense[row] < self.weights.least:
                continue
            reasons = self._reasons(item, dense.get(row), lexical.get(row), weight, now)
            if item.kind == TALK and len(where.kinds) != 1:
                reasons = (*reasons, Reason(KIND, -self.weights.talk))
            hits.append(Hit(item.id, sum(reason.value for reason in reasons), reasons))
        return sorted(hits, key=lambda hit: (-hit.score, hit.item))

    def _weight(self, words: str, where: Filter) -> float:
        few = len(query_words(words)) <= self.weights.keyword_words or looks_like_code(words)
        if self.courses is None or not len(self.courses.vectors) or where.kinds == {TALK}:
            return self.weights.keywords if few else self.weights.prose
        return self.weights.course_keywords if few else self.weights.course_prose

    def _reasons(
        self, item: Item, cosine: float | None, exact: float | None, weight: float, now: float
    ) -> tuple[Reason, ...]:
        reasons: list[Reason] = []
        if cosine is not None:
            reasons.append(Reason(DENSE, cosine))
        if exact is not None:
            reasons.append(Reason(LEXICAL, weight * exact))
        if item.starts_at is not None and item.starts_at < now:
            reasons.append(Reason(OVER, -self.weights.over))
        return tuple(reasons)


def _hides_little(where: Filter) -> bool:
    """Whether a filter asks for audiences, which have indexes of their own, and leaves out a few items at most.

    Then fetching as many more is cheaper than handing every row of the corpus to the indexes.
    """
    return len(where.exclude) <= _FEW_EXCLUDED and where == Filter(audiences=where.audiences, exclude=where.exclude)
