"""Each scorer against its formula written out in plain loops or dense algebra."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from recsys.evaluation.als import FactorScorer, ImplicitFactors
from recsys.evaluation.blend import Blend
from recsys.evaluation.choice import ChoiceScorer, SoftmaxChoice
from recsys.evaluation.content import Content
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.factors import MeanFactors, SgdFactors, right_factors
from recsys.evaluation.histories import Histories, empty_rows
from recsys.evaluation.linear import Ease, Sequential
from recsys.evaluation.metrics import accuracy
from recsys.evaluation.models import DESCRIBED, MODELS, USUAL, chosen
from recsys.evaluation.neighbours import ItemNeighbours, Popularity, RandomWalk, UserNeighbours, UserNeighbourScorer
from recsys.evaluation.personas import Personas, PersonaScorer
from recsys.evaluation.product import Product
from recsys.evaluation.protocols import last_out
from recsys.evaluation.ranking import best, masked
from recsys.evaluation.rules import Rules
from recsys.evaluation.scoring import Explaining, Model, Rater, Train, largest
from recsys.fitting import FitParameters, fit
from recsys.types import Interaction
from tests.recsys.evaluation.worlds import catalogue, histories_of, wanderers

ITEMS = 15
TEXTS = tuple(f"lesson number{item} part{item // 5} {'深度学习' if item < 5 else 'rust'}" for item in range(ITEMS))
LOG = histories_of(wanderers(), ITEMS)
TRAIN = Train(LOG, catalogue(ITEMS, TEXTS), seed=3)

BLIND = ("popularity", "popularity-first", "popularity-cohort", "content", "new-items", "mean-mf", "personas")
"""Models that see neither the order nor what goes with what one by one."""


def dense_of(histories: Histories, fade: float = 1.0) -> np.ndarray:
    found = np.zeros((len(histories), histories.item_count))
    for row in range(len(histories)):
        taken = histories.item(row)
        found[row, taken] = fade ** np.arange(len(taken))[::-1]
    return found


def test_popularity_counts_and_forgets() -> None:
    log = histories_of([[0, 1], [1], [1, 2]], 4)
    assert Popularity().fit(Train(log, catalogue(4)))(log)[0].tolist() == [1, 3, 1, 0]
    assert Popularity(firsts=True).fit(Train(log, catalogue(4)))(log)[0].tolist() == [1, 2, 0, 0]
    # Times 0, 1 | 1 | 2, 3: item 0 is three thirds of the span old, two half-lives of one and a half.
    decayed = Popularity(half_life=0.5).fit(Train(log, catalogue(4)))(log)[0]
    ages = {0: [3], 1: [2, 2, 1], 2: [0]}
    assert decayed[:3] == pytest.approx([sum(2 ** (-age / 1.5) for age in ages[item]) for item in range(3)])


def test_item_neighbours_are_shrunk_cosines() -> None:
    scores = ItemNeighbours(near=4, shrink=2.0, fade=0.6).fit(TRAIN)(LOG)
    taken = dense_of(LOG)
    together = taken.T @ taken
    alike = together / (np.sqrt(np.outer(np.diag(together), np.diag(together))) + 2)
    np.fill_diagonal(alike, 0)
    kept = np.zeros_like(alike)
    for target in range(ITEMS):
        near = sorted(range(ITEMS), key=lambda other: (-round(alike[target, other], 6), other))[:4]
        kept[near, target] = alike[near, target]
    assert np.allclose(scores, dense_of(LOG, 0.6) @ kept, atol=1e-4)


def test_rules_are_shrunk_confidence_and_lift() -> None:
    scores = Rules(power=0.5, prior=3.0, fade=0.7, near=ITEMS).fit(TRAIN)(LOG)
    taken = dense_of(LOG)
    both, counts = taken.T @ taken, taken.sum(axis=0)
    shares = counts / len(LOG)
    confidence = (both + 3 * shares) / (counts[:, None] + 3)
    weights = np.where(both > 0, confidence * (confidence / shares) ** 0.5, 0)
    np.fill_diagonal(weights, 0)
    assert np.allclose(scores, dense_of(LOG, 0.7) @ weights, atol=1e-4)


def test_the_random_walk_is_three_steps_damped_by_popularity() -> None:
    scores = RandomWalk(alpha=0.8, beta=0.4, near=ITEMS, fade=0.7).fit(TRAIN)(LOG)
    taken = dense_of(LOG)
    onward = (taken / taken.sum(axis=1, keepdims=True)) ** 0.8
    back = (taken.T / taken.sum(axis=0)[:, None]) ** 0.8
    walks = (back @ onward) / taken.sum(axis=0) ** 0.4
    np.fill_diagonal(walks, 0)
    assert np.allclose(scores, dense_of(LOG, 0.7) @ walks, atol=1e-4)


def test_user_neighbours_sum_over_the_most_alike() -> None:
    model = UserNeighbours(near=5, fade=0.8)
    log = histories_of([[0, 1, 2], [1, 2, 3], [2, 3, 4], [7, 8], [0, 5], [1, 6, 3]], 10)
    scores = model.fit(Train(log, catalogue(10)))(log)
    faded = dense_of(log, 0.8)
    unit = faded / np.linalg.norm(faded, axis=1, keepdims=True)
    alike = unit @ unit.T
    for row in range(len(log)):
        near = np.argsort(-alike[row], kind="stable")[:5]
        assert np.allclose(scores[row], alike[row, near] @ dense_of(log)[near], atol=1e-5)


def test_a_neighbour_is_a_reason() -> None:
    log = histories_of([[0, 1, 2], [1, 2, 3], [7, 8], [2, 3]], 10)
    scorer = UserNeighbours(fade=1.0).fit(Train(log, catalogue(10)))
    assert isinstance(scorer, UserNeighbourScorer)
    assert isinstance(scorer, Explaining)
    history = np.asarray([1, 2])
    reasons = scorer.because(history, 3)
    assert [user for user, _ in reasons] == [1, 3]
    assert [part for _, part in reasons] == pytest.approx([2 / math.sqrt(6), 1 / 2])
    asked = histories_of([[1, 2]], 10)
    assert sum(part for _, part in reasons) == pytest.approx(scorer(asked)[0, 3])
    assert scorer.because(history, 8) == []


@pytest.mark.parametrize("fade", [1.0, 0.7])
def test_ease_is_the_closed_form(fade: float) -> None:
    scores = Ease(ridge=2.0, fade=fade).fit(TRAIN)(LOG)
    faded = dense_of(LOG, fade)
    inverse = np.linalg.inv(faded.T @ faded + 2.0 * np.eye(ITEMS))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    assert np.allclose(scores, faded @ weights, atol=1e-3)


def test_the_sequential_model_is_the_closed_form() -> None:
    scores = Sequential(ridge=2.0, fade=0.8).fit(TRAIN)(LOG)
    pasts, nexts = [], []
    for row in range(len(LOG)):
        taken = LOG.item(row).tolist()
        for at in range(1, len(taken)):
            past, following = np.zeros(ITEMS), np.zeros(ITEMS)
            past[taken[:at]] = 0.8 ** np.arange(at)[::-1]
            following[taken[at]] = 1
            pasts.append(past)
            nexts.append(following)
    s, t = np.asarray(pasts), np.asarray(nexts)
    weights = np.linalg.inv(s.T @ s + 2.0 * np.eye(ITEMS)) @ s.T @ t
    np.fill_diagonal(weights, 0)
    assert np.allclose(scores, dense_of(LOG, 0.8) @ weights, atol=1e-3)


def test_only_the_busiest_items_take_part_where_there_are_too_many() -> None:
    few = Ease(max_items=4).fit(TRAIN)
    counts = LOG.users_of_items()
    busiest = set(np.lexsort((np.arange(ITEMS), -counts))[:4].tolist())
    assert set(np.flatnonzero(np.abs(few(LOG)).sum(axis=0)).tolist()) == busiest


def test_the_product_is_asked_as_it_asks_itself() -> None:
    parameters = FitParameters(min_users=1)
    scores = Product(parameters).fit(TRAIN)(LOG)
    actions = [
        Interaction(f"{row:04d}", f"{item:04d}", "enrol", float(at))
        for row in range(len(LOG))
        for at, item in enumerate(LOG.item(row).tolist())
    ]
    model = fit(actions, now=0.0, parameters=parameters)
    for row in range(0, len(LOG), 7):
        found = model.scores([action for action in actions if action.user == f"{row:04d}"], 1e6 * 0)
        named = [int(name) for name in found]
        assert np.allclose(scores[row, named], list(found.values()), atol=1e-4)
        rest = np.setdiff1d(np.arange(ITEMS), named)
        assert (scores[row, rest] < scores[row, named].min()).all(), "what is not named comes after what is"
        popularity = LOG.users_of_items()[rest]
        assert (np.diff(popularity[np.argsort(-scores[row, rest], kind="stable")]) <= 0).all()


def test_in_a_log_too_sparse_for_links_the_popular_is_found() -> None:
    # Everybody took one of two items, and two that nobody else took: no link leads from one of the two to the other.
    rows = [[user % 2, 10 + 2 * user, 11 + 2 * user] for user in range(60)]
    sparse_log = histories_of(rows, 200)
    scores = Product().fit(Train(sparse_log, catalogue(200)))(sparse_log)
    for row, items in enumerate(rows):
        other = 1 - items[0]
        assert np.setdiff1d(np.argsort(-scores[row], kind="stable")[:5], items)[0] == other


def test_content_is_the_cosine_of_texts_and_needs_them() -> None:
    asked = histories_of([[0], [9, 1]], ITEMS)
    scores = Content(fade=0.5).fit(TRAIN)(asked)
    assert scores[0].argmax() == 0
    assert scores[0, 0] == pytest.approx(1.0, abs=1e-5)
    # Of the same language and part before the rest.
    assert set(np.argsort(-scores[0])[:5].tolist()) == {0, 1, 2, 3, 4}
    one = Content().fit(TRAIN)(histories_of([[9], [1]], ITEMS))
    assert np.allclose(scores[1], 0.5 * one[0] + one[1], atol=1e-5)
    with pytest.raises(EvaluationError, match="--items"):
        Content().fit(Train(LOG, catalogue(ITEMS)))


def test_a_blend_is_the_weighted_sum_of_z_scores() -> None:
    parts: tuple[Model, ...] = (Popularity(), Ease())
    scores = Blend(parts, (0.5, 2.0)).fit(TRAIN)(LOG)
    expected = np.zeros_like(scores)
    for part, weight in zip(parts, (0.5, 2.0), strict=True):
        own = part.fit(TRAIN)(LOG)
        expected += weight * (own - own.mean(axis=1, keepdims=True)) / own.std(axis=1, keepdims=True)
    assert np.allclose(scores, expected, atol=1e-3)
    with pytest.raises(ValueError, match="do not fit"):
        Blend(parts, (1.0,))


def rated_world() -> tuple[Histories, np.ndarray]:
    """Ratings that two tastes and the items' own quality explain, a little noise aside."""
    rng = np.random.default_rng(7)
    taste, trait = rng.normal(size=(120, 2)), rng.normal(size=(20, 2))
    whole = 3 + rng.normal(0, 0.5, 20) + taste @ trait.T * 0.6
    rows = [sorted(rng.choice(20, 14, replace=False).tolist()) for _ in range(120)]
    ratings = [(whole[user, taken] + rng.normal(0, 0.05, 14)).tolist() for user, taken in enumerate(rows)]
    return histories_of(rows, 20, ratings), whole


