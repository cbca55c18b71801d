"""What the repositories of one unit of work share: the session, the topics, the dialect. Knows no table of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, Row, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from bot.errors import ConfigError

T = TypeVar("T")
Now = Callable[[], datetime]
Result = CursorResult[*tuple[Any, ...]]

Record = Row[*tuple[Any, ...]]
"""One row of a result, columns by name."""

DIALECTS: Final = ("sqlite", "postgresql")
CHUNK: Final = 900
"""Values in one IN list: below every limit that SQLite was ever built with."""


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    batch: list[T] = []
    for value in values:
        batch.append(value)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def check_dialect(name: str) -> None:
    if name not in DIALECTS:
        raise ConfigError(f"The database must be SQLite or PostgreSQL, and the setting names {name!r}.")


class Scope:
    """Runs statements for one unit of work."""

    def __init__(self, session: Session, clock: Now | None = None) -> None:
        self.session = session
        self.topics: set[str] = set()
        self._clock = clock
        self._dialect = session.get_bind().dialect.name

    def rows(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> Sequence[Record]:
        """All rows; `values` are the parameters of a constant SELECT, or the rows of an INSERT that returns them (in no
        order)."""
        return self._execute(statement, values).fetchall()

    def stream(self, statement: Executable, size: int = 2000) -> Iterator[Record]:
        """Rows as they come, `size` at a time."""
        return iter(self._execute(statement.execution_options(yield_per=size)))

    def pages(self, statement: Executable, size: int) -> Iterator[Sequence[Record]]:
        """The same in lists of at most `size`."""
        return iter(self._execute(statement.execution_options(yield_per=size)).partitions())

    def first(self, statement: Executable) -> Record | None:
        result = self._execute(statement)
        row = result.fetchone()
        result.close()
        return row

    def value(self, statement: Executable) -> Any:
        """The first column of the first row; None when there is none."""
        row = self.first(statement)
        return None if row is None else row[0]

    def values(self, statement: Executable) -> list[Any]:
        return [row[0] for row in self.rows(statement)]

    def run(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Execute, for each of `rows` where given; returns how many rows of the database it touched."""
        if rows is not None and not rows:
            return 0
        return int(self._execute(statement, rows).rowcount)

    def insert(self, table: Table) -> sqlite.Insert:
        """An INSERT with ON CONFLICT in the dialect of this database: the only place that chooses."""
        if self._dialect == "sqlite":
            return sqlite.insert(table)
        # Both dialects offer the same methods; the cast keeps that from every caller.
        return cast("sqlite.Insert", postgresql.insert(table))

    def now(self) -> datetime | ColumnElement[datetime]:
        """The clock's time, or the database's where no clock was given; for records that no caller dates."""
        return func.current_timestamp() if self._clock is None else self._clock()

    def _execute(self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None) -> Result:
        # exec() is typed for models; these statements are over tables and sets of rows.
        return cast("Result", self.session.exec(cast("Any", statement), params=rows))
