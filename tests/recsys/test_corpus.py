"""The corpus: the same as a list of items and a loop, only faster."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys import orders
from recsys.corpus import MemoryCorpus
from recsys.types import Filter, Interaction, Item
from tests.recsys.worlds import DAY, NOW, course, did

WORDS = st.sampled_from(["a", "b", "课程", "x" * 50])
MAYBE = st.none() | st.sampled_from([0.0, 1.5, 10.0, math.inf, math.nan])
IDS = [f"item:{n}" for n in range(6)] + ["课:1", "a\0", "\ud800"]


@st.composite
def changes(draw: st.DrawFn) -> Item | str:
    """An item to add or replace, or the id of one to remove."""
    number = draw(st.integers(0, len(IDS) - 1))
    if draw(st.booleans()) and draw(st.booleans()):
        return IDS[number]
    return Item(
        id=IDS[number],
        row=number * 7 - 20,
        kind=draw(WORDS),
        title="t",
        language=draw(WORDS),
        audience=draw(WORDS),
        author=draw(WORDS),
        level=draw(st.none() | st.integers(0, 2)),
        hours=draw(MAYBE),
        price=draw(MAYBE),
        created_at=draw(st.sampled_from([0.0, NOW, math.nan])),
    )


FILTERS = st.builds(
    Filter,
    audiences=st.frozensets(WORDS),
    kinds=st.frozensets(WORDS),
    languages=st.frozensets(WORDS),
    exclude=st.frozensets(st.sampled_from([*IDS, "nowhere"])),
    max_hours=MAYBE,
    max_price=MAYBE,
    level=st.none() | st.integers(0, 2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(changes(), max_size=30), st.lists(FILTERS, min_size=1, max_size=3))
def test_rows_are_what_the_filter_admits(steps: list[Item | str], filters: list[Filter]) -> None:
    corpus, expected = MemoryCorpus(), dict[str, Item]()
    for step in steps:
        if isinstance(step, str):
            assert corpus.remove([step]) == (expected.pop(step, None) is not None)
        else:
            # An item with a NaN is equal to nothing, itself included, unless it is the very same object.
            assert corpus.put(step) == (expected.get(step.id) != step)
            expected[step.id] = step
        for where in filters:
            admitted = [item for item in expected.values() if where.admits(item)]
            assert corpus.rows(where).tolist() == sorted(item.row for item in admitted)
            assert [item.id for item in corpus.items(where)] == [
                item.id for item in sorted(admitted, key=lambda item: item.row)
            ]
    assert len(corpus) == len(expected)
    for item in expected.values():
        assert corpus.get(item.id) == item
        assert corpus.by_row(item.row) == item


@pytest.mark.parametrize("tail", [0, 3, 1_000])
def test_orders_that_outlast_a_version_say_what_a_loop_would(monkeypatch: pytest.MonkeyPatch, tail: int) -> None:
    monkeypatch.setattr(orders, "TAIL", tail)
    monkeypatch.setattr(orders, "_SMALL", 0)

    @settings(max_examples=80, deadline=None)
    @given(st.lists(changes(), max_size=30), st.integers(0, 30))
    def run(steps: list[Item | str], held_at: int) -> None:
        corpus = MemoryCorpus()
        held = corpus.view()
        index = np.arange(-20, 30, dtype=np.int64)  # rows that an index may hold, known to the corpus or not
        for at, step in enumerate([*steps, "item:0"]):
            if at == held_at:
                held = corpus.view()
            view = corpus.view()
            for seen in (view, held):
                rows = [item.row for item in seen.items[: seen.n]] + [10_000]
                asked = np.asarray(sorted(set(rows)), dtype=np.int64)
                latest = {seen.items[slot].row: slot for slot in range(seen.n)}
                assert seen.found(asked).tolist() == [latest[row] for row in asked.tolist() if row in latest]
                alive = seen.alive()
                expected = [row in latest and bool(alive[latest[row]]) for row in index.tolist()]
                assert seen.masked(index, alive).tolist() == expected
                gone = np.arange(0, seen.n, 3)
                but = [kept and latest[row] % 3 != 0 for row, kept in zip(index.tolist(), expected, strict=True)]
                for _ in range(2):
                    assert seen.masked_but(index, alive, gone).tolist() == but
            if isinstance(step, str):
                corpus.remove([step])
            else:
                corpus.put(step)

    run()


def test_what_started_is_over() -> None:
    corpus = MemoryCorpus([course(1), replace(course(2), starts_at=NOW - 1), replace(course(3), starts_at=NOW + 1)])
    view = corpus.view()
    assert [view.items[slot].id for slot in view.over(NOW).tolist()] == ["course:2"]
    corpus.put(replace(course(4), starts_at=NOW - 5))
    view = corpus.view()
    assert [view.items[slot].id for slot in view.over(NOW).tolist()] == ["course:2", "course:4"]


def test_putting_the_same_changes_nothing() -> None:
    corpus = MemoryCorpus([course(1)])
    assert not corpus.put(course(1))
    assert corpus.put(course(1, title="new rust"))
    assert corpus.upsert([course(1), course(2), course(2)]) == 2


def test_a_row_belongs_to_one_item() -> None:
    corpus = MemoryCorpus([course(1)])
    with pytest.raises(ValueError, match="belongs to 'course:1'"):
        corpus.put(replace(course(2), row=1))
    assert corpus.get("course:2") is None
    assert corpus.put(replace(course(1), row=99))
    assert corpus.by_row(1) is None


def test_a_view_does_not_change_under_its_reader() -> None:
    corpus = MemoryCorpus([course(n) for n in range(10)])
    view = corpus.view()
    corpus.put(course(11))
    corpus.put(course(3, audience="room:1"))
    corpus.remove(["course:4"])
    assert view.slot("course:11") is None
    assert view.slot("course:4") is None
    assert view.items[3].audience == "public"
    assert corpus.view().slot("course:11") is not None


def test_dead_slots_are_swept_out_and_popularity_stays() -> None:
    corpus = MemoryCorpus([course(n) for n in range(40)])
    corpus.observe([did("u", "course:3"), did("v", "course:3")], NOW)
    for turn in range(100):
        corpus.upsert(course(n, title=f"rust {turn}") for n in range(40))
    view = corpus.view()
    slot = view.slot("course:3")
    assert slot is not None
    assert view.n < 1_200
    assert int(view.columns.people[slot]) == 2
    assert view.tagged("RUST").tolist() == sorted(view.slots(f"course:{n}" for n in range(0, 40, 4)).tolist())


def test_popularity_counts_users_once_and_never_the_future() -> None:
    corpus = MemoryCorpus([course(1), course(2)])
    assert corpus.observe([did("u", "course:1")] * 5, NOW) == 1
    corpus.observe([Interaction("v", "course:2", "enrol", NOW + 1e9)], NOW)
    assert corpus.observe([did("u", "course:1", "dismiss"), did("u", "nowhere"), did("w", "course:1", "?")], NOW) == 0
    assert corpus.observe([Interaction("w", "course:1", "enrol", math.nan)], NOW) == 0
    assert corpus.observe([Interaction("w", "course:1", "rate", NOW, math.nan)], NOW) == 0
    columns = corpus.view().columns
    assert columns.people[:2].tolist() == [1, 1]
    assert columns.popular_at[1] == NOW
    assert columns.popularity[1] == pytest.approx(3.0)
    corpus.forget_popularity()
    assert columns.people[:2].tolist() == [0, 0]


def test_popularity_halves() -> None:
    corpus = MemoryCorpus([course(1)], popularity_half_life=10)
    corpus.observe([did("u", "course:1", days_ago=10), did("v", "course:1", days_ago=0)], NOW)
    assert corpus.view().columns.popularity[0] == pytest.approx(4.5)


def test_readers_meet_no_half_written_state() -> None:
    corpus = MemoryCorpus([course(n) for n in range(50)])
    stop, problems = threading.Event(), list[str]()

    def read() -> None:
        while not stop.is_set():
            rows = corpus.rows(Filter(kinds=frozenset({"course"})))
            found = [corpus.by_row(int(row)) for row in rows]
            if any(item is not None and item.kind != "course" for item in found) or len(rows) < 40:
                problems.append("a reader saw what is not there")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(150):
        corpus.upsert(course(n, title=f"rust {turn}") for n in range(50))
        corpus.put(course(50 + turn, kind="secret"))
        corpus.remove([f"course:{50 + turn}"])
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems


def test_a_hundred_thousand_items_are_filtered_in_milliseconds() -> None:
    corpus = MemoryCorpus(
        Item(f"i:{n}", n, "post" if n % 3 else "course", "t", language="zh" if n % 4 else "en", created_at=n * DAY)
        for n in range(110_000)
    )
    where = Filter(kinds=frozenset({"post"}), languages=frozenset({"zh"}), exclude=frozenset({"i:1"}))
    took = []
    for turn in range(7):
        corpus.put(Item("i:0", 0, "course", f"title {turn}"))
        begun = time.perf_counter()
        rows = corpus.rows(where)
        took.append(time.perf_counter() - begun)
    assert rows.tolist() == [n for n in range(2, 110_000) if n % 3 and n % 4]
    assert np.min(took) < 0.01
