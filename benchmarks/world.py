"""A made-up catalogue of any size: items around topic centres, learners, and an encoder that looks vectors up.

No text is encoded here; what is measured is everything after the encoder. The same numbers give the same world.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert, select, update

from benchmarks.talk import people, sentences
from bot.domain.items import Course
from bot.domain.people import Level, Member
from recsys.types import Declared, Interaction, Item, Matrix, Progress, Vector
from storage import SqlStore
from storage.repositories.items import text_hash
from storage.tables import COMMUNITIES, ITEMS, MESSAGES, POSTS, VECTORS

DIMENSION: Final = 512
TOPICS: Final = 200
NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_DAY: Final = 86_400.0
SPREAD: Final = 0.9
"""How far texts lie from their topic, in its own length; from 2 on topics run into each other, as on real texts."""
"""Length of an item's own noise against its centre: neighbours of one topic have cosines of about .55."""
_TOPIC: Final = re.compile(r"topic(\d+)\b")
_SYLLABLES: Final = (
    "ba",
    "cor",
    "den",
    "fi",
    "gra",
    "hol",
    "ker",
    "lum",
    "mo",
    "nas",
    "pir",
    "quo",
    "ras",
    "tel",
    "vi",
)
_ROWS_AT_ONCE: Final = 5_000


class LookupEncoder:
    """An Encoder for the words of this world: a text is the centre of the topic that it names, plus its own noise."""

    name: Final = "made-up-topics"
    dimension: Final = DIMENSION
    courses: Final = None

    def __init__(self, centres: Matrix) -> None:
        self._centres = centres

    @property
    def bulk(self) -> LookupEncoder:
        return self

    def start(self) -> None:
        """It is always ready."""

    def close(self) -> None:
        """It holds nothing."""

    def encode(self, texts: Sequence[str], *, progress: Progress | None = None) -> Matrix:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for at, text in enumerate(texts):
            named = _TOPIC.search(text)
            topic = int(named[1]) % len(self._centres) if named else len(text) % len(self._centres)
            rows[at] = self._centres[topic]
            rows[at, len(text) % DIMENSION] += 0.2
        if progress is not None:
            progress(len(texts), len(texts))
        return normalised(rows)


@dataclass(frozen=True, slots=True)
class World:
    """`vectors[i]` and `topics[i]` belong to `items[i]`; courses come first."""

    items: list[Item]
    vectors: Matrix
    topics: NDArray[np.int64]
    courses: int
    encoder: LookupEncoder

    def of_topic(self, topic: int, *, kind: str) -> list[int]:
        """Places of the items of a topic."""
        span = slice(0, self.courses) if kind == "course" else slice(self.courses, None)
        found = np.flatnonzero(self.topics[span] == topic) + (span.start or 0)
        return [int(at) for at in found]


def normalised(rows: Matrix) -> Matrix:
    """Rows of length 1."""
    scaled: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def make_world(courses: int, posts: int, *, seed: int = 1, spread: float = SPREAD) -> World:
    random = np.random.default_rng(seed)
    number = courses + posts
    centres = normalised(random.standard_normal((TOPICS, DIMENSION), dtype=np.float32))
    topics = random.integers(0, TOPICS, number)
    vectors = centres[topics]
    vectors += random.standard_normal((number, DIMENSION), dtype=np.float32) * (spread / DIMENSION**0.5)
    vectors = normalised(vectors)
    words = _words(20_000)
    # Words of people are about as rare as their rank says (Zipf); a tenth of the items quotes real talk, also Chinese.
    picks = random.zipf(1.3, (number, 24)) % len(words)
    said = sentences()
    items = [_item(at, int(topics[at]), picks[at].tolist(), words, said, courses=courses) for at in range(number)]
    return World(items, vectors, topics, courses, LookupEncoder(centres))


def make_learners(world: World, number: int, *, seed: int = 2) -> list[Interaction]:
    """Enrolments of learners who keep to three topics each: what the collaborative model is trained on."""
    random = np.random.default_rng(seed)
    by_topic = [world.of_topic(topic, kind="course") for topic in range(TOPICS)]
    done: list[Interaction] = []
    for learner in range(number):
        pool = [at for topic in random.integers(0, TOPICS, 3) for at in by_topic[topic]]
        chosen = random.permutation(len(pool))[: int(random.integers(4, 16))]
        start = NOW.timestamp() - float(random.integers(30, 300)) * _DAY
        done += [
            Interaction(f"member:{learner + 1000}", world.items[pool[at]].id, "enrol", start + step * _DAY)
            for step, at in enumerate(chosen.tolist())
        ]
    return done


def declares(world: World, learners: Sequence[Interaction]) -> dict[str, Declared | None]:
    """What each learner says: the topics of its first three courses, a level, English."""
    tags = {item.id: item.tags[0] for item in world.items[: world.courses]}
    topics: dict[str, list[str]] = {}
    for done in learners:
        topics.setdefault(done.user, []).append(tags[done.item])
    return {
        user: Declared(tuple(dict.fromkeys(taken[:3])), at % 3, languages=("en",))
        for at, (user, taken) in enumerate(topics.items())
    }


