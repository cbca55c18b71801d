"""Texts become vectors, and what the store changed reaches the engine. Knows hashes and rows; knows no FAISS."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.ports import Store
from recsys.embedding import embed_items
from recsys.types import Encoder

log = logging.getLogger(__name__)
BATCH: Final = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class EmbedPending:
    """Embed what has no vector of this encoder yet. Encoding happens outside every transaction."""

    store: Store
    encoder: Encoder

    def __call__(self, community_id: int, *, limit: int | None = None, progress: Progress | None = None) -> int:
        """How many vectors were stored; at most `limit` items are looked at."""
        with self.store.read() as uow:
            total = uow.items.pending_count(community_id, self.encoder.name)
        total = total if limit is None else min(total, limit)
        done = kept = 0
        while done < total:
            with self.store.read() as uow:
                batch = uow.items.pending(community_id, self.encoder.name, limit=min(BATCH, total - done))
            if not batch:
                break
            titles = [item.title for item in batch]
            vectors = embed_items(self.encoder, titles, [item.text.removeprefix(item.title).strip() for item in batch])
            with self.store.write() as uow:
                kept_now = uow.items.embedded(self.encoder.name, list(zip(batch, vectors, strict=True)))
                uow.commit()
            kept += kept_now
            done += len(batch)
            if progress is not None:
                progress(done, total)
            if kept_now == 0:
                # All of these changed while they were encoded; they come again with their new text.
                break
        return kept
