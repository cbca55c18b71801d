"""A trained model on disk: plain arrays, a manifest and a checksum. Knows files; knows no training."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np

from recsys.actions import unpack_names
from recsys.collaborative import CollaborativeModel
from recsys.companions import Companions
from recsys.fitting import FitParameters
from recsys.links import Links
from recsys.network import Network
from recsys.signals import Feedback

FORMAT: Final = 2
MANIFEST: Final = "collaborative.json"


class DamagedModel(ValueError):
    """What lies there is no whole model of this format: train a new one."""


def save(model: CollaborativeModel, folder: Path, parameters: FitParameters | None = None) -> Path:
    """Write the model into `folder` and return its manifest.

    The arrays go to a file named by their checksum, then the manifest is replaced in one step: a reader finds the old
    model or the new one, whole. Files of former models are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "collaborative.new"
    with fresh.open("wb") as file:
        np.savez(file, allow_pickle=False, **model.arrays())
        file.flush()
        os.fsync(file.fileno())
    digest = _digest(fresh)
    name = f"collaborative-{digest[:16]}.npz"
    fresh.replace(folder / name)
    manifest = {
        "format": FORMAT,
        "version": model.version,
        "arrays": name,
        "sha256": digest,
        "trained_at": model.trained_at,
        "users": model.user_count,
        "items": len(model),
        "ordered": model.network is not None,
        "entries": len(model.links.targets),
        "parameters": asdict(parameters or FitParameters()),
    }
    _replace(folder / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True).encode())
    for old in folder.glob("collaborative-*.npz"):
        if old.name != name:
            old.unlink(missing_ok=True)
    return folder / MANIFEST


def load(folder: Path, feedback: Feedback | None = None) -> CollaborativeModel:
    """The model of `folder`. FileNotFoundError when there is none, DamagedModel when it is not what was written."""
    raw = (folder / MANIFEST).read_bytes()
    try:
        return _read(folder, json.loads(raw), feedback or Feedback())
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DamagedModel(f"the model in {folder} cannot be read: {error}") from error


def _read(folder: Path, manifest: dict[str, Any], feedback: Feedback) -> CollaborativeModel:
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']!r}, not {FORMAT}")
    # Only the name counts: a manifest must not lead out of its folder.
    arrays = folder / Path(str(manifest["arrays"])).name
    if _digest(arrays) != manifest["sha256"]:
        raise ValueError(f"the checksum of {arrays.name} is not the one in the manifest")
    with np.load(arrays, allow_pickle=False) as stored:
        names = unpack_names(stored["names"], stored["name_ends"])
        return CollaborativeModel(
            names=names,
            links=Links(stored["starts"], stored["targets"], stored["values"], stored["together"]),
            counts=stored["counts"],
            users=stored["users"],
            network=_network(stored),
            user_count=int(manifest["users"]),
            version=str(manifest["version"]),
            trained_at=float(manifest["trained_at"]),
            feedback=feedback,
            people=Companions.read(stored, len(names)),
        )


def _network(stored: Any) -> Network | None:
    names = [entry.name for entry in fields(Network)]
    if f"network_{names[0]}" not in stored:
        return None
    return Network(**{name: stored[f"network_{name}"] for name in names})


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """What the manifest says, unverified; None when there is none that can be read."""
    try:
        stated = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return stated if isinstance(stated, dict) else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".tmp")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
