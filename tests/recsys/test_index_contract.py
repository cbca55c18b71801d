"""The oracle and FAISS keep one contract, and agree with each other whatever is done to them."""

from __future__ import annotations

import dataclasses
import threading

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recsys.index import ExactIndex, FaissIndex, flat, nearby
from recsys.index.codes import Codes
from recsys.types import Matrix, VectorIndex
from tests.contracts.vector_index import VectorIndexContract, unit


class TestExactIndex(VectorIndexContract):
    def make(self, dimension: int) -> VectorIndex:
        return ExactIndex(dimension)


class TestFaissIndex(VectorIndexContract):
    def make(self, dimension: int) -> VectorIndex:
        return FaissIndex(dimension)


class TestFaissIndexThatMergesAlways(VectorIndexContract):
    @pytest.fixture(autouse=True)
    def _small_delta(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flat, "_DELTA", 1)
        monkeypatch.setattr(flat, "_DIRECT", 0)

    def make(self, dimension: int) -> VectorIndex:
        return FaissIndex(dimension)


class TestFaissIndexWithCodes(VectorIndexContract):
    @pytest.fixture(autouse=True)
    def _codes_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flat, "_DELTA", 1)
        monkeypatch.setattr(flat, "_CODED_FROM", 20)
        monkeypatch.setattr(nearby, "_SCANNED", (4, 20))

    def make(self, dimension: int) -> VectorIndex:
        return FaissIndex(dimension)


POOL = unit(12, 6, seed=3)
ROWS = st.integers(-6, 40)
PAIRS = st.lists(st.tuples(ROWS, st.integers(0, 11)), max_size=15, unique_by=lambda pair: pair[0])
STEP = st.tuples(st.sampled_from(["add", "add", "remove", "search"]), PAIRS)


@pytest.mark.parametrize(("delta", "few_dead", "direct"), [(4096, 64, 2048), (3, 0, 0), (5, 64, 0), (2, 1, 3)])
def test_faiss_agrees_with_the_oracle(monkeypatch: pytest.MonkeyPatch, delta: int, few_dead: int, direct: int) -> None:
    """Few different vectors, so that ties are everywhere; small limits, so that every path of the search is taken."""
    monkeypatch.setattr(flat, "_DELTA", delta)
    monkeypatch.setattr(flat, "_FEW_DEAD", few_dead)
    monkeypatch.setattr(flat, "_DIRECT", direct)
    monkeypatch.setattr(flat, "_SPARE", 1)

    @settings(max_examples=150, deadline=None)
    @given(st.lists(STEP, max_size=25), st.integers(1, 9))
    def run(steps: list[tuple[str, list[tuple[int, int]]]], k: int) -> None:
        exact, index = ExactIndex(6), FaissIndex(6)
        for kind, pairs in [*steps, ("search", [])]:
            rows = [row for row, _ in pairs]
            if kind == "add":
                vectors = POOL[np.array([place for _, place in pairs], dtype=np.intp)]
                exact.add(rows, vectors)
                index.add(rows, vectors)
            elif kind == "remove":
                assert index.remove(rows) == exact.remove(rows)
            else:
                allowed = np.array(sorted(rows), dtype=np.int64) if rows else None
                assert index.search(POOL[:4], k, allowed=allowed) == exact.search(POOL[:4], k, allowed=allowed)
            assert len(index) == len(exact)
            assert np.array_equal(index.rows(), exact.rows())
        here = exact.rows().tolist()
        assert np.array_equal(index.vectors(here), exact.vectors(here))

    run()


def test_many_dead_rows_never_cost_results() -> None:
    index, vectors = FaissIndex(16), unit(6_000, 16)
    index.add(range(6_000), vectors)
    best = [hit.row for hit in index.search(vectors[:1], 300)[0]]
    index.remove(best[:290])
    left = [hit.row for hit in index.search(vectors[:1], 10)[0]]
    assert left == best[290:]


def clustered(number: int, dimension: int, *, seed: int = 0) -> Matrix:
    """Unit vectors around fifty centres, as texts about fifty subjects are."""
    random = np.random.default_rng(seed)
    around = unit(50, dimension, seed)[random.integers(0, 50, number)]
    rows = around + unit(number, dimension, seed + 1) * 0.9
    scaled: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def recall(index: FaissIndex, queries: Matrix, allowed: NDArray[np.int64], k: int = 100) -> float:
    near = index.near(queries, k, lambda rows: np.isin(rows, allowed))
    exact = index.search(queries, k, allowed=allowed)
    for rows in near:
        assert np.isin(rows, allowed).all()
        assert len(rows) == min(k, len(allowed))
    shares = [len({hit.row for hit in hits} & set(rows.tolist())) / k for rows, hits in zip(near, exact, strict=True)]
    return float(np.mean(shares))