@pytest.mark.parametrize("model", [MeanFactors(rank=2), SgdFactors(rank=2, epochs=150, fold_ridge=0.1)])
def test_rating_models_foresee_ratings_better_than_the_items_means(model: Model) -> None:
    log, whole = rated_world()
    scorer = model.fit(Train(log, catalogue(20), seed=1))
    assert isinstance(scorer, Rater)
    predicted = scorer.ratings(log)
    unseen = np.ones_like(whole, dtype=bool)
    unseen[log.rows, log.items] = False
    means = np.asarray([log.ratings[log.items == item].mean() for item in range(20)])
    ours = np.square(predicted - whole)[unseen].mean()
    theirs = np.square(means - whole)[unseen].mean()
    assert ours < 0.75 * theirs


def test_the_mean_model_without_ratings_is_a_projection_and_a_share() -> None:
    scores = MeanFactors(rank=3, mean_weight=0.4).fit(TRAIN)(LOG)
    taken = dense_of(LOG)
    _, _, right = np.linalg.svd(taken, full_matrices=False)
    expected = taken @ right[:3].T @ right[:3] + 0.4 * taken.mean(axis=0)
    assert np.allclose(scores, expected, atol=1e-2)


def test_the_factors_are_the_leading_singular_vectors() -> None:
    taken = dense_of(LOG)
    found = right_factors(LOG.faded(1.0), 4, seed=1, rounds=40)
    _, _, right = np.linalg.svd(taken, full_matrices=False)
    assert np.allclose(np.abs(np.sum(found * right[:4].T, axis=0)), 1, atol=1e-3)
    assert np.array_equal(found, right_factors(LOG.faded(1.0), 4, seed=1, rounds=40))


