"""Where everything is kept: tables, unit of work, repositories, migrations. Rows never leave this package."""

from storage.engine import open_store
from storage.schema import upgrade
from storage.store import SqlStore

__all__ = ["SqlStore", "open_store", "upgrade"]
