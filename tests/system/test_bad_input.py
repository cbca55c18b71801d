"""Files as the world gives them, through the command line: said clearly, nothing half written, nothing executed."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.system.commands import Ended, Warm
from tests.system.contents import contents, unsound

BASE = {"read", "added", "updated", "unchanged", "skipped"}
HISTORY = BASE | {"rooms", "members", "messages", "replies", "reactions"}
HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;"


@pytest.fixture(scope="module")
def made(studyhall: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "home"
    assert studyhall.run("--home", home, "stats").code == 0
    return home


@pytest.fixture
def empty(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    return copy


def telegram(*messages: dict[str, Any], name: str = "Group") -> bytes:
    whole = {"name": name, "type": "private_supergroup", "id": 77, "messages": list(messages)}
    return json.dumps(whole, indent=1).encode()


def said(number: int, text: object = "How do I index this table?", **more: object) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(1_700_000_000 + number),
        "from": "Ann",
        "from_id": "user5",
        "text": text,
        **more,
    }


@dataclass(frozen=True)
class Bad:
    """`says`: patterns that standard error must have. `left`: (line, column) of rows that cannot be used; None: the
    whole file is refused at once. `kept`: what --skip-bad still adds."""

    kind: str
    file: str
    content: bytes
    says: tuple[str, ...]
    left: tuple[tuple[int, str], ...] | None = None
    kept: int | None = None
    options: tuple[str, ...] = ()


GOOD_CSV = b"id,title,hours,url,prerequisites\nfine,Fine,3,https://example.org,\n"
BAD = {
    "truncated telegram": Bad(
        "history", "result.json", telegram(said(1), said(2))[:-60], (r"line \d+, column \d+", "interrupted"), kept=1
    ),
    "truncated jsonl": Bad(
        "courses", "c.jsonl", b'{"id": "a", "title": "A"}\n{"id": "b", "ti', ("line 2", "--skip-bad"), ((2, ""),), 1
    ),
    "not json": Bad("history", "result.json", b'{"name": "x", nonsense}', (r"line 1, column \d+",)),
    "gb18030 without saying so": Bad(
        "courses", "c.csv", "id,title\na,数据结构与算法分析\n".encode("gb18030"), ("line 2", "--encoding gb18030")
    ),
    "another encoding than said": Bad(
        "courses", "c.csv", "id,title\na,é\n".encode(), ("line 2",), options=("--encoding", "ascii")
    ),
    "no such encoding": Bad("courses", "c.csv", GOOD_CSV, ("klingon", "utf-8"), options=("--encoding", "klingon")),
    "utf-16 without a mark": Bad("courses", "c.csv", "id,title\na,A\n".encode("utf-16-le"), ("--encoding utf-16-le",)),
    "a spreadsheet": Bad("courses", "c.xlsx", b"PK\x03\x04rest", ("not text", "CSV")),
    "a cut gzip": Bad("courses", "c.csv.gz", b"\x1f\x8b\x08\x00\x00", ("gzip",)),
    "empty": Bad("courses", "c.csv", b"", ("empty", "Export it again")),
    "only blanks": Bad("interactions", "i.csv", b" \n\n", ("no content",)),
    "empty history": Bad("history", "result.json", b"", ("empty",)),
    "another json": Bad("history", "result.json", b'{"hello": []}', ("Telegram Desktop", "DiscordChatExporter")),
    "unknown columns only": Bad("courses", "c.csv", b"foo,bar\n1,2\n", ("'foo'", "id, title")),
    "a column twice": Bad("courses", "c.csv", b"id,title,title\na,A,B\n", ("'title'", "twice")),
    "a newline without quotes": Bad(
        "courses", "c.csv", b"id,title\na,A\nbroken\n", ("line 3", "title"), ((3, "title"),), 1
    ),
    "a quote never closed": Bad("courses", "c.csv", b'id,title\na,A\nb,"B\nc,C\n', ("line 3", "never closed"), kept=1),
    "too many cells": Bad("courses", "c.csv", b"id,title\na,A, really\n", ("line 2", "quotes"), ((2, ""),), 0),
    "negative hours": Bad("courses", "c.csv", GOOD_CSV + b"x,X,-3,,\n", ("line 3, hours",), ((3, "hours"),), 1),
    "endless hours": Bad(
        "courses", "c.csv", GOOD_CSV + b"x,X,inf,,\ny,Y,nan,,\n", ("line 3, hours",), ((3, "hours"), (4, "hours")), 1
    ),
    "a script as address": Bad(
        "courses", "c.csv", GOOD_CSV + b"x,X,1,javascript:alert(1),\n", ("line 3, url", "http"), ((3, "url"),), 1
    ),
    "other schemes": Bad(
        "courses", "c.csv",
        GOOD_CSV + b"x,X,1,file:///etc/passwd,\ny,Y,1,data:text/html;base64,\nz,Z,1,https://u:p@example.org,\n",
        ("line 3, url", "line 4, url", "line 5, url"), ((3, "url"), (4, "url"), (5, "url")), 1,
    ),
    "an id twice": Bad("courses", "c.csv", GOOD_CSV + b"fine,Again,1,,\n", ("line 3, id", "line 2"), ((3, "id"),), 1),
    "requires itself": Bad(
        "courses", "c.csv", GOOD_CSV + b"x,X,1,,x\n", ("line 3, prerequisites",), ((3, "prerequisites"),), 1
    ),
    "no title": Bad("courses", "c.jsonl", b'{"id": "a"}\n', ("line 1, title", "required"), ((1, "title"),), 0),
    "an id with a colon": Bad("courses", "c.csv", b"id,title\na:b,A\n", ("line 2, id", "colon"), ((2, "id"),), 0),
    "a message twice": Bad(
        "history", "result.json", telegram(said(1), said(1)), ("line 14, id", "twice"), ((14, "id"),), 1
    ),
    "a date in 2100": Bad(
        "history", "result.json", telegram(said(1), said(2, date_unixtime="4102444800")), ("date", "2100", "future"),
        ((14, "date"),), 1,
    ),
    "before 1970": Bad(
        "history", "result.json", telegram(said(1, date_unixtime="-5")), ("line 6, date",), ((6, "date"),), 0
    ),
    "nested too deeply": Bad(
        "history", "result.json", telegram(said(1, "deep")).replace(b'"deep"', b"[" * 99_999 + b"]" * 99_999),
        ("nested too deeply",), ((6, ""),), 0,
    ),
    "an unknown signal": Bad(
        "interactions", "i.csv", b"user,item,signal,at\nu,c,adore,2024-01-01T00:00:00Z\n", ("line 2, signal", "enrol"),
        ((2, "signal"),), 0,
    ),
    "rated 9": Bad(
        "interactions", "i.csv", b"user,item,signal,value,at\nu,c,rate,9,2024-01-01T00:00:00Z\n", ("line 2, value",),
        ((2, "value"),), 0,
    ),
    "a time without a zone": Bad(
        "interactions", "i.csv", b"user,item,signal,at\nu,c,enrol,2024-01-01 10:00\n", ("line 2, at", "--timezone"),
        ((2, "at"),), 0,
    ),
    "bought in 2100": Bad(
        "interactions", "i.csv", b"user,item,signal,at\nu,c,enrol,2100-01-01T00:00:00Z\n", ("line 2, at", "future"),
        ((2, "at"),), 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_refused_with_a_place_and_a_way_out(studyhall: Warm, empty: Path, tmp_path: Path, name: str) -> None:
    bad = BAD[name]
    file = tmp_path / bad.file
    file.write_bytes(bad.content)
    command: tuple[str | Path, ...] = ("import", bad.kind, file, *bad.options)
    before = contents(empty)

    ended = studyhall.run("--home", empty, *command, "--json")
    assert ended.code == 1, ended.out
    assert "Traceback" not in ended.err
    for pattern in bad.says:
        assert re.search(pattern, ended.err), (pattern, ended.err)
    document = refused(ended, bad.kind)
    places = [(row["line"], row["column"]) for row in document["skipped"]]
    assert places == list(bad.left or ())
    assert all(row["problem"] for row in document["skipped"])
    assert contents(empty) == before, "nothing is written from a file that is refused"

    plain = studyhall.run("--home", empty, *command)
    assert (plain.code, plain.out) == (1, "")
    assert plain.err.strip().splitlines()[-1]

    skipping = studyhall.run("--home", empty, *command, "--skip-bad", "--json")
    assert "Traceback" not in skipping.err
    assert unsound(empty) == []
    if bad.kept is None:
        assert skipping.code == 1, "there is nothing in it that could be used"
        refused(skipping, bad.kind)
        assert contents(empty) == before
        return
    assert skipping.code == 0, skipping.err
    told = skipping.document
    assert told.keys() == (HISTORY if bad.kind == "history" else BASE)
    assert told["added"] == bad.kept
    assert told["skipped"]
    if bad.left is not None:
        assert [(row["line"], row["column"]) for row in told["skipped"]] == list(bad.left)
    stats = contents(empty)["stats"]
    assert stats["messages"] + stats["courses"] + stats["interactions"] == bad.kept


def refused(ended: Ended, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = ended.document
    assert document.keys() == (HISTORY if kind == "history" else BASE) | {"error"}
    assert all(document[name] == 0 for name in document.keys() - {"read", "skipped", "error"})
    assert document["error"] in ended.err
    return document


def test_no_file_or_a_folder(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    for kind in ("courses", "history", "interactions"):
        missing = studyhall.run("--home", empty, "import", kind, tmp_path / "nothing.json", "--json")
        assert missing.code == 1
        assert "no file" in missing.err
        refused(missing, kind)
        folder = studyhall.run("--home", empty, "import", kind, tmp_path, "--json")
        assert folder.code == 1
        assert "folder" in folder.err
        refused(folder, kind)
    locked = tmp_path / "locked.csv"
    locked.symlink_to(locked)
    ended = studyhall.run("--home", empty, "import", "courses", locked)
    assert ended.code == 1
    assert "Traceback" not in ended.err


def test_gb18030_when_it_is_said(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes("id,title,summary\nds,数据结构与算法,䶮和𠮷也在里面\n".encode("gb18030"))
    ended = studyhall.run("--home", empty, "import", "courses", file, "--encoding", "gb18030", "--json")
    assert ended.code == 0, ended.err
    (course,) = contents(empty)["courses"]
    assert (course["title"], course["summary"], course["language"]) == ("数据结构与算法", "䶮和𠮷也在里面", "zh")


def test_a_message_of_ten_megabytes(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_bytes(telegram(said(1, "x y " * 2_621_440), said(2, ["a ", "b " * 5_000_000]), said(3)))
    ended = studyhall.run("--home", empty, "import", "history", file, "--json")
    assert ended.code == 0, ended.err
    assert ended.document["messages"] == 3
    messages = contents(empty)["messages"]
    assert max(len(message["text"]) for message in messages) <= 20_000
    assert messages[0]["text"].startswith("x y x y")


def test_characters_that_hide_reorder_or_break(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    text = "a\x00b\x07c\x1b[31md \u202eevil\u202c \u200bzero \ufeffmark z" + "\u0301" * 50 + " end"
    lone = telegram(said(1, text, **{"from": "An\x00n\u202e"}), name="Gr\u202eoup").replace(
        b"end", rb"\ud83d end \udc00"
    )
    file.write_bytes(lone)
    ended = studyhall.run("--home", empty, "import", "history", file, "--json")
    assert ended.code == 0, ended.err
    told = contents(empty)
    assert (
        told["messages"][0]["text"]
        == "abc[31md evil zero mark " + unicodedata.normalize("NFC", "z" + "\u0301" * 3) + "  end"
    )
    assert [name for _, name, _ in told["members"]] == ["Ann"]
    assert {name for _, name, *_ in told["rooms"]} == {"Group", "general"}

    table = tmp_path / "c.jsonl"
    table.write_bytes(
        rb'{"id": "a", "title": "T\u202eitle\u0000 \ud800", "summary": "s\u0000\u001b", "x\u0000y": "\u202e"}'
    )
    ended = studyhall.run("--home", empty, "import", "courses", table, "--json")
    assert ended.code == 0, ended.err
    (course,) = contents(empty)["courses"]
    assert (course["title"], course["summary"]) == ("Title", "s")
    for command in (("search", "Title"), ("search", "a\x1b[31mb\u202e", "--json"), ("ask", "Title?", "--json")):
        assert studyhall.run("--home", empty, *command).code == 0


def test_html_is_only_text(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    table = tmp_path / "c.json"
    names = ("title", "summary", "provider", "tags", "extra")
    table.write_text(json.dumps([{"id": "a"} | dict.fromkeys(names, HTML)]))
    assert studyhall.run("--home", empty, "import", "courses", table).code == 0
    history = tmp_path / "result.json"
    poll = {"question": HTML, "answers": [{"text": HTML, "voters": 1}]}
    history.write_bytes(telegram(said(1, HTML, **{"from": HTML}, poll=poll, file_name=HTML, file=HTML), name=HTML))
    assert studyhall.run("--home", empty, "import", "history", history).code == 0
    told = contents(empty)
    assert told["courses"][0]["title"] == HTML
    assert told["messages"][0]["text"] == HTML
    shown = studyhall.run("--home", empty, "search", "alert", "--json").document
    assert HTML in {item["title"] for item in shown["items"]}


def test_formulas_stay_text(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    cell = '=HYPERLINK("http://evil.example","x")'
    table = tmp_path / "c.csv"
    table.write_text(f'id,title,summary,teacher\na,"{cell.replace(chr(34), chr(34) * 2)}",+1+1,@SUM(A1)\n')
    assert studyhall.run("--home", empty, "import", "courses", table).code == 0
    (course,) = contents(empty)["courses"]
    assert (course["title"], course["summary"], course["extras"]) == (cell, "+1+1", {"teacher": "@SUM(A1)"})


def test_answers_in_a_circle(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    """Also of one with itself, and an answer to what is not there."""
    circle = [said(n, f"Why is this number {n} slow?", reply_to_message_id=n % 3 + 1) for n in (1, 2, 3)]
    alone = [said(4, reply_to_message_id=4), said(5, reply_to_message_id=999)]
    file = tmp_path / "result.json"
    file.write_bytes(telegram(*circle, *alone))
    ended = studyhall.run("--home", empty, "import", "history", file, "--json")
    assert ended.code == 0, ended.err
    told = contents(empty)
    roots = {message["key"].rpartition("/")[2]: message["root_id"].rpartition("/")[2] for message in told["messages"]}
    assert roots == {"1": "1", "2": "1", "3": "1", "4": "4", "5": "5"}
    assert studyhall.run("--home", empty, "import", "history", file, "--json").document["unchanged"] == 5
    assert contents(empty) == told


def test_the_first_day_of_time(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_bytes(telegram(said(1, date_unixtime="0"), said(2, date_unixtime="1")))
    ended = studyhall.run("--home", empty, "import", "history", file, "--json")
    assert ended.code == 0, ended.err
    assert [message["at"].year for message in contents(empty)["messages"]] == [1970, 1970]
    assert studyhall.run("--home", empty, "search", "index", "--json").code == 0


def test_prerequisites_unknown_and_in_a_circle(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    """A catalogue may name what it does not hold, and may be wrong: suggestions must come to an end all the same."""
    file = tmp_path / "c.csv"
    file.write_text("id,title,prerequisites\na,Rust one,b\nb,Rust two,c\nc,Rust three,a;nowhere\n")
    assert studyhall.run("--home", empty, "import", "courses", file).code == 0
    bought = tmp_path / "i.csv"
    bought.write_text("user,item,signal,at\nann,a,complete,2024-01-01T00:00:00Z\nann,gone,enrol,2024-01-01T00:00:00Z\n")
    assert studyhall.run("--home", empty, "import", "interactions", bought).code == 0
    ended = studyhall.run("--home", empty, "recommend", "import:ann", "--why", "--json")
    assert ended.code == 0, ended.err
    assert {item["item"] for item in ended.document["items"]} == {"course:b", "course:c"}


def test_unknown_columns_are_kept(studyhall: Warm, empty: Path, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("\ufeffid;title;老师;notes\na;A;王;two\nb;B;;\n")
    ended = studyhall.run("--home", empty, "import", "courses", file, "--json")
    assert ended.code == 0, ended.err
    assert contents(empty)["courses"][0]["extras"] == {"老师": "王", "notes": "two"}


WRONG_USE = (
    ("import",),
    ("import", "courses"),
    ("import", "sounds", "x"),
    ("import", "courses", "x", "y"),
    ("import", "history", "x", "--timezone", "Mars/Base"),
    ("frobnicate",),
    ("stats", "--wat"),
    ("search",),
    ("recommend",),
    ("recommend", "1", "-k", "0"),
    ("run", "--port", "70000"),
    ("run", "--port", "http"),
    ("digest", "1"),
    ("demo", "--seed", "x"),
)


@pytest.mark.parametrize("command", WRONG_USE, ids=" ".join)
def test_wrong_use_is_told_apart(studyhall: Warm, tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = studyhall.run("--home", tmp_path / "none", *command)
    assert ended.code == 2
    assert ended.err.strip()
    assert "Traceback" not in ended.err
    assert not (tmp_path / "none").exists(), "nothing is made for a command that makes no sense"


WRONG_SETTINGS = (
    ({"STUDYHALL_TIMEZONE": "Mars/Base"}, "timezone"),
    ({"STUDYHALL_PORT": "many"}, "port"),
    ({"STUDYHALL_LOG_LEVEL": "LOUD"}, "log_level"),
    ({"STUDYHALL_DATABASE_URL": "oracle://x"}, "database"),
    ({"STUDYHALL_DATABASE_URL": "sqlite://"}, "database"),
    ({"STUDYHALL_DATABASE_URL": "nonsense"}, "database"),
)


@pytest.mark.parametrize(("settings", "named"), WRONG_SETTINGS)
def test_wrong_settings_are_named(studyhall: Warm, tmp_path: Path, settings: dict[str, str], named: str) -> None:
    ended = studyhall.run("--home", tmp_path / "none", "stats", **settings)
    assert ended.code == 1
    assert named in ended.err.lower()
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("text", ["port = ", "unknown_setting = 1", "port = 'x'", "\udcff"])
def test_a_broken_settings_file(studyhall: Warm, tmp_path: Path, text: str) -> None:
    (tmp_path / "studyhall.toml").write_bytes(text.encode(errors="surrogateescape"))
    ended = studyhall.run("--home", tmp_path, "stats")
    assert ended.code == 1
    assert "studyhall.toml" in ended.err
    assert "Traceback" not in ended.err
