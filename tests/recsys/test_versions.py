"""Versions of models on disk: one pointer, replaced in one step; damage is noticed and the one before it answers."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from recsys.versions import NoSuchVersion, TrainingBusy, Version, Versions


def made(versions: Versions, content: str, at: float, state: str = "published") -> Version:
    folder = versions.work / "final"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.txt").write_text(content)
    return versions.add(folder, Version("", at, content, 3, 4, state))  # type: ignore[arg-type]


def read(folder: Path) -> str:
    return (folder / "model.txt").read_text()


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "models", keep=3)


def test_a_version_is_in_use_only_when_it_was_chosen(versions: Versions) -> None:
    assert versions.load(read) is None
    one = made(versions, "one", 1.0)
    assert versions.current() is None
    versions.use(one.name)
    two = made(versions, "two", 2.0)
    found = versions.load(read)
    assert found is not None
    assert (found[0].name, found[1]) == (one.name, "one")
    assert [version.model for version in versions.all()] == ["two", "one"]
    versions.use(two.name)
    assert versions.current() == two.name
    versions.use(one.name)
    assert versions.current() == one.name


def test_a_refused_version_is_published_by_choosing_it(versions: Versions) -> None:
    one = made(versions, "one", 1.0, "refused")
    assert versions.use(one.name).state == "published"
    stored = versions.get(one.name)
    assert stored is not None
    assert stored.state == "published"


@pytest.mark.parametrize("harm", ["flip", "cut", "gone", "record"])
def test_damage_is_noticed_and_the_one_before_answers(versions: Versions, harm: str) -> None:
    one, two = made(versions, "one", 1.0), made(versions, "two", 2.0)
    versions.use(one.name)
    versions.use(two.name)
    file = versions.place(two.name) / ("version.json" if harm == "record" else "model.txt")
    match harm:
        case "flip":
            file.write_text("twO")
        case "cut" | "record":
            file.write_text("t")
        case _:
            file.unlink()
    found = versions.load(read)
    assert found is not None
    assert found[1] == "one"
    assert [version.whole for version in versions.all() if version.name == two.name] == [False]
    with pytest.raises(NoSuchVersion):
        versions.use(two.name)


def test_a_refused_one_never_stands_in_for_a_damaged_one(versions: Versions) -> None:
    made(versions, "refused", 1.0, "refused")
    two = made(versions, "two", 2.0)
    versions.use(two.name)
    (versions.place(two.name) / "model.txt").unlink()
    assert versions.load(read) is None


def test_pruning_keeps_the_one_in_use_and_one_to_go_back_to(versions: Versions) -> None:
    names = [made(versions, "0", 0.0).name, made(versions, "1", 1.0).name]
    versions.use(names[0])
    versions.use(names[1])
    names += [made(versions, str(n), float(n), "refused").name for n in range(2, 8)]
    versions.prune()
    assert {version.name for version in versions.all()} == {names[0], names[1], *names[-3:]}


def test_dropping_the_one_in_use_leaves_no_pointer(versions: Versions) -> None:
    one = made(versions, "one", 1.0)
    versions.use(one.name)
    versions.drop(one.name)
    assert versions.current() is None
    assert versions.load(read) is None
    assert not versions.place(one.name).exists()


@pytest.mark.parametrize("name", ["", "..", "../../etc", ".hidden", "a/b", "none-such"])
def test_a_name_never_leads_out_of_the_folder(versions: Versions, name: str) -> None:
    made(versions, "one", 1.0)
    with pytest.raises(NoSuchVersion):
        versions.use(name)


def _hold(folder: str, held: object, end: object) -> None:
    with Versions(Path(folder)).training():
        held.set()  # type: ignore[attr-defined]
        end.wait(30)  # type: ignore[attr-defined]


def test_one_training_at_a_time_over_processes_and_a_dead_one_holds_nothing(versions: Versions) -> None:
    spawn = multiprocessing.get_context("spawn")
    held, end = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(str(versions.folder), held, end))
    other.start()
    try:
        assert held.wait(30)
        with pytest.raises(TrainingBusy), versions.training():
            pass
    finally:
        other.kill()
        other.join()
        other.close()
    with versions.training():
        pass