def test_codes_hold_99_of_100_of_the_nearest_through_changes() -> None:
    vectors, queries = clustered(16_000, 128), clustered(12, 128, seed=9)
    index = FaissIndex(128)
    for start in range(0, 15_000, 5_000):
        index.add(range(start, start + 5_000), vectors[start : start + 5_000])
    everything = np.arange(15_000, dtype=np.int64)
    assert recall(index, queries, everything) >= 0.99
    assert recall(index, queries, everything[::3]) >= 0.99
    nearest = [hit.row for hit in index.search(queries[:1], 50)[0]]
    index.remove(nearest)
    index.add([20_000], queries[:1])
    found = index.near(queries[:1], 100, lambda rows: rows >= 0)[0]
    assert not set(nearest) & set(found.tolist())
    assert 20_000 in found
    index.remove(range(0, 15_000, 5))  # so many that the index is arranged anew
    left = np.asarray([row for row in range(15_000) if row % 5 and row not in set(nearest)] + [20_000], dtype=np.int64)
    assert recall(index, queries, left) >= 0.99


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7])
def test_queries_scanned_together_find_what_each_finds_alone(number: int) -> None:
    vectors, queries = clustered(9_000, 64), clustered(number, 64, seed=3)
    codes, chosen = Codes.of(vectors), np.arange(9_000) % 7 > 0
    together = codes.scan(queries, 50, chosen)
    assert together.shape == (number, 50)
    for query, found in zip(queries, together, strict=True):
        assert chosen[found].all()
        assert set(found.tolist()) == set(codes.scan(query[None], 50, chosen)[0].tolist())


def parted(number: int, dimension: int, clusters: int, seed: int = 0) -> Matrix:
    """Unit vectors of which each lies close to one of some centres."""
    random = np.random.default_rng(seed)
    rows = unit(clusters, dimension, 0)[random.integers(0, clusters, number)] + unit(number, dimension, seed + 1) * 0.5
    scaled: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def test_vectors_in_clusters_are_looked_for_in_few_lists_and_nothing_is_lost() -> None:
    vectors, queries = parted(24_000, 64, 40), parted(12, 64, 40, seed=9)
    index = FaissIndex(64)
    index.add(range(20_000), vectors[:20_000])
    index.settle()
    lists = Codes.of(vectors[:20_000]).lists
    assert lists is not None
    assert 4 * lists.looked_at <= lists.centres.ntotal
    assert recall(index, queries, np.arange(20_000, dtype=np.int64)) >= 0.99
    # Of few that are chosen the nearest are farther away than those lists.
    assert recall(index, queries, np.arange(0, 20_000, 40, dtype=np.int64)) >= 0.99
    index.add(range(20_000, 24_000), vectors[20_000:])
    index.remove(range(0, 24_000, 3))
    index.settle()
    assert recall(index, queries, np.asarray([row for row in range(24_000) if row % 3])) >= 0.99


def test_lists_scan_less_and_find_the_same() -> None:
    vectors = parted(20_000, 64, 40)
    codes = Codes.of(vectors)
    assert codes.lists is not None
    plain = dataclasses.replace(codes, lists=None)
    queries, counted = parted(5, 64, 40, seed=9), faiss.cvar.indexIVF_stats
    found = []
    for some in (codes, plain):
        counted.reset()
        found.append((some.scan(queries, 50, None), int(counted.ndis)))
    (ours, looked_at), (theirs, all_of_them) = found
    assert looked_at * 3 <= all_of_them
    assert np.mean([len(np.intersect1d(one, other)) for one, other in zip(ours, theirs, strict=True)]) >= 49


def test_queries_that_lists_were_not_measured_with_are_looked_for_everywhere() -> None:
    vectors, queries = parted(20_000, 64, 40), parted(4, 64, 40, seed=9)
    codes = Codes.of(vectors)
    plain = dataclasses.replace(codes, lists=None)
    assert codes.lists is not None
    none_near = codes.lists.of != codes.lists.centres.search(queries[:1], 1)[1][0, 0]
    assert codes.lists.suffice(queries, None)
    elsewhere = unit(3, 64, seed=77)
    for some, chosen in ((queries, none_near), (queries, np.arange(20_000) % 50 == 0), (elsewhere, None)):
        assert not codes.lists.suffice(some, chosen)
        assert [set(row) for row in codes.scan(some, 100, chosen).tolist()] == [
            set(row) for row in plain.scan(some, 100, chosen).tolist()
        ]
    deep = codes.scan(queries, 3_000, None)
    assert [set(row) for row in deep.tolist()] == [set(row) for row in plain.scan(queries, 3_000, None).tolist()]


def test_vectors_without_clusters_have_no_lists() -> None:
    assert Codes.of(unit(20_000, 64)).lists is None


