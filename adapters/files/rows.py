"""Tables as rows of named cells: CSV, JSON and JSONL read alike. Knows the formats; knows no column's meaning."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from adapters.files.cursor import JsonCursor, TooDeep
from adapters.files.reading import MAX_LINE, TextSource, open_text
from bot.domain.text import clean_line
from bot.errors import BadInput
from bot.ports import SkippedRow

_DELIMITERS: Final = (",", ";", "\t", "|")
_HEAD: Final = 64 * 1024
_MAX_COLUMNS: Final = 200

Format = Literal["csv", "json", "jsonl"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` is where it starts; `cells` by column name as documented, or as written; none is blank."""

    line: int
    cells: dict[str, object]


def read_rows(
    path: Path, *, container: str, columns: Collection[str], required: Collection[str], encoding: str | None
) -> Iterator[Row | SkippedRow]:
    """Rows in file order. `container`: the key under which a JSON object may hold the array; `columns`: known names, of
    which a table must have the `required` ones.

    The format is told from the content, not from the file's name. Raises BadInput where the file as a whole is broken;
    what came before it has been yielded by then.
    """
    kind = _format_of(path, container, encoding)
    with open_text(path, encoding) as source:
        match kind:
            case "csv":
                yield from _csv_rows(source, columns, required)
            case "json":
                yield from _json_rows(JsonCursor(source), container, columns)
            case "jsonl":
                yield from _jsonl_rows(source, columns)


def column_name(name: str) -> str:
    """How column names are compared: case and white space do not count."""
    return "".join(clean_line(name, limit=60).lower().split())


def _named(name: str, columns: Collection[str]) -> str:
    if name in columns:
        return name
    known = column_name(name)
    return known if known in columns else clean_line(name, limit=60)


def _format_of(path: Path, container: str, encoding: str | None) -> Format:
    with open_text(path, encoding) as source:
        head = source.read(_HEAD).lstrip()
    if not head:
        raise BadInput(f"{path.name} has no content.", hint="Export it again, or name another file.")
    if head[0] == "[":
        return "json"
    suffixes = {suffix.lower() for suffix in path.suffixes}
    if head[0] != "{":
        if suffixes & {".json", ".jsonl", ".ndjson"}:
            raise BadInput(
                f"{path.name}: not valid JSON at line 1: expected [ or {{, found {head[0]!r}.",
                hint="Export the file again, or name it .csv if that is what it is.",
            )
        return "csv"
    if suffixes & {".jsonl", ".ndjson"}:
        return "jsonl"
    first, _, rest = head.partition("\n")
    try:
        value = json.loads(first, strict=False)
    except (ValueError, RecursionError):
        # Not an object on a line of its own: JSON over several lines, unless other lines are such objects.
        several = re.search(r"^\{", rest, re.MULTILINE) and not first.rstrip().endswith(("{", "[", ",", ":"))
        return "jsonl" if several else "json"
    return "json" if isinstance(value, dict) and isinstance(value.get(container), list) else "jsonl"


def _row(line: int, value: object, columns: Collection[str]) -> Row | SkippedRow:
    if not isinstance(value, dict):
        return SkippedRow(line, "", f"expected an object with named fields, found {_kind(value)}")
    return Row(line, {_named(str(key), columns): cell for key, cell in value.items() if not _blank(cell)})


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or (isinstance(cell, list) and not cell)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _json_rows(cursor: JsonCursor, container: str, columns: Collection[str]) -> Iterator[Row | SkippedRow]:
    if cursor.peek() == "[":
        yield from _elements(cursor, columns)
        cursor.end()
        return
    found = False
    for key in cursor.members():
        if key == container and cursor.peek() == "[":
            found = True
            yield from _elements(cursor, columns)
        else:
            cursor.skip()
    cursor.end()
    if not found:
        raise BadInput(
            f"{cursor.name} holds one object without a list called {container!r}.",
            hint=f'Write [{{...}}, {{...}}] or {{"{container}": [{{...}}]}}.',
        )


