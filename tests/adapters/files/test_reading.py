"""Opening files: encodings, gzip, and the errors that say what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adapters.files import reading
from adapters.files.reading import looks_like_gb18030, open_text
from bot.errors import BadInput
from tests.adapters.paths import write

TEXT = "第一行 first\nsecond é\r\nthird"


def _read(path: Path, encoding: str | None = None) -> str:
    with open_text(path, encoding) as source:
        return source.read(10_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_or_utf_8_needs_no_option(tmp_path: Path, encoding: str) -> None:
    assert _read(write(tmp_path, "a.csv", TEXT.encode(encoding))) == TEXT


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "big5"])
def test_another_encoding_is_taken_by_name(tmp_path: Path, encoding: str) -> None:
    assert _read(write(tmp_path, "a.csv", "第一行\n".encode(encoding)), encoding) == "第一行\n"


def test_a_byte_order_mark_wins_over_the_option(tmp_path: Path) -> None:
    assert _read(write(tmp_path, "a.csv", TEXT.encode("utf-8-sig")), "gb18030") == TEXT


def test_a_mark_that_the_named_encoding_leaves_is_dropped(tmp_path: Path) -> None:
    assert _read(write(tmp_path, "a.csv", "\ufeffid".encode("gb18030")), "gb18030") == "id"


def test_gzip_is_told_by_content(tmp_path: Path) -> None:
    assert _read(write(tmp_path, "a.csv", gzip.compress(TEXT.encode()))) == TEXT


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "a\r\nb\rc\u2028d\n\ne".encode())
    with open_text(path) as source:
        assert list(source.lines()) == ["a\r\n", "b\r", "c\u2028d\n", "\n", "e"]


@pytest.mark.parametrize("length", [0, 70_000, 200_001])
def test_a_wrong_encoding_is_located_by_byte_and_line(tmp_path: Path, length: int) -> None:
    before = "é\n".encode() + b"x" * length
    path = write(tmp_path, "a.csv", before + b"\xff\xfe\xfa tail" + b"y" * 100_000)

    def read() -> None:
        with open_text(path) as source:
            while source.read(4096):
                pass

    with pytest.raises(BadInput, match=rf"not UTF-8 text at byte {len(before)} \(line 2\)"):
        read()


def test_chinese_text_in_gb18030_is_recognised(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,title\n1,数据结构与算法，从入门到精通\n".encode("gb18030"))
    with pytest.raises(BadInput) as caught:
        _read(path)
    assert caught.value.problem == "a.csv: not UTF-8 text at byte 11 (line 2)."
    assert "--encoding gb18030" in caught.value.hint


@pytest.mark.parametrize("text", ["café olé, déjà vu, naïve", "über Größe"])
def test_western_text_is_not_taken_for_chinese(text: str) -> None:
    assert not looks_like_gb18030(text.encode("latin-1"))


def test_text_cut_in_the_middle_of_a_character(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", b"ab\n" + "中".encode()[:2])
    with pytest.raises(BadInput, match=r"at byte 3 \(line 2\)"):
        _read(path)


@pytest.mark.parametrize(
    ("content", "problem", "hint"),
    [
        (b"", "is empty", "Export it again"),
        ("id,title\n".encode("utf-16-le"), "UTF-16 without a byte order mark", "--encoding utf-16-le"),
        ("id,title\n".encode("utf-16-be"), "UTF-16 without a byte order mark", "--encoding utf-16-be"),
        (b"PK\x03\x04rest", "a ZIP archive or an Excel workbook", "CSV"),
        (gzip.compress(b"id,title\n" * 99, mtime=0)[:-9], "damaged or incomplete gzip", "Copy"),
        (b"\x1f\x8b\x08 not gzip", "damaged or incomplete gzip", "Copy"),
    ],
)
def test_what_is_not_text_says_what_to_do(tmp_path: Path, content: bytes, problem: str, hint: str) -> None:
    with pytest.raises(BadInput) as caught:
        _read(write(tmp_path, "a.csv", content))
    assert problem in caught.value.problem
    assert hint in caught.value.hint


def test_missing_folder_and_unknown_encoding(tmp_path: Path) -> None:
    for path, problem in ((tmp_path, "is a folder"), (tmp_path / "none.csv", "There is no file")):
        with pytest.raises(BadInput, match=problem):
            _read(path)
    path = write(tmp_path, "a.csv", "x")
    for encoding in ("klingon", "base64", "a\0b", "undefined"):
        with pytest.raises(BadInput):
            _read(path, encoding)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 1000)
    path = write(tmp_path, "a.csv", "ok\n" + "x" * 1001)
    with open_text(path) as source, pytest.raises(BadInput, match="line 2 is longer"):
        list(source.lines())
