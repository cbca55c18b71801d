"""A ranker of discussions on disk: LightGBM's text, arrays, a manifest with checksums. Knows files only."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel

FORMAT: Final = 1
_COLUMNS: Final = ("times", "rooms", "topics", "members", "lengths")
MANIFEST: Final = "discussions.json"


class DamagedDiscussions(ValueError):
    """What lies there is no whole ranker of this format: train a new one."""


def write_log(log: Log, path: Path) -> None:
    """Plain arrays, no names."""
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **{name: getattr(log, name) for name in _COLUMNS})


def read_log(path: Path) -> Log:
    with np.load(path, allow_pickle=False) as stored:
        return Log(*(stored[name] for name in _COLUMNS))


def save(model: DiscussionModel, folder: Path) -> Path:
    """Write the model into `folder` and return its manifest.

    Contents go to files named by their checksum, then the manifest is replaced in one step: a reader finds the old
    model or the new one, whole. Files of former models are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = io.BytesIO()
    np.savez(arrays, allow_pickle=False, credits=model.credits, starts=model.starts)
    names = {}
    for kind, suffix, content in (("trees", "txt", model.trees.encode()), ("arrays", "npz", arrays.getvalue())):
        digest = hashlib.sha256(content).hexdigest()
        names[kind] = {"file": f"discussions-{digest[:16]}.{suffix}", "sha256": digest}
        _write(folder / names[kind]["file"], content)
    manifest = {
        "format": FORMAT,
        **names,
        "low": model.low,
        "high": model.high,
        "questions": model.questions,
        "trained_at": model.trained_at,
        "figures": dict(model.figures),
    }
    _write(folder / MANIFEST, json.dumps(manifest, indent=2, sort_keys=True).encode())
    kept = {each["file"] for each in names.values()}
    for old in folder.glob("discussions-*"):
        if old.name not in kept:
            old.unlink(missing_ok=True)
    return folder / MANIFEST


def load(folder: Path) -> DiscussionModel:
    """The model of `folder`. FileNotFoundError when there is none, DamagedDiscussions when it is not whole."""
    raw = (folder / MANIFEST).read_bytes()
    try:
        return _read(folder, json.loads(raw))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DamagedDiscussions(f"the model in {folder} cannot be read: {error}") from error


def delete(folder: Path) -> None:
    """Nothing of a model is left."""
    (folder / MANIFEST).unlink(missing_ok=True)
    for old in folder.glob("discussions-*"):
        old.unlink(missing_ok=True)


def _read(folder: Path, manifest: dict[str, Any]) -> DiscussionModel:
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']!r}, not {FORMAT}")
    contents = {}
    for kind in ("trees", "arrays"):
        # Only the name counts: a manifest must not lead out of its folder.
        content = (folder / Path(str(manifest[kind]["file"])).name).read_bytes()
        if hashlib.sha256(content).hexdigest() != manifest[kind]["sha256"]:
            raise ValueError(f"the checksum of the {kind} is not the one in the manifest")
        contents[kind] = content
    with np.load(io.BytesIO(contents["arrays"]), allow_pickle=False) as stored:
        return DiscussionModel(
            trees=contents["trees"].decode(),
            credits=stored["credits"],
            starts=stored["starts"],
            low=float(manifest["low"]),
            high=float(manifest["high"]),
            questions=int(manifest["questions"]),
            trained_at=float(manifest["trained_at"]),
            figures={str(name): float(value) for name, value in manifest["figures"].items()},
        )


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".tmp")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
