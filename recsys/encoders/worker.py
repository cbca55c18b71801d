"""The encoder's own process: reads texts, writes vectors, ends when its parent is gone. Imports nothing but recsys.

Started as `python -m recsys.encoders.worker SETTING`, so that whatever program is running is not imported again.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any, Final

from recsys.encoders.build import build_course_encoder, build_encoder
from recsys.encoders.errors import WeightsMismatch
from recsys.encoders.queues import COURSE, QUESTION, TEXT
from recsys.encoders.wire import read_frame, write_frame
from recsys.types import Matrix

Models = dict[str, Callable[[Sequence[str]], Matrix]]
_WARM_UP: Final = ("warm up", "热身")


def main() -> None:
    """Load, say what was loaded, then answer frames in order of arrival until stdin closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to end
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to stderr, never between the frames
    asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    models = _load(sys.argv[1], answers)
    if models is None:
        return
    while True:
        _answer(models, asked.get(), answers)


def _listen(stream: IO[bytes], asked: queue.SimpleQueue[dict[str, Any]]) -> None:
    """A thread of its own, so that a closed pipe ends the process in the middle of a computation too."""
    while (frame := read_frame(stream)) is not None:
        asked.put(frame[0])
    os._exit(0)


def _load(setting: str, answers: IO[bytes]) -> Models | None:
    try:
        encoder = build_encoder(setting)
        courses = build_course_encoder(setting)
        _one_thread()
        encoder.encode(_WARM_UP)
        if courses is not None:
            courses.encode_questions(_WARM_UP)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        facts = [error.file, error.expected, error.got] if isinstance(error, WeightsMismatch) else []
        write_frame(answers, {"failed": type(error).__name__, "message": str(error), "facts": facts})
        return None
    second = None if courses is None else [courses.name, courses.dimension]
    about = {"name": encoder.name, "dimension": encoder.dimension, "courses": second, "rss": resident_bytes()}
    write_frame(answers, about)
    models: Models = {TEXT: encoder.encode}
    if courses is not None:
        models |= {COURSE: courses.encode, QUESTION: courses.encode_questions}
    return models


def _answer(models: Models, request: dict[str, Any], answers: IO[bytes]) -> None:
    try:
        vectors = models[request["model"]](request["texts"])
    except Exception as error:  # noqa: BLE001 - one text that a model cannot take must not end the process
        write_frame(answers, {"id": request["id"], "error": f"{type(error).__name__}: {error}"})
        return
    head = {"id": request["id"], "dimension": vectors.shape[1], "rss": resident_bytes()}
    write_frame(answers, head, vectors)


def _one_thread() -> None:
    """Two compute threads on a busy machine cost three to six times the CPU of one; the environment says it to BLAS."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def resident_bytes() -> int:
    """Resident memory of this process; where /proc is missing, its highest value so far."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - read after every answer: the cheapest way
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
