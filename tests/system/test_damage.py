"""Damaged files, a locked database, a read-only and a full disk: said clearly, mended where possible, nothing lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.commands import Ended, Warm
from tests.system.conftest import Starts, Visits
from tests.system.contents import contents, unsound
from tests.system.disks import full, set_read_only, small_disk
from tests.system.exports import write_courses
from tests.system.posting import drained, open_room, said_in
from tests.system.serving import Visitor, until

Damage = Callable[[Path], None]


def vectors(index: Path) -> Path:
    (file,) = (index / "public").glob("*.faiss")
    return file


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path, place: float) -> None:
    raw = bytearray(file.read_bytes())
    raw[int(len(raw) * place)] ^= 0x10
    file.write_bytes(raw)


def rewrite(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


INDEX: dict[str, Damage] = {
    "cut": lambda index: cut(vectors(index)),
    "flipped at the start": lambda index: flip(vectors(index), 0.0),
    "flipped in a vector": lambda index: flip(vectors(index), 0.5),
    "vectors deleted": lambda index: vectors(index).unlink(),
    "an empty file": lambda index: os.truncate(vectors(index), 0),
    "no list": lambda index: (index / "audiences.json").unlink(),
    "list cut": lambda index: cut(index / "audiences.json"),
    "no manifest": lambda index: (index / "public" / "manifest.json").unlink(),
    "another count": lambda index: rewrite(index / "public" / "manifest.json", count=1),
    "of another encoder": lambda index: rewrite(index / "audiences.json", encoder="another"),
    "of another state": lambda index: rewrite(index / "audiences.json", mark="999999999"),
    "all deleted": shutil.rmtree,
}


def answers(studyhall: Warm, home: Path) -> list[tuple[str, Any]]:
    found = studyhall.run("--home", home, "search", "async", "rust", "线程", "-k", "30", "--json")
    assert found.code == 0, found.err
    assert "Traceback" not in found.err
    return [(item["item"], pytest.approx(item["score"], abs=1e-3)) for item in found.document["items"]]


@pytest.mark.slow
def test_a_damaged_index_is_made_anew(studyhall: Warm, home: Path) -> None:
    assert studyhall.run("--home", home, "embed").code == 0
    before = answers(studyhall, home)
    assert len(before) == 30
    whole = home / "index-before"
    shutil.copytree(home / "index", whole)
    for name, damage in INDEX.items():
        shutil.rmtree(home / "index", ignore_errors=True)
        shutil.copytree(whole, home / "index")
        damage(home / "index")
        assert answers(studyhall, home) == before, name
    flip(vectors(whole), 0.5)
    whole.rename(home / "index")
    saved = studyhall.run("--home", home, "embed", "--json")
    assert saved.code == 0, saved.err
    looked = findings(studyhall.run("--home", home, "doctor", "--json"))
    assert looked["index"]["found"] == f"{saved.document['vectors']} vectors in the snapshot"
    assert answers(studyhall, home) == before


def test_an_index_that_cannot_be_saved_is_no_loss(studyhall: Warm, home: Path) -> None:
    shutil.rmtree(home / "index", ignore_errors=True)
    (home / "index").write_text("in the way")
    ended = studyhall.run("--home", home, "embed")
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert str(home / "index") in ended.err
    assert len(answers(studyhall, home)) == 30


def test_a_damaged_model_is_left_out_and_named(studyhall: Warm, home: Path) -> None:
    (arrays,) = (home / "models").rglob("*.npz")
    flip(arrays, 0.5)
    ended = studyhall.run("--home", home, "recommend", "1", "--json")
    assert ended.code == 0, ended.err
    assert "damaged" in ended.err
    assert ended.document["items"]
    doctor = studyhall.run("--home", home, "doctor", "--json")
    assert doctor.code == 1
    model = findings(doctor)["model"]
    assert not model["ok"]
    assert "studyhall train" in model["todo"]
    (arrays.parent / "version.json").write_text("{")
    assert studyhall.run("--home", home, "recommend", "1", "--json").code == 0
    assert studyhall.run("--home", home, "train").code == 0
    assert studyhall.run("--home", home, "doctor").code == 0


def findings(ended: Ended) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in ended.document["checks"]}


def beheaded(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[:64] = b"x" * 64
    file.write_bytes(raw)


@pytest.mark.parametrize("damage", [beheaded, cut, lambda file: file.write_text("hello, I am no database " * 99)])
def test_a_damaged_database_is_named_and_left_alone(studyhall: Warm, home: Path, damage: Damage) -> None:
    file = home / "studyhall.db"
    damage(file)
    broken = file.read_bytes()
    for command in (("stats",), ("search", "rust"), ("run", "--port", "0"), ("demo", "--prepare-only"), ("upgrade",)):
        ended = studyhall.run("--home", home, *command)
        assert ended.code == 1, (command, ended)
        assert "restore the latest backup" in ended.err
        assert "Traceback" not in ended.err
    doctor = studyhall.run("--home", home, "doctor", "--json")
    assert doctor.code == 1
    assert "backup" in findings(doctor)["database"]["found"]
    assert "upgrade" not in findings(doctor)["database"]["todo"]
    assert file.read_bytes() == broken


@contextmanager
def locked(home: Path, seconds: float | None = None) -> Iterator[None]:
    """Another program is writing: for so long, or for as long as the block lasts."""

    def hold() -> None:
        with closing(sqlite3.connect(home / "studyhall.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            taken.set()
            over.wait(seconds)
            other.execute("ROLLBACK")

    taken, over = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    assert taken.wait(10)
    try:
        yield
    finally:
        if seconds is None:
            over.set()
        holder.join()


def test_a_database_that_is_locked_for_a_while(studyhall: Warm, home: Path, tmp_path: Path) -> None:
    file = write_courses(tmp_path / "c.csv", courses=10)
    before = contents(home)
    with locked(home):
        refused = studyhall.run("--home", home, "import", "courses", file)
    assert refused.code == 1
    assert "Another program is writing" in refused.err
    assert "Traceback" not in refused.err
    assert contents(home) == before
    with locked(home, 1.5):
        waited = studyhall.run("--home", home, "import", "courses", file, "--json")
    assert waited.code == 0, waited.err
    assert waited.document["added"] == 10


@pytest.mark.slow
def test_a_server_whose_database_is_locked(home: Path, serve: Starts, visit: Visits) -> None:
    """What cannot be kept is not acknowledged; the same act sent again happens once."""
    server = serve(home).start()
    ann, room = visit(server, "ann"), open_room(home)
    with locked(home):
        refused = ann.say("written while locked", room=room, action="locked-act-1")
        assert refused.status_code == 503
        assert refused.json()["error"]
        assert ann.client.get("/").status_code in (200, 303), "reading goes on"
    until(lambda: ann.say("written while locked", room=room, action="locked-act-1").status_code == 202)
    until(lambda: drained(home))
    assert said_in(home, room).count("written while locked") == 1
    assert server.stop()[0] == 0


def test_a_read_only_home(studyhall: Warm, hashed_home: Path, tmp_path: Path) -> None:
    file = write_courses(tmp_path / "c.csv", courses=10)
    with small_disk(tmp_path / "disk", mebibytes=32) as disk:
        home = disk / "home"
        shutil.copytree(hashed_home, home)
        before = contents(home)
        set_read_only(disk, read_only=True)
        for command in (("import", "courses", file), ("embed",), ("run", "--port", "0"), ("train",)):
            ended = studyhall.run("--home", home, *command)
            assert ended.code == 1, (command, ended)
            assert re.search("read-only|writable|written to", ended.err), ended.err
            assert "Traceback" not in ended.err
        new = studyhall.run("--home", disk / "new" / "home", "stats")
        assert new.code == 1
        assert "Read-only file system" in new.err
        assert "Traceback" not in new.err
        doctor = studyhall.run("--home", home, "doctor", "--json")
        assert doctor.code == 1
        assert not findings(doctor)["data folder"]["ok"]
        assert "writable" in findings(doctor)["data folder"]["todo"]
        set_read_only(disk, read_only=False)
        assert contents(home) == before
        assert studyhall.run("--home", home, "import", "courses", file).code == 0


def test_a_full_disk_stops_an_import_which_then_goes_on(studyhall: Warm, hashed_home: Path, tmp_path: Path) -> None:
    file = write_courses(tmp_path / "c.csv", courses=4000)
    whole = tmp_path / "whole"
    shutil.copytree(hashed_home, whole)
    assert studyhall.run("--home", whole, "import", "courses", file).code == 0
    with small_disk(tmp_path / "disk", mebibytes=14) as disk:
        home = disk / "home"
        shutil.copytree(hashed_home, home)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * (4 << 20))
        ended = studyhall.run("--home", home, "import", "courses", file)
        assert ended.code == 1, ended
        assert "disk is full" in ended.err
        assert "Traceback" not in ended.err
        doctor = studyhall.run("--home", home, "doctor", "--json")
        assert doctor.code == 1
        assert "Make room" in findings(doctor)["disk"]["todo"]
        assert unsound_but_room(home) == []
        ballast.unlink()
        set_size(disk, mebibytes=64)
        assert studyhall.run("--home", home, "import", "courses", file).code == 0
        assert unsound(home) == []
        assert contents(home) == contents(whole)


def unsound_but_room(home: Path) -> list[str]:
    return [problem for problem in unsound(home) if not problem.startswith("room:")]


def set_size(disk: Path, *, mebibytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={mebibytes}m", disk], check=True)


@pytest.mark.slow
def test_a_server_whose_disk_is_full(hashed_home: Path, tmp_path: Path, serve: Starts, visit: Visits) -> None:
    """Nothing is acknowledged that is not kept; it goes on by itself when there is room."""
    with small_disk(tmp_path / "disk", mebibytes=32) as disk:
        home = disk / "home"
        shutil.copytree(hashed_home, home)
        server = serve(home).start()
        ann, room = visit(server, "ann"), open_room(home)
        assert ann.say("before", room=room).status_code == 202
        acknowledged = ["before"]
        with full(disk):
            acknowledged += keep_saying(ann, room, 40)
            assert len(acknowledged) < 41, "a full disk must refuse"
            assert ann.client.get(f"/rooms/{room}").status_code == 200, "reading goes on"
        until(lambda: ann.say("after", room=room, action="after-the-flood").status_code == 202)
        ann.say("/help")
        until(lambda: drained(home))
        texts = said_in(home, room)
        assert {text: texts.count(text) for text in acknowledged} == dict.fromkeys(acknowledged, 1)
        assert texts.count("after") == 1
        assert "Traceback" not in server.log.read_text()
        assert server.stop()[0] == 0
        assert unsound(home) == []


def keep_saying(who: Visitor, room: str, times: int) -> list[str]:
    """What was acknowledged of it. Long texts: a page of the database that has room takes some even now."""
    kept = []
    for number in range(times):
        text = f"{number} " + "long " * 700
        answer = who.say(text, room=room)
        assert answer.status_code in (202, 429, 503), answer.text
        if answer.status_code == 202:
            kept.append(text.strip())
        else:
            assert answer.json()["error"]
    return kept
