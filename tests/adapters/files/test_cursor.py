"""The walk through a JSON text: the same values as the standard decoder, with true lines, in any pieces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.files import cursor as cursors
from adapters.files.cursor import JsonCursor, TooDeep
from adapters.files.reading import TextSource, open_text
from bot.errors import BadInput
from tests.adapters.paths import write

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=25,
)


class Pieces(TextSource):
    """A source that hands out a few characters at a time, whatever is asked for."""

    def __init__(self, text: str, size: int) -> None:
        self._pieces = [text[start : start + size] for start in range(0, len(text), size)][::-1]

    @property
    def name(self) -> str:
        return "pieces.json"

    def read(self, size: int) -> str:
        return self._pieces.pop() if self._pieces else ""


def _walk(cursor: JsonCursor) -> object:
    match cursor.peek():
        case "[":
            return [_walk(cursor) for _ in cursor.elements()]
        case "{":
            return {key: _walk(cursor) for key in cursor.members()}
        case _:
            return cursor.value()


@given(value=JSON, size=st.integers(1, 40), indent=st.sampled_from([None, 1]), ascii_only=st.booleans())
def test_walking_decoding_and_skipping_agree_with_the_standard_decoder(
    value: object, size: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps([value, "end"], indent=indent, ensure_ascii=ascii_only)
    assert _walk(JsonCursor(Pieces(text, size))) == [value, "end"]
    assert JsonCursor(Pieces(text, size)).value() == [value, "end"]
    skipping = JsonCursor(Pieces(text, size))
    elements = skipping.elements()
    next(elements)
    skipping.skip()
    next(elements)
    assert skipping.value() == "end"
    assert list(elements) == []
    skipping.end()


@given(value=JSON, size=st.integers(1, 40), cut=st.floats(0, 1, exclude_max=True))
def test_a_text_cut_anywhere_ends_in_the_middle(value: object, size: int, cut: float) -> None:
    text = json.dumps([value])
    for act in (JsonCursor.value, JsonCursor.skip, _walk):
        with pytest.raises(BadInput, match=r"in the middle|not valid JSON"):
            act(JsonCursor(Pieces(text[: int(len(text) * cut)], size)))


def test_lines_are_where_the_elements_start() -> None:
    cursor = JsonCursor(Pieces('\n[\n  {"a":\n 1},\n\n  2, "x\\ny"\n,{}]', 3))
    found = []
    for line in cursor.elements():
        found.append((line, cursor.value()))
    assert found == [(3, {"a": 1}), (6, 2), (6, "x\ny"), (7, {})]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[\n {"a": 1,\n  "b" 2}]', "line 3, column 7: expecting ':' delimiter"),
        ('[\n {"a": nope}]', "line 2, column 8: expecting value"),
        ("[1,\n 2\n 3]", "line 3, column 2: expected a comma or ], found '3'"),
        ('[\n {"a": "b', r"ends in the middle, at line 2, column 10 \(the entry there starts in line 2\)"),
        ('[1,\n\n{"a": [1,\n 2', r"ends in the middle, at line 4, column 3 \(the entry there starts in line 3\)"),
        ("[1,\n2\0\0\0", "line 2, column 2: expected a comma"),
        ("", "ends in the middle, at line 1, column 1"),
        (r'["a\x0Bb"]', "line 1, column 4: invalid"),
        ("[1] x", "line 1, column 5: expected the end of the file"),
    ],
)
def test_errors_name_line_and_column(text: str, problem: str, size: int) -> None:
    cursor = JsonCursor(Pieces(text, size))

    def read() -> None:
        for _ in cursor.elements():
            cursor.value()
        cursor.end()

    with pytest.raises(BadInput, match=problem):
        read()


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_hex_escapes_are_read_where_asked_for(size: int) -> None:
    text = r'["a\x0Bb\\x0B", "\x1f\x00"]'
    assert JsonCursor(Pieces(text, size), hex_escapes=True).value() == ["a\x0bb\\x0B", "\x1f\x00"]


def test_many_hex_escapes_take_one_pass() -> None:
    text = '["' + "\\x0B" * 500_000 + '"]'
    assert JsonCursor(Pieces(text, 100_000), hex_escapes=True).value() == ["\x0b" * 500_000]


def test_surrogates_controls_and_long_numbers_reach_the_caller() -> None:
    text = '["\\ud83d", "\0\x0b", ' + "9" * 5000 + ", NaN]"
    value = JsonCursor(Pieces(text, 100)).value()
    assert isinstance(value, list)
    assert value[:3] == ["\ud83d", "\0\x0b", "9" * 5000]


def test_too_deep_a_value_can_be_skipped() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    cursor = JsonCursor(Pieces(f"[\n{deep},\n1]", 4096))
    elements = cursor.elements()
    assert next(elements) == 2
    with pytest.raises(TooDeep):
        cursor.value()
    cursor.skip()
    assert next(elements) == 3
    assert cursor.value() == 1


def test_an_endless_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "MAX_VALUE", 10_000)
    with pytest.raises(BadInput, match="the entry in line 2 is longer"):
        JsonCursor(Pieces('\n"' + "x" * 50_000, 1000)).value()


def test_a_large_file_is_held_in_small_pieces(tmp_path: Path) -> None:
    entry = json.dumps({"text": "x" * 1000})
    path = write(tmp_path, "a.json", "[" + ",\n".join([entry] * 20_000) + "]")
    largest = 0
    with open_text(path) as source:
        cursor = JsonCursor(source)
        for _ in cursor.elements():
            cursor.value()
            largest = max(largest, len(cursor._text))
    assert largest < path.stat().st_size / 15
