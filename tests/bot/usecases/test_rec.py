"""Pin, ban, boost: who may, where it holds, what members see of it, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.items import ItemId, Kind
from bot.domain.permissions import Role, StaffAction, may
from bot.domain.rules import Rule, RuleAction
from bot.errors import BadInput, NotAllowed, NotFound
from bot.usecases.curating import OPERATOR, Curator, decide, find_item, take_back
from bot.usecases.rec_words import Order, parse
from tests.bot.reading import card_of, items, words_of
from tests.bot.world import World
from tests.fakes.clock import START


@pytest.fixture
def staffed(stocked: World) -> World:
    for who in ("mod", "lin"):
        stocked.arrives(who, language="en")
    stocked.change(replace(stocked.member("mod"), role=Role.MODERATOR))
    return stocked


def said(world: World, words: str, who: str = "mod") -> str:
    return words_of(world.asks(who, "rec", words).message)


def listed(world: World, who: str = "lin") -> list[str]:
    return items(world.asks(who, "foryou").message)


def audited(world: World) -> list[tuple[str, str, str]]:
    with world.store.read() as uow:
        return [(row.actor, row.action, row.target) for row in uow.audit.all(world.community.id)]


def test_only_moderators_decide(staffed: World) -> None:
    for words in (
        "pin course:sql exams",
        "ban course:sql spam",
        "boost course:sql 0.2 why",
        "unban course:sql",
        "log",
        "",
    ):
        assert "Only moderators" in said(staffed, words, who="lin")
    with staffed.store.read() as uow:
        assert uow.rules.active(staffed.community.id, staffed.clock.now()) == []
    assert audited(staffed) == []
    assert [may(role, StaffAction.CURATE) for role in Role] == [False, True, True]
    rule = Rule(RuleAction.PIN, ItemId("course:sql"), "why", "", START)
    with staffed.store.write() as uow:
        for attempt in (
            lambda: decide(uow, staffed.community.id, Curator("member:9", Role.MEMBER), rule),
            lambda: take_back(
                uow,
                staffed.community.id,
                Curator("member:9", Role.MEMBER),
                RuleAction.PIN,
                "course:sql",
                reason="",
                at=START,
            ),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_a_pin_stands_first_says_so_and_can_be_taken_back(staffed: World) -> None:
    assert listed(staffed)[0] != "course:web-react"
    assert "stands first" in said(staffed, "pin course:web-react exam week")
    shown = staffed.asks("lin", "foryou")
    assert items(shown.message)[0] == "course:web-react"
    assert card_of(shown.message, "course:web-react").reasons[0] == "📌 Pinned by the moderators: exam week"
    assert sum("Pinned" in reason for i in items(shown.message) for reason in card_of(shown.message, i).reasons) == 1
    assert "Pinned by the moderators: exam week" in words_of(
        staffed.press("lin", shown, "why", item="course:web-react").message
    )
    exposed = [e for e in exposures(staffed) if e.item == "course:web-react" and e.policy == "pin"]
    assert [(e.rank, e.propensity) for e in exposed] == [(1, 1.0)]
    more = staffed.press("lin", staffed.asks("lin", "foryou"), "more")
    assert "Pinned" not in words_of(more.message)
    assert "Taken back" in said(staffed, "unpin course:web-react over")
    assert listed(staffed)[0] != "course:web-react"
    assert "Nothing of this kind" in said(staffed, "unpin course:web-react")
    mod = f"member:{staffed.member('mod').id}"
    assert audited(staffed) == [(mod, "rec.unpin", "course:web-react"), (mod, "rec.pin", "course:web-react")]


def exposures(world: World):  # type: ignore[no-untyped-def]
    with world.store.read() as uow:
        return list(uow.exposures.all(world.community.id, since=START - timedelta(days=1)))


def test_a_ban_filters_suggestions_and_not_the_search(staffed: World) -> None:
    first = listed(staffed)[0]
    assert "no longer suggested" in said(staffed, f"ban {first} broken link")
    assert first not in staffed.everything_for("lin")
    title = "Rust from zero"
    said(staffed, f'ban "{title}" outdated')
    assert "course:rust-start" not in staffed.everything_for("lin")
    assert "course:rust-start" in items(staffed.asks("lin", "learn", title).message)
    said(staffed, "unban course:rust-start")
    assert "course:rust-start" in staffed.everything_for("lin")


def test_a_boost_is_a_part_that_sums_and_that_a_member_can_switch_off(staffed: World) -> None:
    assert listed(staffed)[0] != "course:web-react"
    assert "weighed differently" in said(staffed, "boost course:web-react 0.5 new edition")
    shown = staffed.asks("lin", "foryou")
    assert items(shown.message)[0] == "course:web-react"
    why = staffed.press("lin", shown, "why", item="course:web-react")
    assert "+0.50 Lifted by the moderators: new edition" in words_of(why.message)
    staffed.change(
        replace(staffed.member("lin"), profile=replace(staffed.member("lin").profile, muted=frozenset({"boost"})))
    )
    assert listed(staffed)[0] != "course:web-react"


def test_a_decision_ends_with_its_last_day(staffed: World) -> None:
    last = (START + timedelta(days=2)).date()
    said(staffed, f"pin course:web-react exam week until {last}")
    assert listed(staffed)[0] == "course:web-react"
    staffed.clock.go_on(days=2)
    assert listed(staffed)[0] == "course:web-react"
    staffed.clock.go_on(days=1)
    assert listed(staffed)[0] != "course:web-react"
    assert "Nothing has been decided" in said(staffed, "list")


def test_where_a_decision_holds(staffed: World) -> None:
    said(staffed, "pin course:web-react exam week in courses")
    assert listed(staffed)[0] != "course:web-react"
    courses = staffed.press("lin", staffed.asks("lin", "foryou"), "kind-course")
    assert items(courses.message)[0] == "course:web-react"
    staffed.says("mod", "Welcome to this room of ours, everybody.")
    said(staffed, "ban course:sql too loud in #general")
    assert "course:sql" in staffed.everything_for("lin")
    assert "no public room" in said(staffed, "pin course:sql why in #nowhere")
    told = said(staffed, "list")
    assert "Pinned: React step by step (course:web-react) – exam week · kind:course" in told
    assert "Banned: SQL joins without tears" in told


def test_what_cannot_be_decided_is_said(staffed: World) -> None:
    assert "no item “course:nope”" in said(staffed, "pin course:nope why")
    for words in ("pin course:sql", "boost course:sql why", "frobnicate", "pin"):
        assert "/rec pin ITEM why" in said(staffed, words)
    assert "between -0.5 and 0.5" in said(staffed, "boost course:sql 3 why")
    assert "is no day" in said(staffed, "pin course:sql why until 2026-13-45")
    assert audited(staffed) == []


def test_in_chinese(staffed: World) -> None:
    staffed.change(replace(staffed.member("mod"), language="zh"))
    assert "排在列表最前" in said(staffed, "置顶 course:web-react 考试周")
    assert listed(staffed)[0] == "course:web-react"
    assert "已撤销" in said(staffed, "取消置顶 course:web-react")


def test_a_letter_with_what_was_banned_since_does_not_go_out(staffed: World) -> None:
    from bot.domain.outgoing import DeliveryClass, Outgoing, Paragraph, Sending, Text

    room = staffed.home("lin").room
    words = Outgoing((Paragraph((Text("hello"),)),), language="en")
    sending = Sending("k", room, words, DeliveryClass.NONCE, items=("course:sql",), unsolicited=True)
    said(staffed, "ban course:sql spam")
    with staffed.store.write() as uow:
        uow.outbox.add(staffed.community.id, sending, staffed.clock.now())
        uow.outbox.add(
            staffed.community.id, replace(sending, key="k2", items=("course:web-react",)), staffed.clock.now()
        )
        uow.commit()
    assert [sent.sending.key for sent in staffed.deliver()] == ["k2"]


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("pin course:a exam week", Order("put", RuleAction.PIN, "course:a", "exam week")),
        ("PIN course:a x until 2026-12-01", Order("put", RuleAction.PIN, "course:a", "x", until=date(2026, 12, 1))),
        ('boost "A title" -0.2 too long', Order("put", RuleAction.BOOST, "A title", "too long", -0.2)),
        ("ban post:7 spam in #help", Order("put", RuleAction.BAN, "post:7", "spam", room="help")),
        ("ban post:7 spam in events", Order("put", RuleAction.BAN, "post:7", "spam", kind=Kind.EVENT)),
        ("unpin course:a", Order("end", RuleAction.PIN, "course:a")),
        (
            "提升 「零基础」 0.3 新版 到 2026-12-01",
            Order("put", RuleAction.BOOST, "零基础", "新版", 0.3, date(2026, 12, 1)),
        ),
        ("list", Order("list")),
        ("pin course:a", None),
        ("", None),
    ],
)
def test_words_become_orders(words: str, order: Order | None) -> None:
    assert parse(words) == order


@given(st.text(max_size=60), st.sampled_from(["pin ", "boost ", "unban ", "ban course:a ", ""]))
def test_any_words_are_an_order_or_none(text: str, start: str) -> None:
    try:
        order = parse(start + text)
    except BadInput:
        return
    assert order is None or order.verb in {"list", "log", "end"} or order.reason


def test_rules_refuse_nonsense() -> None:
    rule = Rule(RuleAction.BOOST, ItemId("course:a"), "why", "cli", START, amount=0.5)
    for wrong in ({"reason": ""}, {"amount": 0.0}, {"amount": 0.6}, {"amount": float("nan")}):
        with pytest.raises(ValueError, match=r"rule|boost"):
            replace(rule, **wrong)  # type: ignore[arg-type]


def test_a_title_of_two_items_names_neither(staffed: World) -> None:
    with staffed.store.read() as uow:
        assert find_item(uow, staffed.community.id, "react STEP by step") == "course:web-react"
        with pytest.raises(NotFound):
            find_item(uow, staffed.community.id, "Nothing of that name")
    assert may(OPERATOR.role, StaffAction.CURATE)
