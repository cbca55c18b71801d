"""People to meet: only who opted in, why, what a press does, and that others leave no trace in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Signal
from bot.domain.people import Level, Member, Profile
from tests.bot.reading import acts, card_of, items, words_of
from tests.bot.world import World

ALL = frozenset(ConsentKind)


def person(world: World, who: str, *topics: str, consent: frozenset[ConsentKind] = ALL, language: str = "en") -> Member:
    member = world.arrives(who, language=language, consent=consent)
    world.change(replace(member, profile=Profile(topics=topics, level=Level.BEGINNER)))
    return world.member(who)


@pytest.fixture
def round_table(stocked: World) -> World:
    person(stocked, "lin", "rust", "databases")
    person(stocked, "mei", "rust", "databases", language="zh")
    person(stocked, "ann", "rust", "web")
    person(stocked, "bob", "python")
    return stocked


def test_partners_are_listed_with_their_reasons(round_table: World) -> None:
    shown = round_table.asks("lin", "people")
    assert set(items(shown.message)) == {f"member:{round_table.member(who).id}" for who in ("ann", "mei")}
    text = words_of(shown.message)
    assert "Shares your interest in Rust" in text
    assert "Writes in another language" in text
    assert "Bob" not in text


def test_who_did_not_opt_in_is_asked_first_and_seen_by_nobody(round_table: World) -> None:
    person(round_table, "eve", "rust", "databases", consent=frozenset({ConsentKind.ENROLMENTS}))
    asked = round_table.asks("eve", "people")
    assert items(asked.message) == []
    assert "Only members who switched this on take part" in words_of(asked.message)
    round_table.press("eve", asked, "c-matching")
    assert round_table.member("eve").consent.allows(ConsentKind.MATCHING)
    assert items(round_table.asks("eve", "people").message)


def test_a_member_who_did_not_opt_in_changes_nothing(round_table: World) -> None:
    before = round_table.asks("lin", "people").message
    hidden = ALL - {ConsentKind.MATCHING}
    for n in range(5):
        person(round_table, f"x{n}", "rust", "web", "databases", consent=hidden)
        round_table.does(f"x{n}", Signal.ENROL, "course:rust-start")
        round_table.does(f"x{n}", Signal.COMPLETE, "course:sql")
    after = round_table.asks("lin", "people").message
    assert words_of(after) == words_of(before)
    member = round_table.member("lin")
    at = round_table.clock.now()
    found = round_table.app.partners(member, k=9, at=at)
    assert {int(match.id) for match in found} == {round_table.member(who).id for who in ("mei", "ann")}


def test_what_one_finished_helps_who_begins_it(round_table: World) -> None:
    for item in ("rust-start", "rust-async", "sql", "linux", "web-css"):
        round_table.does("mei", Signal.COMPLETE, f"course:{item}")
    for item in ("python-start", "python-data", "web-css", "linux", "rust-start"):
        round_table.does("lin", Signal.ENROL, f"course:{item}")
    text = words_of(round_table.asks("lin", "people").message)
    assert "Has finished" in text
    # Taken back is not used any more, at once.
    mei = round_table.member("mei")
    off = replace(mei.consent, granted=ALL - {ConsentKind.ENROLMENTS})
    round_table.change(replace(mei, consent=off))
    assert "Has finished" not in words_of(round_table.asks("lin", "people").message)


def test_private_rooms_are_no_reason(round_table: World) -> None:
    for who in ("lin", "mei", "ann"):
        round_table.joins(who, "secret", private=True)
    for number in range(6):
        opening = round_table.says(
            "lin", f"How does rust borrow checking of number {number} work?", "secret", private=True
        )
        round_table.says("mei", "Like this: the rust borrow ends.", "secret", private=True, reply_to=opening)
    assert "Answered" not in words_of(round_table.asks("lin", "people").message)
    for number in range(6):
        opening = round_table.says("ann", f"How does rust borrow checking of number {number} work here?")
        round_table.says("mei", "Like this: the rust borrow ends at its last use.", reply_to=opening)
    assert "Answered 6 times about Rust here" in words_of(round_table.asks("lin", "people").message)


def test_a_hello_is_told_and_may_be_answered(round_table: World) -> None:
    mei = f"member:{round_table.member('mei').id}"
    lin = f"member:{round_table.member('lin').id}"
    shown = round_table.asks("lin", "people")
    told = round_table.presses("lin", shown, "hello", item=mei)
    edit = next(sent for sent in told if sent.sending.edits)
    greeting = next(sent for sent in told if sent.sending.to_member == round_table.member("mei").id)
    assert "Said hello" in card_of(edit.message, mei).state
    assert items(greeting.message) == [lin]
    assert "打招呼" in words_of(greeting.message)
    back = round_table.presses("mei", greeting, "hello", item=lin)
    answer = next(sent for sent in back if sent.sending.to_member == round_table.member("lin").id)
    assert "Hello back" in words_of(answer.message)
    assert "hello" not in acts(answer.message)
    # Met once, not suggested again; a second press of the old button changes nothing.
    assert mei not in items(round_table.asks("lin", "people").message)
    assert lin not in items(round_table.asks("mei", "people").message)
    (again,) = round_table.presses("lin", shown, "hello", item=mei)
    assert again.notice == "You had done that already."


def test_declined_is_not_suggested_again_on_either_side_and_can_be_undone(round_table: World) -> None:
    mei, lin = (f"member:{round_table.member(who).id}" for who in ("mei", "lin"))
    shown = round_table.asks("lin", "people")
    sent = round_table.presses("lin", shown, "decline", item=mei)
    assert len(sent) == 1
    assert mei not in items(round_table.asks("lin", "people").message)
    assert lin not in items(round_table.asks("mei", "people").message)
    round_table.press("lin", sent[0], "undo", item=mei)
    assert mei in items(round_table.asks("lin", "people").message)


def test_who_switches_off_meanwhile_is_not_greeted_nor_shown(round_table: World) -> None:
    member = round_table.member("mei")
    mei = f"member:{member.id}"
    shown = round_table.asks("lin", "people")
    off = replace(member.consent, granted=ALL - {ConsentKind.MATCHING})
    round_table.change(replace(member, consent=off))
    sent = round_table.presses("lin", shown, "hello", item=mei)
    assert [one.sending.to_member for one in sent] == [round_table.member("lin").id]
    assert mei not in items(sent[0].message)
    assert "no longer open" in sent[0].notice
    round_table.clock.go_on(days=1)
    assert mei not in items(round_table.asks("lin", "people").message)
