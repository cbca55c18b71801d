"""Who may write and when it is durable. Knows connections, savepoints and threads; knows no table."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from bot.errors import StoreUnavailable
from storage.faults import unavailable
from storage.turnstile import Turnstile

Announce = Callable[[frozenset[str]], None]
"""Told the topics of a unit of work once it is durable."""

GROUP_UNITS: Final = 64
GROUP_SECONDS: Final = 0.020
HELD_UNITS: Final = 1024
HELD_SECONDS: Final = 0.050
"""A batch may stay open a little longer: nobody waits for it, but other processes wait for the lock."""

_log = logging.getLogger(__name__)


class Transactions(Protocol):
    """Where units of work come from."""

    def begin(self) -> Session: ...
    def commit(self, session: Session, topics: frozenset[str], /) -> None:
        """Returns when it is durable; the session is closed, also when it raises."""
        ...

    def rollback(self, session: Session, cause: BaseException | None, /) -> None: ...
    def close(self) -> None: ...


class Writer(Transactions, Protocol):
    def flush(self) -> None:
        """Make durable what this thread's batch holds back."""
        ...

    @contextmanager
    def batch(self) -> Iterator[None]: ...


class _Group:
    """Units of work that become durable by one COMMIT."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.units = 0
        self.awaited = 0
        self.done = threading.Event()
        self.error: StoreUnavailable | None = None

    def due(self, now: float) -> bool:
        units, seconds = (GROUP_UNITS, GROUP_SECONDS) if self.awaited else (HELD_UNITS, HELD_SECONDS)
        return self.units >= units or now - self.started >= seconds

    def wait(self) -> None:
        self.done.wait()
        if self.error is not None:
            # One exception object must not be raised in many threads: each raise writes its traceback into it.
            raise StoreUnavailable(str(self.error)) from self.error


class _Batch:
    def __init__(self) -> None:
        self.depth = 0
        self.held: list[tuple[_Group, frozenset[str]]] = []


class _ThisThread(threading.local):
    def __init__(self) -> None:
        self.batch = _Batch()


class GroupCommitWriter:
    """One connection that writes, for a database that has one writer at a time (SQLite).

    A unit of work enters through a turnstile and runs in a savepoint of the open transaction. When it commits, it
    releases its savepoint, lets the next one in and waits outside. The last one out makes the physical COMMIT that all
    of them wait for, so N waiting threads pay one fsync, and a lone thread commits at once.
    """

    def __init__(
        self,
        engine: Engine,
        announce: Announce,
        *,
        patience: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._announce = announce
        self._patience = patience
        self._monotonic = monotonic
        self._turn = Turnstile()
        self._connection: Connection | None = None
        self._group: _Group | None = None
        self._inside: int | None = None
        """The thread whose unit of work is open: whoever has the turn."""
        self._here = _ThisThread()

    def begin(self) -> Session:
        if self._inside == threading.get_ident():
            raise RuntimeError("this thread has an open unit of work: commit or leave it before it opens another")
        self._enter()
        try:
            session = Session(
                bind=self._open_group(),
                join_transaction_mode="create_savepoint",
                expire_on_commit=False,
                close_resets_only=False,
            )
            session.connection()
        except BaseException as error:
            self._check_group(error)
            self._leave()
            raise
        self._inside = threading.get_ident()
        return session

    def commit(self, session: Session, topics: frozenset[str]) -> None:
        group = self._group
        assert group is not None, "a session was begun"
        try:
            session.commit()
            self._assert_whole(group)
        except BaseException as error:
            self.rollback(session, error)
            raise
        session.close()
        group.units += 1
        batch = self._here.batch
        if batch.depth:
            batch.held.append((group, topics))
        else:
            group.awaited += 1
        self._inside = None
        self._leave()
        if batch.depth:
            self._announce_held(batch)
        else:
            group.wait()
            self._announce(topics)

    def rollback(self, session: Session, cause: BaseException | None) -> None:
        try:
            session.rollback()
            session.close()
        except Exception as error:  # noqa: BLE001 - whatever it was, the transaction is not to be trusted any more
            _log.warning("savepoint_lost", extra={"error": repr(error)})
            self._fail_group(cause or error)
        self._check_group(cause)
        self._inside = None
        self._leave()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Units of work of this thread become durable together, at the latest at the end of the block."""
        batch = self._here.batch
        batch.depth += 1
        try:
            yield
        except BaseException:
            batch.depth -= 1
            if not batch.depth:
                self._flush_quietly()
            raise
        batch.depth -= 1
        if not batch.depth:
            self.flush()

    def flush(self) -> None:
        batch = self._here.batch
        if not batch.held or self._inside == threading.get_ident():
            return
        if any(not group.done.is_set() for group, _ in batch.held):
            self._enter()
            if self._group is not None and any(group is self._group for group, _ in batch.held):
                self._group.awaited += 1
            self._leave()
        held, batch.held = batch.held, []
        topics: set[str] = set()
        failed: StoreUnavailable | None = None
        for group, changed in held:
            try:
                group.wait()
                topics |= changed
            except StoreUnavailable as error:
                failed = error
        if topics or failed is None:
            self._announce(frozenset(topics))
        if failed is not None:
            raise failed

    def close(self) -> None:
        self._enter()
        try:
            if self._group is not None:
                self._finish(self._group)
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        finally:
            self._turn.leave()

    def _enter(self) -> None:
        if not self._turn.enter(self._patience, self._leave):
            raise StoreUnavailable(
                f"Other writes took more than {self._patience:g} seconds: nothing was saved. Try again in a moment."
            )

    def _open_group(self) -> Connection:
        """The connection in an open transaction; called with the turn."""
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._group is None:
            try:
                self._connection.begin()
            except Exception as error:
                self._discard_connection()
                raise unavailable(error) or error from error
            self._group = _Group(self._monotonic())
        return self._connection

    def _leave(self) -> None:
        """Hand on the turn; the last one out makes the group durable."""
        group = self._group
        try:
            if group is not None:
                due = group.due(self._monotonic())
                if not due and self._turn.pass_on():
                    return
                held_back = group.units and not group.awaited and not due
                if not held_back:
                    self._finish(group)
        except BaseException:
            self._turn.leave()
            raise
        self._turn.leave()

    def _finish(self, group: _Group) -> None:
        """The physical COMMIT; called with the turn."""
        self._group = None
        assert self._connection is not None
        try:
            if group.units:
                self._connection.commit()
            else:
                self._connection.rollback()
        except BaseException as error:
            group.error = unavailable(error) or _as_unavailable(error)
            self._discard_connection()
            if not isinstance(error, Exception):
                raise
        finally:
            group.done.set()

    def _check_group(self, cause: BaseException | None) -> None:
        """SQLite rolls everything back by itself on some errors: then no unit of the group may be acknowledged."""
        if self._group is not None and not self._in_transaction():
            self._fail_group(cause)

    def _fail_group(self, cause: BaseException | None) -> None:
        group, self._group = self._group, None
        if group is not None:
            group.error = unavailable(cause) or _as_unavailable(cause)
            self._discard_connection()
            group.done.set()

    def _assert_whole(self, group: _Group) -> None:
        if group is not self._group or not self._in_transaction():
            raise StoreUnavailable("The transaction was lost: nothing was saved. Try again.")

    def _in_transaction(self) -> bool:
        connection = self._connection
        if connection is None or connection.closed or connection.invalidated:
            return False
        raw: Any = connection.connection.dbapi_connection
        return bool(raw.in_transaction)

    def _discard_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except Exception as error:  # noqa: BLE001 - it is thrown away because it is broken
                _log.warning("connection_discarded", extra={"error": repr(error)})

    def _announce_held(self, batch: _Batch) -> None:
        """Tell the topics of what others made durable meanwhile, so that a long batch is seen as it grows."""
        topics: set[str] = set()
        waiting: list[tuple[_Group, frozenset[str]]] = []
        for group, changed in batch.held:
            if group.done.is_set() and group.error is None:
                topics |= changed
            else:
                waiting.append((group, changed))
        if len(waiting) < len(batch.held):
            batch.held = waiting
            self._announce(frozenset(topics))

    def _flush_quietly(self) -> None:
        """The block raised: its own error is the one to see."""
        try:
            self.flush()
        except StoreUnavailable:
            _log.exception("batch_lost")


