"""Many answers in the order of their questions, in bounded memory. Knows threads; knows nothing of what is answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

_Q = TypeVar("_Q")
_A = TypeVar("_A")
_AHEAD: Final = 8
"""How many questions a thread may be ahead of whoever takes the answers."""


def answered(answer: Callable[[_Q], _A], questions: Iterable[_Q], *, workers: int = 1) -> Iterator[_A]:
    """`answer(question)` for each question, in their order, as they are asked for.

    No question is taken long before its answer is wanted: stop anywhere, and go on later with the rest. What `answer`
    or `questions` raise is raised here, in its place. ValueError for no workers.
    """
    if workers < 1:
        raise ValueError(f"a batch needs at least one worker, got {workers!r}")
    if workers == 1:
        return map(answer, questions)
    return _shared(answer, questions, workers)


def _shared(answer: Callable[[_Q], _A], questions: Iterable[_Q], workers: int) -> Iterator[_A]:
    waiting: deque[Future[_A]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool:
        try:
            for question in questions:
                waiting.append(pool.submit(answer, question))
                if len(waiting) >= _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for unwanted in waiting:
                unwanted.cancel()
