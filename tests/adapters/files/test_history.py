"""Telling the two formats apart by content, and reading what was told."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest

from adapters.discord import history as discord
from adapters.files.history import open_history, sniff_history
from adapters.telegram import history as telegram
from bot.errors import BadInput
from tests.adapters.paths import FIXTURES, write


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("telegram_forum.json", "telegram"),
        ("telegram_account.json", "telegram"),
        ("discord_channel.json", "discord"),
        ("discord_folder", "discord"),
    ],
)
def test_the_content_tells(name: str, source: str) -> None:
    assert sniff_history(FIXTURES / name) == source
    read = telegram.read_history if source == "telegram" else discord.read_history
    assert list(open_history(FIXTURES / name, adopt="web")) == list(read(FIXTURES / name, adopt="web"))


def test_names_order_and_packing_do_not_matter(tmp_path: Path) -> None:
    content = json.loads((FIXTURES / "discord_channel.json").read_text(encoding="utf-8"))
    turned = json.dumps(dict(sorted(content.items(), reverse=True))).encode("utf-16")
    assert sniff_history(write(tmp_path, "result.txt", gzip.compress(turned))) == "discord"


def test_a_folder_as_telegram_desktop_makes_it(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "telegram_forum.json", tmp_path / "result.json")
    assert sniff_history(tmp_path) == "telegram"
    assert list(open_history(tmp_path)) == list(open_history(FIXTURES / "telegram_forum.json"))


def test_a_folder_in_which_something_else_comes_first(tmp_path: Path) -> None:
    write(tmp_path, "a.json", "[]")
    shutil.copy(FIXTURES / "discord_channel.json", tmp_path / "b.json")
    assert sniff_history(tmp_path) == "discord"


@pytest.mark.parametrize("content", ["[]", "{}", '"x"', '{"messages": []}', "id,title\n"])
def test_what_is_neither_names_both(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_history(write(tmp_path, "x.json", content))
    assert "Telegram Desktop" in caught.value.hint
    assert "DiscordChatExporter" in caught.value.hint


def test_an_empty_folder_and_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BadInput):
            sniff_history(path)