def warm_history(world: World, user: str, number: int = 40, *, seed: int = 3) -> tuple[Interaction, ...]:
    """What an eager learner of three topics did: two of three acts on courses, the others on discussions."""
    random = np.random.default_rng(seed)
    acts: list[Interaction] = []
    topics = random.integers(0, TOPICS, 3).tolist()
    for step in range(number):
        kind, signals = ("course", ("enrol", "save", "complete")) if step % 3 else ("post", ("save", "reply", "react"))
        pool = world.of_topic(topics[step % 3], kind=kind)
        at = NOW.timestamp() - (number - step) * _DAY
        acts.append(
            Interaction(user, world.items[pool[int(random.integers(len(pool)))]].id, signals[(step // 3) % 3], at)
        )
    return tuple(acts)


def questions(number: int, *, seed: int = 4) -> list[str]:
    """Searches of two to four words, each naming a topic."""
    random = np.random.default_rng(seed)
    words = _words(20_000)
    found = []
    for _ in range(number):
        picks = random.zipf(1.3, int(random.integers(1, 4))) % len(words)
        found.append(" ".join([f"topic{random.integers(0, TOPICS)}", *(words[pick] for pick in picks)]))
    return found


def fill_store(store: SqlStore, community_id: int, world: World) -> Member:
    """Put a world into the store, courses by the repository, discussions and vectors as rows; returns a member."""
    members, rooms = people(store, community_id, members=50, rooms=8)
    with store.write() as uow:
        # What is said in a room that no moderator opened is shown to nobody.
        uow.rooms.configure(rooms[0].id, indexed=True)
        uow.courses.upsert_many(community_id, [_course(item) for item in world.items[: world.courses]])
        uow.commit()
    with store.writing_engine.connect() as connection:
        first = world.courses
        while first < len(world.items):
            _insert_posts(connection, community_id, world, range(first, min(first + _ROWS_AT_ONCE, len(world.items))),
                          author=members[0].id, room=rooms[0].id)  # fmt: skip
            first += _ROWS_AT_ONCE
        _insert_vectors(connection, community_id, world)
        connection.execute(update(COMMUNITIES).values(revision=len(world.items)))
        connection.commit()
    return members[-1]


def _insert_posts(
    connection: Connection, community_id: int, world: World, places: range, *, author: int, room: int
) -> None:
    messages: list[dict[str, Any]] = []
    posts: list[dict[str, Any]] = []
    items: list[dict[str, Any]] = []
    for at in places:
        item, number = world.items[at], at - world.courses + 1
        moment = datetime.fromtimestamp(item.created_at, UTC)
        base = {"community_id": community_id}
        messages.append(base | {
            "id": number, "room_id": room, "native_id": f"w{number}", "member_id": author, "text": item.text,
            "at": moment, "reply_to_native": None, "service": False, "by_bot": False, "opens_thread": False,
            "attachments": [], "poll": None, "payload": "",
        })  # fmt: skip
        counts = {"replies": item.replies, "participants": item.participants, "reactions": item.reactions}
        posts.append(base | counts | {
            "id": number, "root_id": number, "title": item.title, "text": item.text, "language": item.language,
            "solved": item.solved, "last_at": moment,
        })  # fmt: skip
        items.append(base | counts | {
            "row": at + 1, "item": item.id, "kind": item.kind, "audience": item.audience, "revision": at + 1,
            "deleted": False, "language": item.language, "title": item.title, "text": item.text,
            "text_hash": text_hash(item.title, item.text), "tags": list(item.tags), "level": None,
            "author": f"member:{author}", "created_at": moment, "starts_at": None, "hours": None, "price": None,
            "prerequisites": [], "solved": item.solved, "quality": None,
        })  # fmt: skip
    for table, rows in ((MESSAGES, messages), (POSTS, posts), (ITEMS, items)):
        connection.execute(insert(table), rows)


def _insert_vectors(connection: Connection, community_id: int, world: World) -> None:
    place_of = {item.id: at for at, item in enumerate(world.items)}
    rows = connection.execute(select(ITEMS.c.row, ITEMS.c.item, ITEMS.c.text_hash)).fetchall()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        values = [
            {
                "row": row.row,
                "encoder": world.encoder.name,
                "community_id": community_id,
                "text_hash": row.text_hash,
                "dimension": DIMENSION,
                "vector": _bytes(world.vectors[place_of[row.item]]),
            }
            for row in rows[start : start + _ROWS_AT_ONCE]
        ]
        connection.execute(insert(VECTORS), values)


def _bytes(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _course(item: Item) -> Course:
    level = None if item.level is None else list(Level)[item.level]
    native = item.id.partition(":")[2]
    return Course(native, item.title, item.text, tags=item.tags, level=level, language=item.language, hours=item.hours)


def _item(at: int, topic: int, picks: list[int], words: list[str], said: list[str], *, courses: int) -> Item:
    course = at < courses
    chosen = " ".join(words[pick] for pick in picks)
    text = f"topic{topic} {chosen}" if at % 10 else f"topic{topic} {said[at % len(said)]}"
    created = (NOW - timedelta(minutes=(at * 7919) % (500 * 1440))).timestamp()
    item = Item(
        id=f"course:c{at}" if course else f"post:{at - courses + 1}",
        row=at + 1,
        kind="course" if course else "post",
        title=f"{words[picks[0]]} {words[picks[1]]} topic{topic}",
        text=text,
        language="zh" if at % 5 == 0 else "en",
        author=f"author-{at % 997}",
        created_at=created,
    )
    if course:
        return replace(item, tags=(f"topic{topic}",), level=at % 3, hours=float(2 + at % 60), created_at=0.0)
    return replace(item, replies=at % 9, participants=1 + at % 5, reactions=at % 4, solved=at % 6 == 0)


def _words(number: int) -> list[str]:
    base = len(_SYLLABLES)
    return ["".join(_SYLLABLES[(at // base**digit) % base] for digit in range(4)) for at in range(1, number + 1)]
