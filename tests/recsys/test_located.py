"""Numbered items in a corpus that changes: the same slots as looking each id up anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recsys.corpus import MemoryCorpus
from recsys.located import Located
from tests.recsys.worlds import course

NAMES = tuple(f"course:{n}" for n in range(12))
CODES = np.arange(len(NAMES))
Change = tuple[str, int]


def located() -> Located:
    return Located(NAMES, {name: code for code, name in enumerate(NAMES)}.get)


def change(corpus: MemoryCorpus, kind: str, number: int) -> None:
    item = course(number, "rust")
    if kind == "remove":
        corpus.remove([item.id])
    else:
        corpus.put(replace(item, title=f"{item.title} {kind}"))


@given(st.lists(st.tuples(st.sampled_from(["put", "again", "remove"]), st.integers(0, 15)), max_size=40))
def test_the_slots_are_those_of_the_view(changes: list[Change]) -> None:
    corpus, places = MemoryCorpus(), located()
    for kind, number in changes:
        change(corpus, kind, number)
        view = corpus.view()
        assert places.at(view, CODES).tolist() == view.places(NAMES).tolist()


def test_an_older_view_is_answered_as_it_was() -> None:
    corpus, places = MemoryCorpus(), located()
    change(corpus, "put", 1)
    before = corpus.view()
    change(corpus, "again", 1)
    change(corpus, "put", 2)
    assert places.at(corpus.view(), CODES).tolist()[1:3] == [1, 2]
    assert places.at(before, CODES).tolist()[1:3] == [0, -1]


def test_a_corpus_that_was_packed_anew_is_read_anew() -> None:
    corpus, places = MemoryCorpus(), located()
    packed = 0
    for turn in range(1_500):
        before = corpus.view()
        change(corpus, str(turn), turn % 12)
        view = corpus.view()
        packed += view.n < before.n
        assert places.at(view, CODES).tolist() == view.places(NAMES).tolist()
    assert packed
