"""A stored index is exactly what was saved, or is refused with a reason."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from recsys.index import FaissIndex, IndexDamaged, IndexSet, Reason
from tests.contracts.vector_index import unit

VECTORS = unit(50, 8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = FaissIndex(8)
    index.add(range(50), VECTORS)
    index.remove([7])
    index.save(tmp_path, encoder="model#1", mark="row 50")
    return tmp_path


def load(folder: Path) -> FaissIndex:
    return FaissIndex.load(folder, encoder="model#1", dimension=8)


def payload(folder: Path) -> Path:
    (found,) = folder.glob("*.faiss")
    return found


def refused(folder: Path, encoder: str = "model#1", dimension: int = 8) -> Reason:
    with pytest.raises(IndexDamaged) as caught:
        FaissIndex.load(folder, encoder=encoder, dimension=dimension)
    return caught.value.reason


def test_comes_back_as_it_was_and_can_be_changed(folder: Path) -> None:
    index = load(folder)
    assert index.rows().tolist() == [row for row in range(50) if row != 7]
    assert index.search(VECTORS[3:4], 1)[0][0].row == 3
    index.add([7, 99], VECTORS[[7, 3]])
    assert [hit.row for hit in index.search(VECTORS[3:4], 2)[0]] == [3, 99]
    assert json.loads((folder / "manifest.json").read_bytes())["mark"] == "row 50"


def test_an_empty_index_comes_back(tmp_path: Path) -> None:
    FaissIndex(8).save(tmp_path, encoder="model#1")
    assert len(load(tmp_path)) == 0


def test_removed_vectors_are_not_in_the_file(folder: Path) -> None:
    content = payload(folder).read_bytes()
    assert VECTORS[8].tobytes() in content
    assert VECTORS[7].tobytes() not in content


def test_saving_again_leaves_one_file(folder: Path) -> None:
    index = load(folder)
    index.remove([8])
    index.save(folder, encoder="model#1")
    assert sorted(path.suffix for path in folder.iterdir()) == [".faiss", ".json"]
    assert 8 not in load(folder)


def test_every_kind_of_damage_is_seen(folder: Path) -> None:
    path = payload(folder)
    whole = path.read_bytes()
    draw = random.Random(1)
    for _ in range(60):
        broken = bytearray(whole)
        broken[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(broken)
        assert refused(folder) is Reason.DAMAGED
    for content in (whole[:-1], whole[: len(whole) // 2], b"", whole + b"\0"):
        path.write_bytes(content)
        assert refused(folder) is Reason.DAMAGED
    path.write_bytes(whole)
    assert len(load(folder)) == 49


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoder": "model#2"}, Reason.OTHER_ENCODER),
        ({"dimension": 16}, Reason.OTHER_ENCODER),
        ({"format": 2}, Reason.OTHER_FORMAT),
        ({"count": 50}, Reason.DAMAGED),
        ({"sha256": "0" * 64}, Reason.DAMAGED),
        ({"bytes": True}, Reason.DAMAGED),
        ({"file": "../../etc/passwd"}, Reason.DAMAGED),
        ({"file": f"vectors-{'0' * 64}.faiss"}, Reason.MISSING),
        ({"file": None}, Reason.DAMAGED),
    ],
)
def test_a_manifest_that_does_not_agree_is_refused(folder: Path, change: dict[str, object], reason: Reason) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change))
    assert refused(folder) is reason


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b" " * 70_000, b'{"format": 1}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    assert refused(folder) in {Reason.DAMAGED, Reason.OTHER_FORMAT}


def test_missing_and_of_another_encoder(folder: Path, tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing") is Reason.MISSING
    assert refused(folder, encoder="other#1") is Reason.OTHER_ENCODER
    assert refused(folder, dimension=16) is Reason.OTHER_ENCODER


SAVER = """
import sys, numpy as np
from pathlib import Path
from recsys.index import FaissIndex
vectors = np.eye(64, dtype=np.float32)[np.arange(20000) % 64]
index = FaissIndex(64)
index.add(range(20000), vectors)
print("ready", flush=True)
for turn in range(10000):
    index.remove([turn])
    index.save(Path(sys.argv[1]), encoder="model#1", mark=str(turn))
