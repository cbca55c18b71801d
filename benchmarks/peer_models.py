"""Other libraries' recommenders, each in a process of its own: fit, rank, and say what it cost.

Knows their interfaces and flat arrays; knows nothing of Studyhall, so that any interpreter that has NumPy and the
library can run it: ``python -m benchmarks.peer_models ORDER.json``. Each library is asked as its documentation asks,
in one call for many users.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Recommend = Callable[[Integers, int], tuple[Integers, NDArray[np.float64]]]
"""(users, n) to item codes and scores, shape (users, n): best first, nothing seen, -1 where there is no more."""
Setting = Mapping[str, Any]

MISSING: Final = 3
"""Exit code: the library is not there."""
_VALIDATED: Final = 5_000
_ALONE: Final = 100
_SESSION: Final = 32
"""Items of a history that SASRec looks at: 95 of 100 learners of the course data took no more."""


@dataclass(frozen=True, slots=True)
class Log:
    """User u took `items[starts[u]:starts[u + 1]]`, oldest first. ratings: NaN where there is none."""

    starts: Integers
    items: Integers
    ratings: NDArray[np.float32]
    item_count: int

    @property
    def rows(self) -> Integers:
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def matrix(self) -> Any:
        from scipy import sparse

        shape = (len(self.starts) - 1, self.item_count)
        return sparse.csr_matrix((np.ones(len(self.items), dtype=np.float32), self.items, self.starts), shape=shape)

    def without_last(self) -> tuple[Log, Integers, Integers]:
        """The rest, users with at least two items, and the last item of each of these: for choosing parameters."""
        lengths = np.diff(self.starts)
        users = np.flatnonzero(lengths >= 2)
        ends = self.starts[users + 1] - 1
        kept = np.ones(len(self.items), dtype=np.bool_)
        kept[ends] = False
        lengths[users] -= 1
        starts = np.concatenate(([0], np.cumsum(lengths)))
        return Log(starts, self.items[kept], self.ratings[kept], self.item_count), users, self.items[ends]


@dataclass(frozen=True, slots=True)
class Peer:
    """settings: the first is what is taken without choosing; `package` is what pip calls it."""

    package: str
    fit: Callable[[Log, Setting, int], Recommend]
    settings: Sequence[Setting]


def _padded(found: Mapping[int, tuple[Any, Any]], users: Integers, n: int) -> tuple[Integers, NDArray[np.float64]]:
    items = np.full((len(users), n), -1, dtype=np.int64)
    scores = np.full((len(users), n), -np.inf)
    for row, user in enumerate(users.tolist()):
        if user in found:
            own, values = found[user]
            items[row, : len(own)], scores[row, : len(own)] = own[:n], values[:n]
    return items, scores


def _implicit(log: Log, model: Any) -> Recommend:
    taken = log.matrix()
    model.fit(taken, show_progress=False)

    def recommend(users: Integers, n: int) -> tuple[Integers, NDArray[np.float64]]:
        items, scores = model.recommend(users, taken[users], N=n, filter_already_liked_items=True)
        # Where fewer are left than asked for, the library fills up with the lowest number there is.
        real = (scores > np.finfo(np.float32).min / 2) & (items >= 0)
        return np.where(real, items, -1).astype(np.int64), np.where(real, scores, -np.inf).astype(np.float64)

    return recommend


def implicit_als(log: Log, setting: Setting, seed: int) -> Recommend:
    from implicit.als import AlternatingLeastSquares

    return _implicit(log, AlternatingLeastSquares(random_state=seed, num_threads=1, **setting))


def implicit_bpr(log: Log, setting: Setting, seed: int) -> Recommend:
    from implicit.bpr import BayesianPersonalizedRanking

    return _implicit(log, BayesianPersonalizedRanking(random_state=seed, num_threads=1, **setting))


def implicit_item_knn(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  nothing random in it
    from implicit import nearest_neighbours

    kind = {"cosine": "CosineRecommender", "tfidf": "TFIDFRecommender", "bm25": "BM25Recommender"}[setting["weights"]]
    return _implicit(log, getattr(nearest_neighbours, kind)(K=setting["K"], num_threads=1))


def _rectools(log: Log, model: Any) -> Recommend:
    import pandas as pd
    from rectools.dataset import Dataset

    order = np.arange(len(log.items)) - np.repeat(log.starts[:-1], np.diff(log.starts))
    table = pd.DataFrame({"user_id": log.rows, "item_id": log.items, "weight": 1.0})
    table["datetime"] = pd.to_datetime(order, unit="s")
    dataset = Dataset.construct(table)
    model.fit(dataset)

    def recommend(users: Integers, n: int) -> tuple[Integers, NDArray[np.float64]]:
        found = model.recommend(users=users, dataset=dataset, k=n, filter_viewed=True)
        by_user = found.groupby("user_id", sort=False)
        return _padded({int(u): (p["item_id"].to_numpy(), p["score"].to_numpy()) for u, p in by_user}, users, n)

    return recommend


def rectools_ease(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  a closed form
    from rectools.models import EASEModel

    return _rectools(log, EASEModel(recommend_n_threads=1, recommend_use_gpu_ranking=False, **setting))


def rectools_item_knn(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  nothing random in it
    from implicit import nearest_neighbours
    from rectools.models import ImplicitItemKNNWrapperModel

    kind = {"cosine": "CosineRecommender", "tfidf": "TFIDFRecommender", "bm25": "BM25Recommender"}[setting["weights"]]
    return _rectools(log, ImplicitItemKNNWrapperModel(getattr(nearest_neighbours, kind)(K=setting["K"], num_threads=1)))


def rectools_sasrec(log: Log, setting: Setting, seed: int) -> Recommend:
    """Learns until the loss of the last items of a twentieth of the users, which it does not learn from, has not fallen
    for `patience` epochs, or `budget` CPU seconds or `epochs` are over; what is used is the best epoch by that loss.
    """
    import torch
    from pytorch_lightning import Callback, Trainer, seed_everything
    from rectools.models import SASRecModel

    torch.set_num_threads(1)
    seed_everything(seed, verbose=False)
    limits = {name: setting.get(name, math.inf) for name in ("budget", "patience")}
    deadline = cpu() + limits["budget"]

    losses: list[float] = []
    best: dict[str, Any] = {}
    why: list[str] = []

    class Watch(Callback):  # type: ignore[misc]  # the library comes without types
        """Holds nothing itself: the library learns with a copy of it."""

        def on_validation_end(self, trainer: Any, module: Any) -> None:
            losses.append(float(trainer.callback_metrics["val_loss"]))
            since = len(losses) - 1 - int(np.argmin(losses))
            if not since:
                best.update({name: value.clone() for name, value in module.state_dict().items()})
            if since >= limits["patience"]:
                self._stop(trainer, "no better")

        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            if cpu() > deadline:
                self._stop(trainer, "budget")

        def on_fit_end(self, trainer: Any, module: Any) -> None:  # noqa: ARG002  as it is called
            if best:
                module.load_state_dict(best)

        def _stop(self, trainer: Any, reason: str) -> None:
            trainer.should_stop = True
            why.append(reason)

    def trainer() -> Trainer:
        return Trainer(
            accelerator="cpu",
            max_epochs=setting["epochs"],
            min_epochs=0,
            num_sanity_val_steps=0,
            callbacks=[Watch()],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )

    def held(table: Any) -> Any:
        users = np.random.default_rng(seed).permutation(len(log.starts) - 1)
        drawn = np.zeros(len(users), dtype=np.bool_)
        drawn[users[: max(1, len(users) // 20)]] = True
        last = table.groupby("user_id")["datetime"].transform("max") == table["datetime"]
        # The library hands over its own numbers of users, in the order of first sight: that of the rows here.
        return (last & drawn[table["user_id"].to_numpy()]).to_numpy()

    model = SASRecModel(
        n_factors=64,
        n_heads=2,
        session_max_len=_SESSION,
        recommend_n_threads=1,
        deterministic=True,
        get_trainer_func=trainer,
        get_val_mask_func=held,
    )
    recommend = _rectools(log, model)
    if "ended" in setting:
        best_epoch = int(np.argmin(losses)) + 1 if losses else 0
        setting["ended"]({"epochs": len(losses), "best epoch": best_epoch, "stopped by": (*why, "epochs")[0]})
    return recommend


def _lenskit(log: Log, scorer: Any, *, rated: bool = False) -> Recommend:
    import pandas as pd
    from lenskit.batch import recommend as in_batch
    from lenskit.data import from_interactions_df
    from lenskit.pipeline import topn_pipeline

    table = pd.DataFrame({"user_id": log.rows, "item_id": log.items})
    if rated:
        table["rating"] = log.ratings
        table = table[np.isfinite(log.ratings)]
    pipeline = topn_pipeline(scorer)
    pipeline.train(from_interactions_df(table))

    def recommend(users: Integers, n: int) -> tuple[Integers, NDArray[np.float64]]:
        found = in_batch(pipeline, users.tolist(), n=n, n_jobs=1)
        return _padded({int(key.user_id): (own.ids(), own.scores()) for key, own in found}, users, n)

    return recommend


def lenskit_als(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  seeded by the library's default
    from lenskit.als import ImplicitMFScorer

    return _lenskit(log, ImplicitMFScorer(user_embeddings="prefer", **setting))


def lenskit_item_knn(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  nothing random in it
    from lenskit.knn import ItemKNNScorer

    return _lenskit(log, ItemKNNScorer(feedback="implicit", **setting))


def lenskit_biased_mf(log: Log, setting: Setting, seed: int) -> Recommend:  # noqa: ARG001  seeded by the library
    from lenskit.als import BiasedMFScorer

    return _lenskit(log, BiasedMFScorer(user_embeddings="prefer", **setting), rated=True)


PEERS: Final[Mapping[str, Peer]] = {
    "implicit-als": Peer(
        "implicit",
        implicit_als,
        (
            {"factors": 128, "regularization": 0.05, "alpha": 1.0, "iterations": 15},
            {"factors": 128, "regularization": 1.0, "alpha": 10.0, "iterations": 15},
        ),
    ),
    "implicit-bpr": Peer(
        "implicit",
        implicit_bpr,
        ({"factors": 128, "iterations": 100, "learning_rate": 0.05, "regularization": 0.01},),
    ),
    "implicit-item-knn": Peer(
        "implicit",
        implicit_item_knn,
        tuple({"weights": weights, "K": near} for weights in ("cosine", "tfidf", "bm25") for near in (50, 200)),
    ),
    "rectools-ease": Peer(
        "rectools", rectools_ease, tuple({"regularization": ridge} for ridge in (500.0, 50.0, 150.0, 1500.0))
    ),
    "rectools-item-knn": Peer(
        "rectools",
        rectools_item_knn,
        tuple({"weights": weights, "K": near} for weights in ("cosine", "bm25") for near in (50, 200)),
    ),
    "rectools-sasrec": Peer("rectools[torch]", rectools_sasrec, ({"epochs": 3, "patience": 3},)),
    "lenskit-als": Peer(
        "lenskit",
        lenskit_als,
        tuple({"embedding_size": 128, "epochs": 10, "weight": weight} for weight in (40.0, 5.0)),
    ),
    "lenskit-item-knn": Peer(
        "lenskit", lenskit_item_knn, tuple({"max_nbrs": near, "save_nbrs": 200} for near in (20, 100))
    ),
    "lenskit-biased-mf": Peer("lenskit", lenskit_biased_mf, ({"embedding_size": 50, "epochs": 10},)),
}


def peak() -> float:
    """The most memory that this process ever held, in MB; without what its parent held."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu() -> float:
    """Seconds of this process and of children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def chosen(peer: Peer, log: Log, seed: int) -> Setting:
    """The setting with the best nDCG@10 for everybody's last training item."""
    if len(peer.settings) == 1:
        return peer.settings[0]
    rest, users, wanted = log.without_last()
    drawn = np.random.default_rng(seed).permutation(len(users))[:_VALIDATED]
    users, wanted = users[drawn], wanted[drawn]
    # Those who took one thing only have no history left to go by.
    there = np.diff(rest.starts)[users] > 0
    users, wanted = users[there], wanted[there]
    figures = []
    for setting in peer.settings:
        lists, _ = peer.fit(rest, setting, seed)(users, 10)
        gains = (lists == wanted[:, None]) / np.log2(np.arange(2, 12))
        figures.append(float(gains.sum(axis=1).mean()))
    return peer.settings[int(np.argmax(figures))]