def test_als_is_at_rest_where_its_loss_is_least() -> None:
    model = ImplicitFactors(rank=4, confidence=5.0, fade=0.7, ridge=2.0, scaling=0.5, rounds=60, steps=8)
    scorer = model.fit(TRAIN)
    assert isinstance(scorer, FactorScorer)
    surer = 5.0 * dense_of(LOG, 0.7)
    taken = (surer > 0).astype(float)
    users, items = scorer.fold(LOG).astype(float), scorer.items.astype(float)

    def ridges(lengths: np.ndarray) -> np.ndarray:
        return 2.0 * (np.maximum(lengths, 1) / lengths[lengths > 0].mean()) ** 0.5

    wrong = (1 + surer) * (taken - users @ items.T)
    of_users = wrong @ items - ridges(taken.sum(axis=1))[:, None] * users
    of_items = wrong.T @ users - ridges(taken.sum(axis=0))[:, None] * items
    assert np.abs(of_users).max() < 1e-3
    assert np.abs(of_items).max() < 0.05


def test_als_places_somebody_new_as_if_they_had_been_trained_on() -> None:
    scorer = ImplicitFactors(rank=5, fade=0.6, rounds=4).fit(TRAIN)
    assert np.allclose(scorer.fold(LOG.take(np.asarray([7]))), scorer.fold(LOG)[7:8])
    # What is wrong is refused where it is said, not found in a score.
    for wrong in ({"rank": 0}, {"confidence": 0.0}, {"ridge": -1.0}, {"fade": 1.5}, {"scaling": 2.0}, {"steps": 0}):
        with pytest.raises(EvaluationError, match="must be"):
            ImplicitFactors(**wrong)  # type: ignore[arg-type]


