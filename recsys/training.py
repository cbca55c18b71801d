"""Training in a process of its own, so that nobody waits for it. Knows processes and files; knows no formulas.

The child gets a file of plain arrays and answers in lines of JSON; it computes on one thread, politely, and ends when
its standard input closes, that is, when whoever started it is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from recsys.actions import ActionLog, collect, read_log, write_log
from recsys.collaborative import CollaborativeModel
from recsys.discussions.files import load as load_discussions
from recsys.discussions.files import read_log as read_talks
from recsys.discussions.files import save as save_discussions
from recsys.discussions.files import write_log as write_talks
from recsys.discussions.fitting import FEWEST, TooLittle, fit_discussions
from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel
from recsys.fitting import FitParameters, fit_log
from recsys.making import Made, made_in, make
from recsys.modelfile import load, save
from recsys.signals import Feedback
from recsys.types import Interaction, Progress

ORPHANED: Final = 3
_NICE: Final = 10
_STDIN: Final = 0
_TAIL: Final = 2_000
_ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class TrainingCancelled(Exception):
    """The training was stopped on request; the former model is untouched."""


class TrainingFailed(Exception):
    """The child ended without a model. `detail` is the end of what it wrote on standard error."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(f"training ended with code {code}: {detail.strip()[-200:] or 'nothing was written'}")
        self.code = code
        self.detail = detail


def train_in_process(
    interactions: Iterable[Interaction] | ActionLog,
    folder: Path,
    *,
    now: float,
    feedback: Feedback | None = None,
    parameters: FitParameters | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> CollaborativeModel:
    """Train in a child process, save the model in `folder`, and return it as read back. Blocks: call it on a thread.

    Only explicit actions go to the child, without names of users. Raises TrainingCancelled soon after `cancel` is set,
    TrainingFailed when the child dies.
    """
    feedback = feedback or Feedback()
    log = interactions if isinstance(interactions, ActionLog) else collect(interactions, feedback)
    with tempfile.TemporaryDirectory(prefix="training-") as scratch:
        actions = Path(scratch) / "actions.npz"
        write_log(log, actions)
        order = {
            "actions": str(actions),
            "folder": str(folder),
            "now": now,
            "parameters": asdict(parameters or FitParameters()),
        }
        _done(order, Path(scratch), progress, cancel)
    return load(folder, feedback)


def make_in_process(
    work: Path,
    *,
    now: float,
    parameters: FitParameters | None = None,
    before: Path | None = None,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Made:
    """`recsys.making.make` in a child process, on what was laid down in `work`. Blocks: call it on a thread.

    Raises TrainingCancelled and TrainingFailed as `train_in_process`; the stages that ended stay in the folder.
    """
    order: dict[str, object] = {
        "work": str(work),
        "before": None if before is None else str(before),
        "now": now,
        "parameters": asdict(parameters or FitParameters()),
    }
    _done(order, work, progress, cancel)
    return made_in(work)


def discussions_in_process(
    log: Log, *, now: float, progress: Progress | None = None, cancel: threading.Event | None = None
) -> DiscussionModel | None:
    """`recsys.discussions.fitting.fit_discussions` in a child process; None where there is too little to learn from.

    Raises TrainingCancelled and TrainingFailed as `train_in_process`. Only codes and times go to the child.
    """
    if int(log.joins().sum()) < FEWEST:
        return None
    with tempfile.TemporaryDirectory(prefix="training-") as scratch:
        talks = Path(scratch) / "talks.npz"
        write_talks(log, talks)
        order = {"talks": str(talks), "folder": scratch, "now": now, "parameters": {}}
        _done(order, Path(scratch), progress, cancel)
        try:
            return load_discussions(Path(scratch))
        except FileNotFoundError:
            return None


def _done(order: dict[str, object], scratch: Path, progress: Progress | None, cancel: threading.Event | None) -> None:
    with (scratch / "errors").open("w+b") as errors:
        code = _run(order, errors.fileno(), progress, cancel)
        if code != 0:
            if cancel is not None and cancel.is_set():
                raise TrainingCancelled
            errors.seek(0)
            raise TrainingFailed(code, errors.read()[-_TAIL:].decode("utf-8", "replace"))


def _run(order: dict[str, object], errors: int, progress: Progress | None, cancel: threading.Event | None) -> int:
    environment = dict(os.environ, **dict.fromkeys(_ONE_THREAD, "1"))
    root = str(Path(__file__).resolve().parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH", ""))))
    child = subprocess.Popen(
        [sys.executable, "-m", "recsys.training"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    ended = threading.Event()
    watch = threading.Thread(target=_stop_when, args=(child, cancel, ended), daemon=True)
    watch.start()
    try:
        with child.stdin, child.stdout:
            try:
                child.stdin.write(json.dumps(order).encode() + b"\n")
                child.stdin.flush()
            except BrokenPipeError:
                # It died before it read anything: its code and its errors say why.
                return child.wait()
            # Standard input stays open until here: that it closes tells the child to go.
            for line in child.stdout:
                if progress is not None:
                    done, total = json.loads(line)
                    progress(done, total)
            return child.wait()
    finally:
        ended.set()
        if child.poll() is None:
            child.kill()
            child.wait()
        watch.join()


def _stop_when(child: subprocess.Popen[bytes], cancel: threading.Event | None, ended: threading.Event) -> None:
    while cancel is not None and not ended.is_set():
        if cancel.wait(0.05):
            child.kill()
            return


def _watch_parent() -> None:
    # Not through sys.stdin: its lock would be held when the interpreter ends.
    while os.read(_STDIN, 4_096):
        continue
    # The parent is gone or wants no model any more: nothing is half written, the model is replaced in one step.
    os._exit(ORPHANED)


def main() -> int:
    """The child: one line of JSON with the order on standard input, progress as [done, total] on standard output."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_watch_parent, daemon=True).start()
    parameters = FitParameters(**order["parameters"])

    def report(done: int, total: int) -> None:
        sys.stdout.write(f"[{done}, {total}]\n")
        sys.stdout.flush()

    if "talks" in order:
        # Too little to learn from leaves no file.
        with contextlib.suppress(TooLittle):
            fitted = fit_discussions(read_talks(Path(order["talks"])), now=float(order["now"]), progress=report)
            save_discussions(fitted, Path(order["folder"]))
        return 0
    if "work" in order:
        before = None if order["before"] is None else Path(order["before"])
        make(Path(order["work"]), parameters, now=float(order["now"]), before=before, progress=report)
        return 0
    model = fit_log(read_log(Path(order["actions"])), now=float(order["now"]), parameters=parameters, progress=report)
    save(model, Path(order["folder"]), parameters)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
