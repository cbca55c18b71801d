"""Frames between a process and its encoder: a JSON head and a block of float32. Knows bytes; nothing is pickled."""

from __future__ import annotations

import json
import struct
from typing import IO, Any, Final

import numpy as np

from recsys.types import Matrix

_LENGTHS: Final = struct.Struct(">II")
LARGEST: Final = 256 * 1024 * 1024


def write_frame(stream: IO[bytes], head: dict[str, Any], vectors: Matrix | None = None) -> None:
    """Write one frame and flush. Lone surrogates survive: JSON escapes them."""
    text = json.dumps(head, ensure_ascii=True).encode("ascii")
    block = b"" if vectors is None else np.ascontiguousarray(vectors, dtype="<f4").tobytes()
    stream.write(_LENGTHS.pack(len(text), len(block)) + text + block)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], Matrix | None] | None:
    """The next frame, or None at the end of the stream (also in the middle of a frame: the writer died).

    ValueError for a frame that is longer than `LARGEST` or is not a JSON object.
    """
    lengths = _exactly(stream, _LENGTHS.size)
    if lengths is None:
        return None
    head_length, block_length = _LENGTHS.unpack(lengths)
    if head_length > LARGEST or block_length > LARGEST:
        raise ValueError(f"frame of {head_length} + {block_length} bytes is longer than {LARGEST}")
    text, block = _exactly(stream, head_length), _exactly(stream, block_length)
    if text is None or block is None:
        return None
    head = json.loads(text)
    if not isinstance(head, dict):
        raise ValueError("a frame's head is a JSON object")  # noqa: TRY004 - the stream is wrong, not a caller
    if not block:
        return head, None
    return head, np.frombuffer(block, dtype="<f4").astype(np.float32).reshape(-1, int(head["dimension"]))


def _exactly(stream: IO[bytes], number: int) -> bytes | None:
    parts: list[bytes] = []
    while number:
        part = stream.read(number)
        if not part:
            return None
        parts.append(part)
        number -= len(part)
    return b"".join(parts)
