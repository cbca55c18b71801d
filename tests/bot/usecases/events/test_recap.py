"""After an event its host gets a draft of what came of it, and posts it once; what is asked for again is remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.items import Course
from bot.domain.outgoing import Link, MessageLink
from bot.domain.refs import MessageRef
from tests.bot.reading import act_of, buttons_of, words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts
from tests.bot.world import Sent, World

QUESTION = "How do I share state between tokio tasks?"


@pytest.fixture
def hosts(world: World) -> Hosts:
    made = Hosts(world)
    for who in ("lin", "sam", "ola"):
        world.arrives(who, language="en")
    world.add_courses(
        Course("tokio", "Async Rust with tokio", "We build a chat server with tokio.", "https://learn.example/tokio"),
        Course("sql", "SQL for analysts", "Joins and windows."),
    )
    made.publish("general")
    world.index()
    world.app.engine.refresh()
    return made


def evening(hosts: Hosts) -> MessageRef:
    """It takes place: two of three come, something is asked, answered and linked."""
    world = hosts.world
    world.says("lin", "Is anybody else from Oslo here, and what is the weather?", ref="long-before")
    for who in ("lin", "sam", "ola"):
        hosts.presses(who, "go")
    hosts.live_until(EVENING, timedelta(hours=4))
    for who in ("lin", "sam"):
        world.commands(who, "checkin", "K7QX")
    world.clock.go_on(minutes=20)
    asked = world.says("lin", QUESTION)
    world.says("ola", "What is a future?")
    world.says("sam", "Arc<Mutex<T>>, see https://tokio.rs/tokio/tutorial/shared-state.", reply_to=asked)
    world.says("ola", "+1 https://tokio.rs/tokio/tutorial/shared-state")
    world.says("ola", "https://example.org/once")
    world.reacts("sam", asked)
    return asked


def draft(hosts: Hosts) -> Sent:
    sent = hosts.live_until(EVENING + timedelta(hours=3), timedelta(minutes=10))
    (found,) = [one for one in sent if ":recap:" in one.sending.key]
    return found


def test_the_host_gets_a_draft_of_what_came_of_it(hosts: Hosts) -> None:
    asked = evening(hosts)
    found = draft(hosts)
    assert found.sending.to_member == hosts.hana.id
    text = words_of(found.message)
    assert "2 of 3 came" in text
    assert "Only you see this draft" in text
    assert "weather" not in text
    inlines = [inline for block in found.message.blocks for line in getattr(block, "items", ()) for inline in line]
    questions = [one for one in inlines if isinstance(one, MessageLink)]
    assert (questions[0].text, questions[0].ref) == (QUESTION, asked), "the one that was taken up most"
    assert questions[1].text == "What is a future?"
    links = [one.url for one in inlines if isinstance(one, Link)]
    assert links[:2] == ["https://tokio.rs/tokio/tutorial/shared-state", "https://example.org/once"]
    assert "https://learn.example/tokio" in links
    assert [act_of(button) for button in buttons_of(found.message)] == ["recap-post", "recap-edit"]


def test_it_is_posted_once_where_it_was_announced(hosts: Hosts) -> None:
    evening(hosts)
    found = draft(hosts)
    first = hosts.presses("hana", "recap-post", found)
    (posted,) = [one for one in first if one.sending.key.startswith("recap:")]
    assert posted.ref.room == hosts.world.room("general").ref
    assert "Only you see" not in words_of(posted.message)
    assert "Posted in #general" in [one for one in first if one.notice][-1].notice
    again = hosts.presses("hana", "recap-post", found)
    assert [one.sending.key for one in again if one.sending.key.startswith("recap:")] == []
    assert "already" in again[-1].notice
    with hosts.world.store.read() as uow:
        assert uow.exposures.get(hosts.world.community.id, f"{posted.sending.key}:course:tokio") is not None
        assert "event.recap" in [row.action for row in uow.audit.all(hosts.world.community.id)]


def test_what_the_host_leaves_out_is_left_out(hosts: Hosts) -> None:
    evening(hosts)
    found = draft(hosts)
    edited = edit(hosts, found, words="Thank you all!", keep=("0", "2"))
    text = words_of(edited.message)
    assert "Thank you all!" in text
    assert "What is a future?" not in text
    assert "example.org" not in text
    posted = next(one for one in hosts.presses("hana", "recap-post", edited) if one.sending.key.startswith("recap:"))
    assert "Thank you all!" in words_of(posted.message)
    assert "What is a future?" not in words_of(posted.message)


def edit(hosts: Hosts, found: Sent, *, words: str, keep: tuple[str, ...]) -> Sent:
    """Through the form's receiver, as any platform brings its answers."""
    from bot.usecases.events.recap_chat import FORM, Recaps
    from bot.usecases.forms import AskForm
    from bot.usecases.turn import Arrive

    world = hosts.world
    recaps = Recaps(
        world.app.engine, world.app.answering, AskForm(world.app.answering, world.ids, frozenset()), lambda *_: False
    )
    turn = Arrive(world.store)(
        world.community, world.sender("hana"), world.home("hana"), world.clock.now(), on=found.ref
    )
    with world.store.write() as uow:
        problems = recaps.receivers[FORM](uow, turn, {"event": "rust-night"}, {"words": (words,), "keep": keep})
        uow.commit()
    assert problems is None
    return world.deliver()[-1]


