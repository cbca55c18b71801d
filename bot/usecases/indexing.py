"""Texts become vectors, and what the store changed reaches the engine. Knows hashes and rows; knows no FAISS."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.ports import Store, ToEmbed
from recsys.embedding import TITLE_SHARE, embed_items
from recsys.encoders.errors import EncoderUnavailable
from recsys.types import Encoder, Matrix

log = logging.getLogger(__name__)
BATCH: Final = 64
COURSES_AT_ONCE: Final = 16
"""About a second of work, after which new messages have their turn."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class EmbedPending:
    """Embed what has no vector of this encoder yet. Encoding happens outside every transaction."""

    store: Store
    encoder: Encoder
    title_share: float = TITLE_SHARE
    kinds: frozenset[str] = frozenset()
    """Only items of these kinds; all when empty."""
    refused: set[int] = field(default_factory=set)
    """Rows whose text the encoder could not take: tried again by the next process, they hold nobody up meanwhile."""

    def __call__(self, community_id: int, *, limit: int | None = None, progress: Progress | None = None) -> int:
        """How many vectors were stored; at most `limit` items are looked at."""
        with self.store.read() as uow:
            total = uow.items.pending_count(community_id, self.encoder.name, kinds=self.kinds)
        total = total if limit is None else min(total, limit)
        done = kept = 0
        while done < total:
            with self.store.read() as uow:
                wanted = min(BATCH, total - done) + len(self.refused)
                pending = uow.items.pending(community_id, self.encoder.name, limit=wanted, kinds=self.kinds)
            batch = [item for item in pending if item.row not in self.refused]
            if not batch:
                break
            vectors = self._encoded(batch)
            with self.store.write() as uow:
                kept_now = uow.items.embedded(self.encoder.name, vectors)
                uow.commit()
            kept += kept_now
            done += len(batch)
            if progress is not None:
                progress(done, total)
            if kept_now == 0:
                # All of these changed while they were encoded; they come again with their new text.
                break
        return kept

    def _encoded(self, batch: Sequence[ToEmbed]) -> list[tuple[ToEmbed, NDArray[np.float32]]]:
        """Vectors of a batch; where it fails, of its items one by one, so that one text does not stop the others.

        Raises EncoderUnavailable when no item of the batch can be encoded: then it is not the texts.
        """
        try:
            return list(zip(batch, self._vectors(batch), strict=True))
        except EncoderUnavailable:
            if len(batch) == 1:
                raise
        found: list[tuple[ToEmbed, NDArray[np.float32]]] = []
        refused: set[int] = set()
        for item in batch:
            try:
                found.append((item, self._vectors([item])[0]))
            except EncoderUnavailable as error:
                refused.add(item.row)
                last = error
        if not found:
            raise last
        log.warning("texts that the encoder refuses", extra={"rows": sorted(refused)})
        self.refused.update(refused)
        return found

    def _vectors(self, batch: Sequence[ToEmbed]) -> Matrix:
        texts = [item.text.removeprefix(item.title).strip() for item in batch]
        return embed_items(self.encoder, [item.title for item in batch], texts, title_share=self.title_share)


@dataclass(frozen=True, slots=True)
class EmbedEverything:
    """What every item needs first, then what only courses have: a message never waits for a catalogue."""

    first: EmbedPending
    courses: EmbedPending | None = None

    def __call__(self, community_id: int, *, limit: int | None = None, progress: Progress | None = None) -> int:
        """As `EmbedPending`; with a `limit`, at most COURSES_AT_ONCE courses."""
        done = self.first(community_id, limit=limit, progress=progress)
        if self.courses is None:
            return done
        few = None if limit is None else min(limit, COURSES_AT_ONCE)
        return done + self.courses(community_id, limit=few, progress=progress)
