"""Community logs as people have them: several formats, gaps, repeats, times of all kinds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys.evaluation.discussions.reading import LogColumns, read_log, read_titles
from recsys.evaluation.errors import BadData


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_messages_in_order_of_time_with_topics_by_name(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.csv",
        "time,room,topic,member,length",
        "2025-01-02T00:00:00Z,问答,b,ann,7",
        "2025-01-01T00:00:00Z,问答,a,bob,x",
        "2025-01-03T00:00:00Z,help,a,ann,-3",
    )
    found = read_log(path, LogColumns())
    assert found.topics == ("a", "b")
    assert found.log.topics.tolist() == [0, 1, 0]
    assert found.log.lengths.tolist() == [0.0, 7.0, 0.0]
    assert found.log.times[0] == 1735689600
    assert (found.rooms, found.members, found.titles, found.left_out.counts) == (2, 2, (), {})


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.csv",
        "time,room,topic,member",
        "1,r,t,m",
        "1,r,t,m",
        "nan,r,t,m",
        ",r,t,m",
        "2,,t,m",
        "2,r,,m",
        "2,r,t,",
        "99,r,t,m",
    )
    found = read_log(path, LogColumns(), latest=50.0)
    assert len(found.log) == 1
    assert found.left_out.counts == {
        "without a time": 2,
        "without a room": 1,
        "without a topic": 1,
        "without a member": 1,
        "in the future": 1,
        "twice": 1,
    }
    assert found.left_out.lines["without a time"] == (4, 5)
    assert found.left_out.lines["in the future"] == (9,)


def test_milliseconds_are_seconds_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [{"at": 1_700_000_000_000 + k, "room": 1, "topic": 2.0, "member": 3} for k in range(3)]
    written(path, *(json.dumps(row) for row in rows))
    found = read_log(path, LogColumns(time="at"))
    assert found.log.times[0] == 1_700_000_000
    assert found.topics == ("2",)


def test_the_first_text_of_a_topic_stands_for_a_title(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.tsv",
        "time\troom\ttopic\tmember\ttext",
        "5\tr\tt\tm\tlater words",
        "1\tr\tt\tn\tfirst   words",
        "2\tr\tu\tn\t",
    )
    found = read_log(path, LogColumns())
    assert found.titles == ("first words", "")
    assert found.log.lengths.tolist() == [11.0, 0.0, 11.0]
    assert read_log(path, LogColumns(), titles={"u": "A title"}).titles == ("", "A title")


def test_titles_need_not_be_of_every_topic_but_of_some(tmp_path: Path) -> None:
    path = written(tmp_path / "log.csv", "time,room,topic,member", "1,r,a,m", "2,r,b,m")
    found = read_log(path, LogColumns(), titles={"b": "About b", "zz": "About nothing"})
    assert found.titles == ("", "About b")
    assert (found.titled, found.unknown) == (1, 1)
    with pytest.raises(BadData, match=r"none of the 2 titles is of a topic of log\.csv"):
        read_log(path, LogColumns(), titles={"A": "x", "B": "y"})
    assert read_log(path, LogColumns()).titled == 0


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no column room"):
        read_log(written(tmp_path / "a.csv", "time,topic,member", "1,2,3"), LogColumns())
    with pytest.raises(BadData, match="without a time"):
        read_log(written(tmp_path / "b.csv", "time,room,topic,member", "soon,1,2,3"), LogColumns())
    with pytest.raises(BadData, match="it is empty"):
        read_log(written(tmp_path / "c.csv", "time,room,topic,member"), LogColumns())
    with pytest.raises(BadData, match="no title"):
        read_titles(written(tmp_path / "d.csv", "topic,title", "1,"), LogColumns())
    assert read_titles(written(tmp_path / "e.csv", "topic,title", "1, a  b ", "1,c"), LogColumns()) == {"1": "c"}
