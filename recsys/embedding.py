"""The vector of an item from its title and its text. Knows which counts how much; knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from recsys.encoders.chunked import normalised
from recsys.types import Encoder, Matrix, Progress

TITLE_SHARE: Final = 0.25
"""Measured on 131 courses described in two languages: found by subject, dense only, MRR .63 without and .86 with it;
found by a sentence of the description it costs nothing."""


def embed_items(
    encoder: Encoder,
    titles: Sequence[str],
    texts: Sequence[str],
    *,
    title_share: float = TITLE_SHARE,
    progress: Progress | None = None,
) -> Matrix:
    """Shape (items, dimension): title and text together, with the title once more by itself. Zero rows for nothing.

    An item without text is its title.
    """
    whole = encoder.encode(
        [f"{title}\n\n{text}" if text.strip() else title for title, text in zip(titles, texts, strict=True)],
        progress=progress,
    )
    if title_share == 0.0:
        return whole
    alone = encoder.encode(titles).astype(np.float64)
    # Without a title of its own (a chat message) the text is the whole vector; mixing with zeros only scales it.
    return normalised((1 - title_share) * whole.astype(np.float64) + title_share * alone)
