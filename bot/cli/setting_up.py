"""``studyhall setup-code``: proves in a chat what is whose. Knows shapes; decides nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.console import show, show_json
from bot.cli.context import Json, opened
from bot.domain.setup import CodePurpose


def setup_code(
    context: typer.Context,
    owner: Annotated[
        bool, typer.Option("--owner", help="For a person, who becomes the owner; otherwise for a group or server.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a code that works once, within an hour: /setup CODE in the group that is yours, or to the bot alone."""
    purpose = CodePurpose.OWNER if owner else CodePurpose.HOME
    with opened(context) as app:
        code, until = app.setup_code(app.community.id, purpose, by="cli")
    if as_json:
        show_json({"code": code, "purpose": purpose.value, "until": until.isoformat()})
        return
    where = "to the bot alone (Discord: /setup server)" if owner else "in the group or server that is yours"
    show(f"/setup {code}")
    show(f"Write that {where}. It works once, until {until:%H:%M} UTC.")


def add_to(cli: typer.Typer) -> None:
    cli.command("setup-code")(setup_code)
