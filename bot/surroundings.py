"""What the program finds around it: time, chance, its data folder, an encoder that runs. Knows no use-case."""

from __future__ import annotations

import base64
import gc
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from recsys.types import Encoder, QuestionEncoder


def set_aside() -> None:
    """What is there now stays for long: from here on full collections of garbage pass it over.

    Looking through the catalogue of a large community stops every thread for a fifth of a second (110,000 items, 8,000
    learners), whenever Python thinks it is time; this stops them once, so it is for moments that nobody waits in.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class SystemClock:
    """The only place that asks what time it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """Codes of 80 random bits in 16 characters of base 32."""

    def code(self) -> str:
        return base64.b32encode(secrets.token_bytes(10)).decode().lower()


@dataclass(frozen=True, slots=True)
class Paths:
    """The data folder."""

    home: Path

    @property
    def index(self) -> Path:
        return self.home / "index"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def discussions(self) -> Path:
        return self.home / "discussions"

    @property
    def secret(self) -> Path:
        return self.home / "web.key"

    def read_secret(self) -> bytes:
        """The key that signs the web community's cookies; made once, readable by the owner only."""
        with suppress(FileNotFoundError):
            known = self.secret.read_bytes()
            if len(known) >= 32:
                return known
        self.home.mkdir(parents=True, exist_ok=True)
        fresh = secrets.token_bytes(32)
        descriptor = os.open(self.secret, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(fresh)
        return fresh


class RunningEncoder(Encoder, Protocol):
    """An encoder that is opened and closed. `bulk` is the same one for texts that nobody waits for.

    `courses`: the models for courses that run beside it, if there are any.
    """

    @property
    def bulk(self) -> Encoder: ...
    @property
    def courses(self) -> QuestionEncoder | None: ...
    def start(self) -> None: ...
    def close(self) -> None: ...
