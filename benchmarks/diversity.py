"""Two ways to a diverse list, on the course data: maximal marginal relevance and a determinantal point process.

Candidates are the 60 best by item-kNN, likeness is the cosine of 64 factors of the training matrix. MMR is the
product's; the DPP is the greedy one of Chen, Zhang & Zhou (2018), kernel exp(a * score) x likeness.
Run: python -m benchmarks.diversity FOLDER [USERS]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse
from scipy.sparse.linalg import svds

from recsys.reranking import Pool, RerankingConfig, choose

POOL, K, FACTORS = 60, 10, 64


def dpp(scores: np.ndarray, vectors: np.ndarray, a: float, k: int) -> list[int]:
    """Greedy maximum a posteriori of the kernel, by incremental Cholesky."""
    quality = np.exp(a * scores)
    kernel = quality[:, None] * np.clip(vectors @ vectors.T, 0, 1) * quality
    left, rows, chosen = np.diag(kernel).astype(np.float64).copy(), np.zeros((k, len(scores))), []
    for step in range(k):
        at = int(np.argmax(left))
        chosen.append(at)
        rows[step] = (kernel[at] - rows[:step, at] @ rows[:step]) / np.sqrt(max(left[at], 1e-12))
        left -= rows[step] ** 2
        left[chosen] = -np.inf
    return chosen


def mmr(scores: np.ndarray, vectors: np.ndarray, diversity: float, k: int) -> list[int]:
    n = len(scores)
    nothing = np.zeros(n, dtype=np.bool_)
    zeros = np.zeros(n, dtype=np.int32)
    pool = Pool(
        items=tuple(map(str, range(n))), scores=scores, kinds=zeros, authors=zeros, vectors=vectors.astype(np.float32),
        unknown=nothing, shown=np.zeros(n), acted=np.zeros(n), crowded=nothing, tried=nothing,
    )  # fmt: skip
    return [choice.at for choice in choose(pool, k, surprise=None, config=RerankingConfig(diversity=diversity))]


def main() -> None:
    folder, users = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3_000
    train = pq.read_table(folder / "train.parquet").to_pydict()
    test = pq.read_table(folder / "test.parquet").to_pydict()
    rows, columns = np.asarray(train["user"]), np.asarray(train["item"])
    items = int(max(columns.max(), max(test["item"]))) + 1
    people = int(max(rows.max(), max(test["user"]))) + 1
    taken = sparse.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(people, items))
    popularity = np.sqrt(np.asarray(taken.sum(axis=0)).ravel() + 10)
    together = (taken.T @ taken).toarray() / popularity[:, None] / popularity
    np.fill_diagonal(together, 0)
    _, _, factors = svds(taken, FACTORS, random_state=0)
    vectors = factors.T / np.maximum(np.linalg.norm(factors.T, axis=1, keepdims=True), 1e-9)
    asked = np.random.default_rng(0).choice(len(test["user"]), users, replace=False)
    ways = {"by score": lambda s, v: list(range(min(K, len(s), len(v))))}
    ways |= {f"MMR {d}": lambda s, v, d=d: mmr(s, v, d, K) for d in (0.15, 0.4, 0.8)}
    ways |= {f"DPP a={a}": lambda s, v, a=a: dpp(s, v, a, K) for a in (10.0, 5.0, 2.5)}
    figures = {name: np.zeros(2) for name in ways}
    for one in asked.tolist():
        user, wanted = test["user"][one], test["item"][one]
        seen = taken[user].indices
        scores = together[seen].sum(axis=0)
        scores[seen] = -1
        best = np.lexsort((np.arange(items), -scores))[:POOL]
        values = scores[best] / max(float(scores[best[0]]), 1e-9)
        for name, way in ways.items():
            listed = best[way(values, vectors[best])]
            hit = np.flatnonzero(listed == wanted)
            alike = vectors[listed] @ vectors[listed].T
            apart = 1 - (alike.sum() - np.trace(alike)) / (K * (K - 1))
            figures[name] += (1 / np.log2(hit[0] + 2) if len(hit) else 0.0, apart)
    print(f"{users} learners, lists of {K} out of {POOL}")
    for name, totals in figures.items():
        print(f"{name:10s} nDCG@{K} {totals[0] / users:.4f}   diversity {totals[1] / users:.3f}")


if __name__ == "__main__":
    main()
