"""Everything that answers, kept in step: corpus, vectors, words, participation and model. Knows no store and no chat.

One thread writes (`put`, `remove`, `observe`, `publish_model`); any number may ask.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from recsys.collaborative import CollaborativeModel
from recsys.corpus import MemoryCorpus
from recsys.coursesearch import CourseSearch
from recsys.discussions.live import LiveDiscussions, Place
from recsys.discussions.model import DiscussionModel
from recsys.encoders.errors import EncoderUnavailable
from recsys.index import IndexSet
from recsys.lexical import LexicalSet
from recsys.participation import Participation
from recsys.passages import best_passages
from recsys.ranking import RankingConfig
from recsys.ranklearning import LearntRanking
from recsys.recommender import Recommender, RecommenderConfig
from recsys.search import HybridSearch
from recsys.segmented import Segments
from recsys.types import (
    PUBLIC,
    Declared,
    Encoder,
    Filter,
    Hit,
    Interaction,
    Item,
    Passage,
    Query,
    QuestionEncoder,
    Reason,
    Recommendation,
    Vector,
)


class Shelf:
    """The items of one community, ready to be recommended and searched."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        vectors: IndexSet | None = None,
        model: CollaborativeModel | None = None,
        config: RecommenderConfig | None = None,
        courses: QuestionEncoder | None = None,
    ) -> None:
        self._encoder = encoder
        self._topics: dict[str, Vector] = {}
        self._writing = threading.Lock()
        self.vectors = vectors if vectors is not None else IndexSet(encoder.dimension)
        self.corpus = MemoryCorpus()
        self.lexical = LexicalSet()
        self.participation = Participation()
        self.courses = CourseSearch(courses) if courses is not None else None
        self._search = HybridSearch(encoder, self.vectors, self.lexical, self.corpus, courses=self.courses)
        self._rooms: dict[str, str] = {}
        self.discussions = LiveDiscussions(self._place)
        self.segments = Segments(self._public_row)
        self._recommender = Recommender(
            self.corpus,
            self.vectors,
            model,
            self.topic_vector,
            config,
            participation=self.participation,
            discussions=self.discussions,
            segments=self.segments,
        )

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def model(self) -> CollaborativeModel | None:
        model = self._recommender.model
        return model if isinstance(model, CollaborativeModel) else None

    def put(
        self,
        items: Sequence[tuple[Item, Vector | None]],
        *,
        keep_vectors: bool = False,
        courses: Mapping[int, Vector] = MappingProxyType({}),
    ) -> None:
        """Add or replace items; those without a vector are found by words until they have one.

        What the index holds of an item that now comes without a vector was made of other text, so it goes, unless
        `keep_vectors` says that the index was loaded with the vectors of these very items. `courses`: the vectors by
        the models for courses, by row, of those items that have one.
        """
        with self._writing:
            by_audience: dict[str, list[tuple[Item, Vector | None]]] = {}
            for item, vector in items:
                by_audience.setdefault(item.audience, []).append((item, vector))
            for audience, group in by_audience.items():
                usable = [(item.row, v) for item, v in group if v is not None and bool(np.any(v))]
                if usable:
                    self.vectors.add(audience, [row for row, _ in usable], np.stack([v for _, v in usable]))
                self.lexical.add(audience, [(item.row, item.title, item.text) for item, _ in group])
            if not keep_vectors:
                self.vectors.remove([item.row for item, vector in items if vector is None])
            if self.courses is not None:
                self.courses.put({item.row: item.audience for item, _ in items}, courses)
            self.corpus.upsert(item for item, _ in items)
            self.segments.remove(item.row for item, _ in items if item.audience != PUBLIC)
            self.discussions.moved(item.id for item, _ in items)

    def remove(self, items: Iterable[tuple[str, int]]) -> None:
        """Forget items by (id, row): from now on nobody meets them."""
        gone = list(items)
        with self._writing:
            self.corpus.remove(item for item, _ in gone)
            rows = [row for _, row in gone]
            self.vectors.remove(rows)
            if self.courses is not None:
                self.courses.vectors.remove(rows)
            self.lexical.remove(rows)
            self.segments.remove(rows)
            for item, _ in gone:
                self.participation.remove_post(item)
                self._rooms.pop(item, None)
            self.discussions.moved(item for item, _ in gone)

    def observe(
        self,
        interactions: Sequence[Interaction],
        now: float,
        *,
        rooms: Mapping[str, str] | None = None,
        people: Mapping[str, Declared | None] | None = None,
    ) -> None:
        """Count actions towards popularity, segments, participation and discussions.

        rooms: of posts that are new among them. people: as `declare`, for who is new among them; the actions of who
        never was count in no segment.
        """
        with self._writing:
            self.segments.declare(people or {})
            self.segments.observe(interactions)
            self.corpus.observe(interactions, now)
            self.participation.observe(interactions)
            self._rooms.update(rooms or {})
            self.discussions.observe(interactions)

    def knows_room(self, post: str) -> bool:
        return post in self._rooms

    def declare(self, people: Mapping[str, Declared | None]) -> None:
        """What people say of themselves from now on; None: they are not to be counted among those like anybody."""
        with self._writing:
            self.segments.declare(people)

    def settle(self) -> None:
        """After everything was taken in: what came out of order is put in its place."""
        with self._writing:
            self.discussions.settle()
            self.vectors.settle()
            self.segments.settle()

    def forget_actions(self) -> None:
        """Start counting popularity and participation anew, as after somebody took a consent back."""
        with self._writing:
            self.corpus.forget_popularity()
            self.participation.clear()
            self.discussions.clear()
            self.segments.clear()

    def publish_model(self, model: CollaborativeModel | None) -> None:
        """Answer with another collaborative model from the next query on."""
        self._recommender.swap_model(model)

    def _public_row(self, item: str) -> int | None:
        known = self.corpus.get(item)
        return known.row if known is not None and known.audience == PUBLIC else None

    def publish_discussions(self, model: DiscussionModel | None) -> None:
        """Rank discussions that go on by another model from the next query on; None: by none."""
        self._recommender.swap_discussions(model)

    def _place(self, post: str) -> Place | None:
        item = self.corpus.get(post)
        return None if item is None or item.kind != "post" else Place(item.audience, self._rooms.get(post, ""))

    def publish_ranking(self, learnt: LearntRanking | None) -> None:
        """Weigh the parts of the score anew from the next query on."""
        self._recommender.swap_ranking(learnt)

    @property
    def ranking(self) -> RankingConfig:
        return self._recommender.ranking

    def recommend(self, query: Query) -> list[Recommendation]:
        return self._recommender.recommend(query)

    def batch(self, queries: Iterable[Query], *, workers: int = 1) -> Iterator[list[Recommendation]]:
        """As `Recommender.batch`."""
        return self._recommender.batch(queries, workers=workers)

    def explain(self, query: Query, item: str) -> Recommendation | None:
        """The parts of one item's score, listed or not; None for what the query may not see."""
        reasons: tuple[Reason, ...] | None = self._recommender.explain(query, item)
        if reasons is None:
            return None
        return Recommendation(item, 1, sum(reason.value for reason in reasons), reasons)

    def search(self, words: str, *, k: int, where: Filter, now: float) -> list[Hit]:
        """As `HybridSearch.search`; without words, the newest admitted items (a filter alone is a wish too)."""
        if words.strip():
            return self._search.search(words, k=k, where=where, now=now)
        newest = sorted(self.corpus.items(where), key=lambda item: (-item.created_at, item.id))[:k]
        return [Hit(item.id, 0.0, (Reason("fresh", 0.0),)) for item in newest]

    def passages(self, words: str, texts: Sequence[tuple[str, str]], *, k: int) -> list[Passage]:
        """Of (key, text) pairs the sentence of each that is nearest to the words; the k best, best first."""
        items = [Item(id=key, row=0, kind="", title="", text=text) for key, text in texts]
        return best_passages(self._encoder, items, words, k=k)

    def similar(self, item: str, *, k: int, where: Filter) -> list[Hit]:
        """The nearest items in meaning with their cosine; empty for what the filter may not see."""
        known = self.corpus.get(item)
        if known is None or known.audience not in where.audiences or known.row not in self.vectors:
            return []
        vector = self.vectors.vectors([known.row])
        allowed = self.corpus.rows(replace(where, exclude=where.exclude | {item}))
        found = self.vectors.search(vector, k, audiences=where.audiences, allowed=allowed)[0]
        hits = []
        for neighbour in found:
            other = self.corpus.by_row(neighbour.row)
            if other is not None and where.admits(other):
                hits.append(Hit(other.id, neighbour.score, (Reason("dense", neighbour.score),)))
        return hits

    def topic_vector(self, topic: str) -> Vector | None:
        """The vector of a declared topic (a tag or free words), remembered; None when the encoder cannot answer."""
        known = self._topics.get(topic)
        if known is not None:
            return known
        try:
            vector: Vector = self._encoder.encode([topic.replace("-", " ")])[0]
        except EncoderUnavailable:
            return None
        if not vector.any():
            return None
        if len(self._topics) > 10_000:
            self._topics.clear()
        self._topics[topic] = vector
        return vector

    def save(self, folder: Path, *, mark: str) -> None:
        """A snapshot of the vectors; `mark` says up to where the store is in it."""
        with self._writing:
            self.vectors.save(folder, encoder=self._encoder.name, mark=mark)
