"""From a setting to an encoder in this process. Knows the names of the encoders; loads nothing until called."""

from __future__ import annotations

import logging

from recsys.encoders.errors import EncoderNotFound
from recsys.encoders.hashing import HashingEncoder
from recsys.encoders.weights import PINNED, split_pin
from recsys.types import Encoder, QuestionEncoder

DEFAULT = "use-multilingual-v3"
log = logging.getLogger(__name__)


def build_encoder(setting: str = DEFAULT) -> Encoder:
    """The encoder of a setting, loaded and checked. Takes seconds and hundreds of MB: meant for a process of its own.

    "use-multilingual-v3" (default), "all-minilm-l6-v2", "hashing", or the name or path of any sentence-transformers
    model with safetensors, optionally pinned as `name@sha256:<digest>`. Raises the ValueErrors of `errors`.
    """
    name, pin = split_pin(setting.strip())
    if pin is not None and (name in PINNED or name == "hashing"):
        raise ValueError(f"the encoder {name!r} is pinned already; leave out @sha256:...")
    if name == "hashing":
        return HashingEncoder()
    if name == "use-multilingual-v3":
        from recsys.encoders.use import use_encoder

        return use_encoder()
    from recsys.encoders.sentence import minilm_encoder, sentence_encoder

    return minilm_encoder() if name == "all-minilm-l6-v2" else sentence_encoder(name, pin)


def build_course_encoder(setting: str = DEFAULT) -> QuestionEncoder | None:
    """The models for courses that go with the default encoder, loaded and checked.

    None beside any other encoder, and on a machine that their package is not made for: search then rests on the first
    encoder alone. WeightsMismatch when the weights are not the pinned ones.
    """
    if setting.strip() != DEFAULT:
        return None
    from recsys.encoders.courses import course_encoder

    try:
        return course_encoder()
    except EncoderNotFound as error:
        log.warning("courses are found by the first encoder alone: %s", error)
        return None
