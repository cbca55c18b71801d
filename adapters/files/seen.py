"""Which message ids a history has told already, and in which thread. Knows ids; knows no message.

Exports list millions of messages in rising order, so ids are kept as sorted 64-bit numbers: 16 bytes a message, where
a dict takes more than 100. What arrives out of order or is not a number goes to a dict.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

_LARGEST = 2**63 - 1


class SeenIds:
    """Ids of one room with the thread (0: none) that each belongs to."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._threads = array("q")
        self._late: dict[str, int] = {}

    def add(self, native_id: str, thread: int = 0) -> bool:
        """Remember `native_id`; False where it was known already (nothing changes then)."""
        number = _number(native_id)
        if number is not None and (not self._ids or number > self._ids[-1]):
            self._ids.append(number)
            self._threads.append(thread)
            return True
        if self._find(number) is not None or native_id in self._late:
            return False
        self._late[native_id] = thread
        return True

    def thread_of(self, native_id: str) -> int:
        """The thread of a message told before; 0 where it has none or is not known."""
        position = self._find(_number(native_id))
        return self._late.get(native_id, 0) if position is None else self._threads[position]

    def _find(self, number: int | None) -> int | None:
        if number is None:
            return None
        position = bisect_left(self._ids, number)
        return position if position < len(self._ids) and self._ids[position] == number else None


def _number(native_id: str) -> int | None:
    """The id as a number where the number writes back to the same id."""
    if not native_id.isascii() or len(native_id) > 20:
        return None
    try:
        number = int(native_id)
    except ValueError:
        return None
    return number if abs(number) <= _LARGEST and str(number) == native_id else None