class PlainWriter:
    """An ordinary transaction for each unit of work, for databases with many writers (PostgreSQL)."""

    def __init__(self, engine: Engine, announce: Announce) -> None:
        self._engine = engine
        self._announce = announce

    def begin(self) -> Session:
        session = Session(self._engine, expire_on_commit=False, close_resets_only=False)
        session.connection()
        return session

    def commit(self, session: Session, topics: frozenset[str]) -> None:
        try:
            session.commit()
        finally:
            session.close()
        self._announce(topics)

    def rollback(self, session: Session, _cause: BaseException | None) -> None:
        session.close()

    def flush(self) -> None:
        """Nothing is ever held back."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        yield

    def close(self) -> None:
        """The engine is closed by whoever opened it."""


class Reader:
    """Snapshots on connections of their own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self) -> Session:
        session = Session(self._engine, expire_on_commit=False, close_resets_only=False)
        session.connection()
        return session

    def commit(self, session: Session, _topics: frozenset[str]) -> None:
        session.close()
        raise RuntimeError("a unit of work that reads has nothing to commit: open it with write()")

    def rollback(self, session: Session, _cause: BaseException | None) -> None:
        session.close()

    def close(self) -> None:
        """The engine is closed by whoever opened it."""


def _as_unavailable(cause: BaseException | None) -> StoreUnavailable:
    if isinstance(cause, StoreUnavailable):
        return cause
    return StoreUnavailable(f"The changes could not be saved: {cause or 'the transaction was lost'}. Try again.")
