"""The recommender: a query in, a list with reasons out. Joins sources, ranker and re-ranker; knows no storage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from recsys.batch import answered
from recsys.candidates.among import Among
from recsys.candidates.collaborative import Collaborative
from recsys.candidates.decided import Decided
from recsys.candidates.declared import DeclaredTopics
from recsys.candidates.fresh import Fresh
from recsys.candidates.mapped import Mapped
from recsys.candidates.nearest import nearest, scaled
from recsys.candidates.path import Path
from recsys.candidates.popular import Popular
from recsys.candidates.semantic import Semantic
from recsys.candidates.social import Social
from recsys.candidates.source import Generator, Source
from recsys.candidates.talking import Talking
from recsys.candidates.upcoming import Upcoming
from recsys.collaborative import CollaborativeModel
from recsys.columns import Slots, united
from recsys.corpus import MemoryCorpus
from recsys.discussions.live import LiveDiscussions
from recsys.discussions.model import DiscussionModel
from recsys.discussions.names import GROUPS
from recsys.participation import Participation
from recsys.profile import ProfileConfig, VectorOf
from recsys.ranking import AdditiveRanker, RankingConfig
from recsys.ranklearning import LearntRanking
from recsys.request import Indexes, Preparation, Request
from recsys.reranking import ListReranker, RerankingConfig, recommendation
from recsys.segmented import Segments
from recsys.signals import Feedback
from recsys.traits import Dismissed, HoursFit, LanguageFit, LevelFit, Quality, Repeated, Uptake
from recsys.types import CandidateGenerator, Evidence, Filter, Model, Query, Reason, Recommendation

_ALIKE: Final = 0.6
_TOGETHER: Final = 0.4
_HALF: Final = 4.0


@dataclass(frozen=True, slots=True)
class RecommenderConfig:
    """`per_source`: how many items each source may propose. The cosine scales of `semantic`, `declared` and `dismissed`
    belong to the encoder: measure them anew for another one."""

    feedback: Feedback = field(default_factory=Feedback)
    profile: ProfileConfig = field(default_factory=ProfileConfig)
    ranking: RankingConfig = field(default_factory=RankingConfig)
    reranking: RerankingConfig = field(default_factory=RerankingConfig)
    semantic: Semantic = field(default_factory=Semantic)
    declared: DeclaredTopics = field(default_factory=DeclaredTopics)
    dismissed: Dismissed = field(default_factory=Dismissed)
    fresh: Fresh = field(default_factory=Fresh)
    per_source: int = 100

    def __post_init__(self) -> None:
        if self.per_source < 1:
            raise ValueError(f"per_source must be at least 1, got {self.per_source!r}")


@dataclass(frozen=True, slots=True)
class _Engine:
    """What answers: never changed, only replaced whole."""

    model: Model | None
    sources: tuple[Source, ...]
    ranker: AdditiveRanker


class Recommender:
    """Answers queries from any number of threads while one thread writes corpus, indexes and participation."""

    def __init__(
        self,
        corpus: MemoryCorpus,
        vectors: Indexes,
        model: Model | None,
        topic_vector: VectorOf,
        config: RecommenderConfig | None = None,
        *,
        participation: Participation | None = None,
        discussions: LiveDiscussions | None = None,
        segments: Segments | None = None,
    ) -> None:
        self.corpus = corpus
        self.config = config or RecommenderConfig()
        self._participation = participation or Participation()
        self._discussions = discussions
        self._segments = segments or Segments()
        self._talk: DiscussionModel | None = None
        self._prepare = Preparation(
            corpus, vectors, topic_vector, feedback=self.config.feedback, config=self.config.profile
        )
        self._reranker = ListReranker(self._prepare, self.config.reranking)
        self._engine = self._built(model, self.config.ranking)

    @property
    def model(self) -> Model | None:
        return self._engine.model

    @property
    def ranking(self) -> RankingConfig:
        return self._engine.ranker.config

    def swap_model(self, model: Model | None) -> None:
        """Answer with another model from the next query on; queries under way end with the one they began with."""
        self._engine = self._built(model, self._engine.ranker.config)

    def swap_discussions(self, model: DiscussionModel | None) -> None:
        """Rank discussions that go on by another model from the next query on; None: by none."""
        self._talk = model
        self._engine = self._built(self._engine.model, self._engine.ranker.config)

    def swap_ranking(self, learnt: LearntRanking | None) -> None:
        """Answer with other learnt weights from the next query on; None: those set by hand."""
        self._engine = self._built(self._engine.model, replace(self.config.ranking, learnt=learnt))

    def generators(self) -> Mapping[str, CandidateGenerator]:
        """The candidate generators by source, for use one by one."""
        return {source.name: Generator(source, self._prepare) for source in self._engine.sources}

    def recommend(self, query: Query) -> list[Recommendation]:
        """At most k items that the query may see and its user does not know, best first, with reasons.

        Empty only when there is no such item. A user without a history gets what was declared, what is popular and
        what is fresh, each under its name.
        """
        if query.k <= 0:
            return []
        engine = self._engine
        request = self._prepare(query)
        slots = self._pool(engine, request)
        request.choose_among(slots)
        ranked = engine.ranker.rank(request, slots)
        odds = engine.ranker.config.odds
        choices = self._reranker.choices(request, ranked.slots, ranked.totals, odds)
        # What was removed or hidden while this query was answered goes no further.
        unchanged = self.corpus.view() is request.view
        kept = [choice for choice in choices if unchanged or self._still(query, ranked.items[choice.at])]
        reasons = ranked.reasons([choice.at for choice in kept])
        return [
            recommendation(ranked.items[choice.at], place, why, choice, ranked.probability(choice.at))
            for place, (choice, why) in enumerate(zip(kept, reasons, strict=True), start=1)
        ]

    def batch(self, queries: Iterable[Query], *, workers: int = 1) -> Iterator[list[Recommendation]]:
        """The lists of many queries in their order, each as `recommend` gives it, as they are asked for.

        What does not depend on a query is worked out once for all. Stop anywhere and go on with the rest of the
        queries: few are taken ahead. `workers`: threads; what is outside of NumPy and FAISS shares one core.
        """
        return answered(self.recommend, queries, workers=workers)

    def explain(self, query: Query, item: str) -> tuple[Reason, ...] | None:
        """The parts of the score of any item for this query, listed or not; None for what the query may not see."""
        request = self._prepare(query)
        slot = request.view.slot(item)
        if slot is None or request.view.items[slot].audience not in query.where.audiences:
            return None
        ranked = self._engine.ranker.rank(request, np.asarray([slot], dtype=np.int64))
        return ranked.reasons([0])[0]

    def related(self, item: str, k: int, where: Filter, now: float) -> list[Recommendation]:
        """Items like this one: near in meaning, or taken by the same learners. Empty for what `where` may not see."""
        request = self._prepare(Query(user=None, now=now, k=k, where=where))
        view = request.view
        origin = view.slot(item)
        if origin is None or view.items[origin].audience not in where.audiences or k <= 0:
            return []
        model = self._engine.model
        taken = dict(model.neighbours(item, self.config.per_source)) if model is not None else {}
        vector = request.vectors(np.asarray([origin], dtype=np.int64))
        found = np.union1d(nearest(request, vector, k + 1) if vector.any() else view.slots(()), view.slots(taken))
        slots = found[request.admitted[found] & (found != origin)]
        vectors = request.vectors(slots)
        alike = np.zeros(len(slots))
        if vectors.shape[1] == vector.shape[1] and vector.size:
            alike = scaled(vectors @ vector[0], self.config.semantic.low, self.config.semantic.high)
        scored: list[tuple[float, str, tuple[Reason, ...]]] = []
        for slot, likeness in zip(slots.tolist(), alike.tolist(), strict=True):
            other = view.items[slot].id
            reasons = []
            if likeness > 0:
                reasons.append(Reason("semantic", _ALIKE * likeness, Evidence(items=(item,))))
            if other in taken:
                count = model.together(item, other) if isinstance(model, CollaborativeModel) else 0
                value = _TOGETHER * taken[other] / (taken[other] + _HALF)
                reasons.append(Reason("collaborative", value, Evidence(items=(item,), count=count)))
            if reasons:
                scored.append((sum(reason.value for reason in reasons), other, tuple(reasons)))
        scored.sort(key=lambda entry: (-round(entry[0], 9), entry[1]))
        return [
            Recommendation(other, rank, score, reasons)
            for rank, (score, other, reasons) in enumerate(scored[:k], start=1)
        ]

    def _built(self, model: Model | None, ranking: RankingConfig) -> _Engine:
        config = self.config
        sources: list[Source] = [
            config.semantic,
            config.declared,
            Popular(half_life=self.corpus.popularity_half_life),
            Among(self._segments),
            config.fresh,
            Social(self._participation),
            Upcoming(semantic=config.semantic, declared=config.declared),
            Path(),
            Decided(),
        ]
        if model is not None:
            sources.append(collaborative := Collaborative(model))
            if isinstance(model, CollaborativeModel):
                sources.append(Mapped.of(collaborative, model))
        uptake = Uptake(ranking.learnt.kinds if ranking.learnt is not None else {})
        if self._talk is not None and self._discussions is not None:
            sources += [Talking(self._discussions, self._talk, group) for group in GROUPS]
        traits = (Quality(), LevelFit(), HoursFit(), LanguageFit(), config.dismissed, Repeated(), uptake)
        return _Engine(model, tuple(sources), AdditiveRanker((*sources, *traits), self._prepare, ranking))

    def _pool(self, engine: _Engine, request: Request) -> Slots:
        """What the sources propose that are not muted; filled up with the newest when that is too little for a list."""
        per_source = max(self.config.per_source, 2 * request.query.k)
        proposed = [
            source.propose(request, per_source)
            # The sources are the first of the scorers.
            for source, weight in zip(engine.sources, engine.ranker.weights(request), strict=False)
            if weight != 0.0
        ]
        pinned = request.view.slots(request.query.decisions.pins)
        slots = united(pinned[request.admitted[pinned]], *proposed)
        wanted = self.config.reranking.per_author * request.query.k
        if len(slots) < wanted:
            rest = request.admitted.copy()
            rest[slots] = False
            others = np.flatnonzero(rest)
            newest = np.lexsort((others, -request.view.columns.created_at[others]))[: wanted - len(slots)]
            slots = united(slots, others[newest])
        return slots

    def _still(self, query: Query, item: str) -> bool:
        found = self.corpus.get(item)
        return found is not None and query.where.admits(found)
