"""What every command starts from: settings, and the application opened for as long as the command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.app import Application
from bot.cli.console import failing_clearly, log_to_stderr
from bot.domain.refs import AccountRef
from bot.errors import NotFound
from bot.settings import Settings, read_settings

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Options given before the command."""

    home: Path | None = None

    def settings(self, **given: object) -> Settings:
        settings = read_settings(home=self.home, **given)
        log_to_stderr(settings.log_level if settings.log_level != "INFO" else "WARNING")
        return settings


@contextmanager
def opened(context: typer.Context, **given: object) -> Iterator[Application]:
    """The application for one command; our own errors become a sentence and exit code 1."""
    with failing_clearly(), Application.open(chosen(context).settings(**given)) as app:
        yield app


def chosen(context: typer.Context) -> Chosen:
    found = context.obj
    return found if isinstance(found, Chosen) else Chosen()


def member_of(app: Application, who: str) -> int:
    """A member by number, by account key (``telegram:123``) or by exact name. Raises NotFound."""
    with app.store.read() as uow:
        if who.isdecimal():
            member = uow.members.get(int(who))
            if member is not None:
                return member.id
        with suppress(ValueError):  # no account either: it may be a name
            member = uow.members.by_account(app.community.id, AccountRef.parse(who))
            if member is not None:
                return member.id
        named = [member for member in uow.members.all(app.community.id) if member.name == who]
    if len(named) == 1:
        return named[0].id
    hint = "Give a number, an account such as telegram:123, or a name; `studyhall stats --members` lists them."
    if named:
        raise NotFound(f"{len(named)} members are called {who!r}.", hint=hint)
    raise NotFound(f"No member {who!r}.", hint=hint)
