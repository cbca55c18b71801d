"""Which weights are the right ones: SHA-256 pins and identities of model files. Knows files; loads no model."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from recsys.encoders.errors import UnsafeWeights, WeightsMismatch

# What the published packages contain; a package with other bytes is refused however it got here.
PINNED: Final[Mapping[str, Mapping[str, str]]] = {
    "use-multilingual-v3": {
        "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
        "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    },
    "multilingual-e5-small-q4": {
        "e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    },
    "all-minilm-l6-v2": {
        "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
        "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
        "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    },
}

_PIN = re.compile(r"^(?P<name>.+)@sha256:(?P<digest>[0-9a-fA-F]{64})$", re.DOTALL)
_PICKLED = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".msgpack", ".h5"})
_READ = frozenset({".safetensors", ".json", ".txt", ".model", ".vocab"})
_LARGEST_CONFIG = 64 * 1024 * 1024


def split_pin(setting: str) -> tuple[str, str | None]:
    """`name@sha256:<64 hex digits>` as (name, digest in lower case); without a pin (setting, None).

    ValueError when something follows `@sha256:` that is not a digest: a mistyped pin must not mean "no pin".
    """
    if "@sha256:" not in setting:
        return setting, None
    found = _PIN.match(setting)
    if found is None:
        raise ValueError(f"a pin is written name@sha256:<64 hexadecimal digits>, got {setting!r}")
    return found["name"], found["digest"].lower()


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hex, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def combined(digests: Mapping[str, str]) -> str:
    """One digest for several files: SHA-256 over the lines `<digest>  <name>` in order of name, as sha256sum prints."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def check_pinned(model: str, folder: Path) -> str:
    """Compare a folder with the table above and return the combined digest of the pinned files.

    WeightsMismatch names the first file that differs (a missing one has the digest "missing").
    """
    got: dict[str, str] = {}
    for name, expected in PINNED[model].items():
        path = folder / name
        got[name] = file_digest(path) if path.is_file() else "missing"
        if got[name] != expected:
            raise WeightsMismatch(str(path), expected, got[name])
    return combined(got)


def check_folder(folder: Path, pin: str | None) -> str:
    """Refuse a folder that could run code or is not the pinned one; return the digest that identifies what is loaded.

    The pin is of the weights: the digest of the one .safetensors file, or for several `combined` of them. What is
    returned covers the configuration and the tokenizer as well, because they change the vectors too.
    """
    _refuse_pickles(folder)
    _refuse_custom_modules(folder)
    read = sorted(path for path in folder.rglob("*") if path.suffix in _READ and path.is_file())
    digests = {path.relative_to(folder).as_posix(): file_digest(path) for path in read}
    weights = {name: digest for name, digest in digests.items() if name.endswith(".safetensors")}
    if not weights:
        raise UnsafeWeights(f"{folder}: no .safetensors file; a model folder has config.json and model.safetensors")
    if pin is not None:
        got = next(iter(weights.values())) if len(weights) == 1 else combined(weights)
        if got != pin:
            raise WeightsMismatch(_first(folder, weights), pin, got)
    return combined(digests)


def identity(model: str, digest: str, recipe: str) -> str:
    """The name of an encoder: `<model>#<first 12 hex digits>+<recipe of the text preparation>`."""
    return f"{model}#{digest[:12]}+{recipe}"


def _first(folder: Path, names: Iterable[str]) -> str:
    return str(folder / min(names))


def _refuse_pickles(folder: Path) -> None:
    pickled = sorted(path for path in folder.rglob("*") if path.suffix in _PICKLED and path.is_file())
    for path in pickled:
        if not any(path.parent.glob("*.safetensors")):
            raise UnsafeWeights(
                f"{path}: pickled weights can run code and are never loaded; take a revision of the model with "
                "model.safetensors, or convert it once on a machine of its own: "
                "SentenceTransformer(FOLDER).save(NEW_FOLDER, safe_serialization=True)"
            )


def _refuse_custom_modules(folder: Path) -> None:
    """modules.json may name classes to import: only those of sentence-transformers itself."""
    path = folder / "modules.json"
    if not path.is_file():
        return
    if path.stat().st_size > _LARGEST_CONFIG:
        raise UnsafeWeights(f"{path}: larger than {_LARGEST_CONFIG} bytes")
    try:
        modules = json.loads(path.read_bytes())
        types = [str(module["type"]) for module in modules]
    except (ValueError, KeyError, TypeError) as error:
        raise UnsafeWeights(f"{path}: not a list of modules ({error})") from error
    foreign = [kind for kind in types if not kind.startswith("sentence_transformers.")]
    if foreign:
        raise UnsafeWeights(f"{path}: asks for code of its own ({', '.join(foreign)}), which is never run")
