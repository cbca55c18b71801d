"""The input model of a course: what a row of a catalogue may hold. Knows fields and their rules; knows no file."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from adapters.files import fields
from adapters.files.loose import RowProblem
from bot.domain.items import Course
from bot.domain.people import Level
from bot.domain.text import clean_line, language_of

MAX_EXTRAS: Final = 50
MAX_LABEL: Final = 60


class CourseRow(BaseModel):
    """One course as a file gives it; blank cells are left out before."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, BeforeValidator(fields.identifier)]
    title: Annotated[str, BeforeValidator(fields.title)]
    summary: Annotated[str, BeforeValidator(fields.text)] = ""
    url: Annotated[str, BeforeValidator(fields.url)] = ""
    tags: Annotated[tuple[str, ...], BeforeValidator(fields.tags)] = ()
    level: Annotated[Level | None, BeforeValidator(fields.level)] = None
    language: Annotated[str, BeforeValidator(fields.language)] = ""
    provider: Annotated[str, BeforeValidator(fields.line)] = ""
    hours: Annotated[float | None, BeforeValidator(fields.hours)] = None
    price: Annotated[float | None, BeforeValidator(fields.price)] = None
    currency: Annotated[str, BeforeValidator(fields.currency)] = ""
    prerequisites: Annotated[tuple[str, ...], BeforeValidator(fields.prerequisites)] = ()
    published: Annotated[str, BeforeValidator(fields.published)] = ""

    @model_validator(mode="after")
    def _agree(self) -> CourseRow:
        if self.price and not self.currency:
            raise _of_column("currency", "is required where there is a price: write CNY, USD or another ISO 4217 code")
        if self.id in self.prerequisites:
            raise _of_column("prerequisites", "a course cannot require itself")
        return self


COLUMNS: Final = tuple(CourseRow.model_fields)
"""The documented columns, in the order in which they are documented."""
REQUIRED: Final = tuple(name for name, field in CourseRow.model_fields.items() if field.is_required())


def course_of(cells: dict[str, object]) -> Course:
    """Validate one row. Raises RowProblem of the first column that is wrong, naming the others."""
    try:
        row = CourseRow.model_validate(cells)
    except ValidationError as error:
        raise _problem(error) from None
    values = dict(row) | {"language": row.language or language_of(f"{row.title} {row.summary}")}
    return Course(**values, extras=_extras(cells))


def _extras(cells: dict[str, object]) -> dict[str, str]:
    extras: dict[str, str] = {}
    for name, value in cells.items():
        if name in COLUMNS or len(extras) == MAX_EXTRAS:
            continue
        label = clean_line(name, limit=MAX_LABEL)
        if label:
            try:
                extras[label] = fields.unknown(value)
            except ValueError as error:
                raise RowProblem(label, str(error)) from None
    return extras


def _of_column(column: str, problem: str) -> PydanticCustomError:
    return PydanticCustomError("column", "{problem}", {"column": column, "problem": problem})


def _problem(error: ValidationError) -> RowProblem:
    found: list[tuple[str, str]] = []
    for each in error.errors(include_url=False, include_input=False):
        context = each.get("ctx", {})
        column = str(each["loc"][0]) if each["loc"] else str(context.get("column", ""))
        problem = "is required" if each["type"] == "missing" else str(context.get("error", each["msg"]))
        found.append((column, problem))
    column, problem = found[0]
    others = "".join(f"; {name}: {text}" for name, text in found[1:4])
    return RowProblem(column, problem + others)
