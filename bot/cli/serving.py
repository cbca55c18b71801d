"""``studyhall run`` and ``studyhall demo``: the running program."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.app import Application
from bot.cli.console import failing_clearly, log_to_stderr, note, progress, show
from bot.cli.context import chosen, opened
from bot.demo import SAMPLE_SEED, prepare
from bot.sample import COMMUNITY
from bot.server import Server
from bot.settings import Settings

Port = Annotated[int | None, typer.Option(help="Port of the web community; 0 takes a free one.", min=0, max=65535)]
Host = Annotated[str | None, typer.Option(help="Address to listen on; beyond loopback an access token is demanded.")]


def _serve(app: Application) -> None:
    log_to_stderr(app.settings.log_level)

    def ready(host: str, port: int) -> None:
        name = f"[{host}]" if ":" in host else host
        show(f"Studyhall is open: http://{name}:{port}/   (Ctrl+C stops it)")

    note("Loading the encoder ...")
    app.encoder.start()
    with progress("embed") as tick:
        app.embed(app.community.id, progress=tick)
    with progress("index") as tick:
        app.engine.refresh(progress=tick)
    asyncio.run(Server(app).run(ready=ready))
    show("Stopped; everything is stored.")


def run(context: typer.Context, host: Host = None, port: Port = None) -> None:
    """Run the bot: the web community, and every platform that has a token."""
    with opened(context, host=host, port=port) as app:
        _serve(app)


def demo(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    prepare_only: Annotated[bool, typer.Option("--prepare-only", help="Make the sample community and stop.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the generated community.")] = SAMPLE_SEED,
) -> None:
    """A community on sample data, in the browser: no token, no account."""
    settings: Settings = chosen(context).settings(host=host, port=port)
    with failing_clearly(), Application.open(settings, sample=True, name=COMMUNITY) as app:
        prepare(app, settings.home / "sample", seed=seed, progress=progress)
        if not prepare_only:
            _serve(app)


def add_to(cli: typer.Typer) -> None:
    for command in (run, demo):
        cli.command()(command)
