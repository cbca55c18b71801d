"""One adapter speaks for a platform; asking for another says which there are."""

from __future__ import annotations

import pytest

from adapters.registry import Connected, Registry
from bot.errors import ConfigError
from tests.fakes.messengers import Recording


def test_finds_messenger_and_capabilities() -> None:
    web, discord = Recording("web"), Recording("discord")
    registry = Registry([Connected(web, "everything"), Connected(discord, "embeds")])
    assert registry.platforms == ("web", "discord")
    assert registry.messenger("web") is web
    assert registry.capabilities("discord") == "embeds"
    assert registry.messengers == {"web": web, "discord": discord}


def test_names_what_is_configured() -> None:
    registry = Registry([Connected(Recording("web"), None)])
    with pytest.raises(ConfigError, match="'telegram'; configured: web"):
        registry.messenger("telegram")
    with pytest.raises(ConfigError, match="configured: none"):
        Registry[None]([]).capabilities("web")


def test_two_adapters_for_one_platform_are_refused() -> None:
    with pytest.raises(ConfigError, match="two adapters"):
        Registry([Connected(Recording("web"), None), Connected(Recording("web"), None)])
