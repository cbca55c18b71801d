"""Nothing that an outsider reads depends on what is said behind closed doors."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.consent import ConsentKind
from storage.codec import sending_to_json
from tests.bot.conftest import MakeWorld
from tests.bot.world import CATALOGUE, Sent, World

PUBLIC_TALK = (
    "How do I cancel a rust task that waits for a lock?",
    "Which python library draws the nicest plots of tables?",
    "What is the best way to learn grid and flexbox?",
)
SECRETS = (
    "How do I cancel a rust task that waits for a lock, in our secret project?",
    "Why is the rust borrow checker so slow on the payroll code?",
    "Which python library do we buy for the merger plots?",
    "async tokio cancel lock mutex rust rust rust rust, anyone?",
    "为什么我们的秘密项目这么慢？",
)
TALK = st.lists(st.tuples(st.sampled_from(["mei", "ola", "sam"]), st.sampled_from(SECRETS)), max_size=4)


def peopled(make_world: MakeWorld, secrets: list[tuple[str, str]]) -> World:
    """Two rooms; only what is said in the closed one differs."""
    world = make_world()
    world.add_courses(*CATALOGUE)
    for who in ("mei", "ola", "sam"):
        world.arrives(who, consent=frozenset(ConsentKind), language="en")
    world.arrives("lin", language="en", consent=frozenset(ConsentKind))
    world.says("mei", "Only the three of us are in here.", "staff", private=True)
    with world.store.write() as uow:
        uow.rooms.configure(world.room("staff").id, indexed=True)
        uow.commit()
    roots = [world.says("mei", text) for text in PUBLIC_TALK]
    world.says("ola", "With a cancellation token, and a select over the lock and the token.", reply_to=roots[0])
    world.reacts("sam", roots[1])
    before = world._messages
    for who, text in secrets:
        root = world.says(who, text, "staff", private=True)
        world.says("ola", "That is how we do it with the secret cancellation token.", "staff", private=True,
                   reply_to=root)  # fmt: skip
        world.reacts("mei", root)
        world.reacts("sam", root, "✅")
    world._messages = before + 100
    world.index()
    world.clock.go_on(hours=1)
    return world


def told(sent: list[Sent]) -> str:
    """All that goes to the platform; the numbers of inbox rows are ours and name nothing."""
    document = [json.loads(sending_to_json(one.sending)) for one in sent]
    return re.sub(r'"(answer|edit|notice):\d+"', r'"\1"', json.dumps(document, ensure_ascii=False, sort_keys=True))


def heard_by_an_outsider(world: World) -> list[str]:
    said = []
    for name, words in (
        ("foryou", ""),
        ("learn", "rust cancel lock"),
        ("learn", "secret project"),
        ("ask", "How do I cancel a rust task that waits for a lock?"),
        ("ask", "Why is the payroll code so slow?"),
        ("digest", "preview"),
    ):
        world.clock.go_on(minutes=1)
        sent = world.commands("lin", name, words)
        said.append(told(sent))
    sent = world.commands("lin", "ask", "How do I cancel a rust task?", room="general")
    said.append(told(sent))
    return said


@settings(max_examples=6, deadline=timedelta(seconds=60), suppress_health_check=list(HealthCheck))
@given(first=TALK, second=TALK)
def test_an_outsider_reads_the_same(
    make_world: MakeWorld, first: list[tuple[str, str]], second: list[tuple[str, str]]
) -> None:
    one, other = peopled(make_world, first), peopled(make_world, second)
    try:
        for here, there in zip(heard_by_an_outsider(one), heard_by_an_outsider(other), strict=True):
            assert here == there
    finally:
        one.store.close()
        other.store.close()


def test_an_insider_does_read_it(make_world: MakeWorld) -> None:
    """The pairs above would be equal too if nothing of the closed room were ever shown."""
    world = peopled(make_world, [("mei", SECRETS[0])])
    world.joins("lin", "staff", private=True)
    assert "secret project" in told(world.commands("lin", "learn", "rust cancel lock"))
    assert "secret cancellation token" in told(world.commands("lin", "ask", SECRETS[0]))
