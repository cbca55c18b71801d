"""Small measures that several groups of features share. Knows arrays; knows no state."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.discussions.messages import Doubles, Integers

Columns = dict[str, Doubles]
"""Features by name, each of shape (candidates,)."""
FOREVER: Final = 4e7
"""Seconds that stand for never."""
_MINUTES: Final = 60.0


def places(values: NDArray[Any]) -> Doubles:
    """Logarithm of 1 + the place of each value in its column, 0 for the smallest; equals have equal places.

    Shape as given: (rows, columns).
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    new = np.zeros(values.shape, dtype=np.int64)
    new[1:] = np.where(ordered[1:] != ordered[:-1], np.arange(1, len(values))[:, None], 0)
    found = np.empty(values.shape)
    np.put_along_axis(found, order, np.log1p(np.maximum.accumulate(new, axis=0)), axis=0)
    return found


def log_minutes(seconds: Doubles | float) -> Doubles:
    return np.asarray(np.log1p(np.maximum(seconds, 0.0) / _MINUTES))


def value_of(values: Doubles, code: int, default: float = 0.0) -> float:
    return float(values[code]) if 0 <= code < len(values) else default


def gathered(values: Doubles, codes: Integers) -> Doubles:
    if not len(values):
        return np.zeros(len(codes))
    return np.asarray(np.where(codes >= 0, values[np.maximum(codes, 0)], 0.0))
