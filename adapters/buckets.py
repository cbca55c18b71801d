"""Token buckets against floods, one per member or network address. Knows numbers; knows no HTTP."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

MAX_KEYS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """At most `burst` at once and `rate` per second for ever, by key. The least recently used keys are forgotten."""

    def __init__(self, burst: float, rate: float, monotonic: Callable[[], float]) -> None:
        if burst < 1 or rate <= 0:
            raise ValueError(f"burst must be at least 1 and rate positive, got {burst} and {rate}")
        self._burst, self._rate, self._monotonic = burst, rate, monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """0.0: go ahead. Otherwise the seconds until the next try can succeed."""
        now = self._monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._rate)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / self._rate
