"""A catalogue of courses from a file. Knows columns; knows no store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from adapters.files.loose import RowProblem
from adapters.files.models import COLUMNS, REQUIRED, course_of
from adapters.files.rows import read_rows
from bot.domain.items import Course
from bot.ports import SkippedRow


def read_courses(path: Path, *, encoding: str | None = None) -> Iterator[Course | SkippedRow]:
    """Courses of a CSV, JSON or JSONL file, in its order; a row that cannot be used is a SkippedRow with its reason.

    Columns: `COLUMNS`; others are kept as extras. An id that comes twice is skipped the second time. Raises BadInput,
    while iterating, where the file as a whole is broken: what came before has been yielded by then.
    """
    lines: dict[str, int] = {}
    for row in read_rows(path, container="courses", columns=COLUMNS, required=REQUIRED, encoding=encoding):
        if isinstance(row, SkippedRow):
            yield row
            continue
        try:
            course = course_of(row.cells)
        except RowProblem as problem:
            yield SkippedRow(row.line, problem.column, problem.problem)
            continue
        first = lines.setdefault(course.id, row.line)
        if first != row.line:
            yield SkippedRow(row.line, "id", f"{course.id!r} is already in line {first}")
        else:
            yield course
