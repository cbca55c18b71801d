"""From a setting to an encoder in this process. Knows the names of the encoders; loads nothing until called."""

from __future__ import annotations

from recsys.encoders.hashing import HashingEncoder
from recsys.encoders.weights import PINNED, split_pin
from recsys.types import Encoder

DEFAULT = "use-multilingual-v3"


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
