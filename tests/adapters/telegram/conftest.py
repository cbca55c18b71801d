"""The strict server and a store of its own, for every test of this adapter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SqlStore, open_store, upgrade
from tests.telegram_server import TelegramServer


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    upgrade(url)
    store = open_store(url)
    with store.write() as uow:
        uow.communities.add("Hall", language="en", timezone="UTC", sample=False)
        uow.commit()
    yield store
    store.close()
