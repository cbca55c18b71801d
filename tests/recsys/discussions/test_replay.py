"""The past once more: the same questions as by the definition, and nothing of the future in any of them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.discussions.basic import BASIC, basic
from recsys.discussions.board import Board
from recsys.discussions.features import features
from recsys.discussions.messages import DAY, HOUR, Log, in_order
from recsys.discussions.names import NAMES
from recsys.discussions.replay import UNREACHABLE, alive_at, latest, replay
from tests.recsys.discussions.talks import Said, anything, community, log_of, slow_cases


@pytest.mark.parametrize("seed", range(6))
def test_questions_are_those_of_the_definition(seed: int) -> None:
    messages = anything(250, seed)
    log, alive = log_of(messages), 20 * HOUR
    since = float(log.times[80])
    asked = log.joins() & (log.times >= since)
    found = []
    for moment in replay(log, asked, Board(alive)):
        question, topic = moment.question, int(log.topics[moment.at])
        reachable = moment.truth != UNREACHABLE
        if reachable:
            assert question.topics[moment.truth] == topic
        found.append((question.member, question.now, question.topics.tolist(), topic, reachable, moment.topics))
    assert found == slow_cases(messages, since, alive)


def _seen(log: Log, until: float) -> list[tuple[bytes, bytes]]:
    board, found = Board(), []
    for moment in replay(log, log.joins() & (log.times <= until), board):
        found.append((basic(board, moment.question).tobytes(), features(board, moment.question).tobytes()))
    return found


def test_nothing_of_the_future_is_known() -> None:
    messages = community(6, seed=3)
    cut = messages[250].time
    past = [each for each in messages if each.time <= cut]
    others = anything(200, seed=9)
    later = [each._replace(time=each.time - 1e9 + cut + 1, topic=each.topic + 3) for each in others]
    assert len(_seen(log_of(past), cut)) > 50
    assert _seen(log_of(past), cut) == _seen(log_of(past + later), cut)


def test_a_message_of_the_same_moment_is_not_known() -> None:
    log = log_of([Said(0, 0, 0, 1), Said(10, 0, 1, 1), Said(10, 0, 1, 2), Said(10, 0, 0, 2)])
    moments = list(replay(log, log.joins(), Board()))
    assert [(moment.question.topics.tolist(), moment.truth) for moment in moments] == [([0], UNREACHABLE), ([0], 0)]


def test_alive_topics_are_counted_as_the_board_counts_them() -> None:
    messages = anything(300, seed=4)
    log = log_of(messages)
    counted = alive_at(log, 10 * HOUR)
    for at in range(0, len(log), 7):
        now = log.times[at]
        before = (log.times < now) & (log.times >= now - 10 * HOUR)
        assert counted[at] == len(np.unique(log.topics[before]))


def test_the_latest_questions_that_fit() -> None:
    log = log_of(anything(200, seed=5))
    asked = log.joins()
    few = latest(log, asked, 40, 10 * HOUR)
    assert few.sum() < asked.sum()
    assert alive_at(log, 10 * HOUR)[few].sum() <= 40
    assert np.flatnonzero(asked)[-few.sum() :].tolist() == np.flatnonzero(few).tolist()


def test_basic_features_by_hand() -> None:
    log = log_of(
        [
            Said(0, 0, 0, 1),
            Said(HOUR, 0, 0, 2),
            Said(2 * HOUR, 1, 1, 2),
            Said(3 * HOUR, 1, 1, 3),
            Said(4 * HOUR, 0, 2, 3),
            Said(49 * HOUR, 0, 2, 1),
        ]
    )
    board = Board()
    last = list(replay(log, log.joins() & (log.times > 48 * HOUR), board))
    assert len(last) == 1
    replayed = Board()
    for message in log:
        if message.time < 49 * HOUR:
            replayed.observe(message)
    question = replayed.question(1, 49 * HOUR)
    assert question.topics.tolist() == [1, 2]
    table = basic(replayed, question)
    # Topic 1: two messages, 46 hours ago; member 1 wrote only in room 0; it met member 2 in topic 0, never member 3.
    assert dict(zip(BASIC, table[0].tolist(), strict=True)) == {
        "messages": 2.0,
        "hours": 46.0,
        "room-share": 0.0,
        "affinity": 0.5,
        "participants": 2.0,
    }
    assert dict(zip(BASIC, table[1].tolist(), strict=True)) == {
        "messages": 1.0,
        "hours": 45.0,
        "room-share": 1.0,
        "affinity": 0.0,
        "participants": 1.0,
    }


def test_features_are_finite_for_strangers_crowds_and_first_messages() -> None:
    board = Board()
    rng = np.random.default_rng(0)
    for step, message in enumerate(log_of([Said(k, 0, k % 4, int(rng.integers(300))) for k in range(2000)])):
        board.observe(message)
        if step % 50 == 0:
            # A member whom nobody has seen, with a code beyond all tables.
            question = board.question(5000, message.time + 1)
            table = features(board, question)
            assert table.shape == (len(question), len(NAMES))
            assert np.isfinite(table).all()
    assert features(Board(), Board().question(0, 5.0)).shape == (0, len(NAMES))


def test_state_does_not_drift_when_weights_are_brought_back_to_zero() -> None:
    board, fresh = Board(), Board()
    board.observe(next(iter(log_of([Said(0, 0, 0, 40)]))))
    messages = [each._replace(time=each.time + 60_000 * DAY) for each in community(3, seed=1)]
    for message in log_of([each._replace(topic=each.topic + 1) for each in messages]):
        board.observe(message)
    for message in log_of(messages):
        fresh.observe(message)
    now = messages[-1].time + 60
    ours, theirs = board.question(3, now), fresh.question(3, now)
    assert (ours.topics - 1).tolist() == theirs.topics.tolist()
    np.testing.assert_allclose(features(board, ours), features(fresh, theirs), rtol=1e-3, atol=1e-4)


def test_messages_out_of_order_are_refused() -> None:
    column = np.asarray([2.0, 1.0])
    codes = np.zeros(2, dtype=np.int64)
    with pytest.raises(ValueError, match="in order of time"):
        Log(column, codes, codes, codes, column)
    assert in_order(column, codes, codes, codes, column).times.tolist() == [1.0, 2.0]
