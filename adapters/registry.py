"""Which messenger speaks for which platform, and what a platform can do. Knows no platform by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.errors import ConfigError
from bot.ports import Messenger

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Connected(Generic[C]):
    """A platform that is in use; `capabilities` is the adapters' own type."""

    messenger: Messenger
    capabilities: C


class Registry(Generic[C]):
    """Platforms by name; the set does not change while the program runs."""

    def __init__(self, connected: Iterable[Connected[C]]) -> None:
        self._by_platform: dict[str, Connected[C]] = {}
        for one in connected:
            platform = one.messenger.platform
            if platform in self._by_platform:
                raise ConfigError(f"two adapters speak for {platform!r}; configure one of them")
            self._by_platform[platform] = one

    @property
    def platforms(self) -> tuple[str, ...]:
        return tuple(self._by_platform)

    @property
    def messengers(self) -> Mapping[str, Messenger]:
        return {platform: one.messenger for platform, one in self._by_platform.items()}

    def messenger(self, platform: str) -> Messenger:
        return self._get(platform).messenger

    def capabilities(self, platform: str) -> C:
        return self._get(platform).capabilities

    def _get(self, platform: str) -> Connected[C]:
        try:
            return self._by_platform[platform]
        except KeyError:
            known = ", ".join(sorted(self._by_platform)) or "none"
            raise ConfigError(f"no adapter for platform {platform!r}; configured: {known}") from None
