"""Discussions of a running community: order, moves, forgetting, and nothing from rooms that one may not read."""

from __future__ import annotations

import random

import numpy as np
import pytest

from recsys.discussions.live import Known, LiveDiscussions, Place
from recsys.discussions.messages import HOUR
from recsys.types import Interaction

PUBLIC, SECRET = "public", "room:9"


class World:
    """Posts and where they are."""

    def __init__(self) -> None:
        self.places = {f"post:{k}": Place(PUBLIC, str(k % 3)) for k in range(20)}
        self.live = LiveDiscussions(self.places.get)


def said(user: int, post: int, at: float, signal: str = "reply") -> Interaction:
    return Interaction(f"member:{user}", f"post:{post}", signal, at)


def chatter(count: int, seed: int, posts: range = range(20), users: range = range(9)) -> list[Interaction]:
    rng = random.Random(seed)
    return [said(rng.choice(users), rng.choice(posts), 1e9 + k * HOUR / 4) for k in range(count)]


def seen(live: LiveDiscussions, user: str, audiences: set[str], now: float) -> list[tuple[tuple[str, ...], bytes]]:
    return [(going.posts, going.table.tobytes()) for going in live.going(user, audiences, now)]


NOW = 1e9 + 200 * HOUR / 4 + 60


def test_only_taking_part_counts() -> None:
    world = World()
    counted = world.live.observe(
        [
            said(1, 1, 1e9),
            said(1, 2, 1e9 + 1, "react"),
            said(1, 99, 1e9 + 2),  # no such post
            said(1, 3, float("nan")),
            Interaction("member:1", "course:1", "enrol", 1e9),
        ]
    )
    assert counted == 1
    assert [going.posts for going in world.live.going("member:2", {PUBLIC}, 1e9 + 60)] == [("post:1",)]
    assert world.live.going("member:1", {PUBLIC}, 1e9 + 60) == []


@pytest.mark.parametrize("pages", [1, 7, 50])
def test_the_order_of_arrival_does_not_matter_once_settled(pages: int) -> None:
    messages = chatter(200, seed=1)
    one, other = World(), World()
    one.live.observe(messages)
    shuffled = random.Random(2).sample(messages, len(messages))
    for first in range(0, 200, pages):
        other.live.observe(shuffled[first : first + pages])
    other.live.settle()
    names = {post for posts, _ in seen(one.live, "member:3", {PUBLIC}, NOW) for post in posts}
    assert names == {post for posts, _ in seen(other.live, "member:3", {PUBLIC}, NOW) for post in posts}
    for post in sorted(names):
        assert one.live.known("member:3", post, {PUBLIC}) == other.live.known("member:3", post, {PUBLIC})


def test_a_private_room_changes_nothing_for_those_outside() -> None:
    outside, inside = World(), World()
    for world in (outside, inside):
        for k in range(20, 25):
            world.places[f"post:{k}"] = Place(SECRET, "9")
    public = chatter(200, seed=3)
    secret = chatter(200, seed=4, posts=range(20, 25))
    outside.live.observe(public)
    inside.live.observe(sorted([*public, *secret], key=lambda each: each.at))
    for user in ("member:3", "member:77"):
        assert seen(outside.live, user, {PUBLIC}, NOW) == seen(inside.live, user, {PUBLIC}, NOW)
    assert len(inside.live.going("member:77", {PUBLIC, SECRET}, NOW)) == 2
    assert inside.live.known("member:3", "post:20", {PUBLIC}) == Known()
    np.testing.assert_array_equal(outside.live.log(PUBLIC).times, inside.live.log(PUBLIC).times)
    assert len(inside.live.log(SECRET)) == 200


def test_what_becomes_private_or_goes_leaves_nothing_behind() -> None:
    world, without = World(), World()
    messages = chatter(200, seed=5)
    world.live.observe(messages)
    without.live.observe([each for each in messages if each.item not in ("post:4", "post:5")])
    world.places["post:4"] = Place(SECRET, "9")
    del world.places["post:5"]
    world.live.moved(["post:4", "post:5", "post:6"])
    world.live.settle()
    assert seen(world.live, "member:3", {PUBLIC}, NOW) == seen(without.live, "member:3", {PUBLIC}, NOW)


def test_forgetting_starts_anew() -> None:
    world = World()
    world.live.observe(chatter(50, seed=6))
    world.live.clear()
    assert len(world.live) == 0
    assert world.live.going("member:3", {PUBLIC}, NOW) == []
    assert world.live.known("member:3", "post:1", {PUBLIC}) == Known()
    assert len(world.live.log(PUBLIC)) == 0


def test_what_is_known_of_a_post() -> None:
    world = World()
    world.live.observe([said(1, 0, 1e9), said(2, 0, 1e9 + 1), said(2, 3, 1e9 + 2), said(4, 3, 1e9 + 3)])
    # Members 1 and 2 met in post 0, which is in the room of post 3, where member 1 wrote once.
    assert world.live.known("member:1", "post:3", {PUBLIC}) == Known(met=1, lately=2, mine_there=1)
    assert world.live.known("member:8", "post:3", {PUBLIC}) == Known(met=0, lately=2, mine_there=0)


def test_what_comes_back_counts_again() -> None:
    world, whole = World(), World()
    messages = chatter(200, seed=7)
    place = world.places.pop("post:4")
    world.live.observe(messages)
    whole.live.observe(messages)
    world.places["post:4"] = place
    world.live.moved(["post:4"])
    world.live.settle()
    for user in ("member:3", "member:77"):
        for post in ("post:4", "post:6"):
            assert world.live.known(user, post, {PUBLIC}) == whole.live.known(user, post, {PUBLIC})
