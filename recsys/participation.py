"""Who takes part in which discussion. Knows users and posts by id; knows no texts and no scores."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from recsys.types import Interaction

TAKING_PART: Final = frozenset({"post", "reply", "solved"})
_POSTS_A_USER: Final = 200
_USERS_A_POST: Final = 200


class Participation:
    """One writer, many readers. Keeps the latest 200 posts of a user and the first 200 participants of a post."""

    def __init__(self, interactions: Iterable[Interaction] = ()) -> None:
        self._lock = threading.Lock()
        self._posts: dict[str, dict[str, float]] = {}
        self._people: dict[str, dict[str, None]] = {}
        self.observe(interactions)

    def observe(self, interactions: Iterable[Interaction]) -> int:
        """How many of the interactions say that somebody takes part."""
        counted = 0
        with self._lock:
            for done in interactions:
                if done.signal not in TAKING_PART or not math.isfinite(done.at):
                    continue
                counted += 1
                people = self._people.setdefault(done.item, {})
                if done.user not in people and len(people) >= _USERS_A_POST:
                    continue
                people[done.user] = None
                posts = self._posts.setdefault(done.user, {})
                posts[done.item] = max(done.at, posts.pop(done.item, done.at))
                if len(posts) > _POSTS_A_USER:
                    oldest = next(iter(posts))
                    del posts[oldest]
                    self._people.get(oldest, {}).pop(done.user, None)
        return counted

    def people_of(self, post: str) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._people.get(post, ()))

    def posts_of(self, user: str, n: int, *, among: Callable[[str], bool] = lambda _: True) -> tuple[str, ...]:
        """The latest n that are `among` those asked for, latest first."""
        with self._lock:
            posts = list(self._posts.get(user, ()))
        return tuple(islice((post for post in reversed(posts) if among(post)), max(n, 0)))

    def remove_post(self, post: str) -> None:
        with self._lock:
            for user in self._people.pop(post, {}):
                self._posts.get(user, {}).pop(post, None)

    def clear(self) -> None:
        with self._lock:
            self._posts.clear()
            self._people.clear()

    def remove_user(self, user: str) -> None:
        with self._lock:
            for post in self._posts.pop(user, {}):
                self._people.get(post, {}).pop(user, None)
