"""Vectors of texts that were asked for before. Knows an encoder; keeps digests of texts, never the texts."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from recsys.types import Encoder, Matrix, Progress, Vector


class CachedEncoder:
    """An Encoder that remembers the last `capacity` short texts (queries repeat); longer calls pass through."""

    def __init__(self, encoder: Encoder, *, capacity: int = 1024, longest: int = 512, most: int = 64) -> None:
        """`longest` characters and `most` texts a call are what counts as queries; capacity x dimension x 4 bytes."""
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, got {capacity}")
        self._encoder = encoder
        self._capacity = capacity
        self._longest = longest
        self._most = most
        self._lock = threading.Lock()
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def __len__(self) -> int:
        return len(self._vectors)

    def clear(self) -> None:
        """Forget everything (after an erasure)."""
        with self._lock:
            self._vectors.clear()

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        if not texts or len(texts) > self._most or any(len(text) > self._longest for text in texts):
            return self._encoder.encode(texts, progress=progress)
        keys = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            fresh = self._encoder.encode(list(missing.values()))
            for key, vector in zip(missing, fresh, strict=True):
                known[key] = vector.copy()
            self._keep(missing, known)
        if progress is not None:
            progress(len(texts), len(texts))
        return np.stack([known[key] for key in keys])

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._lock:
            found: dict[bytes, Vector] = {}
            for key in keys:
                vector = self._vectors.get(key)
                if vector is not None:
                    self._vectors.move_to_end(key)
                    found[key] = vector
            return found

    def _keep(self, fresh: dict[bytes, str], vectors: dict[bytes, Vector]) -> None:
        with self._lock:
            for key in fresh:
                self._vectors[key] = vectors[key]
                self._vectors.move_to_end(key)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
