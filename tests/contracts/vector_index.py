"""What every VectorIndex must do. Subclass and say how one is made."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.types import Matrix, VectorIndex


def unit(number: int, dimension: int, seed: int = 0) -> Matrix:
    """Random vectors of length 1."""
    drawn = np.random.default_rng(seed).standard_normal((number, dimension))
    scaled: Matrix = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return scaled


class VectorIndexContract:
    def make(self, dimension: int) -> VectorIndex:
        raise NotImplementedError

    def test_finds_the_nearest_first_with_its_cosine(self) -> None:
        index, vectors = self.make(8), unit(20, 8)
        index.add(range(100, 120), vectors)
        found = index.search(vectors[3:4], 5)[0]
        assert [hit.row for hit in found] == [100 + place for place in np.argsort(-(vectors @ vectors[3]))[:5]]
        assert found[0].score == pytest.approx(1.0, abs=1e-5)

    def test_every_query_has_its_own_list(self) -> None:
        index, vectors = self.make(8), unit(30, 8)
        index.add(range(30), vectors)
        assert [found[0].row for found in index.search(vectors, 1)] == list(range(30))

    def test_ties_go_to_the_lower_row_however_they_came(self) -> None:
        index, same = self.make(8), unit(1, 8)
        for row in (9, -4, 7, 2**62, 0):
            index.add([row], same)
        assert [hit.row for hit in index.search(same, 3)[0]] == [-4, 0, 7]
        assert [hit.row for hit in index.search(same, 9)[0]] == [-4, 0, 7, 9, 2**62]

    def test_adding_again_replaces(self) -> None:
        index, (old, new) = self.make(4), unit(2, 4)
        index.add([5], old[None])
        index.add([5], new[None])
        assert len(index) == 1
        assert np.array_equal(index.vectors([5]), new[None])
        assert index.search(new[None], 10)[0][0].score == pytest.approx(1.0, abs=1e-5)

    def test_what_is_removed_is_gone(self) -> None:
        index, vectors = self.make(4), unit(3, 4)
        index.add([1, 2, 3], vectors)
        assert index.remove([2, 3, 99]) == 2
        assert len(index) == 1
        assert 2 not in index
        assert 1 in index
        assert [hit.row for hit in index.search(vectors[1:2], 10)[0]] == [1]
        with pytest.raises(KeyError, match="2"):
            index.vectors([1, 2])

    def test_near_finds_admitted_rows_only_and_what_is_clearly_nearest(self) -> None:
        index, vectors = self.make(8), unit(60, 8)
        index.add(range(60), vectors)
        index.remove([0, 1])
        index.add([70], vectors[:1])
        found = index.near(vectors[:3], 5, lambda rows: rows % 2 == 0)
        for query, rows in zip(vectors, found, strict=False):
            exact = index.search(query[None], 5, allowed=np.asarray([*range(2, 60, 2), 70], dtype=np.int64))[0]
            assert rows.tolist() == sorted(hit.row for hit in exact)
        for _ in range(2):
            again = index.near(vectors[:3], 5, lambda rows: rows % 2 == 0, standing=2)
            assert [rows.tolist() for rows in again] == [rows.tolist() for rows in found]
        assert index.near(vectors[:2], 0, lambda rows: rows >= 0)[1].tolist() == []
        assert index.near(vectors[:1], 5, lambda rows: rows < 0)[0].tolist() == []
        assert len(index.near(vectors[:1], 99, lambda rows: rows >= 0)[0]) == 59

    def test_held_tells_what_is_there_and_gives_its_vectors(self) -> None:
        index, vectors = self.make(8), unit(6, 8)
        assert not index.held(np.asarray([3], dtype=np.int64))[0].any()
        index.add([1, 2, 3, 4], vectors[:4])
        index.remove([2])
        index.add([4], vectors[5:])
        here, found = index.held(np.asarray([4, 9, 2, 1, 4], dtype=np.int64))
        assert here.tolist() == [True, False, False, True, True]
        assert np.array_equal(found, vectors[[5, 0, 5]])

    def test_products_are_those_with_the_vectors_that_are_there(self) -> None:
        index, vectors = self.make(8), unit(40, 8)
        index.add(range(30), vectors[:30])
        index.add([5], vectors[35:36])
        for gone in ([], [7]):
            index.remove(gone)
            rows = np.asarray([12, 7, 99, 5, 0], dtype=np.int64)
            there, held = index.held(rows)
            for number in (1, 3, 20):
                expected = np.zeros((number, len(rows)))
                expected[:, there] = vectors[:number] @ held.T
                assert np.allclose(index.products(vectors[:number], rows), expected, atol=1e-6)
        assert index.products(vectors[:2], rows[:0]).shape == (2, 0)
        among = np.asarray([3, 1, 2], dtype=np.int64)
        assert np.allclose(index.products(vectors[:2], among), vectors[:2] @ vectors[among].T, atol=1e-6)

    def test_only_allowed_rows_are_found_and_enough_of_them(self) -> None:
        index, vectors = self.make(8), unit(200, 8)
        index.add(range(200), vectors)
        allowed = np.arange(1, 200, 20, dtype=np.int64)
        found = index.search(vectors[:1], 10, allowed=allowed)[0]
        assert sorted(hit.row for hit in found) == allowed.tolist()
        assert index.search(vectors[:1], 10, allowed=np.zeros(0, dtype=np.int64)) == [[]]
        assert index.search(vectors[:1], 10, allowed=np.array([777], dtype=np.int64)) == [[]]

    def test_disordered_filter_is_refused(self) -> None:
        index = self.make(4)
        index.add([1, 2], unit(2, 4))
        with pytest.raises(ValueError, match="sorted"):
            index.search(unit(1, 4), 1, allowed=np.array([2, 1], dtype=np.int64))

    def test_an_empty_index_and_a_query_of_zeros_find_nothing(self) -> None:
        index = self.make(4)
        assert index.search(unit(2, 4), 3) == [[], []]
        index.add([1], unit(1, 4))
        assert index.search(np.zeros((1, 4), dtype=np.float32), 3) == [[]]
        assert index.search(np.zeros((0, 4), dtype=np.float32), 3) == []
        assert index.search(unit(1, 4), 0) == [[]]

    @pytest.mark.parametrize(
        ("rows", "vectors", "words"),
        [
            ([1], np.ones((1, 3), dtype=np.float32), "shape"),
            ([1, 2], unit(1, 4), "shape"),
            ([1], unit(1, 4)[0], "shape"),
            ([1], np.full((1, 4), np.nan, dtype=np.float32), "length nan"),
            ([1], np.full((1, 4), np.inf, dtype=np.float32), "length inf"),
            ([1], np.ones((1, 4), dtype=np.float32), "length 2"),
            ([1], np.zeros((1, 4), dtype=np.float32), "length 0"),
            ([1, 1], unit(2, 4), "twice"),
            ([2**63], unit(1, 4), "64-bit"),
            (["1"], unit(1, 4), "64-bit"),
        ],
    )
    def test_nonsense_is_refused_and_changes_nothing(self, rows: list[int], vectors: Matrix, words: str) -> None:
        index = self.make(4)
        index.add([1], unit(1, 4, seed=7))
        with pytest.raises(ValueError, match=words):
            index.add(rows, vectors)
        assert np.array_equal(index.vectors([1]), unit(1, 4, seed=7))

    @pytest.mark.parametrize("queries", [np.ones((1, 3)), np.ones(4), np.full((1, 4), np.nan)])
    def test_nonsense_queries_are_refused(self, queries: Matrix) -> None:
        index = self.make(4)
        index.add([1], unit(1, 4))
        with pytest.raises(ValueError, match=r"shape|finite"):
            index.search(queries.astype(np.float32), 1)

    def test_is_a_vector_index(self) -> None:
        assert isinstance(self.make(4), VectorIndex)
        assert self.make(4).dimension == 4
