"""What can go wrong with an encoder, named by what the caller does next. Knows no model.

ValueError            the setting is wrong: a person has to change something
├── WeightsMismatch   the file is not the one that was pinned: do not use it
├── UnsafeWeights     the folder could run code when loaded: convert it to safetensors
└── EncoderNotFound   nothing of that name on this machine: install or download it
RuntimeError
└── EncoderUnavailable   right now there are no vectors: go on without them, try again later
"""

from __future__ import annotations


class WeightsMismatch(ValueError):
    """A file's SHA-256 is not the expected one. Carries `file`, `expected` and `got` (hex digests)."""

    def __init__(self, file: str, expected: str, got: str) -> None:
        super().__init__(
            f"{file}: SHA-256 is {got}, expected {expected}; reinstall the model or correct the pin in the setting"
        )
        self.file = file
        self.expected = expected
        self.got = got


class UnsafeWeights(ValueError):
    """The model folder holds pickled weights without safetensors, or asks for code of its own."""


class EncoderNotFound(ValueError):
    """The setting names no model that is on this machine."""


class EncoderUnavailable(RuntimeError):
    """The encoder cannot answer now (loading, busy, stuck or closed); searching by words still works."""
