"""One person with accounts on several platforms: proved from both sides, and nothing is joined before both said yes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Barrier, Thread

import pytest

from bot.domain.consent import Consent, ConsentKind
from bot.domain.interactions import Signal
from bot.domain.links import LinkState
from bot.domain.people import Level, Member, Profile
from bot.domain.permissions import Role
from bot.ports import UnitOfWork
from bot.wording import Wording
from tests.bot.conftest import MakeWorld
from tests.bot.platforms import Platforms, to
from tests.bot.reading import acts, items, words_of
from tests.bot.world import CATALOGUE, Sent

TELEGRAM, DISCORD, WEB = "mei@telegram", "mei-d@discord", "mei-w@web"


@pytest.fixture
def world(make_world: MakeWorld) -> Iterator[Platforms]:
    made = make_world(kind=Platforms)
    assert isinstance(made, Platforms)
    made.add_courses(*CATALOGUE)
    for who in (TELEGRAM, DISCORD, WEB):
        made.arrives(who)
    yield made
    made.store.close()


def said(sent: Sent) -> str:
    return words_of(sent.message)


def states(world: Platforms) -> list[LinkState]:
    with world.store.read() as uow:
        found = [uow.links.get(world.community.id, number) for number in range(1, 30)]
    return [link.state for link in found if link is not None]


def audit(world: Platforms) -> list[str]:
    with world.store.read() as uow:
        return [row.action for row in uow.audit.all(world.community.id)]


def one_person(world: Platforms, *accounts: str) -> bool:
    return len({world.member(who).id for who in accounts}) == 1


# The way there


def test_two_accounts_become_one_person_after_both_said_yes(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    asked = world.commands(DISCORD, "link", code)
    assert "Mei-D on Discord wants to be one person with you here" in said(to(asked, TELEGRAM))
    assert "Mei on Telegram wants to be one person with you here" in said(to(asked, DISCORD))
    assert "Your profile stays" in said(to(asked, TELEGRAM))
    assert "The profile on Telegram counts" in said(to(asked, DISCORD))
    (half,) = world.presses(DISCORD, to(asked, DISCORD), "yes")
    assert "say yes on Telegram too" in said(half)
    assert not one_person(world, TELEGRAM, DISCORD)
    done = world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert {one.sending.room.platform for one in done} == {"telegram", "discord"}
    assert all("one person now" in said(one) for one in done)
    assert one_person(world, TELEGRAM, DISCORD)
    assert audit(world) == ["link.join"]


@pytest.mark.parametrize("order", [(TELEGRAM, DISCORD), (DISCORD, TELEGRAM)])
def test_either_side_may_be_the_first_to_say_yes(world: Platforms, order: tuple[str, str]) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    for who in order:
        assert not one_person(world, TELEGRAM, DISCORD)
        world.presses(who, to(asked, who), "yes")
    assert one_person(world, TELEGRAM, DISCORD)


@pytest.mark.parametrize("written", ["{a}{b}", "{a} {b}", "{a}-{b}", "  {a}—{b} ", "／", "lower", "wide"])
def test_a_code_is_understood_however_it_is_typed(world: Platforms, written: str) -> None:
    code = world.code(TELEGRAM)
    first, second = code.split("-")
    typed = {
        "lower": code.lower(),
        "wide": "".join(chr(ord(letter) + 0xFEE0) for letter in first + second),
        "／": (first + second).replace("0", "O").replace("1", "l"),
    }.get(written, written.format(a=first, b=second))
    assert len(world.commands(DISCORD, "link", typed)) == 2


def test_every_sentence_is_there_in_chinese(world: Platforms) -> None:
    for who in (TELEGRAM, DISCORD):
        world.change(replace(world.member(who), language="zh"))
    asked = world.commands(DISCORD, "关联", world.code(TELEGRAM))
    assert "想和这里的你成为同一个人" in said(to(asked, DISCORD))
    world.presses(DISCORD, to(asked, DISCORD), "yes")
    done = world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert all("同一个人" in said(one) for one in done)
    assert "账号又是两个人了" in said(world.unlink(TELEGRAM)[0])


# What a code is worth


def test_a_stolen_code_joins_nothing(world: Platforms) -> None:
    world.arrives("eve@discord")
    asked = world.commands("eve@discord", "link", world.code(TELEGRAM))
    world.presses("eve@discord", to(asked, "eve@discord"), "yes")
    assert not one_person(world, TELEGRAM, "eve@discord")
    refused = world.presses(TELEGRAM, to(asked, TELEGRAM), "no")
    assert "Nothing was joined" in said(to(refused, TELEGRAM))
    assert "said no" in said(to(refused, "eve@discord"))
    assert not one_person(world, TELEGRAM, "eve@discord")
    assert states(world) == [LinkState.REFUSED]


def test_a_code_that_somebody_else_sent_joins_nothing_without_ones_own_yes(world: Platforms) -> None:
    world.arrives("eve@telegram")
    asked = world.commands(DISCORD, "link", world.code("eve@telegram"))
    question = to(asked, DISCORD)
    assert "If somebody sent you the code" in said(question)
    world.presses("eve@telegram", to(asked, "eve@telegram"), "yes")
    assert not one_person(world, "eve@telegram", DISCORD)


def test_what_does_not_work_is_answered_alike(world: Platforms) -> None:
    """Unknown, no code at all, expired, used, replaced, read by others: nothing can be told apart."""
    old = world.code(TELEGRAM)
    replaced = world.code(TELEGRAM)
    world.clock.go_on(minutes=10)
    answers = [said(world.asks(DISCORD, "link", code)) for code in ("AAAA-BBBB", "hello", old, replaced)]
    world.clock.go_on(hours=2)
    used = world.code(TELEGRAM)
    world.presses(TELEGRAM, to(world.commands(WEB, "link", used), TELEGRAM), "no")
    overheard = world.code(WEB)
    world.in_room("ann@web", "hall@web", "link", overheard, read=True)
    answers += [said(world.asks(DISCORD, "link", code)) for code in (used, overheard)]
    assert len(set(answers)) == 1
    assert "This code does not work" in answers[0]


def test_a_used_code_cannot_be_used_again_while_it_is_asked(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    assert len(world.commands(DISCORD, "link", code)) == 2
    assert "does not work" in said(world.asks(WEB, "link", code))
    assert "does not work" in said(world.asks(DISCORD, "link", code))


def test_nobody_tries_for_ever(world: Platforms) -> None:
    for _ in range(5):
        assert "does not work" in said(world.asks(DISCORD, "link", "AAAA-BBBB"))
    code = world.code(TELEGRAM)
    assert "try again in an hour" in said(world.asks(DISCORD, "link", code))
    world.clock.go_on(minutes=61)
    assert len(world.commands(DISCORD, "link", world.code(TELEGRAM))) == 2


def test_nobody_makes_codes_for_ever(world: Platforms) -> None:
    for _ in range(5):
        world.code(TELEGRAM)
    assert "try again in an hour" in said(world.asks(TELEGRAM, "link"))


def test_where_others_read_no_code_is_made_and_none_is_worth_anything(world: Platforms) -> None:
    (answer,) = world.in_room(TELEGRAM, "hall@telegram", "link", read=True)
    assert answer.sending.room == world.home(TELEGRAM).room
    assert "nobody reads along" in said(answer)
    assert states(world) == []
    code = world.code(TELEGRAM)
    (answer,) = world.in_room(DISCORD, "hall@discord", "link", code, read=True)
    assert answer.sending.room == world.home(DISCORD).room
    assert states(world) == [LinkState.VOID]


def test_a_command_that_nobody_else_read_is_answered_in_private(world: Platforms) -> None:
    (answer,) = world.in_room(DISCORD, "hall@discord", "link", read=False)
    assert answer.sending.room == world.home(DISCORD).room
    assert states(world) == [LinkState.OFFERED]


def test_no_code_can_be_read_in_the_store(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    place = world.home(DISCORD)
    world.in_room(DISCORD, "home", "link", code, read=True)
    with world.store.read() as uow:
        room = uow.rooms.by_ref(world.community.id, place.room)
        assert room is not None
        assert [message.text for message in uow.messages.page(room.id)] == ["/link ••••"]
        link = uow.links.get(world.community.id, 1)
        assert code.replace("-", "") not in repr(link)


# Who cannot


def test_ones_own_code_is_told_apart(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    assert "the code that you made here" in said(world.asks(TELEGRAM, "link", code))
    assert len(world.commands(DISCORD, "link", code)) == 2


def test_who_is_one_already_is_told_so(world: Platforms) -> None:
    world.link(TELEGRAM, DISCORD)
    assert "one person already" in said(world.asks(DISCORD, "link", world.code(TELEGRAM)))


def test_a_person_has_one_account_on_each_platform(world: Platforms) -> None:
    world.arrives("other@telegram")
    assert "the same platform" in said(world.asks("other@telegram", "link", world.code(TELEGRAM)))
    world.link(TELEGRAM, DISCORD)
    world.arrives("other@discord")
    assert "the same platform" in said(world.asks("other@discord", "link", world.code(TELEGRAM)))


def test_what_changed_between_question_and_answer_counts(world: Platforms) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    world.presses(DISCORD, to(asked, DISCORD), "yes")
    world.arrives("other@discord")
    with world.store.write() as uow:
        uow.members.attach(world.member(TELEGRAM).id, world.sender("third@discord").account, "Third")
        uow.commit()
    (answer,) = world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert "the same platform" in said(answer)
    assert states(world) == [LinkState.VOID]


def test_sample_members_are_nobodys_to_link(world: Platforms) -> None:
    world.change(replace(world.member(TELEGRAM), sample=True))
    assert "sample community" in said(world.asks(TELEGRAM, "link"))
    code = world.code(DISCORD)
    world.change(replace(world.member(WEB), sample=True))
    assert "sample community" in said(world.asks(WEB, "link", code))


def test_bots_are_not_answered(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    world.happens(replace(world.command(DISCORD, "link", code), sender=world.sender("robot@discord", bot=True)))
    assert states(world) == [LinkState.OFFERED]


def test_a_code_of_another_community_is_unknown(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    with world.store.write() as uow:
        other = uow.communities.add("Elsewhere", language="en", timezone="UTC", sample=False)
        uow.commit()
    here, world.community = world.community, other
    world.restart()
    assert "does not work" in said(world.asks(DISCORD, "link", code))
    world.community = here
    world.restart()
    assert len(world.commands(DISCORD, "link", code)) == 2


# Buttons


def test_a_button_is_its_owners(world: Platforms) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    world.arrives("eve@discord")
    question = to(asked, TELEGRAM)
    for who in (DISCORD, "eve@discord"):
        (answer,) = world.presses(who, question, "yes")
        assert answer.notice == Wording("en").say("notice-not-yours")
    assert states(world) == [LinkState.ASKED]


@pytest.mark.parametrize("act", ["part", "part-yes", "nonsense", "yes-1", "yess"])
def test_a_code_with_another_act_does_nothing(world: Platforms, act: str) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    code = to(asked, TELEGRAM).message.buttons[0][0].code.split(":")[2]
    world.happens(world.pressing(TELEGRAM, f"v1:{act}:{code}", to(asked, TELEGRAM).ref))
    assert states(world) == [LinkState.ASKED]


def test_presses_that_come_twice_or_late_change_nothing(world: Platforms) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    for _ in range(2):
        world.presses(DISCORD, to(asked, DISCORD), "yes")
    assert not one_person(world, TELEGRAM, DISCORD)
    world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    (late,) = world.presses(DISCORD, to(asked, DISCORD), "no")
    assert "one person already" in late.notice
    assert audit(world) == ["link.join"]
    assert one_person(world, TELEGRAM, DISCORD)


def test_a_question_that_waited_too_long_is_over(world: Platforms) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    world.presses(DISCORD, to(asked, DISCORD), "yes")
    world.clock.go_on(minutes=61)
    (answer,) = world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert answer.notice == Wording("en").say("notice-gone")
    assert not one_person(world, TELEGRAM, DISCORD)


def test_two_confirmations_at_once_join_once(world: Platforms) -> None:
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    start = Barrier(2)

    def press(who: str) -> None:
        message = to(asked, who)
        code = next(button.code for button in message.message.buttons[0])
        _, act, token = code.split(":")
        with world.store.read() as uow:
            row = uow.buttons.get(world.community.id, token)
        assert row is not None
        turn = world.dispatcher.arrive(
            world.community, world.sender(who), world.home(who), world.clock.now(), on=message.ref
        )
        start.wait()
        world.dispatcher.presses(turn, act, row)

    threads = [Thread(target=press, args=(who,)) for who in (TELEGRAM, DISCORD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one_person(world, TELEGRAM, DISCORD)
    assert audit(world) == ["link.join"]


def test_one_code_given_from_two_sides_at_once_is_used_once(world: Platforms) -> None:
    code = world.code(TELEGRAM)
    start = Barrier(2)

    def give(who: str) -> None:
        turn = world.dispatcher.arrive(world.community, world.sender(who), world.home(who), world.clock.now())
        start.wait()
        world.dispatcher.commands["link"](turn, code)

    threads = [Thread(target=give, args=(who,)) for who in (WEB, DISCORD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heard = [said(one) for one in world.deliver()]
    assert sum("does not work" in one for one in heard) == 1
    assert states(world) == [LinkState.ASKED]


# What they are together


def changed(world: Platforms, who: str, **changes: object) -> Member:
    world.change(replace(world.member(who), **changes))  # type: ignore[arg-type]
    return world.member(who)


def test_the_profile_is_the_firsts_and_what_it_leaves_open_the_seconds(world: Platforms) -> None:
    changed(world, TELEGRAM, profile=Profile(topics=("rust",)), timezone="Europe/Berlin")
    second = Profile(topics=("go",), level=Level.ADVANCED, weekly_hours=4.0)
    changed(world, DISCORD, profile=second, timezone="Asia/Shanghai", language="zh")
    world.link(TELEGRAM, DISCORD)
    together = world.member(DISCORD)
    assert together.profile == Profile(topics=("rust",), level=Level.ADVANCED, weekly_hours=4.0)
    assert (together.timezone, together.language, together.name) == ("Europe/Berlin", "zh", "Mei")
    world.unlink(TELEGRAM)
    assert world.member(DISCORD).profile == second
    assert world.member(TELEGRAM).profile == Profile(topics=("rust",))
    assert world.member(TELEGRAM).language is None


def test_a_signal_is_on_only_where_both_had_it_on(world: Platforms) -> None:
    both = {ConsentKind.ENROLMENTS, ConsentKind.REACTIONS}
    changed(world, TELEGRAM, consent=Consent(frozenset({*both, ConsentKind.MESSAGES})))
    changed(world, DISCORD, consent=Consent(frozenset({*both, ConsentKind.MATCHING})))
    world.link(TELEGRAM, DISCORD)
    assert world.member(DISCORD).consent.granted == both
    changed(world, DISCORD, consent=Consent(frozenset({ConsentKind.ENROLMENTS})))
    world.unlink(DISCORD)
    assert world.member(TELEGRAM).consent.granted == {ConsentKind.ENROLMENTS, ConsentKind.MESSAGES}
    assert world.member(DISCORD).consent.granted == {ConsentKind.ENROLMENTS, ConsentKind.MATCHING}


def test_rights_count_for_both_and_are_not_won_back_by_unlinking(world: Platforms) -> None:
    changed(world, TELEGRAM, role=Role.MODERATOR)
    changed(world, DISCORD, role=Role.OWNER)
    asked = world.commands(DISCORD, "link", world.code(TELEGRAM))
    assert "Moderator rights" in said(to(asked, TELEGRAM))
    world.presses(DISCORD, to(asked, DISCORD), "yes")
    world.presses(TELEGRAM, to(asked, TELEGRAM), "yes")
    assert world.member(TELEGRAM).role is Role.OWNER
    world.unlink(TELEGRAM)
    assert (world.member(TELEGRAM).role, world.member(DISCORD).role) == (Role.MODERATOR, Role.OWNER)
    world.link(TELEGRAM, DISCORD)
    changed(world, TELEGRAM, role=Role.MEMBER)
    world.unlink(TELEGRAM)
    assert (world.member(TELEGRAM).role, world.member(DISCORD).role) == (Role.MEMBER, Role.MEMBER)


def test_lists_rest_on_both_histories_and_after_unlinking_no_more(world: Platforms) -> None:
    for item in ("course:rust-start", "course:rust-async"):
        world.does(DISCORD, Signal.COMPLETE, item)
    alone = world.everything_for(TELEGRAM)
    assert {"course:rust-start", "course:rust-async"} <= set(alone)
    world.link(TELEGRAM, DISCORD)
    assert not {"course:rust-start", "course:rust-async"} & set(world.everything_for(TELEGRAM))
    assert ("complete", "course:rust-start") in world.history(TELEGRAM)
    world.unlink(TELEGRAM)
    assert {"course:rust-start", "course:rust-async"} <= set(world.everything_for(TELEGRAM))
    assert world.history(TELEGRAM) == []
    assert ("complete", "course:rust-start") in world.history(DISCORD)


def test_the_engine_counts_two_as_one_and_as_two_again(world: Platforms) -> None:
    for who in (TELEGRAM, DISCORD):
        world.does(who, Signal.COMPLETE, "course:sql")
    engine = world.app.engine
    engine.refresh()
    users = [f"member:{world.member(who).id}" for who in (TELEGRAM, DISCORD)]
    knows = engine.shelf.segments.knows
    assert all(map(knows, users))
    world.link(TELEGRAM, DISCORD)
    engine.refresh()
    assert [knows(user) for user in users] == [True, False]
    world.unlink(TELEGRAM)
    engine.refresh()
    assert all(map(knows, users))


def test_private_rooms_of_one_are_found_by_the_other_as_long_as_they_are_one(world: Platforms) -> None:
    world.joins(DISCORD, "closed@discord", private=True)

    def may_read(who: str) -> bool:
        with world.store.read() as uow:
            room = uow.rooms.by_ref(world.community.id, world.place("closed@discord").room)
            assert room is not None
            return room.audience in uow.rooms.viewer(world.member(who)).audiences

    assert (may_read(TELEGRAM), may_read(DISCORD)) == (False, True)
    world.link(TELEGRAM, DISCORD)
    assert (may_read(TELEGRAM), may_read(DISCORD)) == (True, True)
    world.unlink(DISCORD)
    assert (may_read(TELEGRAM), may_read(DISCORD)) == (False, True)


def test_answers_come_where_they_were_asked_for(world: Platforms) -> None:
    world.link(TELEGRAM, DISCORD)
    for who in (TELEGRAM, DISCORD):
        assert world.asks(who, "help").sending.room == world.home(who).room
    (answer,) = world.in_room(DISCORD, "hall@discord", "help", read=True)
    assert answer.sending.room == world.home(DISCORD).room


def test_a_reaction_from_before_is_taken_back_after(world: Platforms) -> None:
    changed(world, DISCORD, consent=Consent(frozenset(ConsentKind)))
    changed(world, TELEGRAM, consent=Consent(frozenset(ConsentKind)))
    hello = world.says("ann@discord", "Hello", "hall@discord")
    with world.store.write() as uow:
        room = uow.rooms.by_ref(world.community.id, hello.room)
        assert room is not None
        uow.rooms.configure(room.id, indexed=True)
        uow.commit()
    ref = world.says("ann@discord", "How do I cancel a task that waits for a lock?", "hall@discord")
    world.reacts(DISCORD, ref)
    assert [signal for signal, _ in world.history(DISCORD)] == ["react"]
    world.link(TELEGRAM, DISCORD)
    world.reacts(DISCORD, ref, present=False)
    assert world.history(DISCORD) == []
    world.reacts(DISCORD, ref)
    world.unlink(DISCORD)
    assert [signal for signal, _ in world.history(DISCORD)] == ["react"]
    world.reacts(DISCORD, ref, present=False)
    assert world.history(DISCORD) == world.history(TELEGRAM) == []


# Three, and apart again


def test_three_platforms_are_one_person_and_leave_one_by_one(world: Platforms) -> None:
    world.does(DISCORD, Signal.SAVE, "course:sql")
    world.does(WEB, Signal.SAVE, "course:linux")
    world.link(DISCORD, WEB)
    world.link(TELEGRAM, DISCORD)
    assert one_person(world, TELEGRAM, DISCORD, WEB)
    assert len(world.history(TELEGRAM)) == 2
    shown = world.asks(TELEGRAM, "profile")
    assert "Mei-D (Discord)" in said(shown)
    assert "Mei-W (the web community)" in said(shown)
    buttons = world.asks(TELEGRAM, "unlink").message.buttons
    assert [row[0].label for row in buttons] == ["Unlink Mei-D (Discord)", "Unlink Mei-W (the web community)"]
    world.unlink(TELEGRAM, 0)
    assert one_person(world, TELEGRAM, WEB)
    assert not one_person(world, TELEGRAM, DISCORD)
    assert world.history(DISCORD) == [("save", "course:sql")]
    assert world.history(TELEGRAM) == [("save", "course:linux")]
    world.unlink(WEB)
    assert world.history(TELEGRAM) == []


def test_unlinking_is_asked_once_more_and_can_be_left(world: Platforms) -> None:
    assert "No other account is linked" in said(world.asks(TELEGRAM, "unlink"))
    world.link(TELEGRAM, DISCORD)
    profile = world.asks(DISCORD, "profile")
    shown = world.press(DISCORD, profile, "unlink")
    confirm = world.press(DISCORD, shown, "part")
    assert acts(confirm.message) == ["part-yes", "part-no"]
    assert "stays as it is" in said(world.press(DISCORD, confirm, "part-no"))
    assert one_person(world, TELEGRAM, DISCORD)
    told = world.presses(DISCORD, confirm, "part-yes")
    assert {one.sending.room for one in told} == {world.home(TELEGRAM).room, world.home(DISCORD).room}
    assert {one.sending.to_member for one in told} == {world.member(TELEGRAM).id, world.member(DISCORD).id}
    assert audit(world) == ["link.part", "link.join"]
    (again,) = world.presses(TELEGRAM, confirm, "part-yes")
    assert "No other account" in said(again)


def test_what_waits_to_be_sent_follows_its_reader(world: Platforms) -> None:
    def waiting() -> list[int | None]:
        with world.store.write() as uow:
            rows = uow.outbox.claim(world.platforms, at=world.clock.now(), limit=10)
            return [row.sending.to_member for row in rows]

    second = world.member(DISCORD).id
    world.link(TELEGRAM, DISCORD)
    world.put(world.command(DISCORD, "help"))
    world.dispatcher.drain()
    assert waiting() == [world.member(TELEGRAM).id]
    with world.store.write() as uow:
        assert uow.links.part(1, world.clock.now())
        uow.commit()
    assert waiting() == [second]


def test_a_page_of_the_past_is_still_the_persons(world: Platforms) -> None:
    """Whoever kept the number of the second (a cookie, a job, a button) reaches the person."""
    number = world.member(DISCORD).id
    world.link(TELEGRAM, DISCORD)

    def by_number(uow: UnitOfWork) -> int | None:
        member = uow.members.get(number)
        return member.id if member else None

    with world.store.read() as uow:
        assert by_number(uow) == world.member(TELEGRAM).id
        assert number not in {member.id for member in uow.members.all(world.community.id)}
    world.unlink(TELEGRAM)
    with world.store.read() as uow:
        assert by_number(uow) == number
    assert items(world.asks(DISCORD, "foryou").message)
