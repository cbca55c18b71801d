"""What all tables share: names of constraints, key columns, checked words. Knows SQLAlchemy; knows no table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text
from sqlmodel import Field, SQLModel, UTCDateTime

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits everywhere; SQLite numbers only columns that are called INTEGER."""

NEVER_REUSED: Final = {"sqlite_autoincrement": True}
"""Ids leave the database (``post:7``, rows of the index): one that was deleted must not come back as something else."""


class Row(SQLModel):
    """Base of every table; rows never leave the package."""

    metadata = METADATA


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements over sets."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


def key() -> Any:
    return Field(default=None, sa_column=Column(ID, primary_key=True))


def ref(target: str, *, null: bool = False, index: bool = False) -> Any:
    """A column that points at another table."""
    return Field(default=None, sa_column=Column(ID, ForeignKey(target), nullable=null, index=index))


def ref_key(target: str) -> Any:
    """A column of the primary key that points at another table."""
    column = Column(ID, ForeignKey(target), primary_key=True, autoincrement=False)
    return Field(default=None, sa_column=column)


def word_key() -> Any:
    """A word that is part of the primary key."""
    return Field(primary_key=True)


def counter(*, null: bool = False) -> Any:
    """A number that only rises."""
    return Field(default=None if null else 0, sa_column=Column(ID, nullable=null))


def long_text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False))


def json_column() -> Any:
    return Field(default=None, sa_column=Column(JSON, nullable=False))


def json_or_nothing() -> Any:
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


def when(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UTCDateTime(), nullable=null))


def one_of(column: str, words: Iterable[str], *, null: bool = False) -> CheckConstraint:
    """Only these words: a table model validates nothing, so the database does."""
    listed = ", ".join(f"'{word}'" for word in words)
    condition = f"{column} IN ({listed})"
    return CheckConstraint(f"{column} IS NULL OR {condition}" if null else condition, name=column)
