"""Exact words: BM25 on tantivy, one index in memory an audience. Knows words and rows; no meaning and no items.

What a user types is never read as query syntax: it is cut into words, and the query is built of terms.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import tantivy
from numpy.typing import NDArray

from recsys.segment import query_words, words
from recsys.types import PUBLIC, Neighbour

_ROW: Final = "row"
_TITLE: Final = "title"
_TEXT: Final = "text"
_TITLE_BOOST: Final = 2.0
_HEAP: Final = 15_000_000
"""The least that tantivy takes; it is held while a batch is written and not between batches."""
_SATURATED: Final = 1.2 + 1.0
"""BM25 gives one word at most idf * (k1 + 1), with tantivy's k1 = 1.2."""
_FEW_ALLOWED: Final = 1024
_FETCH: Final = 32

Document = tuple[int, str, str]
"""(row, title, text)."""


class LexicalIndex:
    """`Lexical` over one audience. Thread-safe: one writer at a time, any number of searches.

    A neighbour's score is its BM25 divided by what the query's words could give in a title and a text together: between
    0 and 1, comparable between queries and between indexes.
    """

    def __init__(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field(_ROW, indexed=True, fast=True)
        builder.add_text_field(_TITLE, tokenizer_name="words", index_option="freq")
        builder.add_text_field(_TEXT, tokenizer_name="words", index_option="freq")
        self._schema: Any = builder.build()
        self._index: Any = tantivy.Index(self._schema)
        split = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("words", split)
        self._writing = threading.Lock()
        self._rows: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row: object) -> bool:
        return row in self._rows

    def add(self, documents: Iterable[Document]) -> None:
        """Add or replace in one commit (milliseconds, so give many at once); the last of doubled rows counts."""
        newest = {row: (" ".join(words(title)), " ".join(words(text))) for row, title, text in documents}
        self._write(newest, gone=self._rows & newest.keys())

    def remove(self, rows: Iterable[int]) -> None:
        """Remove rows in one commit; unknown ones are passed over. Afterwards nothing finds them."""
        self._write({}, gone=self._rows.intersection(rows))

    def search(self, words: str, k: int, *, allowed: NDArray[np.int64] | None = None) -> list[Neighbour]:
        """Up to k rows that have a word of the query, best first, ties by row. No words, no rows."""
        if k < 0:
            raise ValueError(f"k must not be negative, got {k}")
        terms = query_words(words)
        if not terms or not k or not self._rows or (allowed is not None and not len(allowed)):
            return []
        searcher = self._index.searcher()
        query = self._query(terms)
        if allowed is not None and len(allowed) <= _FEW_ALLOWED:
            only = tantivy.Query.const_score_query(self._any_of(allowed.tolist()), 0.0)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
            allowed = None
        ceiling = self._ceiling(searcher, terms)
        found = _top(searcher, query, k, allowed)
        return [Neighbour(row, min(score / ceiling, 1.0)) for row, score in found]

    def rarity(self, words: str) -> float:
        """How rare the rarest known word of a query is here: 0 (in every document, or unknown) to 1 (in one)."""
        searcher = self._index.searcher()
        number = int(searcher.num_docs)
        if number < 2:
            return 0.0
        counts = [self._having(searcher, term) for term in query_words(words)]
        return max((1.0 - math.log(count) / math.log(number) for count in counts if 0 < count <= number), default=0.0)

    def _write(self, documents: Mapping[int, tuple[str, str]], *, gone: Iterable[int]) -> None:
        gone = list(gone)
        if not documents and not gone:
            return
        with self._writing:
            # A writer of its own for every batch: one that is kept has six threads and its heap, and commits slower.
            writer = self._index.writer(heap_size=_HEAP, num_threads=1)
            for row in gone:
                writer.delete_documents_by_term(_ROW, row)
            for row, (title, text) in documents.items():
                document = tantivy.Document()
                document.add_integer(_ROW, row)
                document.add_text(_TITLE, title)
                document.add_text(_TEXT, text)
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._rows = (self._rows - frozenset(gone)) | documents.keys()

    def _query(self, terms: Sequence[str]) -> Any:
        parts = []
        for term in terms:
            title = tantivy.Query.term_query(self._schema, _TITLE, term, "freq")
            parts.append((tantivy.Occur.Should, tantivy.Query.boost_query(title, _TITLE_BOOST)))
            parts.append((tantivy.Occur.Should, tantivy.Query.term_query(self._schema, _TEXT, term, "freq")))
        return tantivy.Query.boolean_query(parts)

    def _any_of(self, rows: Sequence[int]) -> Any:
        return tantivy.Query.term_set_query(self._schema, _ROW, rows)

    def _ceiling(self, searcher: Any, terms: Sequence[str]) -> float:
        number = int(searcher.num_docs)
        total = 0.0
        for term in terms:
            having = min(self._having(searcher, term), number)
            total += math.log(1.0 + (number - having + 0.5) / (having + 0.5))
        return max(total * _SATURATED * (1.0 + _TITLE_BOOST), 1e-9)

    @staticmethod
    def _having(searcher: Any, term: str) -> int:
        """Documents with a term, in the field where it is more frequent."""
        return max(int(searcher.doc_freq(_TITLE, term)), int(searcher.doc_freq(_TEXT, term)))


