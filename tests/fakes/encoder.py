"""An encoder that runs in this very process: `EncoderProcess` without the process."""

from __future__ import annotations

from collections.abc import Sequence

from recsys.encoders import EncoderUnavailable, HashingEncoder
from recsys.types import Encoder, Matrix, Progress, QuestionEncoder


class InProcessEncoder:
    """Counts the texts that it was given. `broken`: it answers like an encoder that cannot be started.

    `courses`: what reads courses and questions beside it.
    """

    def __init__(self, courses: QuestionEncoder | None = None) -> None:
        self.courses = courses
        self._encoder = HashingEncoder()
        self.encoded = 0
        self.broken = False
        self.closed = False

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    @property
    def bulk(self) -> Encoder:
        return self

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        if self.broken:
            raise EncoderUnavailable("it was told to be broken")
        self.encoded += len(texts)
        return self._encoder.encode(texts, progress=progress)

    def start(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True
