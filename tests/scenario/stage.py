"""What a person can do and see on any platform, so that one scenario can be played on each of them."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from adapters.delivery import Delivery
from adapters.pacing import WEB, Pacing
from bot.domain.refs import RoomRef
from bot.ports import Clock, Messenger, OutboxRow, Parse, Store, UnitOfWork

T = TypeVar("T")

CODE = re.compile(r"v1:([a-z0-9-]+):[A-Za-z0-9]+")
PATIENCE = 30.0


@dataclass(frozen=True)
class Shown:
    """A message as somebody sees it now: its words and its buttons (label, code), in order.

    `native` is how the platform's own stage finds it again, `key` tells it from others.
    """

    key: int
    native: Any = field(compare=False)
    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()

    @property
    def acts(self) -> list[str]:
        """What the buttons do, in order; what only looks (an address) is left out."""
        return [found[1] for _, code in self.buttons if (found := CODE.fullmatch(code))]

    def code(self, act: str) -> str:
        """Of the first button that does this."""
        return next(code for _, code in self.buttons if (found := CODE.fullmatch(code)) and found[1] == act)


@dataclass(frozen=True)
class Thread:
    """As everybody sees it; `native` is how the platform's own stage finds it again."""

    name: str
    open: bool
    texts: tuple[str, ...]
    native: Any = field(compare=False)


class Stage(ABC):
    """One platform with the program on it. People are named; every method returns when the platform has taken it in."""

    platform: str
    tells_of_deletions = True
    tells_of_leaving = True

    messenger: Messenger
    parse: Parse
    loop: Loop

    def delivers(self, delivery: Delivery) -> asyncio.Task[None]:
        """Have it run where the platform's connection lives."""
        return self.loop.start(delivery.run())

    @abstractmethod
    def opens(self) -> None:
        """Begin: connect the program to the platform, make the common room."""

    @abstractmethod
    def closes(self) -> None: ...

    @abstractmethod
    def room(self) -> RoomRef:
        """The room that everybody is in."""

    @abstractmethod
    def joins(self, name: str, *, language: str = "en") -> None: ...

    @abstractmethod
    def leaves(self, name: str) -> None: ...

    @abstractmethod
    def account(self, name: str) -> str:
        """Their native id."""

    @abstractmethod
    def commands(self, name: str, command: str, words: str = "") -> None:
        """Ask the program something, where only they see the answer."""

    @abstractmethod
    def says(self, name: str, text: str, *, answering: object = None) -> object:
        """In the common room; returns the message for later."""

    @abstractmethod
    def edits(self, name: str, message: object, text: str) -> None: ...

    @abstractmethod
    def deletes(self, name: str, message: object) -> None: ...

    @abstractmethod
    def reacts(self, name: str, message: object, emoji: str, *, present: bool = True) -> None: ...

    @abstractmethod
    def presses(self, name: str, shown: Shown, code: str) -> None: ...

    @abstractmethod
    def sees(self, name: str) -> Sequence[Shown]:
        """What the program said to them alone, oldest first, as it reads now."""

    @abstractmethod
    def posted(self, name: str) -> Sequence[Shown]:
        """What the program posted in the common room, as they see it; they can press what is there."""

    @abstractmethod
    def threads(self) -> Sequence[Thread]:
        """Those in the common room."""

    @abstractmethod
    def says_inside(self, name: str, thread: Thread, text: str) -> None: ...

    def greets(self, name: str) -> None:
        """Write to the program first, which may not write to strangers. Nothing is to be done where it may."""
        self.account(name)

    def fills(self, name: str, values: Mapping[str, str | list[str]]) -> None:
        """Fill in the form that was asked last."""
        raise NotImplementedError

    @abstractmethod
    def heard(self) -> bool:
        """Whether everything that happened on the platform has reached the program."""


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        async def begin() -> asyncio.Task[T]:
            return asyncio.create_task(work)

        return self.run(begin())

    def end(self, *tasks: asyncio.Task[Any]) -> None:
        async def cancel() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.run(cancel())

    def close(self) -> None:
        self.run(self._loop.shutdown_asyncgens())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


async def ended(task: asyncio.Task[None]) -> None:
    await asyncio.wait_for(asyncio.shield(task), PATIENCE)


def delivery_of(
    stage: Stage,
    store: Store,
    clock: Clock,
    visible: Callable[[OutboxRow], bool],
    ended: Callable[[UnitOfWork, OutboxRow, str], object],
) -> Delivery:
    """As in the running program, but for its pace: nobody waits here."""
    return Delivery(
        store,
        {stage.platform: stage.messenger},
        Pacing({stage.platform: WEB}, time.perf_counter),
        clock,
        visible,
        monotonic=time.perf_counter,
        rng=Random(1),
        ended=ended,
    )


def until(true: Callable[[], object], what: str = "it did not happen") -> None:
    end = time.perf_counter() + PATIENCE
    while not true():
        if time.perf_counter() > end:
            raise TimeoutError(what)
        time.sleep(0.005)
