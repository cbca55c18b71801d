"""Nearest vectors under stable row ids: exact oracle, FAISS, an index an audience, files. The one place with faiss."""

from __future__ import annotations

from recsys.index.audiences import IndexSet
from recsys.index.exact import ExactIndex
from recsys.index.flat import FaissIndex
from recsys.index.storing import IndexDamaged, Reason

__all__ = ["ExactIndex", "FaissIndex", "IndexDamaged", "IndexSet", "Reason"]