def test_softmax_knows_that_histories_end() -> None:
    scorer = SoftmaxChoice(rank=8, epochs=40).fit(TRAIN)
    assert isinstance(scorer, ChoiceScorer)
    none = scorer.none(LOG)
    assert ((none > 0) & (none < 1)).all()
    # One in every history's steps is its end.
    steps = LOG.lengths.mean()
    assert none.mean() == pytest.approx(1 / steps, abs=0.12)


def test_personas_are_groups_and_their_favourites() -> None:
    rng = np.random.default_rng(2)
    rows = [rng.choice(8, 4, replace=False).tolist() for _ in range(40)]
    rows += [(8 + rng.choice(8, 4, replace=False)).tolist() for _ in range(40)]
    log = histories_of(rows, 16)
    scorer = Personas(clusters=2, rank=4, prior=1.0).fit(Train(log, catalogue(16), seed=1))
    assert isinstance(scorer, PersonaScorer)
    groups = scorer.personas(log)
    assert len(set(groups[:40].tolist())) == len(set(groups[40:].tolist())) == 1
    assert groups[0] != groups[-1]
    share = np.bincount(log.items[log.rows < 40], minlength=16)
    assert scorer(log)[0] == pytest.approx(
        (share + share / 80) / 41 + np.bincount(log.items[log.rows >= 40], minlength=16) / 80 / 41, abs=1e-5
    )