"""


def test_killed_while_saving_the_folder_holds_an_old_or_a_new_index(tmp_path: Path) -> None:
    draw = random.Random(5)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", SAVER, str(tmp_path)], stdout=subprocess.PIPE, env=environment
        ) as saver:
            assert saver.stdout is not None
            assert saver.stdout.readline() == b"ready\n"
            while not (tmp_path / "manifest.json").exists():
                time.sleep(0.005)
            time.sleep(draw.uniform(0.0, 0.1))
            saver.send_signal(signal.SIGKILL)
        index = FaissIndex.load(tmp_path, encoder="model#1", dimension=64)
        written = json.loads((tmp_path / "manifest.json").read_bytes())
        assert len(index) == written["count"]
        assert int(written["mark"]) not in index


class TestIndexSet:
    def test_audiences_never_mix(self) -> None:
        vectors = unit(3, 8)
        found = IndexSet(8)
        found.add("public", [1], vectors[:1])
        found.add("room:secret", [2, 3], vectors[1:])
        assert [hit.row for hit in found.search(vectors[1:2], 5)[0]] == [1]
        assert found.search(vectors[1:2], 5, audiences={"public", "room:secret"})[0][0].row == 2
        assert found.search(vectors[1:2], 5, audiences=()) == [[]]
        assert found.search(vectors[1:2], 5, audiences={"room:other"}) == [[]]

    def test_a_row_is_in_one_audience_at_a_time(self) -> None:
        vectors = unit(2, 8)
        found = IndexSet(8)
        found.add("public", [1, 2], vectors)
        found.move([1], "room:secret")
        assert found.rows("public").tolist() == [2]
        assert found.rows("room:secret").tolist() == [1]
        assert np.array_equal(found.vectors([1, 2]), vectors)
        assert found.search(vectors[:1], 5)[0][0].row == 2
        found.add("public", [1], vectors[:1])
        assert found.audiences == {"public"}
        assert found.remove([1, 2, 3]) == 2
        assert found.audiences == frozenset()
        with pytest.raises(KeyError):
            found.move([1], "public")

    def test_a_refused_vector_moves_nothing(self) -> None:
        found = IndexSet(8)
        found.add("public", [1], unit(1, 8))
        with pytest.raises(ValueError, match="length"):
            found.add("room:secret", [1], np.zeros((1, 8), dtype=np.float32))
        assert found.rows("public").tolist() == [1]

    def test_is_saved_in_a_folder_an_audience(self, tmp_path: Path) -> None:
        vectors = unit(4, 8)
        found = IndexSet(8)
        found.add("public", [1, 2], vectors[:2])
        found.add("room:telegram/-100:7", [3], vectors[2:3])
        found.add("room:gone", [4], vectors[3:])
        found.save(tmp_path, encoder="model#1", mark="m")
        found.drop("room:gone")
        found.save(tmp_path, encoder="model#1", mark="m2")
        folders = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
        assert len(folders) == 2
        assert "telegram" not in "".join(folders)
        again = IndexSet.load(tmp_path, encoder="model#1", dimension=8)
        assert again.mark == "m2"
        assert again.audiences == {"public", "room:telegram/-100:7"}
        assert again.search(vectors[2:3], 1, audiences={"room:telegram/-100:7"})[0][0].row == 3
        with pytest.raises(IndexDamaged, match="other encoder"):
            IndexSet.load(tmp_path, encoder="model#2", dimension=8)
        payload(tmp_path / "public").write_bytes(b"")
        with pytest.raises(IndexDamaged, match="damaged"):
            IndexSet.load(tmp_path, encoder="model#1", dimension=8)

    def test_a_private_folder_never_passes_for_the_public_one(self, tmp_path: Path) -> None:
        found = IndexSet(8)
        found.add("public", [1], unit(1, 8))
        found.add("room:secret", [2], unit(1, 8, seed=2))
        found.save(tmp_path, encoder="model#1")
        path = tmp_path / "audiences.json"
        listed = json.loads(path.read_bytes())
        listed["audiences"]["public"] = listed["audiences"]["room:secret"]
        path.write_text(json.dumps(listed))
        with pytest.raises(IndexDamaged, match="other folders"):
            IndexSet.load(tmp_path, encoder="model#1", dimension=8)
