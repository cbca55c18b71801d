"""Training through the application: what it may learn from, when it is due, and what never goes out or never stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.domain.consent import Consent
from bot.domain.interactions import Interaction, Signal
from bot.domain.items import ItemId
from bot.domain.people import Member
from bot.domain.permissions import Role
from bot.upkeep import Upkeep
from bot.usecases.training import Training, last_model
from recsys import making, trial
from recsys.actions import ActionLog
from recsys.training import TrainingCancelled, TrainingFailed
from recsys.types import Progress
from tests.bot.reading import items
from tests.bot.world import World, course

COURSES = [f"course:c{number:02}" for number in range(20)]


def make_here(
    work: Path, *, now: float, parameters: object, before: Path | None, progress: Progress | None, cancel: object
) -> making.Made:
    """The child's work in this process: half a second less for every training."""
    return making.make(work, parameters, now=now, before=before, progress=progress)  # type: ignore[arg-type]


@pytest.fixture
def taught(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Forty members who took six courses each, one after the other along a ring."""
    monkeypatch.setattr("bot.usecases.training.make_in_process", make_here)
    world.add_courses(*(course(f"c{number:02}", f"Course {number}", tags=("rust",)) for number in range(20)))
    at = world.clock.now()
    with world.store.write() as uow:
        for number in range(40):
            member = uow.members.resolve(world.community.id, world.sender(f"m{number}"), at)
            ring = [ItemId(COURSES[(number + step) % 20]) for step in range(6)]
            uow.interactions.add_many(
                world.community.id,
                [
                    Interaction(member.id, item, Signal.ENROL, at + timedelta(minutes=step), f"{number}:{item}")
                    for step, item in enumerate(ring)
                ],
            )
        uow.commit()
    world.clock.go_on(hours=1)
    return world


def takes(world: World, who: str, first: int, count: int) -> None:
    for step in range(count):
        world.clock.go_on(minutes=1)
        world.does(who, Signal.ENROL, COURSES[(first + step) % 20])


def night(world: World) -> None:
    """Until after the next three o'clock, with the scheduler looking."""
    Upkeep(world.app).ensure_schedules()
    upkeep = Upkeep(world.app).planner()
    upkeep.tick()
    world.clock.go_on(days=1)
    assert upkeep.tick().failed == 0


def trained(world: World) -> Training:
    world.clock.go_on(minutes=1)
    return world.app.train(world.community)


def names(world: World) -> list[str]:
    return [version.name for version in world.app.versions.all()]


def used(world: World) -> str | None:
    model = world.app.engine.shelf.model
    return model.version if model else None


def moderator(world: World) -> Member:
    member = replace(world.arrives("mod"), role=Role.MODERATOR)
    world.change(member)
    return member


def test_training_publishes_and_a_restart_finds_it(taught: World) -> None:
    ended = trained(taught)
    assert ended.outcome == "published"
    assert ended.version is not None
    assert taught.app.versions.current() == ended.version.name
    assert ended.version.figures["new"] > ended.version.figures["popular"]
    before = used(taught)
    assert before is not None
    taught.restart()
    assert used(taught) == before
    assert not taught.app.versions.work.exists()


def test_the_night_trains_only_when_something_changed(taught: World) -> None:
    night(taught)
    first = names(taught)
    assert len(first) == 1
    night(taught)
    assert names(taught) == first
    takes(taught, "m3", 15, 1)
    night(taught)
    assert len(names(taught)) == 2


def test_enough_new_actions_do_not_wait_for_the_night(taught: World) -> None:
    assert taught.app.train.due(taught.community) == "there is none yet"
    trained(taught)
    assert taught.app.train.due(taught.community) == ""
    for number in range(40):
        takes(taught, f"m{number}", number + 6, 1)
    assert taught.app.train.due(taught.community) == ""
    for number in range(20):
        takes(taught, f"m{number}", number + 7, 1)
    taught.restart()
    assert taught.app.train.due(taught.community) == "60 new actions"
    Upkeep(taught.app).retrain_when_due()
    assert len(names(taught)) == 2
    assert taught.app.train.due(taught.community) == ""


def test_new_items_do_not_wait_either(taught: World) -> None:
    trained(taught)
    fresh = [f"course:n{number}" for number in range(10)]
    taught.add_courses(*(course(item.partition(":")[2], "New") for item in fresh))
    for item in fresh:
        taught.does("m1", Signal.SAVE, item)
    assert taught.app.train.due(taught.community) == "10 new items"


def test_a_model_published_by_another_process_is_taken_up(taught: World) -> None:
    first = trained(taught)
    takes(taught, "m1", 9, 2)
    second = trained(taught)
    assert first.version is not None
    assert second.version is not None
    assert used(taught) == second.version.model
    taught.app.versions.use(first.version.name)
    Upkeep(taught.app).retrain_when_due()
    assert used(taught) == first.version.model


@pytest.mark.parametrize("leaving", ["consent", "erased"])
def test_who_leaves_is_forgotten_by_the_next_morning(taught: World, leaving: str) -> None:
    taught.add_courses(course("alone", "Alone"))
    for who in ("m1", "m2"):
        taught.does(who, Signal.ENROL, "course:alone")
    night(taught)
    old = names(taught)
    assert "course:alone" in (taught.app.engine.shelf.model or ())
    for who in ("m1", "m2"):
        member = taught.member(who)
        if leaving == "consent":
            taught.change(replace(member, consent=Consent(frozenset())))
        else:
            erase(taught, member)
    night(taught)
    model = taught.app.engine.shelf.model
    assert model is not None
    assert "course:alone" not in model
    assert model.user_count == 38
    assert not set(old) & set(names(taught))
    stored = b"".join(path.read_bytes() for path in taught.app.paths.models.rglob("*") if path.is_file())
    assert b"course:alone" not in stored


def erase(world: World, member: Member) -> None:
    with world.store.write() as uow:
        for signal, known in uow.interactions.known(member.id).items():
            for item in known:
                for key in uow.interactions.keys_of(member.id, item, signal):
                    uow.interactions.withdraw(world.community.id, key)
        uow.commit()


def test_where_everybody_leaves_no_model_is_left(taught: World) -> None:
    trained(taught)
    for number in range(40):
        taught.change(replace(taught.member(f"m{number}"), consent=Consent(frozenset())))
    assert trained(taught).outcome == "too-few"
    assert used(taught) is None
    assert names(taught) == []
    assert last_model(taught.app.paths.models) is None


def test_a_failed_training_still_forgets_who_left(taught: World, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(taught)
    taught.change(replace(taught.member("m1"), consent=Consent(frozenset())))

    def fail(*_: object, **__: object) -> making.Made:
        raise TrainingFailed(1, "no memory")

    monkeypatch.setattr("bot.usecases.training.make_in_process", fail)
    with pytest.raises(TrainingFailed):
        trained(taught)
    assert names(taught) == []
    assert used(taught) is None


def test_a_failed_or_cancelled_training_changes_nothing(taught: World, monkeypatch: pytest.MonkeyPatch) -> None:
    trained(taught)
    before, model = names(taught), used(taught)
    takes(taught, "m1", 9, 2)
    for error in (TrainingFailed(1, "no memory"), TrainingCancelled()):

        def fail(*_: object, error: Exception = error, **__: object) -> making.Made:
            raise error

        monkeypatch.setattr("bot.usecases.training.make_in_process", fail)
        with pytest.raises(type(error)):
            trained(taught)
        assert (names(taught), used(taught)) == (before, model)
        assert taught.app.train.due(taught.community) == "the last one did not end"


def test_a_training_that_never_ends_waits_for_the_night_after_three(
    taught: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> making.Made:
        raise TrainingFailed(-9, "killed")

    monkeypatch.setattr("bot.usecases.training.make_in_process", fail)
    for _ in range(5):
        Upkeep(taught.app).retrain_when_due()
        taught.restart()
    begun = json.loads((taught.app.versions.work / "begun.json").read_text())
    assert begun["attempts"] == 3
    monkeypatch.setattr("bot.usecases.training.make_in_process", make_here)
    night(taught)
    assert used(taught) is not None


def test_a_training_that_was_killed_goes_on_from_its_last_stage(taught: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[int] = []

    def fit_and_die(log: ActionLog, **given: object) -> object:
        if len(fits) == 1:
            raise KeyboardInterrupt
        fits.append(len(log))
        return real(log, **given)  # type: ignore[arg-type]

    real = making.fit_log
    monkeypatch.setattr(making, "fit_log", fit_and_die)
    with pytest.raises(KeyboardInterrupt):
        trained(taught)
    takes(taught, "m1", 9, 1)  # what happens meanwhile does not throw the finished stage away
    taught.restart()
    monkeypatch.setattr(making, "fit_log", lambda log, **given: fits.append(len(log)) or real(log, **given))
    assert trained(taught).outcome == "published"
    assert fits == [200, 240], "the trial was fitted once, the whole log after the kill"
    assert taught.app.train.due(taught.community) == ""
    night(taught)
    assert len(names(taught)) == 2, "what happened meanwhile is learnt by night"


def test_a_worse_model_is_not_published_and_staff_hear_of_it(
    taught: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    moderator(taught)
    trained(taught)
    before = used(taught)
    for number in range(40):
        takes(taught, f"m{number}", number + 6, 1)
    shuffled(monkeypatch)
    ended = trained(taught)
    assert ended.outcome == "refused"
    assert ended.version is not None
    assert "worse than the one in use" in ended.version.reason
    assert used(taught) == before
    assert "not published" in caplog.text
    (notice,) = taught.deliver()
    said = str(notice.message)
    assert "not published" in said
    assert notice.sending.to_member == taught.member("mod").id
    with taught.store.read() as uow:
        assert uow.audit.all(taught.community.id)[0].action == "model.refused"
    assert taught.app.versions.all()[0].state == "refused"
    assert taught.app.train(taught.community, force=True).outcome == "published"
    assert used(taught) != before


def shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a model is trained on what nobody did."""
    real = making.fit_log

    def fit(log: ActionLog, **given: object) -> object:
        items = np.random.default_rng(0).permutation(log.items)
        return real(ActionLog(log.names, log.users, items, log.weights), **given)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "fit_log", fit)


def test_lists_that_move_far_are_held(taught: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SETTLED", 10)
    monkeypatch.setattr(trial, "DOUBT", 0.0)  # nothing is ever surely better or worse
    moderator(taught)
    trained(taught)
    takes(taught, "m1", 9, 1)
    shuffled(monkeypatch)
    ended = trained(taught)
    assert ended.outcome == "held"
    assert len(taught.deliver()) == 1
    assert ended.version is not None
    taught.app.versions.use(ended.version.name)
    Upkeep(taught.app).retrain_when_due()
    assert used(taught) == ended.version.model


def test_a_damaged_model_gives_way_to_the_one_before(taught: World) -> None:
    first = trained(taught)
    takes(taught, "m1", 9, 2)
    second = trained(taught)
    assert first.version is not None
    assert second.version is not None
    for file in taught.app.versions.place(second.version.name).glob("*.npz"):
        file.write_bytes(file.read_bytes()[:-1])
    taught.restart()
    assert used(taught) == first.version.model
    assert taught.app.train.due(taught.community) == "the model in use is damaged"
    taught.clock.go_on(minutes=1)
    Upkeep(taught.app).retrain_when_due()
    assert used(taught) == second.version.model
    assert second.version.name not in names(taught)


def test_no_text_and_no_private_item_reaches_the_child_or_the_model(
    taught: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles, messages, names and what is said in closed rooms: none of it is in what is handed over or kept."""
    seen: list[bytes] = []

    def keep(work: Path, **given: object) -> making.Made:
        seen.extend(path.read_bytes() for path in work.rglob("*") if path.is_file())
        return make_here(work, **given)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.usecases.training.make_in_process", keep)
    taught.add_courses(course("plain", "Zanzibarquux title", "Zanzibarquux summary", tags=("zanzibarquux",)))
    root = taught.says("m1", "How do I cancel a task? zanzibarquux " * 4)
    taught.says("m2", "zanzibarquux: drop the handle of it, and it ends at the next await", reply_to=root)
    secret = taught.says(
        "m1", "zanzibarquux in a closed room, a question that is long enough?" * 3, "staff", private=True
    )
    taught.index()
    taught.app.engine.refresh()
    post, closed = taught.post(root), taught.post(secret)
    assert post is not None
    for who in ("m1", "m2", "m3"):
        taught.does(who, Signal.SAVE, "course:plain")
        taught.does(who, Signal.CLICK, post.item)
        if closed is not None:
            taught.does(who, Signal.CLICK, closed.item)
    taught.change(replace(taught.member("m3"), consent=Consent(frozenset())))
    assert trained(taught).outcome == "published"
    kept = [path.read_bytes() for path in taught.app.paths.models.rglob("*") if path.is_file()]
    assert any(b"course:plain" in content for content in seen)
    for content in (*seen, *kept):
        assert b"zanzibarquux" not in content.lower()
        assert "zanzibarquux".encode("utf-16-le") not in content.lower()
        assert closed is None or str(closed.item).encode() not in content
        for number in range(40):
            assert f"M{number} ".encode() not in content
    model = taught.app.engine.shelf.model
    assert model is not None
    assert model.user_count == 39, "nothing of who does not consent"


def test_a_press_counts_in_the_next_list_without_a_training(taught: World) -> None:
    """Within a second, through inbox, dispatcher and engine: what was pressed leaves the list and shapes it."""
    trained(taught)
    made = used(taught)
    taught.arrives("new")
    before = taught.asks("new", "foryou")
    taken = items(before.message)[0]
    begun = datetime.now(UTC)
    taught.press("new", before, "enrol", item=taken)
    after = taught.asks("new", "foryou")
    assert (datetime.now(UTC) - begun).total_seconds() < 1.0
    assert taken not in items(after.message)
    query_model = taught.app.engine.shelf.model
    assert query_model is not None
    assert used(taught) == made
    follows = [item for item, _ in query_model.neighbours(taken, 3)]
    assert set(follows) & set(items(after.message)), "what others took after it is suggested at once"
