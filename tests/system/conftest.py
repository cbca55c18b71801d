"""Homes that are made once and copied, commands, and servers that are stopped whatever happens."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.commands import Warm
from tests.system.serving import Server, Visitor

Starts = Callable[..., Server]
Visits = Callable[..., Visitor]


@pytest.fixture(scope="session")
def studyhall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """The command line, loaded once."""
    warm = Warm(tmp_path_factory.mktemp("written"))
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def hashed_home(studyhall: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample community as `studyhall demo` prepares it, under the hashing encoder: starts fast. Copy it."""
    home = tmp_path_factory.mktemp("sample") / "home"
    made = studyhall.run("--home", home, "demo", "--prepare-only")
    assert made.code == 0, made.err
    return home


@pytest.fixture
def home(hashed_home: Path, tmp_path: Path) -> Path:
    """A copy of the sample community of the test's own."""
    copy = tmp_path / "home"
    shutil.copytree(hashed_home, copy)
    return copy


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Starts]:
    """Makes servers; what still runs at the end is killed."""
    made: list[Server] = []

    def make(home: Path, *options: str, **settings: str) -> Server:
        made.append(Server(home, tmp_path / f"server-{len(made)}.log", *options, **settings))
        return made[-1]

    yield make
    for server in made:
        server.clear()


@pytest.fixture
def visit() -> Iterator[Visits]:
    """Makes visitors with accounts of their own."""
    made: list[Visitor] = []

    def make(server: Server, name: str, *, door: str = "") -> Visitor:
        made.append(Visitor.create(server.origin, name, door=door))
        return made[-1]

    yield make
    for visitor in made:
        visitor.close()
