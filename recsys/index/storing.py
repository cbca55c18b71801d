"""An index as files: one FAISS file named by its digest, one manifest written last. Knows disks; trusts no file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import faiss
import numpy as np

from recsys.index.checks import Rows
from recsys.types import Matrix

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
LARGEST: Final = 16 * 1024**3
_LARGEST_MANIFEST: Final = 16 * 1024 * 1024
_NAME = re.compile(r"vectors-[0-9a-f]{64}\.faiss")


class Reason(StrEnum):
    """Why a stored index cannot be used."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    OTHER_FORMAT = "other format"
    OTHER_ENCODER = "other encoder"


class IndexDamaged(ValueError):
    """A stored index that must not be used: rebuild it from the store. Carries the `reason`."""

    def __init__(self, folder: Path, reason: Reason, detail: str) -> None:
        super().__init__(f"index in {folder} is not usable ({reason}): {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder says about its index. `mark`: the caller's own word for the store's state."""

    encoder: str
    dimension: int
    count: int
    file: str
    sha256: str
    bytes: int
    mark: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Stored:
    """A verified index: `flat` belongs to `owner`, which must live as long."""

    rows: Rows
    flat: Any
    owner: Any
    manifest: Manifest


def write_snapshot(folder: Path, rows: Rows, matrix: Matrix, *, encoder: str, mark: str) -> None:
    """Write vectors under a new name, replace the manifest, delete what it no longer names. OSError passes."""
    folder.mkdir(parents=True, exist_ok=True)
    keyed = faiss.IndexIDMap(faiss.IndexFlatIP(matrix.shape[1]))
    if len(rows):
        keyed.add_with_ids(np.ascontiguousarray(matrix), rows)
    fresh = folder / f"vectors-{os.getpid()}.tmp"
    try:
        _write_faiss(keyed, fresh)
        del keyed
        with fresh.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        size = fresh.stat().st_size
        name = f"vectors-{digest}.faiss"
        fresh.replace(folder / name)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    manifest = Manifest(encoder, matrix.shape[1], len(rows), name, digest, size, mark)
    sync_folder(folder)
    write_json(folder / MANIFEST, {key: getattr(manifest, key) for key in Manifest.__slots__})
    for old in folder.iterdir():
        if old.name not in {name, MANIFEST} and old.suffix in {".faiss", ".tmp"}:
            old.unlink(missing_ok=True)


def read_snapshot(folder: Path, *, encoder: str, dimension: int) -> Stored:
    """Read and verify. IndexDamaged unless manifest, digest, size, count, dimension and encoder all agree."""
    manifest = read_manifest(folder)
    if manifest.encoder != encoder or manifest.dimension != dimension:
        made = f"made by {manifest.encoder} ({manifest.dimension} dimensions), not {encoder} ({dimension})"
        raise IndexDamaged(folder, Reason.OTHER_ENCODER, made)
    content = _content(folder, manifest)
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise IndexDamaged(folder, Reason.DAMAGED, f"{manifest.file} is not what was written")
    owner: Any = faiss.deserialize_index(content)  # what downcasting returns does not keep it alive
    keyed: Any = faiss.downcast_index(owner)
    flat = faiss.downcast_index(keyed.index) if isinstance(keyed, faiss.IndexIDMap) else None
    if not isinstance(flat, faiss.IndexFlatIP) or flat.d != dimension or flat.ntotal != manifest.count:
        raise IndexDamaged(folder, Reason.DAMAGED, f"{manifest.file} is another kind of index than the manifest says")
    rows = faiss.vector_to_array(keyed.id_map).astype(np.int64)
    if (rows[1:] <= rows[:-1]).any():
        raise IndexDamaged(folder, Reason.DAMAGED, f"{manifest.file} has its rows in disorder")
    return Stored(rows, flat, owner, manifest)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. IndexDamaged when it is missing or not one."""
    written = read_json(folder / MANIFEST, folder)
    if written.get("format") != FORMAT:
        raise IndexDamaged(
            folder, Reason.OTHER_FORMAT, f"format {written.get('format')!r}, this program reads {FORMAT}"
        )
    kinds = {"encoder": str, "dimension": int, "count": int, "file": str, "sha256": str, "bytes": int, "mark": str}
    for key, kind in kinds.items():
        if type(written.get(key)) is not kind:
            raise IndexDamaged(folder, Reason.DAMAGED, f"the manifest's {key!r} is not a {kind.__name__}")
    manifest = Manifest(**{key: written[key] for key in kinds})
    if _NAME.fullmatch(manifest.file) is None:
        raise IndexDamaged(folder, Reason.DAMAGED, "the manifest names a file outside its folder")
    return manifest


def read_json(path: Path, folder: Path) -> dict[str, Any]:
    """A small JSON object. IndexDamaged when it is missing, too large, or not one."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_MANIFEST + 1)
    except FileNotFoundError:
        raise IndexDamaged(folder, Reason.MISSING, f"there is no {path.name}") from None
    except OSError as error:
        raise IndexDamaged(folder, Reason.UNREADABLE, str(error)) from error
    if len(raw) > _LARGEST_MANIFEST:
        raise IndexDamaged(folder, Reason.DAMAGED, f"{path.name} is longer than {_LARGEST_MANIFEST} bytes")
    try:
        written = json.loads(raw)
    except ValueError as error:
        raise IndexDamaged(folder, Reason.DAMAGED, f"{path.name}: {error}") from error
    if not isinstance(written, dict):
        raise IndexDamaged(folder, Reason.DAMAGED, f"{path.name} is not a JSON object")
    return written


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace a file by a JSON object so that after a crash it is the old one or the new one."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=True, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system lets a folder be opened."""
    with suppress(PermissionError, IsADirectoryError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_faiss(index: Any, path: Path) -> None:
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # FAISS's word for a full or read-only disk
        raise OSError(f"cannot write {path}: {error}") from error


def _content(folder: Path, manifest: Manifest) -> Any:
    """The file's bytes, of exactly the length that the manifest says and not more than `LARGEST`."""
    path = folder / manifest.file
    try:
        size = path.stat().st_size
        if size != manifest.bytes or size > LARGEST:
            raise IndexDamaged(folder, Reason.DAMAGED, f"{path.name} has {size} bytes, not {manifest.bytes}")
        return np.fromfile(path, dtype=np.uint8, count=size)
    except FileNotFoundError:
        raise IndexDamaged(folder, Reason.MISSING, f"there is no {path.name}") from None
    except OSError as error:
        raise IndexDamaged(folder, Reason.UNREADABLE, str(error)) from error
