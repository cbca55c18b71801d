"""The world of every test here: a store in a file of its own, an application around it, a fake platform."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import SqlStore, open_store, upgrade
from tests.bot.world import CATALOGUE, World

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest revision, made once and copied."""
    file = tmp_path_factory.mktemp("migrated") / "empty.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def make_world(migrated: Path) -> Iterator[MakeWorld]:
    """Any number of worlds, also several in one test.

    They live in memory where the machine offers a folder there: nothing here is about waiting for a disk.
    """
    stores: list[SqlStore] = []
    folders: list[Path] = []
    memory = Path("/dev/shm")
    within = memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**28 else None

    def make(kind: type[World] = World, **given: object) -> World:
        home = Path(tempfile.mkdtemp(prefix="studyhall-", dir=within))
        folders.append(home)
        shutil.copy(migrated, home / "studyhall.db")
        store = open_store(f"sqlite:///{home / 'studyhall.db'}")
        stores.append(store)
        return kind(store, home, **given)  # type: ignore[arg-type]

    yield make
    for store in stores:
        store.close()
    for folder in folders:
        shutil.rmtree(folder)


@pytest.fixture
def world(make_world: MakeWorld) -> Iterator[World]:
    """A community without anything in it."""
    world = make_world()
    yield world
    world.store.close()


@pytest.fixture
def stocked(world: World) -> World:
    """A community with a catalogue."""
    world.add_courses(*CATALOGUE)
    return world
