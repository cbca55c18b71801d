"""Drawn parts as the SDK takes them. Knows its views; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import discord
from discord.ui import LayoutView, View

from adapters.discord.render import Part


class _Layout(LayoutView):
    """Components that were drawn elsewhere. It is over at once: what its codes mean is in the store, not in here."""

    def __init__(self, part: Part) -> None:
        super().__init__(timeout=None)
        self._part = part
        self.stop()

    def has_components_v2(self) -> bool:
        return True

    def to_components(self) -> list[dict[str, Any]]:
        return list(self._part.components)


class _Rows(View):
    def __init__(self, part: Part) -> None:
        super().__init__(timeout=None)
        self._part = part
        self.stop()

    def has_components_v2(self) -> bool:
        return False

    def to_components(self) -> list[dict[str, Any]]:
        return list(self._part.components)


def rows_of(part: Part) -> Any:
    return _Layout(part) if part.layout else _Rows(part)


def files_of(part: Part, contents: Mapping[str, bytes]) -> list[discord.File]:
    """`contents` by the key of each file; those that are not there have no place in a part."""
    return [
        discord.File(BytesIO(contents[one.file.key]), filename=one.name, description=one.alt or None)
        for one in part.files
    ]


def allowed(part: Part) -> discord.AllowedMentions:
    """Nobody is rung but who was meant."""
    none = discord.AllowedMentions.none()
    if part.pings:
        none.users = [discord.Object(user) for user in part.pings]
    return none