@pytest.mark.parametrize("name", [name for name in MODELS if name not in BLIND])
def test_every_model_beats_popularity_where_order_decides(name: str) -> None:
    (scene,) = (split := last_out(LOG)).scenes
    train = Train(split.train, catalogue(ITEMS, TEXTS), seed=1)
    quick: dict[str, Model] = {
        "softmax": SoftmaxChoice(rank=16, epochs=40),
        "linear": Product(FitParameters(min_users=1, examples=0)),
        "studyhall": Product(FitParameters(min_users=1)),
    }
    figures = []
    for model in (quick.get(name, MODELS[name]), Popularity()):
        ranked = best(masked(model.fit(train)(scene.cases), scene.seen, None), 3)
        figures.append(accuracy(ranked, scene.truth, (3,))["ndcg@3"].mean())
    assert figures[0] > figures[1] + (0.02 if name == "sgd-mf" else 0.2)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_bears_extremes_and_is_the_same_twice(name: str) -> None:
    model = SoftmaxChoice(epochs=2) if name == "softmax" else MODELS[name]
    scorer, again = model.fit(TRAIN), model.fit(TRAIN)
    asked = histories_of([[], [2], list(range(ITEMS))], ITEMS)
    scores = scorer(asked)
    assert scores.shape == (3, ITEMS)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert np.array_equal(scores, again(asked))
    assert scorer(empty_rows(0, ITEMS)).shape == (0, ITEMS)
    # A row does not depend on the rows beside it.
    assert np.allclose(scorer(asked.take(np.asarray([1]))), scores[1:2], atol=1e-5)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in DESCRIBED])
def test_one_user_and_one_item_are_enough_to_fit(name: str) -> None:
    log = histories_of([[1]], 3)
    model = Product(FitParameters(min_users=1)) if name == "studyhall" else MODELS[name]
    assert np.isfinite(model.fit(Train(log, catalogue(3)))(log)).all()


@given(
    st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=6, max_size=6), min_size=1, max_size=4),
    st.integers(1, 7),
)
@settings(max_examples=60, deadline=None)
def test_the_largest_of_a_row_are_kept_and_ties_go_to_the_first(rows: list[list[float]], kept: int) -> None:
    for dense_enough in (rows, [[*row, *[0.0] * 200] for row in rows]):
        found = largest(sparse.csr_matrix(np.asarray(dense_enough, dtype=np.float32)), kept).toarray()[:, :6]
        for row, numbers in zip(found.tolist(), rows, strict=True):
            order = sorted(range(6), key=lambda column: (-numbers[column], column))[:kept]
            assert row == [numbers[column] if column in order else 0 for column in range(6)]


def test_models_are_asked_for_by_name() -> None:
    assert tuple(chosen([], described=False)) == USUAL
    assert "content" in chosen([], described=True)
    assert set(chosen(["all"], described=True)) == set(MODELS)
    assert "content" not in chosen(["all"], described=False)
    assert list(chosen(["ease", "popularity"], described=False)) == ["ease", "popularity"]
    with pytest.raises(EvaluationError, match="no model gnn; there are popularity"):
        chosen(["gnn"], described=False)
