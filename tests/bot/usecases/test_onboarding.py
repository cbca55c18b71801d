"""Getting to know a newcomer, button by button."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.consent import Consent, ConsentKind
from bot.domain.interactions import Signal
from bot.domain.people import Goal, Level, Profile
from tests.bot.conftest import MakeWorld
from tests.bot.reading import act_of, acts, buttons_of, items, labels, titles, words_of
from tests.bot.world import CATALOGUE, Sent, World, course


def topic(sent: Sent, name: str) -> str:
    return next(act_of(b) for b in buttons_of(sent.message) if b.label == name)


def pressed(sent: Sent) -> set[str]:
    return {button.label for button in buttons_of(sent.message) if button.pressed}


def walk(world: World, who: str, form: Sent, *steps: str) -> list[Sent]:
    """Press one after the other on the same message; what the last press brought."""
    answers = [form]
    for step in steps:
        answers = world.presses(who, next(a for a in answers if a.ref == form.ref), step)
    return answers


def test_the_whole_way_by_buttons(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    assert "Ferris Hall" in words_of(form.message)
    assert "Step 1 of 4" in words_of(form.message)
    assert {"Rust", "Python"} <= set(labels(form.message))
    form = stocked.press("lin", form, topic(form, "Rust"))
    assert form.sending.edits is not None
    assert pressed(form) == {"Rust"}
    form = stocked.press("lin", form, "next")
    assert "How far are you?" in words_of(form.message)
    form = stocked.press("lin", form, "l-some")
    form = stocked.press("lin", form, "g-build")
    form = stocked.press("lin", form, "h-4")
    assert pressed(form) == {"Build something", "2–5 h/week"}
    form = stocked.press("lin", form, "next")
    assert pressed(form) == {"Enrolments"}
    form = stocked.press("lin", form, "c-messages")
    offer, shown = stocked.presses("lin", form, "next")
    assert "Hi – good to see you" in words_of(shown.message)
    assert shown.ref == form.ref
    assert len(items(shown.message)) == 3
    assert "A weekly letter?" in words_of(offer.message)
    member = stocked.member("lin")
    assert member.profile.topics == ("rust",)
    assert (member.profile.level, member.profile.goal, member.profile.weekly_hours) == (
        Level.INTERMEDIATE,
        Goal.BUILD,
        4.0,
    )
    assert member.consent.granted == {ConsentKind.ENROLMENTS, ConsentKind.MESSAGES}
    assert member.onboarded_at == stocked.clock.now()


def test_the_first_list_follows_the_topics(stocked: World) -> None:
    firsts = {}
    for who, name, tag in (("lin", "Rust", "rust"), ("mei", "Python", "python")):
        form = stocked.asks(who, "start")
        shown = walk(stocked, who, form, topic(form, name), "next", "next", "next", "next")[-1]
        firsts[who] = items(shown.message)
        of_topic = {course.item for course in CATALOGUE if tag in course.tags}
        assert firsts[who][0] in of_topic
        assert "Fits what you want to learn" in words_of(shown.message)
    assert firsts["lin"] != firsts["mei"]


def test_a_newcomer_sees_what_people_like_it_took(world: World) -> None:
    same = {"tags": ("rust",), "level": Level.BEGINNER, "hours": 4.0, "price": 0.0}
    world.add_courses(
        course("one", "Rust step by step", "Ownership and borrowing.", **same),
        course("two", "Rust by example", "Ownership and borrowing.", **same),
        course("css", "Modern CSS layouts", tags=("web",), level=Level.BEGINNER, hours=4.0, price=0.0),
    )
    for number in range(27):
        who = f"m{number}"
        topic, level, taken = (
            ("rust", Level.BEGINNER, "course:two")
            if number < 7
            else ("rust", Level.ADVANCED, "course:one")
            if number < 17
            else ("web", Level.BEGINNER, "course:css")
        )
        world.change(replace(world.arrives(who, language="en"), profile=Profile((topic,), level)))
        world.does(who, Signal.ENROL, taken)
    sentence = "Popular among beginners in Rust here (7 people)"
    for who, level, first, told in (("lin", "l-new", "course:two", True), ("mei", "l-expert", "course:one", False)):
        form = world.asks(who, "start")
        shown = walk(world, who, form, topic_act(form), "next", level, "next", "next")[-1]
        assert items(shown.message)[0] == first
        assert (sentence in words_of(shown.message)) is told
    # Who takes the consent back is counted no more: six are left, and four could not be told.
    for number, left in ((0, 6), (1, 5), (2, 0)):
        world.change(replace(world.member(f"m{number}"), consent=Consent(frozenset())))
        seen = words_of(world.asks("lin", "foryou").message)
        assert (f"Rust here ({left} people)" in seen) is (left >= 5)
        assert ("Popular among beginners in Rust" in seen) is (left >= 5)


def topic_act(form: Sent) -> str:
    return topic(form, "Rust")


def test_half_of_it_survives_a_restart(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    form = stocked.press("lin", form, topic(form, "Rust"))
    form = stocked.press("lin", form, "next")
    stocked.restart()
    form = stocked.press("lin", form, "l-new")
    stocked.restart()
    again = stocked.asks("lin", "start")
    assert "What for, and how much time?" in words_of(again.message)
    back = walk(stocked, "lin", again, "back", "back")[-1]
    assert pressed(back) == {"Rust"}


def test_skipping_shows_what_is_popular_and_keeps_the_switches(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    _, shown = stocked.presses("lin", form, "skip")
    assert "I know little about you yet" in words_of(shown.message)
    assert len(items(shown.message)) == 3
    assert stocked.member("lin").consent.granted == {ConsentKind.ENROLMENTS}


def test_a_double_press_does_no_harm(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    form = stocked.press("lin", form, "next")
    form = stocked.press("lin", form, "l-some")
    again = stocked.happens(stocked.pressing("lin", form_code(form, "g-job"), form.ref))[0]
    twice = stocked.happens(stocked.pressing("lin", form_code(form, "g-job"), form.ref))[0]
    assert words_of(again.message) == words_of(twice.message)
    form = stocked.press("lin", twice, "next")
    last = form_code(form, "next")
    first, second = stocked.happens(stocked.pressing("lin", last, form.ref), stocked.pressing("lin", last, form.ref))[
        0:2
    ]
    assert "weekly letter" in words_of(first.message)
    assert items(second.message)
    (late,) = stocked.happens(stocked.pressing("lin", last, form.ref))
    assert late.notice
    assert not late.message.blocks
    member = stocked.member("lin")
    assert member.profile.goal is Goal.JOB
    assert sum("A weekly letter?" in words_of(sent.message) for sent in stocked.sent) == 1


def form_code(form: Sent, act: str) -> str:
    return next(button.code for button in buttons_of(form.message) if act_of(button) == act)


def test_a_chinese_member_gets_chinese(make_world: MakeWorld) -> None:
    world = make_world(language="en")
    world.add_courses(*CATALOGUE)
    (form,) = world.commands("wei", "开始", language="zh-hans")
    assert "你想学什么？" in words_of(form.message)
    assert form.message.language == "zh"
    world.arrives("mei", language="zh")
    form = world.asks("mei", "start")
    assert "第 1 步，共 4 步" in words_of(form.message)
    offer, shown = walk(world, "mei", form, topic(form, "Rust"), "next", "next", "next", "next")
    assert "很高兴见到你" in words_of(shown.message)
    assert "每周一封信" in words_of(offer.message)
    assert "Rust 异步编程实战" in titles(shown.message)


def test_yes_to_the_letter_switches_it_on(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    offer, _ = stocked.presses("lin", form, "skip")
    assert "📬 Yes, Friday 18:00" in labels(offer.message)
    done = stocked.press("lin", offer, "on")
    assert done.notice == "Switched on."
    with stocked.store.read() as uow:
        settings = uow.digests.get(stocked.member("lin").id)
    assert settings.enabled
    assert settings.platform == "fake"


def test_who_said_yes_before_is_not_asked_again(stocked: World) -> None:
    offer, _ = stocked.presses("lin", stocked.asks("lin", "start"), "skip")
    stocked.press("lin", offer, "on")
    later = stocked.presses("lin", stocked.asks("lin", "start"), "skip")
    assert len(later) == 1
    assert items(later[0].message)


def test_answers_can_be_changed_later_and_start_from_what_is_known(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    walk(stocked, "lin", form, topic(form, "Rust"), "next", "l-some", "next", "next")
    profile = stocked.asks("lin", "profile")
    form = stocked.press("lin", profile, "edit")
    assert pressed(form) == {"Rust"}
    walk(stocked, "lin", form, topic(form, "Rust"), topic(form, "Linux"), "next", "next", "next", "next")
    assert stocked.member("lin").profile.topics == ("linux",)
    assert stocked.member("lin").profile.level is Level.INTERMEDIATE


def test_levels_are_no_topics(stocked: World) -> None:
    form = stocked.asks("lin", "start")
    assert "beginner" not in " ".join(labels(form.message)).casefold()


def test_a_community_without_courses_has_a_form_too(world: World) -> None:
    form = world.asks("lin", "start")
    assert acts(form.message) == ["next", "skip"]
    shown = walk(world, "lin", form, "skip")[-1]
    assert "Nothing here yet" in words_of(shown.message)
    assert items(shown.message) == []