def test_what_is_near_a_standing_query_is_remembered_and_always_true() -> None:
    vectors, queries = clustered(16_000, 128), clustered(6, 128, seed=9)
    index = FaissIndex(128)
    index.add(range(15_000), vectors[:15_000])
    index.settle()

    def found(allowed: NDArray[np.int64]) -> float:
        near = index.near(queries, 100, lambda rows: np.isin(rows, allowed), standing=4)
        exact = index.search(queries, 100, allowed=allowed)
        for rows in near:
            assert np.isin(rows, allowed).all()
        return float(
            np.mean(
                [len({hit.row for hit in hits} & set(rows.tolist())) for hits, rows in zip(exact, near, strict=True)]
            )
        )

    everything = np.arange(15_000, dtype=np.int64)
    for _ in range(2):
        assert found(everything) >= 99
        assert found(everything[::3]) >= 99
        assert found(everything[::100]) >= 99  # too few of those remembered: looked for anew
    # Another asker sees other things, and what is gone is gone.
    nearest = [hit.row for hit in index.search(queries[5:], 50)[0]]
    index.remove(nearest)
    index.add([20_000], queries[5:])
    left = np.append(np.setdiff1d(everything, nearest), 20_000)
    assert found(left) >= 99
    assert 20_000 in index.near(queries[5:], 100, lambda rows: rows >= 0, standing=1)[0]
    index.add(range(30_000, 31_000), vectors[15_000:])
    index.settle()
    assert found(np.append(left, np.arange(30_000, 31_000))) >= 99


def test_standing_queries_are_not_scanned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, queries = clustered(9_000, 64), clustered(300, 64, seed=3)
    index = FaissIndex(64)
    index.add(range(9_000), vectors)
    index.settle()
    scanned: list[int] = []
    scan = Codes.scan

    def counted(codes: Codes, queries: Matrix, k: int, chosen: NDArray[np.bool_] | None) -> NDArray[np.intp]:
        scanned.append(len(queries))
        return scan(codes, queries, k, chosen)

    monkeypatch.setattr(Codes, "scan", counted)
    for _ in range(3):
        index.near(queries[:3], 20, lambda rows: rows % 7 > 0, standing=2)
    assert scanned == [1, 1, 1, 1, 1]
    index.near(queries, 20, lambda rows: rows >= 0, standing=300)
    before = len(scanned)
    index.near(queries[:3], 20, lambda rows: rows >= 0, standing=3)
    assert len(scanned) == before + 3  # not everything ever asked is remembered


def test_codes_cost_an_eighth_of_the_vectors_at_most() -> None:
    vectors = clustered(9_000, 256)
    codes = Codes.of(vectors)
    packed = int(codes.packed.ntotal) * int(codes.packed.code_size)
    assert codes.lists is None
    assert (codes.rows.nbytes + packed) * 8 <= vectors.nbytes


def test_near_while_another_thread_writes() -> None:
    index, vectors = FaissIndex(32), clustered(14_000, 32)
    index.add(range(9_000), vectors[:9_000])
    ended, wrong = threading.Event(), list[object]()

    def look() -> None:
        while not ended.is_set():
            found = index.near(vectors[:1], 20, lambda rows: (rows < 9_000) | (rows >= 10_000))[0]
            here, _ = index.held(found)
            if 0 not in found or not 15 <= len(found) <= 20 or ((found >= 9_000) & (found < 10_000)).any():
                wrong.append((found, here))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(9_000, 14_000, 500):
        index.add(range(start, start + 500), vectors[start : start + 500])
        index.remove(range(start - 8_000, start - 7_900))
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_searching_while_another_thread_writes() -> None:
    """FAISS itself crashes here. Every answer must be right for some moment: row 0 is always there and always best."""
    index, vectors = FaissIndex(32), unit(9_000, 32)
    index.add(range(1_000), vectors[:1_000])
    ended = threading.Event()
    wrong: list[object] = []
    searches = 0

    def search() -> None:
        nonlocal searches
        while not ended.is_set():
            found = index.search(vectors[:1], 10)[0]
            searches += 1
            if found[0].row != 0 or len(found) != 10 or len({hit.row for hit in found}) != 10:
                wrong.append(found)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(1_000, 9_000, 250):
        index.add(range(start, start + 250), vectors[start : start + 250])
        index.remove(range(start, start + 50))
    ended.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert searches > 10
    assert len(index) == 1_000 + 32 * 200


def test_settling_changes_no_answer_and_leaves_nothing_aside() -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(2_000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = FaissIndex(16)
    index.add(list(range(1_000)), vectors[:1_000])
    index.settle()
    index.add(list(range(1_000, 2_000)), vectors[1_000:])
    index.remove([5, 1_500])
    before = index.search(vectors[:20], 30)
    index.settle()
    assert index.search(vectors[:20], 30) == before
    assert len(index) == 1_998
    assert 1_500 not in index
    index.add([3_000], vectors[:1])
    assert index.search(vectors[:1], 2)[0][1].row == 3_000
