"""``studyhall embed|stats|doctor|upgrade``: looking after the data."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.console import FAILED, failing_clearly, note, plain, progress, show, show_json
from bot.cli.context import Json, chosen, opened
from bot.doctor import examine
from storage import upgrade as upgrade_database


def embed(context: typer.Context, as_json: Json = False) -> None:
    """Make the vectors of everything that has none yet, and save the index."""
    with opened(context) as app:
        with progress("embed") as tick:
            done = app.embed(app.community.id, progress=tick)
        app.engine.refresh()
        try:
            app.engine.save()
        except OSError as error:
            note(f"studyhall: the vectors are stored, but not their index in {app.paths.index}: {error.strerror}.")
            note("The next start makes it from the store; free some space or mend the folder to save it.")
            raise typer.Exit(FAILED) from error
        shelf = app.engine.shelf
        vectors, courses = len(shelf.vectors), len(shelf.courses.vectors) if shelf.courses is not None else 0
        if as_json:
            show_json({"embedded": done, "vectors": vectors, "courses": courses, "encoder": app.encoder.name})
        else:
            show(f"{done} embedded, {vectors} vectors in the index ({app.encoder.name}), {courses} more of courses")


def stats(
    context: typer.Context,
    members: Annotated[bool, typer.Option("--members", help="List the members with their numbers.")] = False,
    as_json: Json = False,
) -> None:
    """Counts of everything in the store and the index."""
    with opened(context) as app:
        with app.store.read() as uow:
            counts = uow.stats(app.community.id)
            inbox, outbox = uow.inbox.counts(), uow.outbox.counts()
            people = uow.members.all(app.community.id) if members else []
        app.engine.refresh()
        index = {"items": len(app.engine.shelf), "vectors": len(app.engine.shelf.vectors)}
        if as_json:
            document: dict[str, object] = {
                "community": app.community.name,
                "store": counts,
                "inbox": inbox,
                "outbox": outbox,
                "index": index,
            }
            if members:
                document["members"] = [{"member": person.id, "name": person.name} for person in people]
            show_json(document)
            return
        show(app.community.name, plain(counts), f"inbox: {plain(inbox)}", f"outbox: {plain(outbox)}")
        show(f"index: {plain(index)}")
        for person in people:
            show(f"{person.id:6d}  {person.name}")


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check database, migrations, index, encoder, clock, disk and settings, and say what to do."""
    with failing_clearly():
        findings = examine(chosen(context).settings())
    healthy = all(finding.ok for finding in findings)
    if as_json:
        checks = [{"check": f.check, "ok": f.ok, "found": f.found, "todo": f.todo} for f in findings]
        show_json({"ok": healthy, "checks": checks})
    else:
        for finding in findings:
            show(f"{'ok  ' if finding.ok else 'BAD '} {finding.check}: {finding.found}")
            if finding.todo:
                show(f"     -> {finding.todo}")
    if not healthy:
        raise typer.Exit(FAILED)


def upgrade(context: typer.Context) -> None:
    """Make the database, or migrate it to this version (a copy is kept beside it)."""
    with failing_clearly():
        settings = chosen(context).settings()
        upgrade_database(settings.url)
    show("The database is up to date.")


def add_to(cli: typer.Typer) -> None:
    for command in (embed, stats, doctor, upgrade):
        cli.command()(command)
