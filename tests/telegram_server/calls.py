"""One call of the Bot API: its parameters, however they were sent, as typed values. Knows no method."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.errors import bad


@dataclass
class Call:
    """Strings of a form are read as JSON where the parameter is not a text."""

    given: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int | None = None) -> int | None:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        return self.given.get(name) in (True, 1, "true", "True", "1")

    def structure(self, name: str) -> Any:
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None
