"""Rights by the names that people see on their platform, where we know them. Knows words."""

from __future__ import annotations

from bot.wording import Wording


def rights(wording: Wording, detail: str) -> str:
    """``create public threads, can_manage_topics`` as people read it; what has no name here keeps its own."""
    named = [name.strip() for name in detail.split(",") if name.strip()]
    keys = {name: f"right-{name.replace(' ', '-').replace('_', '-')}" for name in named}
    return wording.listing([wording.say(keys[name]) if wording.has(keys[name]) else name for name in named])
