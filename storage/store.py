"""The store: one writer, many readers. Knows who listens to commits; knows no SQL."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Engine

from storage.scope import Now
from storage.work import SqlUnitOfWork
from storage.writer import GroupCommitWriter, PlainWriter, Reader, Writer

_log = logging.getLogger(__name__)


class SqlStore:
    """See `bot.ports.Store`. Made by `storage.open_store`."""

    def __init__(self, writing: Engine, reading: Engine, *, clock: Now | None = None, patience: float = 30.0) -> None:
        self._writing = writing
        self._reading = reading
        self._clock = clock
        self._callbacks: list[Callable[[frozenset[str]], None]] = []
        self._writer: Writer = (
            GroupCommitWriter(writing, self._announce, patience=patience)
            if writing.dialect.name == "sqlite"
            else PlainWriter(writing, self._announce)
        )
        self._reader = Reader(reading)

    @property
    def engine(self) -> Engine:
        """The connections that read, for checks and backups."""
        return self._reading

    @property
    def writing_engine(self) -> Engine:
        """The connections that write, for events of the driver."""
        return self._writing

    def write(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._writer, self._clock)

    def read(self) -> SqlUnitOfWork:
        """A consistent snapshot. What a batch of this thread holds back is made durable first: it must be seen."""
        self._writer.flush()
        return SqlUnitOfWork(self._reader, self._clock)

    def batch(self) -> AbstractContextManager[None]:
        return self._writer.batch()

    def on_commit(self, callback: Callable[[frozenset[str]], None]) -> None:
        self._callbacks.append(callback)

    def close(self) -> None:
        self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def _announce(self, topics: frozenset[str]) -> None:
        for callback in self._callbacks:
            try:
                callback(topics)
            except Exception:  # noqa: BLE001 - the rows are durable: a listener must not make that look like a lost write
                _log.exception("on_commit_callback_failed")
