"""Rows of CSV, TSV, JSONL and Parquet files. Knows formats and columns; knows nothing of what the values mean."""

from __future__ import annotations

import csv
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from recsys.evaluation.errors import BadData

Row = tuple[Any, ...]
"""The values of the wanted columns; None where a row or the whole file has none."""

_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
_LINES: Final = frozenset({".jsonl", ".ndjson"})
_BATCH: Final = 65_536
FORMATS: Final = ".csv, .tsv, .jsonl, .ndjson (also .gz of these) or .parquet"


def read_rows(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """One tuple a row, in the order of the file: the needed columns, then the optional ones. See `numbered_rows`."""
    for _, row in numbered_rows(path, needed, optional):
        yield row


def numbered_rows(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Iterator[tuple[int, Row]]:
    """The same, each with the line of the file that it ends on (Parquet, which has no lines: its row), from 1.

    The format is told by the suffix; CSV and TSV have a header line. Raises BadData, while iterating, where the file
    as a whole cannot be used: it has another format or encoding than its name says, or lacks a needed column.
    """
    suffix = path.suffixes[-2] if path.suffix == ".gz" and len(path.suffixes) > 1 else path.suffix
    try:
        if suffix == ".parquet":
            yield from _parquet(path, needed, optional)
        elif suffix in _SEPARATORS:
            with _text(path) as file:
                yield from _delimited(path, file, _SEPARATORS[suffix], needed, optional)
        elif suffix in _LINES:
            with _text(path) as file:
                yield from _json_lines(path, file, needed, optional)
        else:
            raise BadData(f"{path.name}: the name must end in {FORMATS}")
    except UnicodeDecodeError as error:
        raise BadData(f"{path.name} is not UTF-8: {error.reason} at byte {error.start}") from error
    except (OSError, EOFError) as error:
        raise BadData(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _text(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _delimited(
    path: Path, file: IO[str], separator: str, needed: Sequence[str], optional: Sequence[str]
) -> Iterator[tuple[int, Row]]:
    # A text column may be long; the field limit of the module is for whole files of nothing but quotes.
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(file, delimiter=separator)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check(path, header, needed)
        at = [header.index(name) if name in header else -1 for name in (*needed, *optional)]
        for cells in reader:
            if cells:
                yield reader.line_num, tuple(cells[k] if 0 <= k < len(cells) else None for k in at)
    except csv.Error as error:
        raise BadData(f"{path.name} line {reader.line_num}: {error}") from error


def _json_lines(path: Path, file: IO[str], needed: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, Row]]:
    wanted = (*needed, *optional)
    first = True
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadData(f"{path.name} line {number} is not JSON: {error}") from error
        if not isinstance(found, dict):
            raise BadData(f"{path.name} line {number} is not a JSON object")
        if first:
            _check(path, list(found), needed)
            first = False
        yield number, tuple(found.get(name) for name in wanted)


def _parquet(path: Path, needed: Sequence[str], optional: Sequence[str]) -> Iterator[tuple[int, Row]]:
    # Only who reads such a file waits for the package.
    import pyarrow as pa
    from pyarrow import parquet

    wanted = (*needed, *optional)
    try:
        with parquet.ParquetFile(path) as file:
            there = file.schema_arrow.names
            _check(path, there, needed)
            columns = [name for name in wanted if name in there]
            before = 1
            for batch in file.iter_batches(batch_size=_BATCH, columns=columns):
                # Each column once, by name: the file's own order of columns does not matter.
                values = {name: _values(batch.column(name), pa) for name in columns}
                nothing = [None] * batch.num_rows
                rows = zip(*(values.get(name, nothing) for name in wanted), strict=True)
                yield from enumerate(rows, start=before)
                before += batch.num_rows
    except pa.ArrowException as error:
        raise BadData(f"{path.name} is not a readable Parquet file: {error}") from error


def _values(column: Any, arrow: Any) -> list[Any]:
    """Python values; times of any unit as seconds, which Python's own datetime could not hold to the nanosecond."""
    if arrow.types.is_timestamp(column.type):
        per_second = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[column.type.unit]
        return [None if value is None else value / per_second for value in column.cast(arrow.int64()).to_pylist()]
    found: list[Any] = column.to_pylist()
    return found


def _check(path: Path, there: Sequence[str], needed: Sequence[str]) -> None:
    if not there:
        raise BadData(f"{path.name} is empty: it has no row and no name of a column")
    missing = [name for name in needed if name not in there]
    if missing:
        found = ", ".join(there)
        raise BadData(f"{path.name} has no column {', '.join(missing)} (its columns: {found}); name it by its option")
    if len(set(there)) != len(there) and any(list(there).count(name) > 1 for name in needed):
        raise BadData(f"{path.name} has a needed column twice (its columns: {', '.join(there)})")
