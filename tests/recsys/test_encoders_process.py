"""The encoder's own process: it ends, hangs, fills up and is killed, and whoever waits is told or served."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from recsys.encoders import (
    EncoderNotFound,
    EncoderProcess,
    EncoderUnavailable,
    HashingEncoder,
    ProcessLimits,
    UnsafeWeights,
)
from recsys.types import Encoder
from tests.contracts.encoder import EncoderContract

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running() -> Iterator[EncoderProcess]:
    with EncoderProcess("hashing", limits=ProcessLimits(patience=60.0)) as process:
        process.start()
        yield process


@pytest.fixture
def process() -> Iterator[EncoderProcess]:
    limits = ProcessLimits(patience=60.0, queries_waiting=4, bulk_waiting=2, batch_texts=4)
    with EncoderProcess("hashing", limits=limits) as made:
        made.start()
        yield made


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def stop(process: EncoderProcess) -> int:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGSTOP)
    return process.pid


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class TestEncoderProcess(EncoderContract):
    @pytest.fixture
    def encoder(self, running: EncoderProcess) -> Encoder:
        return running


class TestBulkView(EncoderContract):
    @pytest.fixture
    def encoder(self, running: EncoderProcess) -> Encoder:
        return running.bulk


def test_gives_what_the_encoder_itself_gives(running: EncoderProcess) -> None:
    texts = [f"text {number}" for number in range(100)]
    assert np.array_equal(running.encode(texts), HashingEncoder().encode(texts))
    assert running.name == HashingEncoder().name


def test_many_threads_get_their_own_answers(running: EncoderProcess) -> None:
    wrong: list[str] = []

    def ask(name: str) -> None:
        texts = [f"{name} {number}" for number in range(30)]
        if not np.array_equal(running.encode(texts), HashingEncoder().encode(texts)):
            wrong.append(name)

    threads = [threading.Thread(target=ask, args=(f"thread {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_killed_child_is_replaced_and_its_texts_are_tried_again(process: EncoderProcess) -> None:
    pid = stop(process)
    found: list[bool] = []
    waiting = threading.Thread(target=lambda: found.append(bool(process.bulk.encode(["word"]).any())))
    waiting.start()
    time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    waiting.join()
    assert found == [True]
    assert process.pid not in {None, pid}
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    until(lambda: process.pid is None)
    assert process.bulk.encode(["word"]).any()


def test_a_stuck_child_is_replaced() -> None:
    with EncoderProcess("hashing", limits=ProcessLimits(compute_seconds=1.0)) as process:
        process.start()
        pid = stop(process)
        assert process.bulk.encode(["word"]).any()
        assert process.pid != pid
        assert gone(pid)


def test_a_query_goes_on_without_vectors_when_the_child_is_stuck() -> None:
    with EncoderProcess("hashing", limits=ProcessLimits(patience=1.0)) as process:
        process.start()
        pid = stop(process)
        with pytest.raises(EncoderUnavailable, match="within 1 s"):
            process.encode(["word"])
        # The dispatcher began with the batch a moment after the call that gave up on it.
        until(lambda: process._busy_since is not None and time.monotonic() - process._busy_since > 1.0)
        with pytest.raises(EncoderUnavailable, match="busy"):
            process.encode(["word"])
        os.kill(pid, signal.SIGCONT)


def test_queries_go_before_bulk_work_and_bulk_work_waits_for_a_place(process: EncoderProcess) -> None:
    pid = stop(process)
    order: list[str] = []
    started = threading.Event()

    def bulk(name: str) -> None:
        started.set()
        process.bulk.encode([f"{name} {number}" for number in range(40)])
        order.append(name)

    def query() -> None:
        process.encode(["query"])
        order.append("query")

    threads = [threading.Thread(target=bulk, args=(f"bulk {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(process._waiting) == 2)
    threads.append(threading.Thread(target=query))
    threads[-1].start()
    until(lambda: len(process._waiting) == 3)
    os.kill(pid, signal.SIGCONT)
    for thread in threads:
        thread.join()
    assert order[0] == "query"
    assert len(order) == 4


def test_too_many_queries_are_refused_at_once(process: EncoderProcess) -> None:
    pid = stop(process)
    outcomes: list[str] = []

    def query() -> None:
        try:
            process.encode(["word"])
            outcomes.append("served")
        except EncoderUnavailable as error:
            outcomes.append(str(error))

    first = threading.Thread(target=query)
    first.start()
    until(lambda: process._busy_since is not None)
    threads = [first, *(threading.Thread(target=query) for _ in range(6))]
    for thread in threads[1:]:
        thread.start()
    until(lambda: len(outcomes) == 2)
    os.kill(pid, signal.SIGCONT)
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=len) == ["served"] * 5 + ["4 queries are waiting for the encoder already"] * 2


def test_closing_ends_the_process_and_everybody_who_waits() -> None:
    process = EncoderProcess("hashing")
    process.start()
    pid = stop(process)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            process.bulk.encode(["word"] * 100)
        except EncoderUnavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: process._busy_since is not None)
    os.kill(pid, signal.SIGKILL)
    process.close()
    process.close()
    for thread in threads:
        thread.join()
    assert gone(pid)
    assert len(errors) == 3
    with pytest.raises(EncoderUnavailable, match="closed"):
        process.encode(["word"])


def test_one_that_was_never_started_closes() -> None:
    EncoderProcess("hashing").close()


def test_a_grown_child_is_replaced_without_a_pause() -> None:
    with EncoderProcess("hashing", limits=ProcessLimits(calls=3)) as process:
        process.start()
        first = process.pid
        assert first is not None
        for _ in range(4):
            assert process.encode(["word"]).any()
        until(lambda: bool(process.encode(["word"]).any()) and process.pid != first)
        assert gone(first)


def test_what_is_wrong_with_the_setting_is_said(tmp_path: Path) -> None:
    with EncoderProcess("nobody/such-a-model") as process, pytest.raises(EncoderNotFound, match="Download it once"):
        process.start()
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with EncoderProcess(str(tmp_path)) as process, pytest.raises(UnsafeWeights):
        process.start()


def test_after_failures_there_is_a_pause() -> None:
    now = [100.0]
    with EncoderProcess("nobody/such-a-model", clock=lambda: now[0]) as process:
        with pytest.raises(EncoderNotFound):
            process.start()
        with pytest.raises(EncoderUnavailable, match="later"):
            process.start()
        now[0] += 61
        with pytest.raises(EncoderNotFound):
            process.start()


PARENT = """
import sys, time
sys.modules["__main__"].__spec__ = None
from recsys.encoders import EncoderProcess
process = EncoderProcess("hashing")
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""


def test_no_orphan_when_the_parent_is_killed_and_no_secrets_go_along() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STUDYHALL_TOKEN": "secret-token"}
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not gone(child)
        assert b"secret-token" not in Path(f"/proc/{child}/environ").read_bytes()
        parent.kill()
    until(lambda: gone(child), seconds=3.0)


def test_the_process_imports_nothing_of_the_application() -> None:
    code = "import sys; import recsys.encoders.worker; print([m for m in sys.modules if m.split('.')[0] in "
    code += "{'bot', 'adapters', 'storage', 'scheduler', 'torch', 'faiss', 'sentence_transformers', 'sqlmodel'}])"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert found.stdout.strip() == b"[]"
