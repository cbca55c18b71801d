"""Topics out of wishes, how many would come, and when: held to small worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.encoders import HashingEncoder
from recsys.types import Matrix
from recsys.wishes import WEEK, Topic, Wish, best_slots, presence, topics, turnout

GIL = ["python gil threads", "gil and python threads", "python threads slow gil", "why gil in python", "python gil"]
WASM = ["rust wasm browser", "compile rust to wasm", "wasm with rust", "rust wasm frontend", "wasm rust tutorial"]


def encoded(texts: list[str]) -> Matrix:
    return HashingEncoder().encode(texts)


def found(texts: list[str], people: list[str | None] | None = None, **more: int) -> list[Topic]:
    who = people or [f"member:{at}" for at in range(len(texts))]
    return topics([Wish(one, text) for one, text in zip(who, texts, strict=True)], encoded(texts), **more)


def test_like_wishes_are_one_topic_and_others_another() -> None:
    gil, wasm = found([*GIL, "postgres index", *WASM])
    assert set(gil.wishes) == set(range(5))
    assert set(wasm.wishes) == set(range(6, 11))
    assert {"python", "gil"} <= set(gil.words[:3])
    assert {"rust", "wasm"} <= set(wasm.words[:3])
    assert gil.example in GIL


def test_fewer_than_five_people_are_told_of_to_nobody() -> None:
    assert found(GIL[:4]) == []
    assert found(GIL, ["a", "b", "c", "d", "d"]) == []
    assert found(GIL, ["a", "b", "c", "d", None]) == []
    assert len(found(GIL)) == 1


def test_what_only_one_person_wrote_is_not_shown() -> None:
    texts = [*GIL[:4], "python gil threads for Zelda Quux of Acme"]
    (topic,) = found(texts)
    assert not {"zelda", "quux", "acme", "Zelda", "Quux", "Acme"} & set(topic.words)
    assert "Zelda" not in topic.example
    same = [*GIL[:4], *["python gil of acme"] * 3]
    (topic,) = found(same, ["a", "b", "c", "d", "e", "e", "e"])
    assert "acme" not in topic.words


def test_words_are_shown_as_people_write_them() -> None:
    (topic,) = found(["Kubernetes operators", "kubernetes operators in go", *["Kubernetes operators"] * 3])
    assert topic.words[:2] in {("Kubernetes", "operators"), ("operators", "Kubernetes")}


def test_nothing_to_group() -> None:
    assert found([]) == []
    assert found(["one"]) == []
    with pytest.raises(ValueError, match="1 wishes and 2 vectors"):
        topics([Wish("a", "x")], encoded(["a", "b"]))


@given(st.permutations(range(10)))
def test_the_order_of_wishes_changes_no_group(order: list[int]) -> None:
    texts = [*GIL, *WASM]
    groups = {frozenset(texts[order[at]] for at in topic.wishes) for topic in found([texts[at] for at in order])}
    assert groups == {frozenset(GIL), frozenset(WASM)}


def test_turnout_is_a_guess_first_and_learns() -> None:
    guess = turnout(20)
    assert guess.likely == 6
    assert 0 <= guess.low < guess.likely < guess.high <= 20
    learnt = turnout(20, [(40, 4), (60, 6)])
    assert learnt.likely in {2, 3}
    assert learnt.high - learnt.low < guess.high - guess.low
    with pytest.raises(ValueError, match="5 of 4"):
        turnout(20, [(4, 5)])


def test_the_range_covers_what_it_says() -> None:
    rng = np.random.default_rng(7)
    rates = rng.beta(1.5, 3.5, size=4000)
    came = rng.binomial(30, rates)
    told = turnout(30)
    assert 0.78 <= float(np.mean((came >= told.low) & (came <= told.high))) <= 0.88


def test_somebody_is_expected_when_they_were_seen_and_otherwise_in_the_evening() -> None:
    nobody = presence({})
    assert nobody.shape == (WEEK,)
    assert int(nobody.argmax()) % 24 in range(18, 22)
    early = presence(dict.fromkeys((7, 31, 55), 10.0))
    assert int(early.argmax()) % 24 == 7
    assert early[4 * 24 + 7] > early[4 * 24 + 14], "other days at the same hour count a little"
    assert early.max() == 1.0


def test_the_best_slots_are_when_most_are_around_and_apart() -> None:
    there, away = np.ones(WEEK), np.zeros(WEEK)
    day = 86_400.0
    candidates = [(0.0, (1, 1, None)), (3_600.0, (1, 1, 1)), (day, (1, None, None)), (2 * day, (1, 1, None))]
    assert best_slots(candidates, [there, there, there], apart=day) == [(1, 3.0), (3, 2.0)]
    assert best_slots(candidates, [there, away, away], apart=day)[0] == (0, 1.0)
    assert best_slots([], [there], apart=day) == []
    weekly = [(0.0, (1,)), (7 * day, (1,)), (8 * day, (1,))]
    assert [at for at, _ in best_slots(weekly, [there], apart=day)] == [0, 2], "the same hour a week later is no choice"
