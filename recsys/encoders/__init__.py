"""Text to vectors. The only place that knows torch, sentence-transformers and model files; loads them when asked."""

from __future__ import annotations

from recsys.encoders.build import DEFAULT, build_encoder
from recsys.encoders.cached import CachedEncoder
from recsys.encoders.errors import EncoderNotFound, EncoderUnavailable, UnsafeWeights, WeightsMismatch
from recsys.encoders.hashing import HashingEncoder
from recsys.encoders.process import EncoderProcess, ProcessLimits

__all__ = [
    "DEFAULT",
    "CachedEncoder",
    "EncoderNotFound",
    "EncoderProcess",
    "EncoderUnavailable",
    "HashingEncoder",
    "ProcessLimits",
    "UnsafeWeights",
    "WeightsMismatch",
    "build_encoder",
]
