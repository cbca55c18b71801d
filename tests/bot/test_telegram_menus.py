"""What Telegram's menus show: only what exists, in both languages, within the platform's limits."""

from __future__ import annotations

import re

from adapters.telegram.commands import GROUP, PRIVATE, SCOPES, STAFF, menus
from bot.dispatch import ALIASES
from bot.wording import message_ids
from tests.bot.world import World


def test_every_menu_is_within_the_limits() -> None:
    made = menus()
    assert {(menu.scope, menu.language) for menu in made} == {(scope, l_) for scope in SCOPES for l_ in ("", "zh")}
    for menu in made:
        assert len(menu.commands) <= 100
        for name, description in menu.commands:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
            assert 1 <= len(description) <= 256


def test_what_the_menus_show_exists_and_is_all_that_is_described(world: World) -> None:
    named = {*PRIVATE, *GROUP, *STAFF}
    assert named <= world.dispatcher.commands.keys() | ALIASES.keys()
    assert {f"telegram-command-{name}" for name in named} == {
        id_ for id_ in message_ids("en") if id_.startswith("telegram-command-")
    }