def _elements(cursor: JsonCursor, columns: Collection[str]) -> Iterator[Row | SkippedRow]:
    for line in cursor.elements():
        try:
            value = cursor.value()
        except TooDeep as error:
            cursor.skip()
            yield SkippedRow(line, "", str(error))
        else:
            yield _row(line, value, columns)


def _jsonl_rows(source: TextSource, columns: Collection[str]) -> Iterator[Row | SkippedRow]:
    for number, line in enumerate(source.lines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, strict=False)
        except json.JSONDecodeError as error:
            cut = error.msg.startswith("Unterminated") or error.pos >= len(line.rstrip())
            problem = "the line ends in the middle" if cut else error.msg.lower()
            yield SkippedRow(number, "", f"not valid JSON at column {error.pos + 1}: {problem}")
        except RecursionError:
            yield SkippedRow(number, "", f"nested too deeply in line {number}")
        except ValueError:
            yield SkippedRow(number, "", "a number in it is too long")
        else:
            yield _row(number, value, columns)


def _csv_rows(source: TextSource, columns: Collection[str], required: Collection[str]) -> Iterator[Row | SkippedRow]:
    # The module's limit guards against a quotation mark that swallows the file; lines are limited already.
    csv.field_size_limit(MAX_LINE)
    lines = source.lines()
    first, skipped = _first_line(lines)
    delimiter = _delimiter_of(first, columns)
    if delimiter is None:
        delimiter = first.strip()[4:5] or ","
        first, more = _first_line(lines)
        skipped += more + 1
    reader = csv.reader(_chain(first, lines), delimiter=delimiter, skipinitialspace=True, strict=True)
    header: list[str] | None = None
    while True:
        start = skipped + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                raise BadInput(
                    f"{source.name}: a quotation mark opened in the row that starts in line {start} is never closed.",
                    hint='Close it, or double it (""), where it belongs to the text.',
                ) from error
            yield SkippedRow(start, "", f"badly quoted: {error}")
            continue
        if cells is None:
            break
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells, source.name, columns, required)
        elif len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            problem = f"{len(cells)} cells under {len(header)} column names; put text with {delimiter!r} in quotes"
            yield SkippedRow(start, "", problem)
        else:
            named = zip(header, cells, strict=False)
            yield Row(start, {name: cell for name, cell in named if name and cell.strip()})
    if header is None:
        raise BadInput(f"{source.name} has no row of column names.", hint="Its first row names the columns.")


def _first_line(lines: Iterator[str]) -> tuple[str, int]:
    """The first line that is not blank, and how many blank ones came before."""
    for blank, line in enumerate(lines):
        if line.strip():
            return line, blank
    return "", 0


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _delimiter_of(line: str, columns: Collection[str]) -> str | None:
    """The one that makes most known column names of the first line; None: the line itself says (Excel's ``sep=;``).

    Guessing from letter frequencies goes wrong on prose; the names of the columns are known.
    """
    if re.fullmatch(r"sep=\S", line.strip(), re.IGNORECASE) or line.rstrip("\r\n").lower() == "sep=\t":
        return None
    known = set(columns)

    def names(delimiter: str) -> int:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            return 0
        return len({column_name(cell) for cell in cells} & known)

    return max(_DELIMITERS, key=names)


def _header(cells: list[str], name: str, columns: Collection[str], required: Collection[str]) -> list[str]:
    header = [_named(cell, columns) for cell in cells]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise BadInput(f"{name}: the column {twice[0]!r} is there twice.", hint="Rename or remove one of them.")
    if not set(header) & set(columns):
        found = ", ".join(repr(column) for column in header[:6])
        raise BadInput(
            f"{name}: the first row names no known column (found {found}).",
            hint=f"Name the columns in the first row: {', '.join(columns)}.",
        )
    missing = [column for column in required if column not in header]
    if missing:
        raise BadInput(
            f"{name} has no column {' and no column '.join(map(repr, missing))}.",
            hint=f"Every row needs {', '.join(required)}; the first row names the columns.",
        )
    if len(header) > _MAX_COLUMNS:
        raise BadInput(f"{name} has {len(header)} columns.", hint=f"Keep at most {_MAX_COLUMNS}.")
    return header
