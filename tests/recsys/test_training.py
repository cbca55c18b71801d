"""Training in a process of its own: the same model, progress, and no process left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil  # type: ignore[import-untyped]
import pytest
from threadpoolctl import threadpool_limits

from recsys.actions import ActionLog, write_log
from recsys.fitting import FitParameters, fit
from recsys.modelfile import load, save
from recsys.training import ORPHANED, TrainingCancelled, TrainingFailed, train_in_process
from recsys.types import Interaction
from tests.recsys.worlds import NOW, did

PARAMETERS = FitParameters(min_users=1)


def actions() -> list[Interaction]:
    rng = random.Random(4)
    return [did(f"u{user}", f"c:{rng.randrange(30)}", "enrol", 50 - k) for user in range(40) for k in range(6)]


def much(items: int = 6_000) -> ActionLog:
    """Enough work for many seconds."""
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(3_000, dtype=np.int64), 40)
    return ActionLog(
        tuple(f"c:{n:05}" for n in range(items)),
        users,
        rng.integers(0, items, len(users)),
        np.ones(len(users), dtype=np.float32),
    )


def children() -> list[psutil.Process]:
    """Training processes that are left; other tests of this run have processes of their own."""
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in living if "recsys.training" in child.cmdline()]


def test_the_child_makes_the_model_that_we_would(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    model = train_in_process(
        actions(), tmp_path, now=NOW, parameters=PARAMETERS, progress=lambda done, total: seen.append((done, total))
    )
    with threadpool_limits(1):  # as in the child: sums of several threads differ in their last bits
        assert model.version == fit(actions(), now=NOW, parameters=PARAMETERS).version
    assert load(tmp_path).version == model.version
    assert seen[-1][0] == seen[-1][1] > 0
    assert not children()


def test_what_goes_to_the_child_names_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    def keep(log: ActionLog, path: Path) -> None:
        write_log(log, path)
        sent.append(path.read_bytes())

    monkeypatch.setattr("recsys.training.write_log", keep)
    train_in_process([*actions(), did("secret-name", "c:1"), did("u1", "secret-post", "reply")], tmp_path, now=NOW)
    assert sent
    assert b"secret" not in sent[0]


def test_cancelling_stops_the_child_and_keeps_the_old_model(tmp_path: Path) -> None:
    before = fit(actions(), now=NOW)
    save(before, tmp_path)
    cancel = threading.Event()
    threading.Timer(0.7, cancel.set).start()
    begun = time.monotonic()
    with pytest.raises(TrainingCancelled):
        train_in_process(much(), tmp_path, now=NOW, cancel=cancel)
    assert time.monotonic() - begun < 5
    assert not children()
    assert load(tmp_path).version == before.version


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(TrainingFailed, match="file") as caught:
        train_in_process(actions(), tmp_path / "file", now=NOW)
    assert caught.value.code != 0
    assert "Error" in caught.value.detail


def test_a_failing_progress_leaves_no_process(tmp_path: Path) -> None:
    def refuse(done: int, total: int) -> None:
        raise RuntimeError("the display is gone")

    with pytest.raises(RuntimeError, match="display"):
        train_in_process(actions(), tmp_path, now=NOW, progress=refuse)
    assert not children()


def test_the_child_ends_when_nobody_holds_its_input(tmp_path: Path) -> None:
    write_log(much(), tmp_path / "much.npz")
    order = {"actions": str(tmp_path / "much.npz"), "folder": str(tmp_path / "model"), "now": 0.0, "parameters": {}}
    child = subprocess.Popen(
        [sys.executable, "-m", "recsys.training"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path), OMP_NUM_THREADS="1"),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdout:
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
        assert child.stdout.readline().startswith(b"[1, ")
        child.stdin.close()
        assert child.wait(timeout=20) == ORPHANED
    assert not (tmp_path / "model").exists()


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    write_log(much(), tmp_path / "much.npz")
    script = (
        "import sys\nfrom pathlib import Path\nfrom recsys.actions import read_log\n"
        "from recsys.training import train_in_process\n"
        "train_in_process(read_log(Path(sys.argv[1])), Path(sys.argv[2]), now=0.0)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "much.npz"), str(tmp_path / "model")],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
    )
    deadline = time.monotonic() + 20
    found: list[psutil.Process] = []
    while not found and time.monotonic() < deadline:
        found = psutil.Process(parent.pid).children()
        time.sleep(0.02)
    assert found
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    gone, alive = psutil.wait_procs(found, timeout=10)
    assert gone
    assert not alive
