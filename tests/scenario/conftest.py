"""A program on the platforms that a test names."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.usecases.staff import web_room
from storage import SqlStore, open_store, upgrade
from tests.scenario.program import Program

Plays = Callable[..., Program]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def plays(empty_database: Path, tmp_path: Path) -> Iterator[Plays]:
    """``plays("web", "telegram")``: a community of its own on these platforms."""
    opened: list[tuple[Program, SqlStore]] = []

    def play(*platforms: str) -> Program:
        home = tmp_path / str(len(opened))
        home.mkdir()
        shutil.copy(empty_database, home / "studyhall.db")
        store = open_store(f"sqlite:///{home / 'studyhall.db'}")
        with store.write() as uow:
            community = uow.communities.add("Ferris Hall", language="en", timezone="UTC", sample=False)
            uow.rooms.ensure(community.id, web_room("general"))
            uow.commit()
        program = Program(store, community, home, *platforms).__enter__()
        opened.append((program, store))
        return program

    yield play
    for program, store in opened:
        program.__exit__()
        store.close()
