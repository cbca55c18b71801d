"""Settings from environment and file: what wins, what is refused, what is never shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import ConfigError
from bot.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("STUDYHALL_"):
            monkeypatch.delenv(name)


def written(home: Path, text: str) -> Path:
    (home / "studyhall.toml").write_text(text, "utf-8")
    return home


def test_nothing_need_be_set(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    assert settings.host == "127.0.0.1"
    assert settings.url == f"sqlite:///{tmp_path.as_posix()}/studyhall.db"
    assert settings.telegram_token is None


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = written(tmp_path, 'port = 9000\nlanguage = "zh"\nallowed_hosts = ["a.example", "b.example"]\n')
    monkeypatch.setenv("STUDYHALL_PORT", "9001")
    settings = read_settings(home=home)
    assert (settings.port, settings.language, settings.allowed_hosts) == (9001, "zh", ("a.example", "b.example"))
    assert read_settings(home=home, port=9002).port == 9002


def test_the_home_of_the_environment_is_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_HOME", str(written(tmp_path, "port = 9000")))
    assert read_settings().port == 9000


def test_hosts_in_the_environment_are_separated_by_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_ALLOWED_HOSTS", "a.example, b.example,")
    assert read_settings(home=tmp_path).allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("port", "eighty"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Asia"),
        ("timezone", ""),
        ("language", "tlh"),
        ("community", ""),
        ("train_hour", "24"),
        ("embed_every", "0"),
        ("grace_hours", "-1"),
        ("log_level", "LOUD"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"STUDYHALL_{name.upper()}", value)
    with pytest.raises(ConfigError, match=rf"\b{name}\b"):
        read_settings(home=tmp_path)


def test_all_wrong_values_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings(home=written(tmp_path, 'port = -1\nprot = 80\nlanguage = "xx"\n'))
    for name in ("port", "prot", "language", "studyhall.toml"):
        assert name in str(refused.value)


@pytest.mark.parametrize("broken", [b"port = = 1", b"\xff\xfe\x00", b"[port"])
def test_a_file_that_is_no_toml_is_a_config_error(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "studyhall.toml").write_bytes(broken)
    with pytest.raises(ConfigError, match=r"studyhall\.toml"):
        read_settings(home=tmp_path)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    settings = read_settings(home=written(tmp_path, 'telegram_token = "123:hush"\naccess_token = "hush-hush"\n'))
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == "123:hush"
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hush" not in shown


def test_a_wrong_secret_is_not_quoted_either(tmp_path: Path) -> None:
    home = written(tmp_path, 'telegram_token = ["hush"]\ndiscord_token = 5550123\n')
    with pytest.raises(ConfigError, match="telegram_token") as refused:
        read_settings(home=home)
    shown = "".join(traceback.format_exception(refused.value))
    assert "hush" not in shown
    assert "5550123" not in shown


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings: Settings = read_settings(home=tmp_path)
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
