"""The SQL store keeps the contract."""

from __future__ import annotations

import pytest

from bot.ports import Store
from storage import SqlStore
from tests.contracts.hosting import HostingContract
from tests.contracts.kept_files import KeptFilesContract
from tests.contracts.links import LinksContract
from tests.contracts.store import StoreContract


class TestSqlStore(StoreContract, KeptFilesContract, HostingContract):
    @pytest.fixture
    def store(self, store: SqlStore) -> Store:
        return store


class TestSqlLinks(LinksContract):
    @pytest.fixture
    def store(self, store: SqlStore) -> Store:
        return store
