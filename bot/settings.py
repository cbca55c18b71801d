"""Settings: read once from the environment and ``studyhall.toml``, frozen, handed down. Opens nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from bot.errors import ConfigError

DEFAULT_HOME = Path(".home")


class Settings(BaseSettings):
    """Every setting is also an environment variable: ``STUDYHALL_PORT=8080``. The environment wins over the file."""

    model_config = SettingsConfigDict(
        env_prefix="STUDYHALL_",
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Path = DEFAULT_HOME
    """Data folder: database, models, index snapshots, the web session key."""
    database_url: str = ""
    """Any SQLAlchemy URL; empty: SQLite in the data folder."""
    community: str = Field("Studyhall", min_length=1, max_length=100)
    language: Literal["en", "zh"] = "en"
    timezone: str = "UTC"
    encoder: str = "use-multilingual-v3"
    """Name or path of a sentence-transformers model; ``hashing`` needs no weights."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    access_token: Annotated[SecretStr, Field(min_length=8)] | None = None
    """Demanded by the web community when it listens beyond loopback."""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """In the environment separated by commas."""
    public_url: str = ""
    """Where members reach the web community when that is not the address it listens on (behind a TLS proxy)."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    telegram_token: SecretStr | None = None
    telegram_base_url: str = "https://api.telegram.org/bot"
    """Where the Bot API is, such as a local server: the token follows right after it."""
    telegram_file_url: str = "https://api.telegram.org/file/bot"
    telegram_mode: Literal["polling", "webhook"] = "polling"
    """``webhook``: Telegram brings updates to ``/telegram`` below public_url, on the web community's own port."""
    telegram_open_chats: Annotated[tuple[str, ...], NoDecode] = ()
    """Ids of groups without a public address whose discussions every member of the community may read; in the
    environment separated by commas. Any other such group stays private: nothing said there is suggested."""
    discord_token: SecretStr | None = None
    discord_server: Annotated[int, Field(gt=0)] | None = None
    """Id of the community's own server; may be left out while the bot is in one only."""
    discord_intents: Annotated[frozenset[Literal["content", "members"]], NoDecode] = frozenset()
    """Privileged intents that are switched on in Discord's developer portal; in the environment separated by commas."""
    discord_layouts: bool = True
    """Cards as layouts; otherwise text with rows of buttons below."""
    discord_sharded: bool = False
    discord_rest_url: str = ""
    """Where Discord's API is, such as a compatible server: with its version, without a slash at the end."""
    discord_gateway_url: str = ""
    embed_every: Annotated[float, Field(gt=0, le=3600)] = 3.0
    """Seconds between looks for new texts; new texts also wake the work at once."""
    train_hour: Annotated[int, Field(ge=0, le=23)] = 3
    retrain_share: Annotated[float, Field(gt=0, le=10)] = 0.1
    """New actions, or new items, over those of the newest model: then a training does not wait for the night."""
    models_kept: Annotated[int, Field(ge=2, le=100)] = 5
    model_alarm: Annotated[float, Field(gt=0, le=1)] = 0.5
    """How far the top lists may move (1 - rank-biased overlap) before somebody has to look."""
    suggest_weekday: Annotated[int, Field(ge=0, le=6)] = 0
    suggest_hour: Annotated[int, Field(ge=0, le=23)] = 9
    """The weekly "discussions worth reading" of a room, in the community's time zone."""
    digest_workers: Annotated[int, Field(ge=0, le=64)] = 2
    """Processes that prepare digests when very many are due at once; 0: all in the program's own."""
    grace_hours: Annotated[float, Field(gt=0, le=168)] = 12.0
    """A digest missed while nothing ran is caught up within this time, later ones are skipped and say so."""

    @field_validator("allowed_hosts", "telegram_open_chats", mode="before")
    @classmethod
    def _hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host for part in value.split(",") if (host := part.strip()))
        return value

    @field_validator("discord_intents", mode="before")
    @classmethod
    def _intents(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(name for part in value.split(",") if (name := part.strip().lower()))
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # a folder of zones is an OSError
            raise ValueError(f"{value!r} is no IANA time zone; write one such as Asia/Shanghai") from error
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        home = init_settings().get("home") or env_settings().get("home") or DEFAULT_HOME
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(str(home)) / "studyhall.toml")

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'studyhall.db').as_posix()}"


def read_settings(**given: object) -> Settings:
    """Settings from arguments, environment and file. Raises ConfigError naming every wrong one."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
        raise _unusable("; ".join(lines)) from error
    except (SettingsError, tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _unusable(f"studyhall.toml or the environment cannot be read: {error}") from error


def _unusable(problem: str) -> ConfigError:
    return ConfigError(
        f"Settings cannot be used: {problem}. Change them in the environment (STUDYHALL_...) or in studyhall.toml."
    )
