"""Items nobody took yet: what is said of them leads to what like people took. And graph files, good and bad."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.evaluation.content import Content, descriptions
from recsys.evaluation.datasets import Catalogue
from recsys.evaluation.errors import BadData, EvaluationError
from recsys.evaluation.graph import read_links
from recsys.evaluation.histories import Histories
from recsys.evaluation.mapped import likeness_of, placed
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.newitems import NewItems
from recsys.evaluation.product import Product
from recsys.evaluation.protocols import Split, cold_item
from recsys.evaluation.ranking import best, masked
from recsys.evaluation.scoring import Scorer, Train
from recsys.fitting import FitParameters
from tests.recsys.evaluation.worlds import catalogue, histories_of

ITEMS = 60


def schools(seed: int = 1) -> tuple[Histories, Catalogue]:
    """Ten schools of six courses. Who was at school s goes on to school s + 1, so that likeness alone misleads.

    Relation 0 names the school, relation 1 something of no meaning.
    """
    rng = random.Random(seed)
    rows = []
    for _ in range(500):
        school = rng.randrange(10)
        taken = []
        for _ in range(rng.randint(3, 6)):
            taken.append(6 * (school % 10) + rng.randrange(6))
            school += 1
        rows.append(list(dict.fromkeys(taken)))
    said = tuple((f">school{item // 6}",) for item in range(ITEMS))
    noise = tuple((f">colour{rng.randrange(5)}",) for _ in range(ITEMS))
    return histories_of(rows, ITEMS), replace(catalogue(ITEMS), links=(said, noise))


def figures(scorer: Scorer, split: Split) -> list[float]:
    return [
        float(
            accuracy(best(masked(scorer(scene.cases), scene.seen, scene.candidates), 3), scene.truth, (3,))[
                "ndcg@3"
            ].mean()
        )
        for scene in split.scenes
    ]


def test_new_items_are_found_through_what_their_like_are_to_people() -> None:
    log, described = schools()
    split = cold_item(log, seed=2)
    train = Train(split.train, described, seed=1)
    mapped, alike = figures(NewItems().fit(train), split), figures(Content().fit(train), split)
    assert mapped[0] > 1.3 * alike[0]
    assert mapped[1] > alike[1]
    # What is said of the items is all there is to it.
    shuffled = list(described.links[0])
    random.Random(5).shuffle(shuffled)
    blind = replace(described, links=(tuple(shuffled), described.links[1]))
    assert mapped[0] > 1.3 * figures(NewItems().fit(Train(split.train, blind, seed=1)), split)[0]


def test_new_items_do_not_push_away_the_known() -> None:
    log, described = schools()
    split = cold_item(log, seed=2)
    cold = split.scenes[0].candidates
    assert cold is not None
    scores = NewItems().fit(Train(split.train, described, seed=1))(split.scenes[1].cases)
    top = best(masked(scores, split.scenes[1].seen, None), 6)
    # A tenth of the items is new: some of them are listed, and they are not all of the list.
    assert 0.02 < cold[top].mean() < 0.5


def test_the_product_places_what_nobody_took_among_what_it_knows() -> None:
    log, described = schools()
    split = cold_item(log, seed=2)
    scenes = split.scenes
    train = Train(split.train, described, seed=1)
    model = Product(FitParameters(min_users=1, examples=0))
    scorer, blind = model.fit(train), model.fit(replace(train, catalogue=catalogue(ITEMS)))
    found, alike, without = (figures(one, split) for one in (scorer, Content().fit(train), blind))
    assert found[0] > 1.3 * alike[0]
    assert found[1] > without[1]
    new = scenes[0].candidates
    assert new is not None
    cases = scenes[1].cases
    # Those that it knows keep their order.
    mine, plain = scorer(cases)[:, ~new], blind(cases)[:, ~new]
    for one, other in zip(mine, plain, strict=True):
        named = np.flatnonzero(other > 0)
        assert np.array_equal(
            named[np.argsort(-one[named], kind="stable")], named[np.argsort(-other[named], kind="stable")]
        )
    assert 0.02 < new[best(masked(scorer(cases), scenes[1].seen, None), 6)].mean() < 0.5


def test_new_items_stand_where_the_known_ones_most_like_them_do() -> None:
    log, described = schools()
    cold = np.arange(ITEMS) % 6 == 5
    train = Train(log.where(~cold[log.items]), described, seed=1)
    rows = descriptions(described)[:2]
    likeness = likeness_of(train, rows)
    assert likeness[0] > 3 * likeness[1], "schools tell, colours do not"
    place = placed(rows, likeness, ~cold)
    scores = np.where(np.arange(ITEMS) // 6 == 4, np.float32(3), np.float32(0))[None]
    found = place(scores)[0]
    assert np.flatnonzero(found == found.max()).tolist() == [29]
    assert not found[~cold].any()
    assert not placed(rows, likeness, np.ones(ITEMS, dtype=np.bool_))(scores).any()


def test_an_empty_history_says_nothing_and_the_same_log_the_same() -> None:
    log, described = schools()
    train = Train(log, described, seed=1)
    cases = log.where(log.rows != 0).take(np.arange(5))
    one, other = NewItems(folds=2).fit(train)(cases), NewItems(folds=2).fit(train)(cases)
    assert np.array_equal(one, other)
    assert not one[0].any()
    assert one[1].any()


def test_too_few_cases_to_learn_from_still_give_scores() -> None:
    log = histories_of([[0, 1], [1, 2], [2, 3, 0]], 5)
    described = catalogue(5, ["a red book", "a blue book", "a red pen", "a blue pen", "a red book"])
    scores = NewItems().fit(Train(log, described))(log)
    assert np.isfinite(scores).all()
    assert scores[0, 4] != 0


def test_descriptions_are_texts_then_relations_then_all() -> None:
    _, described = schools()
    assert len(descriptions(described)) == 3
    with_texts = replace(described, texts=tuple("word" for _ in range(ITEMS)))
    found = descriptions(with_texts)
    assert len(found) == 4
    for rows in found:
        assert np.allclose(np.asarray(rows.multiply(rows).sum(axis=1)).ravel(), 1, atol=1e-5)
    assert len(descriptions(catalogue(2, ["e123", "e7"]))) == 1
    with pytest.raises(EvaluationError, match="--graph"):
        NewItems().fit(Train(schools()[0], catalogue(ITEMS)))


def graph(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "graph.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_links_are_read_from_both_ends(tmp_path: Path) -> None:
    path = graph(tmp_path, "h,r,t", "a,teaches,x", "b,teaches,x", "y,after,b", "a,teaches,x", "q,after,z")
    assert read_links(path, ("a", "b", "c")) == (((), ("<y",), ()), ((">x",), (">x",), ()))


def test_rows_without_a_value_and_of_unknown_ends_are_passed_over(tmp_path: Path) -> None:
    path = graph(tmp_path, "h,r,t", "a,,x", ",1,x", "a,1,", "u,1,v", "a,1,x")
    assert read_links(path, ("a",)) == (((">x",),),)
    jsonl = tmp_path / "graph.jsonl"
    jsonl.write_text('{"h": 7.0, "r": 1, "t": NaN}\n{"h": 7.0, "r": 1, "t": 8}\n', encoding="utf-8")
    assert read_links(jsonl, ("7",)) == (((">8",),),)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("h,t", "a,x"), "no column r"),
        (("h,r,t",), "it is empty"),
        (("h,r,t", "u,1,v", "w,2,x"), "none of its 2 rows names an item"),
        (("h,r,t", *(f"a,{number},x" for number in range(65))), "more than 64 relations"),
    ],
)
def test_a_graph_that_cannot_be_used_is_said(tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadData, match=says):
        read_links(graph(tmp_path, *lines), ("a",))
