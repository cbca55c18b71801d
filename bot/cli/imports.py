"""``studyhall import courses|history|interactions FILE``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from adapters.files.courses import read_courses
from adapters.files.history import open_history
from adapters.files.interactions import read_interactions
from bot.cli.console import FAILED, note, progress, show, show_json
from bot.cli.context import Json, opened
from bot.errors import BadInput
from bot.usecases.imports import BrokenFile, ImportCourses, ImportHistory, ImportInteractions, ImportReport
from bot.usecases.ingest import Ingest

imports = typer.Typer(help="Bring in courses, a community's history, or interactions.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The file to read (.gz is fine).")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave rows out that cannot be used, and list them.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of the file, such as gb18030; default UTF-8.")]
Zone = Annotated[str | None, typer.Option("--timezone", help="Zone of times without an offset, such as Asia/Shanghai.")]

BASE = ("read", "added", "updated", "unchanged")
HISTORY = ("rooms", "members", "messages", "replies", "reactions")


def _document(report: ImportReport, *more: str) -> dict[str, Any]:
    document: dict[str, Any] = {name: getattr(report, name) for name in (*BASE, *more)}
    document["skipped"] = [{"line": row.line, "column": row.column, "problem": row.problem} for row in report.skipped]
    return document


def _tell(report: ImportReport, *more: str, as_json: bool) -> None:
    if as_json:
        show_json(_document(report, *more))
        return
    show(", ".join(f"{getattr(report, name)} {name}" for name in (*BASE, *more)))
    for row in report.skipped:
        show(f"skipped line {row.line}, {row.column or 'row'}: {row.problem}")


def _failed(error: BadInput, *more: str, as_json: bool) -> typer.Exit:
    """A broken file: the same document with what is wrong in it, nothing added, exit code 1."""
    skipped = list(error.skipped) if isinstance(error, BrokenFile) else []
    if as_json:
        read = error.read if isinstance(error, BrokenFile) else 0
        show_json(_document(ImportReport(read=read, skipped=skipped), *more) | {"error": str(error)})
    note(f"studyhall: {error}")
    return typer.Exit(FAILED)


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise typer.BadParameter(f"{name!r} is no IANA time zone; write one such as Asia/Shanghai") from error


@imports.command()
def courses(
    context: typer.Context,
    file: File,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
    as_json: Json = False,
) -> None:
    """A catalogue: CSV, JSON or JSONL with id and title, and whatever else is known (docs/cli.md)."""
    with opened(context) as app, progress("courses") as tick:
        try:
            report = ImportCourses(app.store)(
                app.community.id,
                lambda: read_courses(file, encoding=encoding),
                skip_bad=skip_bad,
                progress=tick,
            )
        except BadInput as error:
            raise _failed(error, as_json=as_json) from error
    _tell(report, as_json=as_json)


@imports.command()
def history(
    context: typer.Context,
    file: File,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
    timezone: Zone = None,
    private: Annotated[bool, typer.Option("--private", help="Only for those who are in the rooms already.")] = False,
    indexed: Annotated[
        bool,
        typer.Option(
            "--index/--no-index",
            help="Whether discussions of new public rooms may be suggested; known rooms stay as moderators decided.",
        ),
    ] = True,
    adopt: Annotated[str | None, typer.Option(help="Continue these rooms on another platform, such as: web.")] = None,
    as_json: Json = False,
) -> None:
    """A community's past: Telegram Desktop's JSON export, or DiscordChatExporter's JSON (a file or a folder)."""
    zone = _zone(timezone)
    with opened(context) as app, progress("history") as tick:
        now = app.clock.now()

        def read() -> Iterator[Any]:
            return open_history(file, encoding=encoding, timezone=zone, adopt=adopt, private=private, now=now)

        try:
            report = ImportHistory(app.store, Ingest(app.store))(
                app.community.id, read, skip_bad=skip_bad, indexed=indexed, progress=tick
            )
        except BadInput as error:
            raise _failed(error, *HISTORY, as_json=as_json) from error
    _tell(report, *HISTORY, as_json=as_json)
    if report.closed:
        note(f"Nothing is suggested from {report.closed} of these rooms: private ones, and those that no moderator")
        note("has allowed. /setup in a chat with the bot switches them on.")


@imports.command()
def interactions(
    context: typer.Context,
    file: File,
    skip_bad: SkipBad = False,
    encoding: Encoding = None,
    timezone: Zone = None,
    as_json: Json = False,
) -> None:
    """What members did on the platform that sells the courses: CSV, JSON or JSONL with user, item, signal, at."""
    zone = _zone(timezone)
    with opened(context) as app, progress("interactions") as tick:
        now = app.clock.now()
        try:
            report = ImportInteractions(app.store)(
                app.community.id,
                lambda: read_interactions(file, now=now, timezone=zone, encoding=encoding),
                skip_bad=skip_bad,
                progress=tick,
            )
        except BadInput as error:
            raise _failed(error, as_json=as_json) from error
    _tell(report, as_json=as_json)
    if report.unknown:
        some = ", ".join(islice(report.unknown, 3)) + (", …" if len(report.unknown) > 3 else "")
        rows, items = sum(report.unknown.values()), len(report.unknown)
        note(f"{rows} of these rows name {items} item(s) that no catalogue has: {some}.")
        note("They are kept, and count once the courses or events of these ids are imported.")


def add_to(cli: typer.Typer) -> None:
    cli.add_typer(imports, name="import")
