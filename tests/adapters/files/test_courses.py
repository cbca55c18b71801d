"""Catalogues: the same courses from every format, and rows that say what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files.courses import read_courses
from bot.domain.items import Course
from bot.domain.people import Level
from bot.domain.text import MAX_TEXT
from bot.errors import BadInput
from bot.ports import SkippedRow
from tests.adapters.paths import FIXTURES, write


def _one(tmp_path: Path, **cells: object) -> Course | SkippedRow:
    [row] = read_courses(write(tmp_path, "c.json", [{"id": "x", "title": "X", **cells}]))
    return row


def _course(tmp_path: Path, **cells: object) -> Course:
    row = _one(tmp_path, **cells)
    assert isinstance(row, Course), row
    return row


def test_one_id_written_in_two_ways_is_one_id(tmp_path: Path) -> None:
    assert _course(tmp_path, id="cafe\u0301", prerequisites="e\u0301").id == "caf\u00e9"
    assert _course(tmp_path, prerequisites="e\u0301").prerequisites == ("\u00e9",)


def test_csv_golden() -> None:
    assert list(read_courses(FIXTURES / "courses.csv")) == [
        Course(
            id="rust-book",
            title="The Rust Programming Language",
            summary='Ownership, borrowing\nand "lifetimes" <b>bold</b>',
            url="https://doc.rust-lang.org/book/",
            tags=("rust", "systems-programming"),
            level=Level.BEGINNER,
            language="en",
            provider="Rust project",
            hours=40.0,
            price=0.0,
            published="2018",
            extras={"Teacher": "Steve"},
        ),
        Course(
            id="py-cn",
            title="Python 入门",
            summary="从零开始",
            url="https://example.org/py",
            tags=("python", "编程"),
            level=Level.BEGINNER,
            language="zh",
            provider="某学院",
            hours=12.5,
            price=199.0,
            currency="CNY",
            published="2021-05-01",
        ),
        Course(
            id="rust-async",
            title="Async Rust",
            tags=("rust", "async"),
            level=Level.ADVANCED,
            prerequisites=("rust-book",),
            published="2023-11",
        ),
        SkippedRow(6, "id", "is required"),
        SkippedRow(7, "id", "'rust-book' is already in line 2"),
        SkippedRow(8, "price", "'¥99': write 99 and currency CNY"),
        SkippedRow(
            9,
            "url",
            "'javascript:alert(1)' is not an address that starts with http:// or https://;"
            " level: 'guru' is not a level: write beginner, intermediate or advanced;"
            " hours: must be between 0 and 100,000;"
            " published: '0000' is not a date: write 2024, 2024-05 or 2024-05-01",
        ),
    ]


def test_json_golden() -> None:
    assert list(read_courses(FIXTURES / "courses.json")) == [
        Course(
            id="go-tour",
            title="A Tour of Go",
            tags=("go", "concurrency-channels"),
            level=Level.BEGINNER,
            hours=6.0,
            price=0.0,
            extras={"rating": "4.8", "badges": '["free", "new"]'},
        ),
        SkippedRow(14, "", "expected an object with named fields, found text"),
        Course(id="42", title="数据结构与算法", language="zh", published="2019"),
        SkippedRow(21, "id", "is required"),
    ]


def test_jsonl_golden() -> None:
    assert list(read_courses(FIXTURES / "courses.jsonl")) == [
        Course(id="a", title="First", url="https://example.org/a"),
        Course(id="b", title="Second", price=10.0, currency="USD"),
        SkippedRow(4, "", "not valid JSON at column 22: the line ends in the middle"),
        Course(id="d", title="half an emoji"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["", "\n\n"])
def test_the_delimiter_is_told_by_the_column_names(tmp_path: Path, delimiter: str, first: str) -> None:
    lines = ["id,title,summary,tags", 'a,"One, two; three | four\tfive","x\ny",b', "c,Two,,"]
    text = first + "\r\n".join([lines[0], lines[1].replace('a,"', f'a{delimiter}"'), lines[2]])
    text = text.replace("id,title,summary,tags", delimiter.join(["id", "title", "summary", "tags"]))
    text = text.replace('five","', f'five"{delimiter}"').replace('y",b', f'y"{delimiter}b')
    text = text.replace("c,Two,,", delimiter.join(["c", "Two", "", ""]))
    assert list(read_courses(write(tmp_path, "c.csv", text))) == [
        Course(id="a", title="One, two; three | four five", summary="x\ny", tags=("b",)),
        Course(id="c", title="Two"),
    ]


def test_a_line_that_names_the_delimiter(tmp_path: Path) -> None:
    text = "sep=;\r\nid;title;price\r\na;One;x\r\n"
    assert list(read_courses(write(tmp_path, "c.csv", text))) == [
        SkippedRow(
            3, "price", "'x' is not a number: write the number only (0 is free) and the currency in its own column"
        )
    ]


def test_rows_after_quoted_lines_keep_their_true_line(tmp_path: Path) -> None:
    text = 'id,title,summary\na,One,"1\n2\r\n3"\n\nb,,\n"c"x,Three,\nd,Four,,,5\ne,Five\n'
    assert list(read_courses(write(tmp_path, "c.csv", text))) == [
        Course(id="a", title="One", summary="1\n2\n3"),
        SkippedRow(6, "title", "is required"),
        SkippedRow(7, "", "badly quoted: ',' expected after '\"'"),
        SkippedRow(8, "", "5 cells under 3 column names; put text with ',' in quotes"),
        Course(id="e", title="Five"),
    ]


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    rows = read_courses(write(tmp_path, "c.csv", 'id,title\na,One\nb,"Two\nc,Three\n'))
    assert next(rows) == Course(id="a", title="One")
    with pytest.raises(BadInput, match="row that starts in line 3 is never closed"):
        next(rows)


def test_truncated_json_is_told_after_what_came_before(tmp_path: Path) -> None:
    rows = read_courses(write(tmp_path, "c.json", '[{"id": "a", "title": "One"},\n {"id": "b", "ti'))
    assert next(rows) == Course(id="a", title="One")
    with pytest.raises(BadInput, match="ends in the middle, at line 2, column 17"):
        next(rows)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("c.csv", "name,link\na,b\n", "names no known column"),
        ("c.csv", "id,title,Title \na,b,c\n", "'title' is there twice"),
        ("c.csv", "  \n \n", "has no content"),
        ("c.json", '{"items": []}', "without a list called 'courses'"),
        ("c.json", "id,title\n", "not valid JSON at line 1"),
        ("c.json", '[{"id": "a"}] []', "expected the end of the file"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, name: str, text: str, problem: str) -> None:
    if name == "c.json" and "items" in text:
        text = text.replace("{", "{\n")  # on one line it would be one row of JSONL
    with pytest.raises(BadInput, match=problem):
        list(read_courses(write(tmp_path, name, text)))


@pytest.mark.parametrize("name", ["c.jsonl", "c.json", "c.txt"])
def test_jsonl_is_told_by_content(tmp_path: Path, name: str) -> None:
    text = '{"id": "a", "title": "One"}\n{"id": "b", "title": "Two"}\n'
    assert [row.id for row in read_courses(write(tmp_path, name, text)) if isinstance(row, Course)] == ["a", "b"]


def test_jsonl_whose_first_line_is_broken(tmp_path: Path) -> None:
    rows = list(read_courses(write(tmp_path, "c.txt", '{"id": "a", oops}\n{"id": "b", "title": "Two"}\n')))
    assert rows[0] == SkippedRow(
        1, "", "not valid JSON at column 13: expecting property name enclosed in double quotes"
    )
    assert rows[1] == Course(id="b", title="Two")


@pytest.mark.parametrize(
    ("cells", "column", "problem"),
    [
        ({"id": "a b"}, "id", "without spaces and colons"),
        ({"id": "course:a"}, "id", "without spaces and colons"),
        ({"id": "a\u202eb"}, "id", "must be printable"),
        ({"id": "x" * 101}, "id", "must have 1-100 characters"),
        ({"id": True}, "id", "found true or false"),
        ({"title": "\0\u200b"}, "title", "is required"),
        ({"title": ["X"]}, "title", "found a list"),
        ({"url": "ftp://example.org"}, "url", "starts with http"),
        ({"url": "https://user@example.org"}, "url", "starts with http"),
        ({"url": "https://exa mple.org"}, "url", "starts with http"),
        ({"url": "https://[::1"}, "url", "starts with http"),
        ({"url": "https:///path"}, "url", "starts with http"),
        ({"level": 4}, "level", "write beginner"),
        ({"language": "Chinese (simplified)"}, "language", "BCP 47"),
        ({"hours": -1}, "hours", "between 0 and 100,000"),
        ({"hours": "12h"}, "hours", "write the number of hours only"),
        ({"hours": True}, "hours", "write the number"),
        ({"hours": 10**400}, "hours", "between 0"),
        ({"hours": "nan"}, "hours", "is not a number"),
        ({"price": "1e999"}, "price", "between 0"),
        ({"price": "99元"}, "price", "write 99 and currency CNY"),
        ({"price": "$1,299.50"}, "price", "write 1299.50 and currency USD"),
        ({"price": "EUR 20"}, "price", "write 20 and currency EUR"),
        ({"price": "free"}, "price", "0 is free"),
        ({"price": 99}, "currency", "is required where there is a price"),
        ({"currency": "¥"}, "currency", "ISO 4217"),
        ({"tags": {"a": 1}}, "tags", "found an object"),
        ({"tags": "[1, 2"}, "tags", "is not a JSON list"),
        ({"tags": [f"t{n}" for n in range(31)]}, "tags", "at most 30"),
        ({"prerequisites": "a; b c"}, "prerequisites", "'b c' must be printable"),
        ({"prerequisites": "a; x"}, "prerequisites", "cannot require itself"),
        ({"published": "9999999"}, "published", "is not a date"),
        ({"published": "2023-02-30"}, "published", "is not a day of the calendar"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, cells: dict[str, object], column: str, problem: str) -> None:
    row = _one(tmp_path, **cells)
    assert isinstance(row, SkippedRow)
    assert (row.line, row.column) == (1, column)
    assert problem in row.problem
    row.problem.encode()


@pytest.mark.parametrize(
    ("written", "level"),
    [("Beginner", Level.BEGINNER), (2, Level.INTERMEDIATE), ("3", Level.ADVANCED), ("中级", Level.INTERMEDIATE)],
)
def test_levels(tmp_path: Path, written: object, level: Level) -> None:
    assert _course(tmp_path, level=written).level is level


@pytest.mark.parametrize(("written", "language"), [("zh-Hant-TW", "zh"), ("EN_us", "en"), ("cmn", "zh"), ("pt", "pt")])
def test_languages(tmp_path: Path, written: str, language: str) -> None:
    assert _course(tmp_path, language=written).language == language


def test_a_missing_language_is_told_from_the_text(tmp_path: Path) -> None:
    assert _course(tmp_path, title="机器学习入门").language == "zh"


@pytest.mark.parametrize(
    ("written", "published"),
    [(1970, "1970"), ("2100-1-2", "2100-01-02"), ("2021/05", "2021-05"), ("2020-02-29T10:00:00Z", "2020-02-29")],
)
def test_dates(tmp_path: Path, written: object, published: str) -> None:
    assert _course(tmp_path, published=written).published == published


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("C++; C#|Machine  Learning，深度学习、ML", ("c++", "c#", "machine-learning", "深度学习", "ml")),
        ('["a, b", "B", "b"]', ("a-b", "b")),
        ([".NET", "CI/CD", "<b>"], ("net", "cicd", "b")),
    ],
)
def test_tags(tmp_path: Path, written: object, tags: tuple[str, ...]) -> None:
    assert _course(tmp_path, tags=written).tags == tags


NASTY = "<b>\u202ex\0\x0b & \ud83d 'q' \"d\""


def test_nasty_text_is_cleaned_and_stays_text(tmp_path: Path) -> None:
    course = _course(tmp_path, title=NASTY, summary=NASTY, provider=NASTY, Extra=NASTY)
    for text in (course.title, course.summary, course.provider, course.extras["Extra"]):
        assert text.startswith("<b>x &")
        text.encode()


def test_a_very_long_text_is_cut(tmp_path: Path) -> None:
    writers: list[tuple[str, Callable[[str], object]]] = [
        ("c.json", lambda text: [{"id": "x", "title": "X", "summary": text}]),
        ("c.csv", lambda text: f'id,title,summary\nx,X,"{text}"\n'),
    ]
    for name, content in writers:
        [course] = read_courses(write(tmp_path, name, content("y" * 10_000_000)))
        assert isinstance(course, Course)
        assert course.summary == "y" * MAX_TEXT


def test_a_deep_value_spoils_its_row_only(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    for name, text in (("c.json", '[{{"id": "a", "title": "A", "x": {}}},\n{}]'), ("c.jsonl", '{{"a": {}}}\n{}\n')):
        rows = list(read_courses(write(tmp_path, name, text.format(deep, '{"id": "b", "title": "B"}'))))
        assert rows == [SkippedRow(1, "", "nested too deeply in line 1"), Course(id="b", title="B")]


def test_a_table_without_a_needed_column_is_one_error_and_not_one_a_row(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("title,url\n" + "A course,https://example.org\n" * 50, encoding="utf-8")
    with pytest.raises(BadInput, match="has no column 'id'"):
        list(read_courses(file))
