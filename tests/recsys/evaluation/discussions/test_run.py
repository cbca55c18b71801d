"""The protocol from a log to figures: against slow figures, on a made-up community, and twice the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from recsys.discussions.examples import Examples
from recsys.discussions.messages import DAY, HOUR, Doubles
from recsys.encoders.hashing import HashingEncoder
from recsys.evaluation.discussions.features import Sight, early_titles
from recsys.evaluation.discussions.models import MODELS, Lambdamart, Model, Scorer, chosen
from recsys.evaluation.discussions.run import DiscussionPlan, DiscussionReport, run
from recsys.evaluation.errors import EvaluationError
from tests.recsys.discussions.talks import Said, anything, community, log_of, slow_cases
from tests.recsys.evaluation.worlds import slow_figures


def judged(messages: list, names: str, **options: object) -> DiscussionReport:
    plan = DiscussionPlan(chosen(names.split(","), titles=False), **options)  # type: ignore[arg-type]
    return run(log_of(messages), plan, Sight(), timer=lambda: 0.0)


def ndcg(report: DiscussionReport, model: str, scene: int = 0) -> float:
    return next(row for row in report.tables[scene].rows if row.model == model).figures[report.tables[0].metric].mean


def test_recency_and_popularity_are_as_the_slow_way_says() -> None:
    messages = anything(400, seed=2)
    since, alive = sorted(messages, key=lambda each: each.time)[150].time, 30 * HOUR
    report = judged(messages, "recency,popular", since=since, alive=alive, at=(1, 3))
    last: dict[str, list[dict[str, float]]] = {"recency": [], "popular": []}
    missed = 0
    for _, time, candidates, topic, reachable, _ in slow_cases(messages, since, alive):
        if not reachable:
            missed += 1
            continue
        before = [each for each in messages if each.time < time]
        latest = {t: max(each.time for each in before if each.topic == t) for t in candidates}
        busy = {t: sum(each.topic == t and each.time >= time - alive for each in before) for t in candidates}
        by_time = sorted(candidates, key=lambda t: (-latest[t], t))
        if len(set(latest.values())) == 1 and len(candidates) > 1:
            by_time = sorted(candidates, key=lambda t: (-busy[t], t))
        last["recency"].append(slow_figures(by_time, [topic], 3))
        last["popular"].append(slow_figures(sorted(candidates, key=lambda t: (-busy[t], t)), [topic], 3))
    assert report.not_judged == {"joined a topic that was no longer alive": missed}
    assert report.tables[0].cases == len(last["recency"])
    for row in report.tables[0].rows:
        for name in ("ndcg@3", "recall@3", "mrr@3", "map@3"):
            assert row.figures[name].mean == pytest.approx(np.mean([each[name] for each in last[row.model]])), name


def test_cases_are_told_apart_by_the_length_of_the_history() -> None:
    messages = anything(400, seed=7)
    report = judged(messages, "recency", since=0.0, alive=30 * HOUR)
    by_scene = {table.scene: table.cases for table in report.tables}
    before = [case[5] for case in slow_cases(messages, 0.0, 30 * HOUR) if case[4]]
    assert by_scene["0-5 topics before"] == sum(count <= 5 for count in before)
    assert by_scene["6-20 topics before"] == sum(6 <= count <= 20 for count in before)
    assert sum(by_scene.values()) == 2 * len(before)


@pytest.fixture(scope="module")
def learned() -> DiscussionReport:
    messages = community(60, seed=1)
    since = messages[-700].time
    return judged(messages, "random,recency,room-share,logistic,lambdamart-basic,discussions", since=since)


def test_learned_rankers_know_more_than_any_one_feature(learned: DiscussionReport) -> None:
    assert ndcg(learned, "recency") > ndcg(learned, "random")
    assert ndcg(learned, "discussions") > 1.15 * max(ndcg(learned, "recency"), ndcg(learned, "room-share"))
    assert ndcg(learned, "lambdamart-basic") > ndcg(learned, "recency")
    assert ndcg(learned, "logistic") > ndcg(learned, "recency")


def test_the_same_seed_gives_the_same_figures(learned: DiscussionReport) -> None:
    messages = community(60, seed=1)
    again = judged(messages, "random,discussions", since=messages[-700].time)
    assert ndcg(again, "discussions") == ndcg(learned, "discussions")
    assert ndcg(again, "random") == ndcg(learned, "random")
    other = judged(messages, "random", since=messages[-700].time, seed=1)
    assert ndcg(other, "random") != ndcg(learned, "random")


def test_only_what_is_learned_from_with_all_features_is_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.evaluation.discussions.run.TRAIN_ROWS", 4_000)
    messages = community(40, seed=2)
    models: dict[str, Model] = {name: Counted(MODELS[name]) for name in ("lambdamart-basic", "discussions")}
    log, plan = log_of(messages), DiscussionPlan(models, since=messages[-60].time)
    run(log, plan, Sight(), timer=lambda: 0.0)
    few, many = (model.sizes for model in models.values() if isinstance(model, Counted))
    assert len(few) == len(many)
    assert (many <= few).all()
    assert many.sum() < 0.75 * few.sum()
    # The latest decide on parameters.
    assert (many[-len(many) // 10 :] == few[-len(few) // 10 :]).all()


class Counted:
    """Learns as another model does, and keeps how many candidates each question that it learned from had."""

    def __init__(self, model: Model) -> None:
        self.model, self.sizes = model, np.zeros(0, dtype=np.int64)
        self.learns, self.full, self.content = model.learns, model.full, model.content

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Scorer:
        self.sizes = train.sizes
        return self.model.fit(train, names, seed)


def test_what_comes_later_changes_nothing_of_what_was_judged_before() -> None:
    messages = community(40, seed=2)
    since, end = messages[-400].time, messages[-200].time
    early = [each for each in messages if each.time <= end]
    names = "recency,lambdamart-basic"
    short = judged(early, names, since=since)
    rng = np.random.default_rng(0)
    later = [each for each in messages if each.time > end]
    order = rng.permutation(len(later))
    for tail in (later, [each._replace(topic=later[at].topic) for each, at in zip(later, order, strict=True)]):
        whole = judged(early + tail, names, since=since, cases=None)
        assert whole.counts["learned_from"] == short.counts["learned_from"]
        assert whole.fitted["lambdamart-basic"].validation == short.fitted["lambdamart-basic"].validation


class Watched:
    """Learns and answers as another model does, and keeps what it was shown and what it said, case by case."""

    def __init__(self, model: Model) -> None:
        self.model, self.cases = model, list[tuple[object, ...]]()
        self.learns, self.full, self.content = model.learns, model.full, model.content

    def fit(self, train: Examples, names: tuple[Sequence[str], Sequence[str]], seed: int) -> Watched:
        self.scorer = self.model.fit(train, names, seed)
        self.parameters, self.validation, self.tried = self.scorer.parameters, self.scorer.validation, 0
        return self

    def __call__(self, examples: Examples) -> Doubles:
        scores = self.scorer(examples)
        for low, high in pairwise(examples.starts.tolist()):
            part = slice(low, high)
            self.cases.append(
                (
                    examples.topics[part].tolist(),
                    examples.basic[part].tobytes(),
                    examples.full[part].tobytes(),
                    scores[part].tobytes(),
                )
            )
        return scores


def test_no_case_knows_anything_of_what_comes_after_it() -> None:
    """Whatever is written, begun or titled after a moment changes no candidate, feature or score before it."""
    messages = community(12, seed=8)
    since, moment = messages[-300].time, messages[-100].time
    past = [each for each in messages if each.time <= moment]
    known = {each.topic for each in past}
    others = [
        each._replace(time=each.time - 1e9 + moment + 1, topic=each.topic + min(known)) for each in anything(300, 3)
    ]
    subjects = ["rust ownership", "css grid", "数据库 索引"]

    def told(log: list[Said], later: str) -> list[tuple[object, ...]]:
        topics = range(max(each.topic for each in log) + 1)
        titles = [f"{subjects[topic % 3]} {topic % 7}" if topic in known else later for topic in topics]
        watched = Watched(Lambdamart(full=False))
        watched.full = True
        plan = DiscussionPlan({"watched": watched}, since=since)
        sight = Sight(titles, HashingEncoder(), early_titles(log_of(log), titles, since))
        run(log_of(log), plan, sight, timer=lambda: 0.0)
        return watched.cases

    judged_before = told(past, "")
    assert len(judged_before) > 80
    for later in (messages[len(past) :], others):
        assert told(past + later, "rust ownership css")[: len(judged_before)] == judged_before


def test_one_member_with_most_messages_and_one_who_wrote_once() -> None:
    messages = community(20, seed=4)
    loud = [each._replace(member=1, time=each.time + 1, topic=each.topic % 40) for each in messages for _ in range(8)]
    report = judged(messages + loud, "recency,discussions", since=messages[-200].time)
    assert np.isfinite(ndcg(report, "discussions"))


def test_what_cannot_be_judged_is_said() -> None:
    messages = community(10, seed=5)
    with pytest.raises(EvaluationError, match="earlier --since"):
        judged(messages, "recency", since=messages[-1].time + 1)
    with pytest.raises(EvaluationError, match="later --since"):
        judged(messages, "discussions", since=0.0)
    with pytest.raises(EvaluationError, match="longer --alive"):
        judged(messages, "recency", since=0.0, alive=1e-3)
    with pytest.raises(EvaluationError, match="no model nonsense"):
        chosen(["nonsense"], titles=False)
    with pytest.raises(EvaluationError, match="--titles"):
        chosen(["content"], titles=False)
    with pytest.raises(EvaluationError, match="no model to judge"):
        DiscussionPlan({})
    assert "content" in chosen([], titles=True)
    assert set(chosen(["all"], titles=True)) == set(MODELS)


def test_the_default_cut_is_ninety_days_before_the_end() -> None:
    messages = community(2, seed=6)
    far = [each._replace(time=each.time + 200 * DAY, topic=each.topic + 1000) for each in messages]
    report = judged(messages + far, "recency")
    assert report.since == max(each.time for each in far) - 90 * DAY
    assert report.counts["messages_before"] == len(messages)


def test_titles_help_where_subjects_decide() -> None:
    """Members differ in nothing but their subject: without titles nobody can tell where they go."""
    rng = np.random.default_rng(5)
    subjects = ["rust ownership borrow", "pandas frames groupby", "css grid layout", "数据库 索引 查询"]
    messages, titles, alive = [], list[str](), list[int]()
    for step in range(2600):
        time, member = 1e9 + step * 1800.0, int(rng.integers(24))
        if step % 3 == 0:
            # Bots of the room start everything: who starts says nothing.
            titles.append(f"{rng.permutation(subjects[int(rng.integers(4))].split())[0]} {rng.integers(99)}")
            alive = [*alive, len(titles) - 1][-30:]
            messages.append(Said(time, 0, len(titles) - 1, 100))
            continue
        mine = [t for t in alive if any(word in titles[t] for word in subjects[member % 4].split())]
        topic = int(rng.choice(mine if mine and rng.random() < 0.9 else alive))
        messages.append(Said(time, 0, topic, member))
    log, since = log_of(messages), messages[-700].time
    plan = DiscussionPlan(chosen(["content", "lambdamart-basic", "discussions"], titles=True), since=since)
    early = early_titles(log, titles, since)
    assert 100 < len(early) < len(titles)
    report = run(log, plan, Sight(titles, HashingEncoder(), early), timer=lambda: 0.0)
    blind = run(log, DiscussionPlan(chosen(["discussions"], titles=False), since=since), Sight(), timer=lambda: 0.0)
    assert ndcg(report, "discussions") > 1.1 * ndcg(blind, "discussions")
    assert ndcg(report, "discussions") > ndcg(report, "content")
