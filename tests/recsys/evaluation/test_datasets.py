"""Files as the world has them: formats, columns, times, and what is left out with its reason."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from recsys.evaluation.datasets import Columns, Dataset, catalogue_of, dataset_of, moment_of, read_events, read_texts
from recsys.evaluation.errors import BadData

HERE = Columns()


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(path: Path, columns: Columns = HERE, **choices: object) -> Dataset:
    events = read_events(path, columns, **choices)  # type: ignore[arg-type]
    return dataset_of(events, catalogue_of([events]))


def rows(data: Dataset) -> dict[str, list[str]]:
    return {
        user: [data.catalogue.items[item] for item in data.histories.item(row)] for row, user in enumerate(data.users)
    }


def test_csv_tsv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    lines = [("bo", "x", 3), ("an", "y", 1), ("bo", "z", 2)]
    csv = written(tmp_path, "time,user,item,more\n" + "".join(f"{t},{u},{i},-\n" for u, i, t in lines))
    tsv = written(tmp_path, "user\titem\ttime\n" + "".join(f"{u}\t{i}\t{t}\n" for u, i, t in lines), "log.tsv")
    objects = "".join(json.dumps({"user": u, "item": i, "time": t}) + "\n" for u, i, t in lines)
    jsonl = written(tmp_path, objects + "\n", "log.jsonl")
    packed = tmp_path / "log.jsonl.gz"
    packed.write_bytes(gzip.compress(objects.encode()))
    for path in (csv, tsv, jsonl, packed):
        assert rows(loaded(path)) == {"an": ["y"], "bo": ["z", "x"]}, path


def test_columns_are_named_by_options(tmp_path: Path) -> None:
    path = written(tmp_path, "member,course,at\n1,a,2024-05-01\n1,b,2024-04-30T10:00:00+02:00\n")
    assert rows(loaded(path, Columns("member", "course", "at"))) == {"1": ["b", "a"]}
    with pytest.raises(BadData, match=r"no column user, item, time .*member, course, at"):
        loaded(path)


def test_parquet_is_read_like_the_rest(tmp_path: Path) -> None:
    moments = pa.array([1_700_000_002_000, 1_700_000_001_000, None], pa.timestamp("ms"))
    table = pa.table({"time": moments, "item": ["b", "a", "c"], "user": [7, 7, 7], "rating": [4.0, math.nan, 1.0]})
    parquet.write_table(table, tmp_path / "log.parquet")
    data = loaded(tmp_path / "log.parquet")
    assert rows(data) == {"7": ["a", "b"]}
    assert data.histories.times.tolist() == [1_700_000_001, 1_700_000_002]
    assert data.left_out.counts == {"without a time": 1}
    assert data.left_out.lines == {"without a time": (3,)}


def test_rows_that_cannot_be_used_are_counted_by_reason(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"user": "a", "item": "x", "time": 1}\n'
        '{"user": null, "item": "x", "time": 1}\n'
        '{"user": "a", "item": "", "time": 1}\n'
        '{"user": "a", "item": NaN, "time": 1}\n'
        '{"user": "a", "item": "y", "time": NaN}\n'
        '{"user": "a", "item": "z", "time": "soon"}\n'
        '{"user": "a", "item": "v", "time": 1e999}\n'
        '{"user": "a", "item": "u", "time": 99}\n'
        '{"user": "a", "item": "w", "time": 2, "signal": "dismiss"}\n'
        '{"user": true, "item": "w", "time": 2}\n',
        "log.jsonl",
    )
    data = loaded(path, latest=50.0)
    assert rows(data) == {"a": ["x"]}
    assert data.left_out.counts == {
        "without a user": 2,
        "without an item": 2,
        "without a time": 3,
        "in the future": 1,
        "a dislike": 1,
    }
    assert data.left_out.lines == {
        "without a user": (2, 10),
        "without an item": (3, 4),
        "without a time": (5, 6, 7),
        "in the future": (8,),
    }
    assert data.catalogue.items == ("x",)


def test_the_first_lines_of_each_mistake_are_named(tmp_path: Path) -> None:
    """A cell with line breaks is one row of several lines; the row is where it ends."""
    path = written(
        tmp_path,
        'user,item,time\na,"x\ny",1\n\n,x,1\na,x,soon\nbroken\n' + ",x,1\n" * 6 + "a,z,2\na,z,3\n",
    )
    data = loaded(path)
    assert str(data.left_out) == (
        "7 without a user (line 5, 8, 9, 10, 11 ...), 1 without an item (line 7), 1 without a time (line 6)"
    )


def test_only_the_signals_asked_for_count(tmp_path: Path) -> None:
    path = written(tmp_path, "user,item,time,signal\na,x,1,enrol\na,y,2,browse\na,z,3,\n")
    assert rows(loaded(path)) == {"a": ["x", "y", "z"]}
    assert rows(loaded(path, signals=frozenset({"enrol"}))) == {"a": ["x"]}


def test_the_first_of_several_actions_keeps_its_place_and_the_latest_rating_counts(tmp_path: Path) -> None:
    path = written(tmp_path, "user,item,time,rating\na,x,1,2\na,y,2,\na,x,3,5\na,x,4,\na,x,1,2\n")
    data = loaded(path)
    assert rows(data) == {"a": ["x", "y"]}
    assert data.repeats == 3
    assert data.histories.ratings[0] == 5
    assert np.isnan(data.histories.ratings[1])


def test_whole_numbers_are_the_same_id_in_any_clothes(tmp_path: Path) -> None:
    path = written(tmp_path, '{"user": 7, "item": 1, "time": 1}\n{"user": "7", "item": 2.0, "time": 2}\n', "log.jsonl")
    assert rows(loaded(path)) == {"7": ["1", "2"]}


def test_what_a_table_writes_for_nothing_is_nobody(tmp_path: Path) -> None:
    """Otherwise everybody without an id is one person, with a history of them all."""
    data = loaded(written(tmp_path, "user,item,time\nnan,x,1\n<NA>,y,2\n7.0,NaN,3\n7.0,z,4\n7,nancy,5\n8.1,z,6\n"))
    assert rows(data) == {"7": ["z", "nancy"], "8.1": ["z"]}
    assert data.left_out.lines == {"without a user": (2, 3), "without an item": (4,)}


def test_ids_of_any_script_and_shape(tmp_path: Path) -> None:
    names = ["课程", "🧑‍💻", "a b", "<x>", "\u202eabc", "e\u0301", "é", "0" * 500]
    path = written(tmp_path, "".join(json.dumps({"user": n, "item": n, "time": 1}) + "\n" for n in names), "log.jsonl")
    data = loaded(path)
    assert data.users == tuple(sorted(names))
    assert data.catalogue.items == tuple(sorted(names))


@pytest.mark.parametrize(("scale", "unit"), [(1, "s"), (1e3, "ms"), (1e6, "us"), (1e9, "ns")])
def test_times_are_seconds_whatever_their_unit(tmp_path: Path, scale: float, unit: str) -> None:
    path = written(tmp_path, f"user,item,time\na,x,{1_700_000_000 * scale:.0f}\na,y,{1_700_000_500 * scale:.0f}\n")
    assert loaded(path).histories.times == pytest.approx([1_700_000_000, 1_700_000_500]), unit


def test_steps_are_kept_as_they_are(tmp_path: Path) -> None:
    assert loaded(written(tmp_path, "user,item,time\na,x,1\na,y,0\n")).histories.times.tolist() == [0, 1]
    assert moment_of("2024-05-01T00:00:00Z") == 1_714_521_600
    assert moment_of("1714521600000") == 1_714_521_600
    assert moment_of("soon") is None


def test_a_file_without_times_is_in_order_where_that_is_allowed(tmp_path: Path) -> None:
    path = written(tmp_path, "user,item\na,z\na,b\n")
    assert rows(loaded(path, timed=False)) == {"a": ["z", "b"]}
    with pytest.raises(BadData, match="no column time"):
        loaded(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("log.csv", b"", "log.csv is empty"),
        ("log.csv", b"user,item,time\n", "it is empty"),
        ("log.csv", b"user,item,time\n,,\n", r"1 without a user \(line 2\)"),
        ("log.jsonl", b"{}\n", "is empty"),
        ("log.jsonl", b'{"user": 1}\n', r"no column item, time \(its columns: user\)"),
        ("log.jsonl", b"", "it is empty"),
        ("log.jsonl", b'{"user": 1,\n', "line 1 is not JSON"),
        ("log.jsonl", b"[1]\n", "line 1 is not a JSON object"),
        ("log.csv", b"user,item,time\n\xff,x,1\n", "not UTF-8"),
        ("log.xlsx", b"", "must end in .csv"),
        ("log.csv.gz", b"user", "cannot be read"),
        ("log.csv", b"user,item,time,user\na,b,1,c\n", "twice"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadData, match=says):
        loaded(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"nowhere\.csv cannot be read"):
        loaded(tmp_path / "nowhere.csv")


def test_the_catalogue_has_items_that_nobody_took(tmp_path: Path) -> None:
    texts = read_texts(written(tmp_path, "id,text\nb,words\nq,\n", "items.csv"), HERE)
    events = read_events(written(tmp_path, "user,item,time\na,b,1\na,c,2\n"), HERE)
    catalogue = catalogue_of([events], texts)
    assert catalogue.items == ("b", "c", "q")
    assert catalogue.texts == ("words", "", "")
