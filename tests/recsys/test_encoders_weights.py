"""Only the weights that were pinned, only safetensors, only the library's own modules."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from recsys.encoders import EncoderNotFound, UnsafeWeights, WeightsMismatch, build_encoder, weights
from recsys.encoders.weights import check_folder, check_pinned, split_pin

CONTENT = b"not really weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.safetensors").write_bytes(CONTENT)
    (tmp_path / "config.json").write_text("{}")
    modules = [{"type": "sentence_transformers.models.Transformer"}]
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    return tmp_path


def test_a_pin_that_agrees_and_one_that_does_not(folder: Path) -> None:
    assert check_folder(folder, DIGEST) == check_folder(folder, None)
    with pytest.raises(WeightsMismatch) as caught:
        check_folder(folder, "0" * 64)
    assert (Path(caught.value.file).name, caught.value.expected, caught.value.got) == (
        "model.safetensors",
        "0" * 64,
        DIGEST,
    )


def test_the_identity_follows_weights_and_configuration(folder: Path) -> None:
    before = check_folder(folder, None)
    (folder / "config.json").write_text('{"pooling": "max"}')
    changed = check_folder(folder, DIGEST)
    assert changed != before
    (folder / "model.safetensors").write_bytes(CONTENT + b"!")
    assert check_folder(folder, None) != changed


@pytest.mark.parametrize("name", ["pytorch_model.bin", "2_Dense/pytorch_model.bin", "sub/weights.pt", "sub/model.pkl"])
def test_pickled_weights_are_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "2_Dense").mkdir()
    if "/" in name:
        (tmp_path / "model.safetensors").write_bytes(CONTENT)
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(UnsafeWeights, match="safe_serialization=True"):
        check_folder(tmp_path, None)


def test_pickled_weights_beside_safetensors_are_not_read(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")
    assert check_folder(folder, DIGEST)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeWeights, match=r"no \.safetensors"):
        check_folder(tmp_path, None)


@pytest.mark.parametrize("modules", ['[{"type": "evil.Module"}]', "{", '[{"path": ""}]', "3"])
def test_modules_of_others_are_refused(folder: Path, modules: str) -> None:
    (folder / "modules.json").write_text(modules)
    with pytest.raises(UnsafeWeights, match=r"modules\.json"):
        check_folder(folder, None)


def test_pins_are_read_strictly() -> None:
    assert split_pin("org/model") == ("org/model", None)
    assert split_pin(f"/a path/m@sha256:{'AB' * 32}") == ("/a path/m", "ab" * 32)
    with pytest.raises(ValueError, match="64 hexadecimal"):
        split_pin("model@sha256:abc")
    with pytest.raises(ValueError, match="pinned already"):
        build_encoder(f"use-multilingual-v3@sha256:{'0' * 64}")


def test_another_file_in_a_pinned_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PINNED", {"m": {"a": DIGEST, "b": DIGEST}})
    (tmp_path / "a").write_bytes(CONTENT)
    with pytest.raises(WeightsMismatch, match="missing"):
        check_pinned("m", tmp_path)
    (tmp_path / "b").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsMismatch, match="/b: "):
        check_pinned("m", tmp_path)
    (tmp_path / "b").write_bytes(CONTENT)
    assert len(check_pinned("m", tmp_path)) == 64


def test_an_unknown_model_says_what_to_do() -> None:
    with pytest.raises(EncoderNotFound, match="Download it once"):
        build_encoder("nobody/such-a-model")
