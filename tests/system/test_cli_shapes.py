"""What others script against: one JSON document on standard output in its documented shape, exit codes, encodings."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.system.commands import ROOT, Ended, Warm, environment, fresh
from tests.system.exports import write_courses, write_history, write_interactions

ITEM = {"item", "kind", "title", "url", "language", "score", "parts"}
PART = {"source", "value", "evidence"}
EVIDENCE = {"items", "count", "note", "of", "times"}
KINDS = {"course", "post", "event"}


def document(ended: Ended) -> Any:
    """Exactly one document, and nothing else on standard output."""
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err
    assert ended.out.endswith("}\n")
    return json.loads(ended.out)


def check_items(items: list[dict[str, Any]], *, more: frozenset[str] = frozenset(), sums: bool = True) -> None:
    assert items
    for item in items:
        assert item.keys() == ITEM | more
        assert item["kind"] in KINDS
        assert item["item"].startswith(item["kind"] + ":")
        assert item["title"]
        assert item["language"] in ("en", "zh")
        assert item["url"] == "" or item["url"].startswith("http")
        assert item["parts"]
        for part in item["parts"]:
            assert part.keys() == PART
            assert part["evidence"].keys() == EVIDENCE
        if sums:
            assert sum(part["value"] for part in item["parts"]) == pytest.approx(item["score"], abs=1e-6)
    scores = [item["score"] for item in items]
    assert len({item["item"] for item in items}) == len(items)
    assert scores == sorted(scores, reverse=True) or not sums, "the best comes first"


def test_recommend(studyhall: Warm, home: Path) -> None:
    found = document(studyhall.run("--home", home, "recommend", "1", "-k", "7", "--json"))
    assert found.keys() == {"member", "items"}
    assert found["member"] == 1
    assert len(found["items"]) == 7
    for item in found["items"]:
        assert sum(part["value"] for part in item["parts"]) == pytest.approx(item["score"], abs=1e-6)
    check_items(sorted(found["items"], key=lambda item: -item["score"]), more=frozenset({"policy", "probability"}))
    why = studyhall.run("--home", home, "recommend", "1", "--why")
    assert why.code == 0
    assert found["items"][0]["title"] in why.out


def test_search(studyhall: Warm, home: Path) -> None:
    found = document(studyhall.run("--home", home, "search", "async", "rust", "--json"))
    assert found.keys() == {"query", "items"}
    assert found["query"] == "async rust"
    check_items(found["items"])
    hardly = document(studyhall.run("--home", home, "search", "only courses in Chinese under 1 hour xyzzy", "--json"))
    assert all(item["kind"] == "course" for item in hardly["items"])
    plain = studyhall.run("--home", home, "search", "async", "rust")
    assert plain.out.splitlines()[0].startswith(" 1.")


def test_ask(studyhall: Warm, home: Path) -> None:
    found = document(studyhall.run("--home", home, "ask", "How", "do", "I", "learn", "Rust?", "--json"))
    assert found.keys() == {"query", "found", "items"}
    assert isinstance(found["found"], bool)
    check_items(found["items"], more=frozenset({"passage", "confidence"}))
    assert all(item["passage"] and 0 <= item["confidence"] <= 1 for item in found["items"])


def test_digest_preview(studyhall: Warm, home: Path) -> None:
    before = document(studyhall.run("--home", home, "stats", "--json"))
    found = document(studyhall.run("--home", home, "digest", "1", "--preview", "--json"))
    assert found.keys() == {"member", "would_send", "items"}
    check_items(found["items"], sums=False)
    for item in found["items"]:
        assert sum(part["value"] for part in item["parts"]) == pytest.approx(item["score"], abs=1e-6)
    assert studyhall.run("--home", home, "digest", "1", "--preview").out.strip()
    after = document(studyhall.run("--home", home, "stats", "--json"))
    assert after == before, "a preview sends, counts and makes nothing"


def test_stats(studyhall: Warm, home: Path) -> None:
    found = document(studyhall.run("--home", home, "stats", "--json"))
    assert found.keys() == {"community", "store", "inbox", "outbox", "index"}
    store = {
        "members", "bots", "identities", "rooms", "messages", "replies", "reactions", "posts", "courses", "events",
        "items", "vectors", "interactions", "exposures", "buttons", "conversations", "digests", "schedules",
        "occurrences", "inbox", "outbox", "audit", "demand",
    }  # fmt: skip
    assert store <= found["store"].keys()
    assert all(isinstance(count, int) for count in found["store"].values())
    assert found["store"]["courses"] > 200
    assert found["index"].keys() >= {"items", "vectors"}
    assert found["index"]["items"] == found["store"]["items"] > 500
    people = document(studyhall.run("--home", home, "stats", "--members", "--json"))["members"]
    assert len(people) == found["store"]["members"]
    assert people[0].keys() == {"member", "name"}


def test_a_code_for_what_is_ones_own(studyhall: Warm, tmp_path: Path) -> None:
    for options, purpose in (((), "home"), (("--owner",), "owner")):
        found = document(studyhall.run("--home", tmp_path / "home", "setup-code", *options, "--json"))
        assert found.keys() == {"code", "purpose", "until"}
        assert (found["purpose"], len(found["code"])) == (purpose, 16)
    assert "/setup " in studyhall.run("--home", tmp_path / "home", "setup-code").out


def test_imports(studyhall: Warm, tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = {
        "courses": write_courses(tmp_path / "c.csv", courses=20),
        "history": write_history(tmp_path / "result.json", messages=60),
        "interactions": write_interactions(tmp_path / "i.csv", rows=50, courses=20),
    }
    for kind, file in files.items():
        first = studyhall.run("--home", home, "import", kind, file, "--json")
        told = document(first)
        more = {"rooms", "members", "messages", "replies", "reactions"} if kind == "history" else set()
        assert told.keys() == {"read", "added", "updated", "unchanged", "skipped"} | more
        assert told["added"] == told["read"] > 0
        assert first.err.strip(), "progress is told on standard error"
        again = document(studyhall.run("--home", home, "import", kind, file, "--json"))
        assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, again["read"])
    history = document(studyhall.run("--home", home, "stats", "--json"))["store"]
    assert history["messages"] == 60


def test_embed_and_train(studyhall: Warm, home: Path) -> None:
    assert document(studyhall.run("--home", home, "embed", "--json")).keys() == {
        "embedded",
        "vectors",
        "courses",
        "encoder",
    }
    trained = document(studyhall.run("--home", home, "train", "--json"))
    assert trained.keys() == {
        "trained", "version", "users", "items", "outcome", "name", "reason", "figures", "weights", "discussions",
    }  # fmt: skip
    assert trained["weights"].keys() == {"learnt", "note"}
    assert trained["trained"] is True
    listed = document(studyhall.run("--home", home, "models", "--json"))
    assert listed.keys() == {"current", "versions"}
    assert listed["current"] == trained["name"]
    assert [version["in_use"] for version in listed["versions"]].count(True) == 1
    former = next(version["name"] for version in listed["versions"] if not version["in_use"])
    assert studyhall.run("--home", home, "models", "use", former).code == 0
    assert f"* {former}" in studyhall.run("--home", home, "models").out
    wrong = studyhall.run("--home", home, "models", "use", "../x")
    assert wrong.code == 1
    assert "studyhall models" in wrong.err
    assert document(studyhall.run("--home", home, "embed", "--json"))["embedded"] == 0


def test_training_on_nothing(studyhall: Warm, tmp_path: Path) -> None:
    trained = document(studyhall.run("--home", tmp_path / "home", "train", "--json"))
    weights = trained.pop("weights")
    assert trained.pop("discussions") is None
    assert trained == {
        "trained": False, "version": None, "users": 0, "items": 0,
        "outcome": "too-few", "name": None, "reason": "", "figures": {},
    }  # fmt: skip
    assert weights["learnt"] is False


def test_doctor(studyhall: Warm, home: Path, tmp_path: Path) -> None:
    found = document(studyhall.run("--home", home, "doctor", "--json"))
    assert found.keys() == {"ok", "checks"}
    assert found["ok"] is True
    names = {check["check"] for check in found["checks"]}
    assert names >= {"data folder", "disk", "clock", "web", "migrations", "encoder", "integrity", "index", "embeddings"}
    assert all(check.keys() == {"check", "ok", "found", "todo"} for check in found["checks"])
    wrong = studyhall.run("--home", home, "doctor", "--json", STUDYHALL_ENCODER=str(tmp_path / "no-model"))
    assert wrong.code == 1
    told = wrong.document
    assert told["ok"] is False
    assert [check["check"] for check in told["checks"] if not check["ok"]] == ["encoder"]
    assert all(check["todo"] for check in told["checks"] if not check["ok"])
    assert "Traceback" not in wrong.err
    fresh_home = studyhall.run("--home", tmp_path / "nothing-yet", "doctor", "--json")
    assert "Traceback" not in fresh_home.err
    assert fresh_home.document["checks"]


def test_members_are_named_in_three_ways(studyhall: Warm, home: Path) -> None:
    people = document(studyhall.run("--home", home, "stats", "--members", "--json"))["members"]
    first = people[0]
    by_number = document(studyhall.run("--home", home, "recommend", str(first["member"]), "--json"))
    by_name = document(studyhall.run("--home", home, "recommend", first["name"], "--json"))
    assert by_number["member"] == by_name["member"] == first["member"]
    for nobody in ("nobody at all", "99999", "telegram:nobody", "::", "\u202e", ""):
        ended = studyhall.run("--home", home, "recommend", nobody, "--json")
        assert ended.code == 1, nobody
        assert "stats --members" in ended.err
        assert ended.out == ""
        assert "Traceback" not in ended.err


def test_an_encoder_that_is_not_there(studyhall: Warm, home: Path, tmp_path: Path) -> None:
    for command in (("embed",), ("search", "x"), ("recommend", "1"), ("ask", "x"), ("run", "--port", "0")):
        ended = studyhall.run("--home", home, *command, STUDYHALL_ENCODER=str(tmp_path / "no-model"))
        assert ended.code == 1, command
        assert "Traceback" not in ended.err, ended.err[-500:]
        assert "no-model" in ended.err


def test_version_and_help_need_no_home(tmp_path: Path) -> None:
    """In interpreters of their own, somewhere else, with nothing that can be written."""
    version = fresh("--version")
    assert version.code == 0
    assert version.out.startswith("studyhall ")
    assert version.out.count("\n") == 1
    shown = fresh("--help", COLUMNS="100")
    assert shown.code == 0
    for command in (
        "run",
        "demo",
        "import",
        "embed",
        "train",
        "models",
        "recommend",
        "search",
        "ask",
        "digest",
        "doctor",
        "stats",
    ):
        assert f"  {command} " in shown.out
    assert not list(tmp_path.iterdir())


def test_output_that_is_not_utf8(home: Path) -> None:
    """A terminal that cannot show a character gets another one; a script gets JSON that it can read."""
    for encoding, words in (("ascii", ("search", "数据库", "--json")), ("gb18030", ("search", "数据库"))):
        command = [sys.executable, "-m", "bot", "--home", str(home), *words]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(PYTHONIOENCODING=encoding), capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        shown = done.stdout.decode(encoding)
        if "--json" in words:
            found = json.loads(shown)
            assert found["query"] == "数据库"
            assert found["items"]
        else:
            assert "数据库" in shown


@pytest.fixture(scope="module")
def meaning_home(hashed_home: Path, studyhall: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample under the encoder that ships, which knows both languages."""
    home = tmp_path_factory.mktemp("meaning") / "home"
    shutil.copytree(hashed_home, home)
    embedded = document(studyhall.run("--home", home, "embed", "--json", STUDYHALL_ENCODER="use-multilingual-v3"))
    assert embedded["vectors"] > 500
    assert embedded["courses"] in {0, 306}
    assert embedded["embedded"] == embedded["vectors"] + embedded["courses"]
    return home


@pytest.mark.slow
def test_a_chinese_query_finds_items_in_both_languages(studyhall: Warm, meaning_home: Path) -> None:
    words = ("search", "数据库 索引", "-k", "20", "--json")
    found = document(studyhall.run("--home", meaning_home, *words, STUDYHALL_ENCODER="use-multilingual-v3"))
    assert found["query"] == "数据库 索引"
    languages = [item["language"] for item in found["items"]]
    assert {"en", "zh"} <= set(languages[:10]), languages
    check_items(found["items"])
