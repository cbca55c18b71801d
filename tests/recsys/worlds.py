"""A small community to recommend in: topics are axes, so that what is near what is plain to see."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from recsys.corpus import MemoryCorpus
from recsys.fitting import FitParameters, fit
from recsys.participation import Participation
from recsys.recommender import Recommender, RecommenderConfig
from recsys.segmented import Segments
from recsys.types import PUBLIC, Declared, Interaction, Item, Model, Vector
from tests.fakes.vectors import DictIndex

DAY = 86_400.0
NOW = 1_700_000_000.0
TOPICS = ("rust", "python", "data", "web")
DIMENSION = 64


def did(user: str, item: str, signal: str = "enrol", days_ago: float = 1.0, value: float = 1.0) -> Interaction:
    return Interaction(user, item, signal, NOW - days_ago * DAY, value)


def axis(topic: str) -> Vector:
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[TOPICS.index(topic)] = 1.0
    return vector


def topic_vector(word: str) -> Vector | None:
    return axis(word.casefold()) if word.casefold() in TOPICS else None


def near(topic: str, seed: int, spread: float = 0.5) -> Vector:
    """A unit vector about a topic, off it in a direction of its own."""
    off = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    off[: len(TOPICS)] = 0
    vector = axis(topic) + spread * off / np.linalg.norm(off)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def course(number: int, topic: str | None = None, **more: object) -> Item:
    topic = topic or TOPICS[number % len(TOPICS)]
    plain = Item(
        id=f"course:{number}",
        row=number,
        kind="course",
        title=f"{topic} {number}",
        tags=(topic,),
        author=f"school-{number % 7}",
        level=number % 3,
        language="zh" if number % 5 == 0 else "en",
        created_at=NOW - (40 + number) * DAY,
        hours=10.0 + number,
        price=0.0,
        quality=0.6,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def post(number: int, topic: str, author: str, **more: object) -> Item:
    plain = Item(
        id=f"post:{number}",
        row=1_000 + number,
        kind="post",
        title=f"a question about {topic}",
        author=author,
        created_at=NOW - number % 20 * DAY,
        replies=3,
        participants=2,
        reactions=number % 4,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def event(number: int, topic: str, in_days: float, **more: object) -> Item:
    plain = Item(
        id=f"event:{number}",
        row=2_000 + number,
        kind="event",
        title=f"meet about {topic}",
        author="host",
        created_at=NOW - 3 * DAY,
        starts_at=NOW + in_days * DAY,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def topic_of(item: Item) -> str:
    return next(topic for topic in TOPICS if topic in item.title)


@dataclass
class World:
    """Courses, public and private posts, past and coming events; thirty learners who keep to a topic each."""

    items: list[Item] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.items:
            self.items = [course(number) for number in range(40)]
            self.items += [post(n, TOPICS[n % 4], f"member-{n % 6}") for n in range(24)]
            self.items += [post(100 + n, "rust", "member-9", audience="room:7") for n in range(4)]
            self.items += [event(1, "rust", 3), event(2, "web", 10), event(3, "rust", -2), event(4, "data", 90)]
        if not self.interactions:
            for user in range(30):
                for step in range(6):
                    number = (user % 4 + 4 * (user // 4 + step)) % 40
                    self.interactions.append(did(f"learner-{user:02}", f"course:{number}", "enrol", 30 - step))
                for number in (user % 24, (user + 4) % 24):
                    self.interactions.append(did(f"learner-{user:02}", f"post:{number}", "reply", 2))
        self.corpus = MemoryCorpus(self.items)
        self.indexes: dict[str, DictIndex] = {}
        for item in self.items:
            index = self.indexes.setdefault(item.audience, DictIndex(DIMENSION))
            index.add([item.row], near(topic_of(item), item.row)[None])
        self.corpus.observe(self.interactions, NOW)
        self.participation = Participation(self.interactions)
        self.segments = Segments(self._public_row)
        learners = [f"learner-{user:02}" for user in range(30)]
        self.segments.declare({one: Declared((TOPICS[at % 4],), at % 3) for at, one in enumerate(learners)})
        self.segments.observe(self.interactions)
        self.segments.settle()

    def _public_row(self, item: str) -> int | None:
        known = self.corpus.get(item)
        return known.row if known is not None and known.audience == PUBLIC else None

    def model(self) -> Model:
        return fit(self.interactions, now=NOW, parameters=FitParameters())

    def recommender(self, model: Model | None = None, config: RecommenderConfig | None = None) -> Recommender:
        return Recommender(
            self.corpus,
            self.indexes,
            model,
            topic_vector,
            config,
            participation=self.participation,
            segments=self.segments,
        )
