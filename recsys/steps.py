"""Counts steps of long work for whoever watches. Knows nothing of the work."""

from __future__ import annotations

from recsys.types import Progress


class Steps:
    """Each call is one step of `total`; steps beyond it are told as the last one."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)

    def end(self) -> None:
        """Steps that were not needed are done too."""
        self._done = max(self._done, self._total - 1)
        self()
