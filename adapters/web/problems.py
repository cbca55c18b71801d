"""What can be wrong with a request, and how the answer says it: a page for people, JSON for the page's own script."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Problem(Exception):
    """Ends a request: `wording` is the id of the sentence to show, `retry_after` in seconds."""

    status: int
    wording: str
    arguments: dict[str, str | int | float] = field(default_factory=dict)
    retry_after: float = 0.0


def not_found() -> Problem:
    """Also for what exists and may not be seen: the two are never told apart."""
    return Problem(404, "web-error-not-found")
