"""Nothing is said twice, whichever way it is called; and nothing for a reason that half of everything has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.digests import DigestSettings
from bot.domain.interactions import Signal
from bot.domain.items import Course, Event, Post
from bot.domain.permissions import Viewer
from bot.domain.refs import MessageRef, RoomRef
from bot.usecases.digest import ComposeDigests, Letter, Wanted
from bot.usecases.digest_same import SameThings, links_in, plain
from bot.usecases.digest_send import turn_of
from bot.wording import Wording
from bot.wording.reasons import card_reasons, tells
from recsys.types import Reason, Recommendation
from tests.bot.reading import items, words_of
from tests.bot.usecases.test_digest import letter
from tests.bot.world import World

AT = datetime(2027, 1, 8, 18, 0, tzinfo=UTC)
EVENT = Event("clinic", "Async Rust clinic", AT + timedelta(days=3), place="https://meet.example/clinic?utm_source=tg")


def post(number: int, title: str, text: str = "") -> Post:
    ref = MessageRef(RoomRef("web", "general"), str(number))
    return Post(number, ref, 1, "general", title, text or title, 5, "mei", AT, AT)


@pytest.mark.parametrize(
    "said",
    [
        post(1, "📅 Async  Rust CLINIC, this Monday!"),
        post(1, "Come to the clinic", "Come to the clinic: http://www.meet.example/clinic/"),
        post(1, "周一见", "这周一：Async Rust clinic，欢迎参加"),
    ],
)
def test_a_post_that_announces_an_event_says_nothing_that_the_event_does_not(said: Post) -> None:
    same = SameThings([EVENT])
    everybody, nobody = Viewer.of_public(1), Viewer(1, None, frozenset())
    assert same.announces(said, everybody)
    assert not same.announces(said, nobody), "for whom the event is hidden, the post is all there is"
    assert same.apart([EVENT, said]) == [EVENT]
    assert not SameThings([]).announces(said, everybody)


def test_what_only_sounds_alike_is_two_things() -> None:
    same = SameThings([EVENT, replace(EVENT, id="qa", title="Q&A", place="")])
    for other in (post(1, "Which async runtime do you use in Rust?"), post(2, "A Q&A about lifetimes and borrowing")):
        assert not same.announces(other, Viewer.of_public(1))
    both_link = [post(n, f"Question {n}: what does it mean?", f"{n}: https://docs.example/book") for n in (1, 2)]
    assert same.apart(both_link) == both_link


def test_one_thing_under_two_names() -> None:
    same = SameThings([])
    course = Course("a", "Rust, first part", url="https://www.school.example/rust/?ref=home")
    twin = Course("b", "Rust I", url="http://school.example/rust")
    about = post(1, "Who takes this with me?", "Who takes this with me? https://school.example/rust")
    assert same.apart([course, twin, about]) == [course]
    weekly = [replace(EVENT, id=f"c{n}", starts_at=AT + timedelta(weeks=n)) for n in (1, 2)]
    assert same.apart(weekly) == weekly[:1]
    crossed = [post(10 + n, "How do I cancel a task that waits on a channel?") for n in (1, 2)]
    assert same.apart(crossed) == crossed[:1]
    assert same.apart([twin], said=[course]) == []


def test_links_in_one_form() -> None:
    assert links_in("see (https://A.example/x/?utm_medium=m&id=3).") == {"link:a.example/x?id=3"}
    assert links_in("no link, only words and http and ://") == frozenset()
    assert links_in("http://[bad") == {"link:http://[bad"}
    assert plain("Async—Rust: １２ 课！") == "asyncrust12课"


def test_the_digest_has_the_event_and_not_its_announcement(stocked: World) -> None:
    reader = stocked
    reader.arrives("lin", language="en")
    reader.does("lin", Signal.COMPLETE, "course:rust-start")
    lin = reader.member("lin")
    reader.change(replace(lin, profile=replace(lin.profile, topics=("rust",))))
    reader.press("lin", reader.asks("lin", "digest"), "on")
    ref = reader.says("mei", "📅 Rust ownership evening: we talk about rust ownership and borrowing, will you come?")
    other = reader.says("mei", "How do I share rust ownership of a value between two tasks?")
    reader.index()
    announced, discussed = reader.post(ref), reader.post(other)
    assert announced is not None
    assert discussed is not None
    before = reader.asks("lin", "digest", "preview")
    assert announced.item in items(before.message), "without the event it is a discussion like others"
    starts = reader.clock.now() + timedelta(days=2)
    reader.add_events(Event("own", "Rust ownership evening", starts, tags=("rust",)))
    sent = letter(reader)
    assert announced.item not in items(sent.message)
    assert discussed.item in items(sent.message)
    assert words_of(sent.message).count("Rust ownership evening") == 1


def test_a_twin_of_what_they_own_is_not_offered(stocked: World) -> None:
    url = "https://school.example/borrow"
    stocked.add_courses(Course("own", "Rust borrowing", url=url, tags=("rust",)))
    stocked.add_courses(Course("twin", "Rust borrowing again", url=f"{url}/?ref=x", tags=("rust",)))
    stocked.arrives("lin", language="en")
    stocked.does("lin", Signal.COMPLETE, "course:rust-start")
    stocked.press("lin", stocked.asks("lin", "digest"), "on")
    offered = items(stocked.asks("lin", "digest", "preview").message)
    assert {"course:own", "course:twin"} & set(offered)
    assert not {"course:own", "course:twin"} <= set(offered)
    stocked.does("lin", Signal.ENROL, "course:own")
    assert not {"course:own", "course:twin"} & set(items(stocked.asks("lin", "digest", "preview").message))


class Ranked:
    """Says what it was told to say."""

    def __init__(self, world: World, *found: Recommendation) -> None:
        self._engine, self._found = world.app.engine, found

    def batch(self, queries: object) -> list[list[Recommendation]]:
        return [list(self._found) for _ in queries]  # type: ignore[attr-defined]

    def vector(self, item: str) -> None:
        return None


def composed(world: World, *found: Recommendation) -> Letter:
    world.arrives("lin", language="en")
    member = world.member("lin")
    settings = DigestSettings(member.id, enabled=True)
    with world.store.read() as uow:
        viewer = uow.rooms.viewers([member])[member.id]
    turn = turn_of(world.community, member, viewer, settings, world.clock.now())
    parts = world.app.compose_digests
    compose = ComposeDigests(parts.store, Ranked(world, *found), parts.ids)  # type: ignore[arg-type]
    return compose([Wanted(turn, settings)])[0]


def test_the_language_alone_is_no_reason_to_write_to_anybody(stocked: World) -> None:
    spoken, close = Reason("language", 0.3), Reason("semantic", 0.2)
    listed = [
        Recommendation("course:rust-start", 1, 0.5, (spoken, Reason("dense", 0.2))),
        Recommendation("course:python-data", 2, 0.5, (spoken, close)),
        Recommendation("course:rust-async", 3, 0.3, (spoken,), policy="explore", propensity=0.2),
    ]
    chosen = [shown.item for shown in composed(stocked, *listed).view.items]
    assert "course:rust-start" not in chosen
    assert "course:python-data" in chosen


def test_it_is_said_after_all_else() -> None:
    from bot.domain.interactions import ScorePart

    parts = [ScorePart("language", 0.3), ScorePart("semantic", 0.2), ScorePart("fresh", 0.1)]
    assert card_reasons(Wording("en"), parts, {}) == ("Close to what you chose here", "New here")
    assert card_reasons(Wording("zh"), parts[:1], {}) == ("是你的语言",)
    assert not tells("language", 1.0)
    assert tells("explore", 0.0)
