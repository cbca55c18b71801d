"""The ranker that is served: parts that sum, files that are whole or refused, quick enough, better than recency."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from recsys.discussions.board import Board
from recsys.discussions.features import features
from recsys.discussions.files import MANIFEST, DamagedDiscussions, delete, load, read_log, save, write_log
from recsys.discussions.fitting import TooLittle, fit_discussions
from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel
from recsys.discussions.names import GROUP_OF, GROUPS, NAMES
from recsys.training import discussions_in_process
from tests.recsys.discussions.talks import community, log_of


@pytest.fixture(scope="module")
def log() -> Log:
    return log_of(community(25, seed=8))


@pytest.fixture(scope="module")
def model(log: Log) -> DiscussionModel:
    return fit_discussions(log, now=5.0)


@pytest.fixture(scope="module")
def table(log: Log) -> np.ndarray:
    board = Board()
    for message in log:
        board.observe(message)
    return features(board, board.question(3, float(log.times[-1]) + 60))


def test_every_feature_has_a_group() -> None:
    assert set(GROUP_OF) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)
    assert set(GROUP_OF.values()) == set(GROUPS)


def test_credits_sum_to_what_the_trees_say(model: DiscussionModel, table: np.ndarray) -> None:
    import lightgbm

    trees = lightgbm.Booster(model_str=model.trees).predict(table)
    # Up to the means of the roots, which are the same for every row.
    gap = model.raw(table).sum(axis=1) - trees
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)


def test_parts_are_between_nothing_and_one_in_the_order_of_the_trees(model: DiscussionModel, table: np.ndarray) -> None:
    parts = model.parts(table)
    total, raw = parts.sum(axis=1), model.raw(table).sum(axis=1)
    assert parts.shape == (len(table), len(GROUPS))
    assert total.min() >= 0.0
    assert total.max() <= 1.0 + 1e-9
    inside = (total > 1e-9) & (total < 1 - 1e-9)
    assert (np.argsort(total[inside]) == np.argsort(raw[inside])).all()
    assert (parts[total == 0] == 0).all()
    assert model.parts(table[:0]).shape == (0, len(GROUPS))


def test_it_knows_more_than_the_last_message(model: DiscussionModel) -> None:
    assert model.figures["ndcg@10"] > 1.1 * model.figures["recency"]


def test_too_little_teaches_nothing(log: Log) -> None:
    with pytest.raises(TooLittle):
        fit_discussions(log_of(community(1, seed=1)), now=0.0)


def test_the_same_log_gives_the_same_model(log: Log, model: DiscussionModel) -> None:
    again = fit_discussions(log, now=5.0)
    assert again.trees == model.trees
    np.testing.assert_array_equal(again.credits, model.credits)


def test_a_model_comes_back_whole_or_not_at_all(model: DiscussionModel, table: np.ndarray, tmp_path: Path) -> None:
    manifest = save(model, tmp_path)
    found = load(tmp_path)
    np.testing.assert_array_equal(found.parts(table), model.parts(table))
    assert (found.figures, found.questions, found.trained_at) == (model.figures, model.questions, 5.0)
    stated = json.loads(manifest.read_text())
    trees = tmp_path / stated["trees"]["file"]
    good = trees.read_bytes()
    trees.write_bytes(good.replace(b"threshold", b"treshold!", 1))
    with pytest.raises(DamagedDiscussions, match="checksum"):
        load(tmp_path)
    trees.write_bytes(good)
    for broken in ({"format": 99}, {"trees": {"file": "../../etc/passwd", "sha256": ""}}, {"low": 9.0, "high": 1.0}):
        manifest.write_text(json.dumps(stated | broken))
        with pytest.raises(DamagedDiscussions):
            load(tmp_path)
    manifest.write_text("{")
    with pytest.raises(DamagedDiscussions):
        load(tmp_path)
    delete(tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError):
        load(tmp_path)


def test_only_the_files_of_the_model_in_use_stay(model: DiscussionModel, tmp_path: Path) -> None:
    (tmp_path / "discussions-0123.txt").write_text("a former one")
    save(model, tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz", ".txt"]
    assert (tmp_path / MANIFEST).exists()


def test_a_log_is_plain_arrays(log: Log, tmp_path: Path) -> None:
    write_log(log, tmp_path / "log.npz")
    np.testing.assert_array_equal(read_log(tmp_path / "log.npz").topics, log.topics)


def test_training_in_a_process_of_its_own(log: Log, model: DiscussionModel) -> None:
    found = discussions_in_process(log, now=5.0)
    assert found is not None
    assert found.trees == model.trees
    assert discussions_in_process(log_of(community(1, seed=1)), now=5.0) is None


def test_a_hundred_posts_are_ranked_in_little_time(model: DiscussionModel) -> None:
    """A bound with room for a busy machine; the figure of an idle one stands in the documentation."""
    board = Board()
    messages = community(12, seed=2)
    for at, message in enumerate(log_of(messages)):
        board.observe(message._replace(topic=at % 110))
    now = messages[-1].time + 60
    question = board.question(999, now)
    assert len(question) > 100
    spent = []
    for _ in range(15):
        started = time.thread_time()
        model.parts(features(board, question))
        spent.append(time.thread_time() - started)
    assert min(spent) < 0.02
