"""One worker process seen from its parent: start, ask, hear, end. Knows pipes; decides nothing about retries."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from recsys.encoders.wire import read_frame, write_frame
from recsys.types import Matrix

_ROOT: Final = Path(__file__).resolve().parents[2]
# Everything else of the environment (tokens, database addresses) is none of the encoder's business.
_PASSED: Final = (
    "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "USERPROFILE",
    "LD_LIBRARY_PATH", "VIRTUAL_ENV", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME",
)  # fmt: skip
_ONE_THREAD: Final = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TQDM_DISABLE": "1",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a worker says when its models are ready. `courses`: name and dimension of those for courses, if any."""

    name: str
    dimension: int
    rss: int
    courses: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a worker has no model: the name of the error's class, its message, and what WeightsMismatch carries."""

    kind: str
    message: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request: vectors, or the error that the model gave."""

    id: int
    vectors: Matrix | None
    rss: int
    error: str = ""


class Child:
    """A worker process. Reading and writing have threads of their own, so that no call here waits for a full pipe."""

    def __init__(self, setting: str) -> None:
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ} | _ONE_THREAD
        environment["PYTHONPATH"] = str(_ROOT)
        # -P keeps the folder of the day off the import path.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", "recsys.encoders.worker", setting],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._loading: queue.Queue[Loaded | Failed] = queue.Queue()
        self._outcome: Loaded | Failed | None = None
        self._answers: queue.Queue[Answer | None] = queue.Queue()
        self._outgoing: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._threads = (
            threading.Thread(target=self._read, args=(self._process.stdout,), name="encoder-read", daemon=True),
            threading.Thread(target=self._write, args=(self._process.stdin,), name="encoder-write", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def loaded(self, timeout: float) -> Loaded | Failed | None:
        """What became of loading; None when it has not ended within `timeout` seconds. One thread asks."""
        if self._outcome is None:
            with suppress(queue.Empty):
                self._outcome = self._loading.get(timeout=timeout) if timeout > 0 else self._loading.get_nowait()
        return self._outcome

    def ask(self, number: int, texts: Sequence[str], model: str) -> None:
        self._outgoing.put({"id": number, "model": model, "texts": list(texts)})

    def answer(self, timeout: float) -> Answer | None:
        """The next answer; None when the process has died. TimeoutError after `timeout` seconds."""
        try:
            return self._answers.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(f"no answer from the encoder within {timeout:g} s") from None

    def close(self, grace: float = 2.0) -> None:
        """End the process: politely by closing its pipe, after `grace` seconds by force. May be called twice."""
        self._outgoing.put(None)
        try:
            self._process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join()

    def kill(self) -> None:
        """End a process that is stuck."""
        self._process.kill()
        self.close()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            with stream:
                while (frame := read_frame(stream)) is not None:
                    self._sort(*frame)
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Bytes that are no frame: the process is of no further use, whatever wrote them.
            self._process.kill()
            self._loading.put(Failed("ProtocolError", str(error)))
        self._loading.put(Failed("Died", "the encoder process ended while it was loading"))
        self._answers.put(None)

    def _sort(self, head: dict[str, Any], vectors: Matrix | None) -> None:
        if "failed" in head:
            self._loading.put(Failed(str(head["failed"]), str(head["message"]), tuple(head["facts"])))
        elif "name" in head:
            second = head["courses"]
            courses = None if second is None else (str(second[0]), int(second[1]))
            self._loading.put(Loaded(str(head["name"]), int(head["dimension"]), int(head["rss"]), courses))
        elif "error" in head:
            self._answers.put(Answer(int(head["id"]), None, 0, str(head["error"])))
        else:
            self._answers.put(Answer(int(head["id"]), vectors, int(head["rss"])))

    def _write(self, stream: IO[bytes]) -> None:
        # A broken pipe means that the process died: the reading thread tells. Closing flushes, so it can break too.
        with suppress(BrokenPipeError), stream:
            while (request := self._outgoing.get()) is not None:
                write_frame(stream, request)
