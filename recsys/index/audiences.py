"""One index an audience: what a private room says never shares an index with public content. Knows audiences' names."""

from __future__ import annotations

import hashlib
import heapq
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from recsys.index.checks import checked_vectors
from recsys.index.flat import FaissIndex
from recsys.index.storing import FORMAT, IndexDamaged, Reason, read_json, write_json
from recsys.types import PUBLIC, Matrix, Neighbour, VectorIndex

_LIST: Final = "audiences.json"


class IndexSet:
    """Vectors by audience; a row is in one audience at a time. For one writer and any number of searching threads."""

    def __init__(self, dimension: int, *, make: Callable[[int], FaissIndex] = FaissIndex) -> None:
        self._dimension = dimension
        self._make = make
        self._writing = threading.Lock()
        self._indexes: dict[str, FaissIndex] = {}
        self._mark = ""

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def mark(self) -> str:
        """What `save` was told about the store when this set was loaded; empty for a new set."""
        return self._mark

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences that have a vector."""
        return frozenset(self._indexes)

    def __len__(self) -> int:
        return sum(len(index) for index in list(self._indexes.values()))

    def __contains__(self, row: object) -> bool:
        return any(row in index for index in list(self._indexes.values()))

    def get(self, audience: str, /) -> VectorIndex | None:
        """The index of one audience, to search; what is written goes through this set."""
        return self._indexes.get(audience)

    def rows(self, audience: str) -> NDArray[np.int64]:
        """Sorted row ids of one audience, to compare with the store."""
        index = self._indexes.get(audience)
        return np.zeros(0, dtype=np.int64) if index is None else index.rows()

    def add(self, audience: str, rows: Sequence[int], vectors: Matrix) -> None:
        """Add or replace; rows that were in another audience leave it first. ValueError as `VectorIndex.add`."""
        checked_vectors(rows, vectors, self._dimension)  # before anything leaves its place
        with self._writing:
            index = self._indexes.get(audience, self._make(self._dimension))
            # First out, then in: at no moment is a row found in an audience that it has left.
            self._leave(rows, staying=audience)
            index.add(rows, vectors)
            if len(index):
                self._indexes = self._indexes | {audience: index}

    def settle(self) -> None:
        """After a while of additions, so that searches find them as fast as the rest."""
        with self._writing:
            for index in self._indexes.values():
                index.settle()

    def remove(self, rows: Iterable[int]) -> int:
        """Remove rows wherever they are; how many there were. Audiences that end up empty are dropped."""
        with self._writing:
            return self._leave(list(rows), staying=None)

    def move(self, rows: Sequence[int], audience: str) -> None:
        """Give rows to another audience, vectors unchanged. KeyError names a row that is nowhere; nothing moves."""
        self.add(audience, rows, self.vectors(rows))

    def drop(self, audience: str) -> int:
        """Forget an audience; how many rows it had."""
        with self._writing:
            gone = self._indexes.get(audience)
            self._indexes = {name: index for name, index in self._indexes.items() if name != audience}
            return 0 if gone is None else len(gone)

    def vectors(self, rows: Sequence[int]) -> Matrix:
        """Shape (len(rows), dimension), from whatever audience; KeyError names a row that is nowhere."""
        found = np.empty((len(rows), self._dimension), dtype=np.float32)
        open_places = list(range(len(rows)))
        for index in list(self._indexes.values()):
            here = [place for place in open_places if rows[place] in index]
            if here:
                found[here] = index.vectors([rows[place] for place in here])
                taken = set(here)
                open_places = [place for place in open_places if place not in taken]
        if open_places:
            raise KeyError(rows[open_places[0]])
        return found

    def search(
        self,
        queries: Matrix,
        k: int,
        *,
        audiences: Iterable[str] = (PUBLIC,),
        allowed: NDArray[np.int64] | None = None,
    ) -> list[list[Neighbour]]:
        """As `VectorIndex.search` over the given audiences only; nothing of any other is looked at."""
        now = self._indexes
        parts = [
            now[audience].search(queries, k, allowed=allowed) for audience in sorted(set(audiences)) if audience in now
        ]
        if len(parts) == 1:
            return parts[0]
        lists = zip(*parts, strict=True) if parts else ((),) * len(queries)
        return [heapq.nsmallest(k, (hit for part in found for hit in part), key=_order) for found in lists]

    def save(self, folder: Path, *, encoder: str, mark: str = "") -> None:
        """One subfolder an audience, then their list, then what is no longer listed is deleted. OSError passes."""
        now = self._indexes
        folders = {audience: _folder_name(audience) for audience in sorted(now)}
        for audience, name in folders.items():
            now[audience].save(folder / name, encoder=encoder, mark=audience)
        folder.mkdir(parents=True, exist_ok=True)
        listed = {
            "format": FORMAT,
            "encoder": encoder,
            "dimension": self._dimension,
            "mark": mark,
            "audiences": folders,
        }
        write_json(folder / _LIST, listed)
        for old in folder.iterdir():
            if old.is_dir() and old.name not in folders.values():
                shutil.rmtree(old)

    @classmethod
    def load(cls, folder: Path, *, encoder: str, dimension: int) -> Self:
        """What `save` wrote, every part verified. IndexDamaged: rebuild from the store."""
        listed = read_json(folder / _LIST, folder)
        if listed.get("format") != FORMAT:
            raise IndexDamaged(folder, Reason.OTHER_FORMAT, f"format {listed.get('format')!r}")
        if listed.get("encoder") != encoder or listed.get("dimension") != dimension:
            raise IndexDamaged(folder, Reason.OTHER_ENCODER, f"made by {listed.get('encoder')!r}, not {encoder!r}")
        names = listed.get("audiences")
        if not isinstance(names, dict) or any(name != _folder_name(audience) for audience, name in names.items()):
            raise IndexDamaged(folder, Reason.DAMAGED, f"{_LIST} names other folders than its audiences have")
        loaded = cls(dimension)
        loaded._mark = str(listed.get("mark", ""))
        for audience, name in names.items():
            loaded._indexes[audience] = FaissIndex.load(folder / name, encoder=encoder, dimension=dimension)
        return loaded

    def _leave(self, rows: Sequence[int], *, staying: str | None) -> int:
        gone = 0
        for audience, index in self._indexes.items():
            if audience != staying:
                gone += index.remove(rows)
        self._indexes = {name: index for name, index in self._indexes.items() if len(index)}
        return gone


def _folder_name(audience: str) -> str:
    """A name that any disk takes and that says nothing of a private room but that it is one."""
    return PUBLIC if audience == PUBLIC else f"private-{hashlib.sha256(audience.encode()).hexdigest()[:32]}"


def _order(hit: Neighbour) -> tuple[float, int]:
    return -hit.score, hit.row
