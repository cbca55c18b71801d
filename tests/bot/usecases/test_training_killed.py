"""A training that is killed, wherever: the model in use stays whole, and the next one takes up what was finished."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.usecases.training import ATTEMPTS, last_model
from recsys.versions import Versions
from tests.bot.usecases.test_training import takes
from tests.bot.usecases.test_training import taught as taught
from tests.bot.world import World

ROOT = Path(__file__).resolve().parents[3]
MARKS = ("work/begun.json", "work/trial/collaborative.json", "work/judged.json", "work/made.json")


def start(home: Path) -> subprocess.Popen[bytes]:
    environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    command = [sys.executable, "-m", "tests.bot.usecases.training_process", str(home)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)


def killed_at(home: Path, mark: str) -> bool:
    """Whether it was still there to be killed when the mark was seen."""
    process = start(home)
    try:
        deadline = time.monotonic() + 60
        while not (home / "models" / mark).exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    finally:
        code = process.wait()
        assert process.stderr is not None
        process.stderr.close()
    return code == -signal.SIGKILL


@pytest.mark.slow
def test_a_kill_at_any_stage_loses_no_model(taught: World) -> None:
    versions = taught.app.versions
    home = versions.folder.parent
    taught.app.train(taught.community)
    first = versions.current()
    killed = 0
    for number, mark in enumerate(MARKS):
        takes(taught, f"m{number}", number + 6, 1)
        killed += killed_at(home, mark)
        assert last_model(versions.folder) is not None
        found = Versions(versions.folder).load(lambda folder: folder.name)
        assert found is not None
        assert found[0].whole
        if versions.current() == first and number + 1 < ATTEMPTS:
            assert taught.app.train.due(taught.community) == "the last one did not end"
    assert killed >= 3, "most marks are seen in time"
    taught.clock.go_on(minutes=1)
    assert taught.app.train(taught.community).outcome == "published"
    assert not versions.work.exists()
