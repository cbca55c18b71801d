"""``studyhall run`` and ``studyhall demo``: the running program."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer

from adapters.web.gate import is_loopback
from bot.app import Application
from bot.cli.console import failing_clearly, log_to_stderr, note, progress, show
from bot.cli.context import chosen
from bot.demo import SAMPLE_SEED, prepare
from bot.errors import ConfigError
from bot.sample import COMMUNITY
from bot.server import Server
from bot.settings import Settings

Port = Annotated[int | None, typer.Option(help="Port of the web community; 0 takes a free one.", min=0, max=65535)]
Host = Annotated[str | None, typer.Option(help="Address to listen on; beyond loopback an access token is demanded.")]


class _StoppedEarly(BaseException):
    """Told to stop before the server answers; like KeyboardInterrupt nobody on the way may take it for a failure."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGINT and SIGTERM end what runs inside at once; what was begun in the store is rolled back."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _StoppedEarly

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_host(settings: Settings) -> None:
    """Said before anything is loaded; the web community itself refuses it too."""
    if not is_loopback(settings.host) and settings.access_token is None:
        raise ConfigError(
            f"{settings.host} can be reached from other machines, and nothing guards the community there. "
            "Set STUDYHALL_ACCESS_TOKEN to a secret of at least 8 characters, or use --host 127.0.0.1."
        )


def _serve(app: Application) -> None:
    try:
        with _stoppable():
            _answer(app)
    except _StoppedEarly:
        note("Stopped while it was starting.")
    show("Stopped; everything is stored.")


def _answer(app: Application) -> None:
    log_to_stderr(app.settings.log_level)

    def ready(host: str, port: int) -> None:
        name = f"[{host}]" if ":" in host else host
        show(f"Studyhall is open: http://{name}:{port}/   (Ctrl+C stops it)")

    note("Loading the encoder ...")
    app.encoder.start()
    with progress("embed") as tick:
        app.embed.first(app.community.id, progress=tick)
    with progress("index") as tick:
        app.engine.refresh(progress=tick)
    asyncio.run(Server(app).run(ready=ready))


def run(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run the bot: the web community, and every platform that has a token."""
    with failing_clearly():
        settings = chosen(context).settings(host=host, port=port)
        _check_host(settings)
        with Application.open(settings) as app:
            _serve(app)


def demo(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    prepare_only: Annotated[bool, typer.Option("--prepare-only", help="Make the sample community and stop.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the generated community.")] = SAMPLE_SEED,
) -> None:
    """A community on sample data, in the browser: no token, no account."""
    with failing_clearly():
        settings = chosen(context).settings(host=host, port=port)
        if not prepare_only:
            _check_host(settings)
        with Application.open(settings, sample=True, name=COMMUNITY) as app:
            prepare(app, settings.home / "sample", seed=seed, progress=progress)
            if not prepare_only:
                _serve(app)


def add_to(cli: typer.Typer) -> None:
    for command in (run, demo):
        cli.command()(command)
