"""A hall of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import upgrade
from tests.adapters.discord.hall import Hall, open_hall


@pytest.fixture(scope="session")
def empty_hall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("discord") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def hall(empty_hall: Path, tmp_path: Path) -> Iterator[Hall]:
    yield from open_hall(empty_hall, tmp_path)
