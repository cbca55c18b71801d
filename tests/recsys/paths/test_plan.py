"""A path covers a skill in an order that holds, knows what is done, and fits the weeks."""

from __future__ import annotations

import pytest

from recsys.paths.plan import Learner, Path, Skip, Standing, Step, Why, build_path, weekly_plan
from recsys.paths.proposal import Proposal
from recsys.types import Item


def course(name: str, level: int | None, *tags: str, needs: tuple[str, ...] = (), **more: object) -> Item:
    values: dict[str, object] = {"hours": 10.0, "language": "en"} | more
    return Item(name, 0, "course", name, tags=("rust", *tags), level=level, prerequisites=needs, **values)  # type: ignore[arg-type]


ITEMS = {
    item.id: item
    for item in (
        course("start", 0, "beginner"),
        course("examples", 0),
        course("threads", 1, "concurrency", needs=("start",)),
        course("tasks", 1, "concurrency"),
        course("web", 1, "web"),
        course("sites", 1, "web", hours=None),
        course("async", 2, "concurrency", needs=("threads",)),
        course("maths", 0),
        course("zh", 0, language="zh"),
    )
}
FIT = {name: 0.9 if name in ("start", "async") else 0.7 for name in ITEMS if name != "maths"}


def path(learner: Learner | None = None, **more: object) -> Path:
    return build_path(ITEMS, FIT, learner or Learner(languages=("en",)), skill_tags=["rust"], **more)  # type: ignore[arg-type]


def step(found: Path, item: str) -> Step:
    return next(step for step in found.steps if step.item == item)


def test_every_step_has_its_place_and_its_reason() -> None:
    found = path()
    names = [step.item for step in found.steps]
    assert names.index("start") < names.index("threads") < names.index("async")
    assert step(found, "start").why is Why.CORE
    assert step(found, "start").needed_for == ("threads",)
    assert step(found, "threads").after == ("start",)
    assert step(found, "web" if "web" in names else "sites").topics == ("web",)
    # One course a gap: what fills the same gap stands beside it, not after it.
    assert step(found, "start").alternatives == ("examples",)
    assert not {"examples", "tasks"} & set(names)
    assert "maths" not in names
    assert "zh" not in names


def test_a_prerequisite_outside_the_skill_is_added() -> None:
    items = ITEMS | {"start": course("start", 0, needs=("maths",))}
    found = build_path(items, FIT, Learner(languages=("en",)), skill_tags=["rust"])
    assert found.steps[0].item == "maths"
    assert (found.steps[0].why, found.steps[0].needed_for) == (Why.NEEDED, ("start",))


def test_what_is_done_known_or_begun() -> None:
    learner = Learner(frozenset({"examples"}), frozenset({"threads"}), {"web": 0.5}, languages=("en",))
    found = path(learner)
    assert step(found, "examples").standing is Standing.DONE
    assert step(found, "threads").standing is Standing.KNOWN
    assert (step(found, "web").standing, step(found, "web").hours) == (Standing.BEGUN, 5.0)
    assert step(found, "threads").hours == step(found, "examples").hours == 0.0
    assert step(found, "async").skip is None


def test_what_may_be_skipped() -> None:
    found = path(Learner(done=frozenset({"threads"}), languages=("en",), level=2))
    assert step(found, "start").skip is Skip.BUILT_ON
    assert step(found, "threads").skip is None
    assert path(Learner(languages=("en",), level=1)).steps[0].skip is Skip.LEVEL
    assert all(step.skip is None for step in path().steps)


def test_what_is_often_taken_before_is_said_and_gives_way_to_what_binds() -> None:
    hint = Proposal("threads", "web", "sequence", 0.8, 40, 50)
    against = Proposal("start", "async", "sequence", 0.9, 40, 50)
    found = path(usually=[hint, against, Proposal("web", "nowhere", "level", 0.3)])
    names = [step.item for step in found.steps]
    assert names.index("web") < names.index("threads")
    assert step(found, "threads").usually == (hint,)
    assert step(found, "start").usually == ()
    assert [(cut.edge.before, cut.edge.after) for cut in found.cuts] == [("async", "start")]


def test_circles_of_the_catalogue_are_reported() -> None:
    items = ITEMS | {"start": course("start", 0, needs=("async",))}
    found = build_path(items, FIT, Learner(languages=("en",)), skill_tags=["rust"])
    assert len(found.cuts) == 1
    assert set(found.cuts[0].circle) == {"start", "threads", "async"}
    assert found == build_path(items, dict(reversed(FIT.items())), Learner(languages=("en",)), skill_tags=["rust"])


def test_another_language_rather_than_nothing() -> None:
    items = {"zh": ITEMS["zh"]}
    assert [s.item for s in build_path(items, {"zh": 1.0}, Learner(languages=("en",))).steps] == ["zh"]
    assert build_path(ITEMS, {}, Learner()).steps == ()


@pytest.mark.parametrize(("weekly", "weeks"), [(4.0, 5), (100.0, 1), (None, 0), (0.0, 0), (float("nan"), 0)])
def test_weeks(weekly: float | None, weeks: int) -> None:
    steps = [
        Step("a", Standing.OPEN, Why.CORE, 0, hours=6.0),
        Step("b", Standing.DONE, Why.CORE, 0, hours=0.0),
        Step("c", Standing.OPEN, Why.CORE, 0, hours=11.0),
    ]
    plan = weekly_plan(steps, weekly)
    assert len(plan) == weeks
    if weeks:
        assert sum(hours for week in plan for _, hours in week.parts) == pytest.approx(17.0)
        assert all(sum(hours for _, hours in week.parts) <= (weekly or 0) + 1e-6 for week in plan)
        assert [week.number for week in plan] == list(range(1, weeks + 1))


def test_hours_that_nobody_told_are_guessed_and_marked() -> None:
    items = {"sites": ITEMS["sites"], "web": ITEMS["web"]}
    found = build_path(items, {"sites": 1.0}, Learner())
    assert (found.steps[0].hours, found.steps[0].guessed) == (10.0, True)
