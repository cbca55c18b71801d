"""Trained models on disk, by version: kept, chosen by one pointer, damage noticed. Knows files; knows no model.

`<folder>/versions/<name>/` holds what a model's own `save` wrote and `version.json` with the SHA-256 of each file;
`<folder>/current` names the one in use and is replaced in one step. Whatever is half written is never named by it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

T = TypeVar("T")
State = Literal["published", "refused", "held"]
"""refused: judged worse. held: its lists moved too far to go out unseen."""
FORMAT: Final = 1
RECORD: Final = "version.json"
_CURRENT: Final = "current"


class NoSuchVersion(ValueError):
    """There is no version of that name, or it is not whole."""


class TrainingBusy(Exception):
    """Another process is training into this folder."""


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one trained model. basis: of which actions it was made, in the words of whoever trained it.

    figures: how it was judged. files: SHA-256 by name. whole: the files are what was written (set when read back).
    """

    name: str
    made_at: float
    model: str
    users: int
    items: int
    state: State = "published"
    reason: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    basis: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one folder. Reading needs no lock; changes are made by whoever holds `training()`."""

    folder: Path
    keep: int = 5

    @property
    def work(self) -> Path:
        """Where a training lays down what it has finished."""
        return self.folder / "work"

    def place(self, name: str) -> Path:
        """The folder of a version. Raises NoSuchVersion for what is no plain name."""
        if not name or Path(name).name != name or name.startswith("."):
            raise NoSuchVersion(f"{name!r} is no name of a version")
        return self.folder / "versions" / name

    def current(self) -> str | None:
        """The name in the pointer, whether or not that version is whole."""
        try:
            return (self.folder / _CURRENT).read_text("utf-8").strip() or None
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def get(self, name: str, *, check: bool = True) -> Version | None:
        """None where there is no record that can be read. Without `check` the files are taken to be whole."""
        try:
            stated = json.loads((self.place(name) / RECORD).read_bytes())
            if stated.pop("format") != FORMAT:
                return None
            version = Version(**stated)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return replace(version, name=name, whole=not check or self._whole(version, name))

    def all(self, *, check: bool = True) -> list[Version]:
        """Newest first; one whose record cannot be read is there as not whole, with nothing known of it."""
        try:
            names = [place.name for place in (self.folder / "versions").iterdir() if place.is_dir()]
        except FileNotFoundError:
            return []
        unknown = (Version(name, 0.0, "", 0, 0, reason="its record cannot be read", whole=False) for name in names)
        found = [self.get(one.name, check=check) or one for one in unknown]
        return sorted(found, key=lambda version: (-version.made_at, version.name))

    def add(self, made: Path, version: Version) -> Version:
        """Take in the folder that a model was saved in; `version.name` and `.files` are filled in. Not in use yet."""
        files = {path.name: digest_of(path) for path in sorted(made.iterdir()) if path.name != RECORD}
        mark = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:6]
        name = f"{datetime.fromtimestamp(version.made_at, UTC):%Y%m%dT%H%M%S}-{mark}"
        version = replace(version, name=name, files=files, whole=True)
        place = self.place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        self._write(made, version)
        if place.exists():
            # The same model of the same second: only what is said about it may differ.
            shutil.rmtree(place)
        made.replace(place)
        _sync(place.parent)
        return version

    def use(self, name: str, *, reason: str | None = None) -> Version:
        """Point at a version, in one step. Raises NoSuchVersion when it is not there, or not whole."""
        version = self.get(name)
        if version is None or not version.whole:
            raise NoSuchVersion(f"there is no whole version {name!r}")
        if version.state != "published" or reason is not None:
            version = replace(version, state="published", reason=version.reason if reason is None else reason)
            self._write(self.place(name), version)
        replace_file(self.folder / _CURRENT, f"{name}\n".encode())
        return version

    def drop(self, name: str) -> None:
        """Delete a version; the pointer goes with it when it names it, so that nothing of it is used again."""
        if self.current() == name:
            (self.folder / _CURRENT).unlink(missing_ok=True)
            _sync(self.folder)
        place = self.place(name)
        if place.exists():
            shutil.rmtree(place)

    def prune(self) -> None:
        """Keep the newest `keep`, the one in use, and the newest other that was in use: something to go back to."""
        current, versions = self.current(), self.all()
        kept = {version.name for version in versions[: self.keep]} | {current}
        kept |= {v.name for v in [v for v in versions if v.state == "published" and v.name != current and v.whole][:1]}
        for version in versions:
            if version.name not in kept:
                self.drop(version.name)

    def load(self, read: Callable[[Path], T]) -> tuple[Version, T] | None:
        """The version in use and its model, as `read` makes it of its folder; when damaged, the newest whole one that
        was in use before it. None when there is none. `read` raises ValueError or OSError for what it cannot read."""
        current = self.current()
        if current is None:
            return None
        others = [version.name for version in self.all() if version.state == "published" and version.name < current]
        for name in (current, *others):
            version = self.get(name)
            if version is None or not version.whole:
                continue
            try:
                return version, read(self.place(name))
            except (OSError, ValueError):
                continue
        return None

    @contextmanager
    def training(self) -> Iterator[None]:
        """At most one training, of any process; the lock ends with its process, however. Raises TrainingBusy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as file:
            if not _locked(file.fileno()):
                raise TrainingBusy("another training is running")
            yield

    def _whole(self, version: Version, name: str) -> bool:
        place = self.place(name)
        try:
            return all(digest_of(place / Path(file).name) == digest for file, digest in version.files.items())
        except OSError:
            return False

    def _write(self, place: Path, version: Version) -> None:
        stated = {key: value for key, value in asdict(version).items() if key not in {"name", "whole"}}
        document = {"format": FORMAT, "name": version.name, **stated}
        replace_file(place / RECORD, json.dumps(document, indent=2, sort_keys=True).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Old content or new, never anything between, whatever dies when."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