def checked(arrays: Mapping[str, Any]) -> dict[str, float]:
    """The same lists judged by RecTools' own metrics."""
    import pandas as pd
    from rectools.metrics import MAP, MRR, NDCG, HitRate, Recall, calc_metrics

    lists, truth_rows, truth_items = arrays["lists"], arrays["truth_rows"], arrays["truth_items"]
    rows, ranks = np.nonzero(lists >= 0)
    reco = pd.DataFrame({"user_id": rows, "item_id": lists[rows, ranks], "rank": ranks + 1})
    truth = pd.DataFrame({"user_id": truth_rows, "item_id": truth_items})
    metrics = {
        "ndcg@10": NDCG(k=10, divide_by_achievable=True),
        "mrr@10": MRR(k=10),
        "map@10": MAP(k=10),
        "hit-rate@10": HitRate(k=10),
        "recall@20": Recall(k=20),
    }
    return {name: float(value) for name, value in calc_metrics(metrics, reco=reco, interactions=truth).items()}


def measured(order: Mapping[str, Any], arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Fit one peer, rank for all cases, and keep the lists where the order says."""
    log = Log(arrays["starts"], arrays["items"], arrays["ratings"], int(order["item_count"]))
    peer, seed, n = PEERS[order["peer"]], int(order["seed"]), int(order["n"])
    before = cpu()
    setting = dict(chosen(peer, log, seed)) if order["choose"] else dict(peer.settings[0])
    ended: dict[str, Any] = {}
    if "sasrec" in order["peer"]:
        setting |= {"epochs": int(order["epochs"]), "budget": float(order["budget"])}
    choosing, started = cpu() - before, cpu()
    recommend = peer.fit(log, setting | {"ended": ended.update} if "budget" in setting else setting, seed)
    fitted, users = cpu(), arrays["judged"]
    lists, scores = recommend(users, n)
    ranked = cpu()
    np.savez(order["out"], lists=lists, scores=scores)
    alone = users[:_ALONE]
    one_by_one = time.process_time()
    for user in alone:
        recommend(np.asarray([user]), n)
    one_by_one = time.process_time() - one_by_one
    return {
        "setting": setting | ended,
        "choosing": choosing,
        "fit": fitted - started,
        "each": (ranked - fitted) / max(len(users), 1),
        "alone": one_by_one / max(len(alone), 1),
        "peak": peak(),
    }


def main() -> int:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    order = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with np.load(order["arrays"]) as stored:
        arrays = {name: stored[name] for name in stored.files}
    try:
        # Whatever the libraries print belongs to them, not to the answer.
        with contextlib.redirect_stdout(sys.stderr):
            answer = checked(arrays) if order["peer"] == "metrics" else measured(order, arrays)
    except ImportError as missing:
        sys.stderr.write(f"{missing}\n")
        return MISSING
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
