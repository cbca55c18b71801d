"""What every candidate generator promises, as a suite to inherit from."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace

import pytest

from recsys.types import PUBLIC, CandidateGenerator, Corpus, Filter, Query


class CandidateGeneratorContract:
    """A subclass provides the fixtures: a generator over a corpus, a query that it has an answer for, and the items
    that the user of that query knows already."""

    @pytest.fixture
    def generator(self) -> CandidateGenerator:
        raise NotImplementedError

    @pytest.fixture
    def corpus(self) -> Corpus:
        raise NotImplementedError

    @pytest.fixture
    def query(self) -> Query:
        raise NotImplementedError

    @pytest.fixture
    def known(self) -> Collection[str]:
        raise NotImplementedError

    def test_finds_something(self, generator: CandidateGenerator, query: Query) -> None:
        assert generator(query, 20)

    def test_at_most_n_without_duplicates(self, generator: CandidateGenerator, query: Query) -> None:
        for n in (0, 1, 2, 3, 1_000):
            found = [candidate.item for candidate in generator(query, n)]
            assert len(found) == len(set(found)) <= n

    def test_names_its_source(self, generator: CandidateGenerator, query: Query) -> None:
        assert {candidate.source for candidate in generator(query, 20)} == {generator.source}

    def test_best_first_with_finite_values(self, generator: CandidateGenerator, query: Query) -> None:
        found = generator(query, 50)
        assert all(math.isfinite(candidate.value) and candidate.value > 0 for candidate in found)
        assert [(-candidate.value, candidate.item) for candidate in found] == sorted(
            (-candidate.value, candidate.item) for candidate in found
        )

    def test_a_shorter_list_is_the_best_of_a_longer(self, generator: CandidateGenerator, query: Query) -> None:
        long = generator(query, 50)
        assert [c.value for c in generator(query, 3)] == [c.value for c in long[:3]]

    def test_only_what_the_filter_admits(self, generator: CandidateGenerator, query: Query, corpus: Corpus) -> None:
        found = [candidate.item for candidate in generator(query, 50)]
        for where in (
            replace(query.where, kinds=frozenset({"course"})),
            replace(query.where, kinds=frozenset({"post", "event"})),
            replace(query.where, languages=frozenset({"zh"})),
            replace(query.where, exclude=frozenset(found[:2])),
            replace(query.where, max_hours=20.0),
            replace(query.where, level=1),
            replace(query.where, audiences=frozenset()),
            replace(query.where, audiences=frozenset({PUBLIC, "room:7"})),
        ):
            for candidate in generator(replace(query, where=where), 1_000):
                item = corpus.get(candidate.item)
                assert item is not None
                assert where.admits(item)

    def test_nothing_that_the_user_knows(
        self, generator: CandidateGenerator, query: Query, known: Collection[str]
    ) -> None:
        assert known
        assert not set(known) & {candidate.item for candidate in generator(query, 1_000)}

    def test_nothing_that_is_over(self, generator: CandidateGenerator, query: Query, corpus: Corpus) -> None:
        for candidate in generator(query, 1_000):
            item = corpus.get(candidate.item)
            assert item is not None
            assert item.starts_at is None or item.starts_at >= query.now

    def test_evidence_is_of_what_the_query_may_see(
        self, generator: CandidateGenerator, query: Query, corpus: Corpus
    ) -> None:
        for candidate in generator(query, 50):
            for name in candidate.evidence.items:
                item = corpus.get(name)
                assert item is not None
                assert item.audience in query.where.audiences
                assert name in {interaction.item for interaction in query.history}

    def test_the_same_query_has_the_same_answer(self, generator: CandidateGenerator, query: Query) -> None:
        assert list(generator(query, 20)) == list(generator(query, 20))

    def test_hostile_queries_are_answered(self, generator: CandidateGenerator, query: Query) -> None:
        for other in (
            Query(user=None, now=query.now),
            replace(query, history=query.history * 50),
            replace(query, now=0.0),
            replace(query, now=4e9),
            replace(query, where=Filter(audiences=frozenset({"room:no-such"}))),
            replace(query, history=tuple(replace(done, item="nowhere") for done in query.history)),
            replace(query, history=tuple(replace(done, at=math.nan, value=math.nan) for done in query.history)),
        ):
            assert len(generator(other, 10)) <= 10
