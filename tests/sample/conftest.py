"""One generated community for all tests of the sample; generating takes about a second."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.sample import load_catalogue
from bot.sample.generate import SampleFiles, generate

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SEED = 11


@dataclass(frozen=True, slots=True)
class Sample:
    """The files and, parsed once, what is in them."""

    files: SampleFiles
    telegram: dict[str, Any]
    discord: dict[Path, dict[str, Any]]
    members: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def accounts(self) -> set[str]:
        return {account for member in self.members for account in member["accounts"]}


def plain(message: dict[str, Any]) -> str:
    """The words of a Telegram message, whatever form its text has."""
    text = message["text"]
    parts = [text] if isinstance(text, str) else text
    return "".join(part if isinstance(part, str) else part["text"] for part in parts)


@pytest.fixture(scope="session")
def catalogue() -> tuple[dict[str, str], ...]:
    return load_catalogue()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, catalogue: tuple[dict[str, str], ...]) -> Sample:
    files = generate(tmp_path_factory.mktemp("sample"), seed=SEED, now=NOW, catalogue=catalogue)
    return Sample(
        files=files,
        telegram=json.loads(files.telegram.read_text(encoding="utf-8")),
        discord={path: json.loads(path.read_text(encoding="utf-8")) for path in files.discord},
        members=json.loads(files.members.read_text(encoding="utf-8")),
        events=json.loads(files.events.read_text(encoding="utf-8")),
    )
