"""``/path``: courses in order with reasons, "I know this", and what moderators decide about the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.interactions import Signal
from bot.domain.items import ItemId
from bot.domain.outgoing import Bullets
from bot.domain.paths import Decision, Prerequisite
from bot.domain.people import Level
from bot.domain.permissions import Role
from bot.usecases.path import tags_named
from bot.usecases.prerequisites import InferPrerequisites
from tests.bot.reading import act_of, acts, buttons_of, words_of
from tests.bot.world import Sent, World, course


@pytest.fixture
def lin(stocked: World) -> World:
    stocked.arrives("lin", language="en", consent=None)
    member = stocked.member("lin")
    stocked.change(replace(member, profile=replace(member.profile, weekly_hours=6.0)))
    return stocked


def lines(sent: Sent) -> list[str]:
    """The steps as they are written."""
    first = next(block for block in sent.message.blocks if isinstance(block, Bullets))
    return ["".join(str(getattr(inline, "text", "")) for inline in item) for item in first.items]


def proposed(world: World, *proposals: Prerequisite) -> list[Prerequisite]:
    with world.store.write() as uow:
        uow.prerequisites.propose(world.community.id, proposals, world.clock.now())
        uow.commit()
    with world.store.read() as uow:
        return uow.prerequisites.all(world.community.id)


def test_a_path_in_order_with_reasons_hours_and_weeks(lin: World) -> None:
    answer = lin.asks("lin", "path", "rust")
    steps = lines(answer)
    assert [step.split(" · ")[0] for step in steps] == [
        "○ 1. Rust from zero",
        "○ 2. Async Rust in practice",
        "○ 3. Rust macros in depth",
    ]
    assert "; needed before “Async Rust in practice” and “Rust macros in depth”" in steps[0]
    assert "after “Rust from zero”" in steps[1]
    said = words_of(answer.message)
    assert "3 steps, 3 still to do: about 36 h. At 6 h a week that is 6 weeks." in said
    assert "Weeks 1–3: Async Rust in practice (12 h)" in said
    assert "Week 1: Rust from zero (4 h)" in said
    # Asked for, not suggested: nothing of it counts as shown.
    with lin.store.read() as uow:
        assert uow.exposures.shown(lin.member("lin").id, since=lin.clock.now() - timedelta(days=1)) == {}


def test_i_know_this_counts_and_can_be_taken_back(lin: World) -> None:
    answer = lin.asks("lin", "path", "rust")
    known = lin.press("lin", answer, "know1")
    assert known.notice.startswith("Noted")
    assert lines(known)[0].startswith("✓ 1. Rust from zero · beginner · you know it")
    assert "3 steps, 2 still to do: about 32 h" in words_of(known.message)
    assert lin.history("lin") == [("known", "course:rust-start")]
    # What builds on it may be suggested now, and it itself never.
    assert "course:rust-start" not in lin.everything_for("lin")
    # The same press again, delivered twice, changes nothing more.
    back = lin.press("lin", known, "know1")
    assert back.notice.startswith("Taken back")
    assert lines(back)[0].startswith("○ 1.")
    assert lin.history("lin") == []


def test_enrolling_from_the_path(lin: World) -> None:
    answer = lin.press("lin", lin.asks("lin", "path", "rust"), "enrol1")
    assert lines(answer)[0].startswith("◐ 1. Rust from zero")
    assert lin.history("lin") == [("enrol", "course:rust-start")]
    assert "enrol2" in acts(answer.message)


def test_without_consent_nothing_is_kept(lin: World) -> None:
    lin.arrives("ola", language="en", consent=())
    answer = lin.press("ola", lin.asks("ola", "path", "rust"), "enrol1")
    assert "switched off" in answer.notice
    assert lines(answer)[0].startswith("○ 1.")
    assert lin.history("ola") == []


def test_done_and_begun_and_skipped(lin: World) -> None:
    member = lin.member("lin")
    lin.change(replace(member, profile=replace(member.profile, level=Level.ADVANCED)))
    lin.does("lin", Signal.COMPLETE, "course:rust-async")
    lin.does("lin", Signal.PROGRESS, "course:rust-expert", value=0.5)
    steps = words_of(lin.asks("lin", "path", "rust").message)
    assert "✓ 2. Async Rust in practice" in steps
    assert "◐ 3. Rust macros in depth · advanced · 10 h" in steps
    assert "You may skip 1: you have finished what builds on" in steps


def test_in_chinese_by_the_name_of_the_topic(lin: World) -> None:
    lin.arrives("wei", language="zh")
    answer = lin.asks("wei", "路径", "数据库")
    assert "学习路径：数据库" in words_of(answer.message)
    assert any("SQL joins" in step for step in lines(answer))
    (first, *_) = lines(lin.asks("wei", "路径", "rust"))
    assert "；学“Async Rust in practice”和“Rust macros in depth”之前需要" in first


def test_a_skill_that_nothing_teaches_is_demand(lin: World) -> None:
    assert "No course here" in words_of(lin.asks("lin", "path", "qqqq zzzz").message)
    assert [(kind, words) for kind, words, _ in lin.demand()] == [("path", "qqqq zzzz")]
    assert "Name a skill" in words_of(lin.asks("lin", "path").message)


def test_tags_are_found_by_any_of_their_names() -> None:
    tags = ["rust", "machine-learning", "c", "web"]
    assert tags_named("Rust for machine learning", tags) == {"rust", "machine-learning"}
    assert tags_named("机器学习", tags) == {"machine-learning"}
    assert tags_named("rusty webs", tags) == frozenset()
    assert tags_named("C++ tricks", tags) == frozenset()


def test_only_what_moderators_confirm_binds(lin: World) -> None:
    lin.arrives("mod", language="en")
    lin.change(replace(lin.member("mod"), role=Role.MODERATOR))
    lin.add_courses(course("rust-web", "Rust for web pages", "Web servers in Rust.", tags=("rust", "web"),
                           level=Level.BEGINNER, hours=3.0))  # fmt: skip
    (found,) = proposed(lin, Prerequisite("rust-start", "rust-web", "sequence", 0.8, 31, 40))
    before = words_of(lin.asks("lin", "path", "rust").message)
    assert "needed before “Rust from zero”" not in before
    answer = lin.asks("mod", "path", "proposals")
    assert f"{found.id}. “Rust for web pages” before “Rust from zero”: 31 of 40 learners took it first" in words_of(
        answer.message
    )
    decided = lin.press("mod", answer, "confirm")
    assert decided.notice.startswith("Confirmed")
    assert "Nothing waits" in words_of(decided.message)
    after = lines(lin.asks("lin", "path", "rust"))
    assert "Rust for web pages" in after[0]
    assert "needed before “Rust from zero”" in after[0]
    known = lin.app.engine.item("course:rust-start")
    assert known is not None
    assert known.prerequisites == ("course:rust-web",)
    with lin.store.read() as uow:
        (row,) = [row for row in uow.audit.all(lin.community.id) if row.action.startswith("prerequisite.")]
        kept = uow.prerequisites.get(lin.community.id, found.id)
    assert (row.actor, row.action, row.target) == (
        f"member:{lin.member('mod').id}", "prerequisite.confirmed", "course:rust-start",
    )  # fmt: skip
    assert kept is not None
    assert (kept.state, kept.decided_by, kept.decided_at) == (Decision.CONFIRMED, row.actor, lin.clock.now())
    # The catalogue is imported again: what moderators decided stays.
    with lin.store.write() as uow:
        start = uow.courses.get(lin.community.id, ["rust-start"])["rust-start"]
        uow.courses.upsert(lin.community.id, replace(start, summary="Ownership, anew."))
        uow.commit()
    lin.index()
    assert "Rust for web pages" in lines(lin.asks("lin", "path", "rust"))[0]


def test_refused_is_gone_and_not_asked_again(lin: World) -> None:
    lin.arrives("mod", language="en")
    lin.change(replace(lin.member("mod"), role=Role.OWNER))
    thought = Prerequisite("web-react", "web-css", "level", 0.4)
    proposed(lin, thought)
    assert "its description suggests “Modern CSS layouts”" in words_of(lin.asks("lin", "path", "web").message)
    lin.press("mod", lin.asks("mod", "path", "proposals"), "refuse")
    assert "its description suggests" not in words_of(lin.asks("lin", "path", "web").message)
    (kept,) = proposed(lin, thought)
    assert kept.state is Decision.REFUSED


def test_members_see_no_proposals_and_their_buttons_are_their_own(lin: World) -> None:
    lin.arrives("mod", language="en")
    lin.change(replace(lin.member("mod"), role=Role.MODERATOR))
    proposed(lin, Prerequisite("web-react", "web-css", "level", 0.4))
    assert "proposals" in words_of(lin.asks("lin", "path", "proposals").message)
    assert not lin.asks("lin", "path", "proposals").message.buttons
    answer = lin.asks("mod", "path", "proposals")
    code = next(button.code for button in buttons_of(answer.message) if act_of(button) == "confirm")
    (refused,) = lin.happens(lin.pressing("lin", code))
    assert "somebody else" in refused.notice
    # A role that was taken away meanwhile decides nothing.
    lin.change(replace(lin.member("mod"), role=Role.MEMBER))
    lin.happens(lin.pressing("mod", code, answer.ref))
    with lin.store.read() as uow:
        assert [p.state for p in uow.prerequisites.all(lin.community.id)] == [Decision.PROPOSED]


def test_inference_counts_only_those_who_allow_it(lin: World) -> None:
    for number in range(30):
        who = f"u{number}"
        lin.arrives(who, consent=None if number < 15 else ())
        start = lin.clock.now() - timedelta(days=10)
        lin.does(who, Signal.ENROL, "course:linux", at=start)
        lin.does(who, Signal.ENROL, "course:sql", at=start + timedelta(days=1))
    for number in range(30, 60):
        lin.arrives(f"u{number}")
        lin.does(f"u{number}", Signal.ENROL, "course:web-css", at=lin.clock.now() - timedelta(days=3))
    infer: InferPrerequisites = lin.app.infer
    assert infer(lin.community.id) > 0
    with lin.store.read() as uow:
        found = [p for p in uow.prerequisites.all(lin.community.id) if p.source == "sequence"]
    assert [(p.needs, p.course, p.count, p.of) for p in found] == [("linux", "sql", 15, 15)]
    again = infer(lin.community.id)
    assert again == 0


def test_the_words_of_a_course_make_a_proposal_that_repeats_nothing_known(lin: World) -> None:
    lin.add_courses(
        course("sql-deep", "Query planners", "Requires SQL joins without tears.", tags=("databases",),
               level=Level.ADVANCED),
        course("rust-more", "Rust again", "For people who finished Rust from zero.", prerequisites=("rust-start",)),
    )  # fmt: skip
    lin.app.infer(lin.community.id)
    with lin.store.read() as uow:
        found = {(p.course, p.needs): p.source for p in uow.prerequisites.all(lin.community.id)}
    assert found["sql-deep", "sql"] == "named"
    assert ("rust-more", "rust-start") not in found


def test_what_is_confirmed_feeds_the_recommender(lin: World) -> None:
    (found,) = proposed(lin, Prerequisite("python-data", "sql", "sequence", 0.8, 31, 40))
    lin.does("lin", Signal.COMPLETE, "course:sql")

    def path_part() -> float:
        with lin.store.read() as uow:
            query = lin.app.suggest.query(
                uow, lin.member("lin"), uow.rooms.viewer(lin.member("lin")), k=5, at=lin.clock.now()
            )
        lin.app.engine.refresh()
        explained = lin.app.engine.explain(query, ItemId("course:python-data"))
        assert explained is not None
        return sum(reason.value for reason in explained.reasons if reason.source == "path")

    assert path_part() == 0.0
    with lin.store.write() as uow:
        uow.prerequisites.decide(lin.community.id, found.id, Decision.CONFIRMED, by="member:1", at=lin.clock.now())
        uow.commit()
    assert path_part() > 0.0
