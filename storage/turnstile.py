"""A lock that is passed on in order of arrival. Knows threads; knows no database."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable


class Turnstile:
    """First come, first served: `threading.Lock` lets late threads overtake, which starves writers for seconds."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def enter(self, patience: float, abandon: Callable[[], None]) -> bool:
        """Wait at most `patience` seconds for the turn; False: it did not come.

        `abandon` is called with the turn when it came at the very moment in which the wait was interrupted.
        """
        with self._mutex:
            if not self._held:
                self._held = True
                return True
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            entered = gate.acquire(timeout=patience)
        except BaseException:
            if not self._give_up(gate):
                abandon()
            raise
        return entered or not self._give_up(gate)

    def pass_on(self) -> bool:
        """Give the turn to the next who waits; False, and the turn is kept, when nobody does."""
        with self._mutex:
            if not self._waiting:
                return False
            self._waiting.popleft().release()
            return True

    def leave(self) -> None:
        """Give the turn to the next, or to whoever comes."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    def _give_up(self, gate: threading.Lock) -> bool:
        """Stop waiting; False when the turn came at that very moment and is ours."""
        with self._mutex:
            try:
                self._waiting.remove(gate)
            except ValueError:
                return False
            return True
