"""Work for processes that are copied: who does it, when it fails, when it ends the process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def begin(given: str) -> Callable[[str, float], tuple[str, int, int]]:
    """(what was given, who opened it, who answers) for ``ask``; other words are misfortunes."""
    if given == "broken":
        raise ValueError("planted")
    opened_by = os.getpid()

    def work(word: str, seconds: float) -> tuple[str, int, int]:
        time.sleep(seconds)
        if word == "fail":
            raise KeyError("planted")
        if word == "die":
            os._exit(9)
        return given, opened_by, os.getpid()

    return work