def _top(searcher: Any, query: Any, k: int, allowed: NDArray[np.int64] | None) -> list[tuple[int, float]]:
    """The k best (row, BM25), fetching more until the filter has let k through and the border has no open ties."""
    fetch = k + _FETCH
    while True:
        hits = searcher.search(query, fetch, count=False).hits
        rows = np.array(searcher.fast_field_values(_ROW, [address for _, address in hits]), dtype=np.int64)
        scores = [score for score, _ in hits]
        kept = np.ones(len(rows), dtype=np.bool_) if allowed is None else _among(rows, allowed)
        found = [(int(rows[place]), float(scores[place])) for place in np.flatnonzero(kept)]
        if len(hits) < fetch or (len(found) >= k and scores[-1] < found[k - 1][1]):
            return heapq.nsmallest(k, found, key=lambda hit: (-hit[1], hit[0]))
        fetch *= 4


def _among(rows: NDArray[np.int64], allowed: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows are in the sorted `allowed`, at the price of the few rows rather than of the many allowed ones."""
    at = np.minimum(allowed.searchsorted(rows), len(allowed) - 1)
    among: NDArray[np.bool_] = allowed[at] == rows
    return among


class LexicalSet:
    """One `LexicalIndex` an audience; a row is in one audience at a time. Rebuilt from the store, never saved."""

    def __init__(self) -> None:
        self._writing = threading.Lock()
        self._indexes: dict[str, LexicalIndex] = {}

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences that have a document."""
        return frozenset(self._indexes)

    def __len__(self) -> int:
        return sum(len(index) for index in list(self._indexes.values()))

    def __contains__(self, row: object) -> bool:
        return any(row in index for index in list(self._indexes.values()))

    def add(self, audience: str, documents: Iterable[Document]) -> None:
        """Add or replace; rows that were in another audience leave it first."""
        listed = list(documents)
        if not listed:
            return
        with self._writing:
            self._leave([row for row, _, _ in listed], staying=audience)
            index = self._indexes.get(audience, LexicalIndex())
            index.add(listed)
            self._indexes = self._indexes | {audience: index}

    def remove(self, rows: Iterable[int]) -> None:
        """Remove rows wherever they are. Audiences that end up empty are dropped."""
        with self._writing:
            self._leave(list(rows), staying=None)

    def drop(self, audience: str) -> None:
        """Forget an audience."""
        with self._writing:
            self._indexes = {name: index for name, index in self._indexes.items() if name != audience}

    def search(
        self,
        words: str,
        k: int,
        *,
        audiences: Iterable[str] = (PUBLIC,),
        allowed: NDArray[np.int64] | None = None,
    ) -> list[Neighbour]:
        """As `LexicalIndex.search` over the given audiences only; word statistics are each audience's own."""
        found = [index.search(words, k, allowed=allowed) for index in self._within(audiences)]
        return heapq.nsmallest(k, (hit for part in found for hit in part), key=lambda hit: (-hit.score, hit.row))

    def rarity(self, words: str, *, audiences: Iterable[str] = (PUBLIC,)) -> float:
        """The highest `LexicalIndex.rarity` of the given audiences."""
        return max((index.rarity(words) for index in self._within(audiences)), default=0.0)

    def _within(self, audiences: Iterable[str]) -> list[LexicalIndex]:
        now = self._indexes
        return [now[audience] for audience in sorted(set(audiences)) if audience in now]

    def _leave(self, rows: Sequence[int], *, staying: str | None) -> None:
        for audience, index in self._indexes.items():
            if audience != staying:
                index.remove(rows)
        self._indexes = {name: index for name, index in self._indexes.items() if len(index)}
