"""What fuzzing needs of a platform. Knows no platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.outgoing import Outgoing
from bot.ports import Parse


@dataclass(frozen=True)
class Subject:
    """`shapes`: sound updates to damage, as plain JSON. `raw`: one as the inbox keeps it.
    `parse` as the program has it.

    `judge`: of each part that a message is rendered to, why the platform would not take it; empty: it would.
    """

    platform: str
    shapes: Callable[[], Sequence[Any]]
    raw: Callable[[Any], str]
    parse: Parse
    judge: Callable[[Outgoing], Iterable[str]]
