"""A search by nobody in particular: only what is public, in a language that all may share, stored nowhere."""

from __future__ import annotations

from bot.domain.items import ItemId
from bot.domain.outgoing import Card, MessageLink
from bot.domain.rules import Rule, RuleAction
from tests.bot.world import World, course


def texts(world: World, words: str, **asked: object) -> list[str]:
    return [card.title for card in world.app.look_up(words, **asked).cards]  # type: ignore[arg-type]


def test_courses_are_cards_without_buttons(stocked: World) -> None:
    found = stocked.app.look_up("async rust", language="en")
    first = found.cards[0]
    assert (first.item, first.title) == ("course:rust-async", "Async Rust in practice")
    assert first.line == "Course · Ferris School · intermediate · 12 h · $39"
    (card,) = first.message.blocks
    assert isinstance(card, Card)
    assert (card.buttons, card.reasons, card.body) == ((), (), "Tokio, futures and cancel safety in Rust.")
    assert found.shared


def test_filters_are_understood(stocked: World) -> None:
    assert set(texts(stocked, "free python")) <= {"Python for everybody", "零基础学 Python"}
    assert texts(stocked, "free python")


def test_discussions_are_named_and_linked_and_not_quoted(stocked: World) -> None:
    said = "How do I cancel a rust task that waits for a lock? I tried everything that I could think of, in vain."
    root = stocked.says("mei", said)
    stocked.says("ola", "With a cancellation token, and a select over the lock and the token.", reply_to=root)
    stocked.index()
    found = stocked.app.look_up("cancel a rust task discussions")
    (card,) = found.cards[0].message.blocks
    assert isinstance(card, Card)
    assert card.title_link == MessageLink(card.title, root)
    assert card.body == ""


def test_what_is_said_behind_closed_doors_is_never_found(stocked: World) -> None:
    before = stocked.app.look_up("cancel a rust task")
    stocked.arrives("mei")
    said = "How do I cancel a rust task that waits for a lock in the secret project?"
    root = stocked.says("mei", said, "staff", private=True)
    with stocked.store.write() as uow:
        uow.rooms.configure(stocked.room("staff").id, indexed=True)
        uow.commit()
    stocked.says("ola", "With a cancellation token and a select.", "staff", private=True, reply_to=root)
    stocked.index()
    assert stocked.app.look_up("cancel a rust task") == before


def test_what_was_banned_is_not_carried_around(stocked: World) -> None:
    assert "Async Rust in practice" in texts(stocked, "async rust")
    with stocked.store.write() as uow:
        rule = Rule(RuleAction.BAN, ItemId("course:rust-async"), "out of date", "member:1", stocked.clock.now())
        uow.rules.put(stocked.community.id, rule)
        uow.commit()
    assert "Async Rust in practice" not in texts(stocked, "async rust")


def test_languages(stocked: World) -> None:
    for words, language, line, shared in (
        ("rust 课程", "en", "课程", True),
        ("rust", "zh-hans", "课程", False),
        ("rust", "en", "Course", True),
        ("rust", "fi", "Course", True),
        ("rust", None, "Course", True),
    ):
        found = stocked.app.look_up(words, language=language)
        assert found.cards[0].line.startswith(line), (words, language)
        assert found.shared is shared


def test_pages_end_at_fifty_and_nothing_finds_nothing(world: World) -> None:
    world.add_courses(*(course(f"rust-{n}", f"Rust number {n}", "Rust for everybody.") for n in range(60)))
    seen: list[str] = []
    skip: int | None = 0
    while skip is not None:
        found = world.app.look_up("rust", skip=skip)
        seen += [card.item for card in found.cards]
        skip = found.following
    assert len(seen) == len(set(seen)) == 50
    assert world.app.look_up("rust", skip=50).cards == ()
    assert world.app.look_up("rust", skip=10**9).cards == ()
    assert world.app.look_up("  ").cards == ()


def test_nothing_of_it_is_kept(stocked: World) -> None:
    def rows() -> dict[str, int]:
        with stocked.store.read() as uow:
            return uow.stats(stocked.community.id)

    before = rows()
    stocked.app.look_up("async rust", language="en")
    assert rows() == before
    assert stocked.demand() == []