def test_the_form_has_what_can_be_left_out(hosts: Hosts) -> None:
    evening(hosts)
    asked = hosts.presses("hana", "recap-edit", draft(hosts))
    assert "Your words at the beginning" in words_of(asked[-1].message)


def test_a_deleted_question_is_not_posted(hosts: Hosts) -> None:
    asked = evening(hosts)
    found = draft(hosts)
    hosts.world.deletes(asked)
    posted = next(one for one in hosts.presses("hana", "recap-post", found) if one.sending.key.startswith("recap:"))
    assert QUESTION not in words_of(posted.message)


def test_nobody_else_posts_it(hosts: Hosts) -> None:
    evening(hosts)
    found = draft(hosts)
    refused = hosts.presses("lin", "recap-post", found)
    assert not any(one.sending.key.startswith("recap:") for one in refused)


def test_wanting_it_again_counts_once(hosts: Hosts) -> None:
    evening(hosts)
    posted = next(
        one for one in hosts.presses("hana", "recap-post", draft(hosts)) if one.sending.key.startswith("recap:")
    )
    for _ in range(3):
        assert "Noted" in hosts.presses("lin", "again", posted)[-1].notice
    hosts.presses("sam", "not-again", posted)
    hosts.presses("sam", "again", posted)
    with hosts.world.store.read() as uow:
        sought = uow.demand.sought(hosts.world.community.id, since=EVENING, below=0.5)
    assert sorted(one.member_id for one in sought if one.kind == "again") == sorted(  # type: ignore[type-var]
        hosts.world.member(who).id for who in ("lin", "sam")
    )
    assert {one.words for one in sought if one.kind == "again"} == {"Rust night"}


def test_without_check_in_only_seats_are_known_and_an_event_that_was_cancelled_has_no_recap(hosts: Hosts) -> None:
    hosts.presses("lin", "go")
    assert "One member had a seat" in words_of(draft(hosts).message)


def test_what_was_cancelled_has_no_recap(hosts: Hosts) -> None:
    hosts.presses("lin", "go")
    hosts.cancel()
    sent = hosts.live_until(EVENING + timedelta(hours=3), timedelta(minutes=30))
    assert not any(":recap:" in one.sending.key for one in sent)


def test_the_draft_has_a_way_back_from_its_form_and_ends_as_what_was_posted(hosts: Hosts) -> None:
    evening(hosts)
    found = draft(hosts)
    asked = hosts.presses("hana", "recap-edit", found)[-1]
    assert asked.ref == found.ref
    (shown,) = hosts.world.happens(hosts.world.pressing("hana", "v1:recap-show:tokenofrustnight", found.ref))
    assert "Only you see this draft" in words_of(shown.message)
    refused = hosts.world.happens(hosts.world.pressing("lin", "v1:recap-show:tokenofrustnight"))
    assert [words_of(one.message) for one in refused] == [""]
    done = next(one for one in hosts.presses("hana", "recap-post", shown) if one.ref == found.ref)
    assert "Posted in #general." in words_of(done.message)
    assert buttons_of(done.message) == []


def test_where_nobody_was_and_nothing_was_said_there_is_nothing_to_tell_of(hosts: Hosts) -> None:
    sent = hosts.live_until(EVENING + timedelta(hours=3), timedelta(minutes=30))
    assert not any(":recap:" in one.sending.key for one in sent)
