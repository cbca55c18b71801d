"""The engine that answers, kept in step with the store. Knows revisions and sequences; knows no scores."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.domain.consent import ConsentKind
from bot.domain.interactions import Interaction
from bot.domain.items import ItemId, Kind, native_of
from bot.domain.people import Member
from bot.ports import Clock, Marks, Store, UnitOfWork
from bot.usecases.suggest import declared
from recsys.collaborative import CollaborativeModel
from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel
from recsys.index import IndexDamaged, IndexSet
from recsys.participation import TAKING_PART
from recsys.ranking import RankingConfig
from recsys.ranklearning import LearntRanking
from recsys.shelf import Shelf
from recsys.types import PUBLIC, Declared, Encoder, Filter, Hit, Matrix, Passage, Query, QuestionEncoder, Recommendation
from recsys.types import Interaction as Feedback
from recsys.types import Item as RankedItem

log = logging.getLogger(__name__)

PAGE: Final = 2_000
RECOUNT_EVERY: Final = 60.0
"""Seconds between recounts of popularity after something was undone."""
Progress = Callable[[int, int], None]


class StoreEngine:
    """Implements `bot.ports.Engine` for one community."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        clock: Clock,
        community_id: int,
        *,
        folder: Path,
        model: CollaborativeModel | None,
        courses: QuestionEncoder | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._clock = clock
        self._community_id = community_id
        self._folder = folder
        self._refreshing = threading.Lock()
        self._revision = 0
        self._sequence = 0
        self._undone = 0
        self._declared = 0
        self._recounted = time.monotonic()
        self._recount_due = False
        self._taken_in: Marks | None = None
        with store.read() as uow:
            self._counted_by = _counted_by(uow, community_id)
        self._courses = courses.name if courses is not None else None
        self.shelf = Shelf(encoder, vectors=self._snapshot(), model=model, courses=courses)

    def _snapshot(self) -> IndexSet | None:
        """The vectors saved last, when they are whole and of this encoder; otherwise the store's are read."""
        try:
            vectors = IndexSet.load(self._folder, encoder=self._encoder.name, dimension=self._encoder.dimension)
        except IndexDamaged as damage:
            log.info("index is rebuilt from the store", extra={"reason": str(damage)})
            return None
        with self._store.read() as uow:
            newest = uow.items.revision(self._community_id)
        if not vectors.mark.isdecimal() or int(vectors.mark) > newest:
            # A snapshot from after the backup that the store was restored from: its rows are of another history.
            return None
        self._in_snapshot = int(vectors.mark)
        return vectors

    _in_snapshot: int = 0

    def refresh(self, *, progress: Progress | None = None) -> int:
        """Take in what the store changed since the last time; returns how many changes."""
        with self._store.read() as uow:
            marks = uow.communities.marks(self._community_id)
        # One look when nothing changed: every answer begins here.
        if marks == self._taken_in and not self._recount_is_due():
            return 0
        with self._refreshing:
            changes = self._items(progress) + self._interactions()
            # Read before the changes: what came meanwhile is found the next time.
            self._taken_in = marks
            return changes

    def _recount_is_due(self) -> bool:
        return self._recount_due and time.monotonic() - self._recounted >= RECOUNT_EVERY

    def _items(self, progress: Progress | None) -> int:
        changes = 0
        name = self._encoder.name
        with self._store.read() as uow:
            last = uow.items.revision(self._community_id)
        first = self._revision
        while self._revision < last:
            known = self._revision < self._in_snapshot
            with self._store.read() as uow:
                page = uow.items.changed(
                    self._community_id,
                    name,
                    after=self._revision,
                    until=min(self._in_snapshot, last) if known else last,
                    limit=PAGE,
                    vectors=not known,
                )
                courses = [c.row for c in page if c.ranked is not None and c.ranked.kind == Kind.COURSE.value]
                second = uow.items.vectors(self._courses, courses) if self._courses is not None else {}
            if not page:
                # Revisions of a snapshot that the store has since used up by newer changes.
                self._revision = min(self._in_snapshot, last) if known else last
                continue
            self.shelf.remove((str(c.item), c.row) for c in page if c.ranked is None)
            present = [(c.ranked, c.vector) for c in page if c.ranked is not None]
            self.shelf.put(present, keep_vectors=known, courses=second)
            self._revision = page[-1].revision
            changes += len(page)
            if progress is not None:
                progress(self._revision - first, last - first)
        return changes

    def _interactions(self) -> int:
        now = self._clock.now().timestamp()
        seen = self._observe(now)
        self._undo(now)
        return seen

    def _observe(self, now: float) -> int:
        """Count all interactions after the sequence reached; returns how many."""
        seen = 0
        while True:
            with self._store.read() as uow:
                page = uow.interactions.after(self._community_id, self._sequence, limit=PAGE)
                members = {done.member_id for _, done in page}
                people = self._people(uow, (one for one in members if not self.shelf.segments.knows(_user(one))))
                if not page:
                    self._redeclare(uow)
            if not page:
                self.shelf.settle()
                return seen
            feedback = [feedback_of(interaction) for _, interaction in page]
            self.shelf.observe(feedback, now, rooms=self._rooms(feedback), people=people)
            self._sequence = page[-1][0]
            seen += len(page)

    def _redeclare(self, uow: UnitOfWork) -> None:
        """Whoever says something else of themselves counts among others from now on, with all they did."""
        changed = uow.members.declared_after(self._community_id, self._declared)
        if not changed:
            return
        known = (member for _, member in changed if self.shelf.segments.knows(_user(member)))
        self.shelf.declare(self._people(uow, known))
        self._declared = changed[-1][0]

    def _people(self, uow: UnitOfWork, members: Iterable[int]) -> dict[str, Declared | None]:
        """What they declare, by user; None for who does not allow that their enrolments be used, and for bots."""
        return {_user(member.id): _counted_as(member) for member in uow.members.some(members)}

    def _rooms(self, said: Iterable[Feedback]) -> dict[str, str]:
        """The rooms of discussions that have not been met before."""
        posts = {done.item for done in said if done.signal in TAKING_PART}
        new = {int(native_of(ItemId(post))): post for post in posts if not self.shelf.knows_room(post)}
        if not new:
            return {}
        with self._store.read() as uow:
            return {new[number]: str(post.room_id) for number, post in uow.posts.get(new).items()}

    def _recounting(self) -> bool:
        """Whether since the last look somebody switched a signal on or off, or two became one person or parted."""
        with self._store.read() as uow:
            now = _counted_by(uow, self._community_id)
        changed, self._counted_by = now != self._counted_by, now
        return changed

    def _undo(self, now: float) -> None:
        """What was undone leaves popularity too; counting anew is cheap, yet not for every press."""
        with self._store.read() as uow:
            undone = uow.interactions.withdrawn_after(self._community_id, self._undone)
        if undone:
            self._undone = undone[-1][0]
            self._recount_due = True
        # A consent that was taken back counts at once, an undone press within the minute.
        at_once = self._recounting()
        if not at_once and not self._recount_is_due():
            return
        self._recount_due, self._recounted = False, time.monotonic()
        self.shelf.forget_actions()
        self._sequence = 0
        self._observe(now)

    def save(self) -> None:
        """Write the snapshot, so that the next start needs not read every vector from the store."""
        with self._refreshing:
            self.shelf.save(self._folder, mark=str(self._revision))

    def publish_model(self, model: CollaborativeModel | None) -> None:
        self.shelf.publish_model(model)

    @property
    def encoder(self) -> Encoder:
        return self._encoder

    @property
    def ranking(self) -> RankingConfig:
        return self.shelf.ranking

    @property
    def talks(self) -> Log:
        """Who wrote where and when in rooms for everybody, by members who allow it now: without names or texts."""
        return self.shelf.discussions.log(PUBLIC)

    def publish_discussions(self, model: DiscussionModel | None) -> None:
        self.shelf.publish_discussions(model)

    def publish_ranking(self, learnt: LearntRanking | None) -> None:
        self.shelf.publish_ranking(learnt)

    def catalogue(self) -> tuple[list[RankedItem], Matrix]:
        """Public courses and discussions that have a vector, in order of id, with their vectors."""
        self.refresh()
        index = self.shelf.vectors.get(PUBLIC)
        where = Filter(kinds=frozenset({"course", "post"}))
        items = sorted((i for i in self.shelf.corpus.items(where) if index and i.row in index), key=lambda i: i.id)
        if index is None or not items:
            return [], np.zeros((0, self._encoder.dimension), dtype=np.float32)
        return items, index.vectors([item.row for item in items])

    def is_public(self, item: str) -> bool:
        """Whether an item is for every member."""
        known = self.shelf.corpus.get(item)
        return known is not None and known.audience == PUBLIC

    def recommend(self, query: Query) -> list[Recommendation]:
        self.refresh()
        return self.shelf.recommend(query)

    def batch(self, queries: Iterable[Query]) -> Iterable[list[Recommendation]]:
        self.refresh()
        return self.shelf.batch(queries)

    def explain(self, query: Query, item: str) -> Recommendation | None:
        return self.shelf.explain(query, item)

    def search(self, words: str, *, k: int, where: Filter, now: float) -> list[Hit]:
        self.refresh()
        return self.shelf.search(words, k=k, where=where, now=now)

    def passages(self, words: str, texts: Sequence[tuple[str, str]], *, k: int) -> list[Passage]:
        return self.shelf.passages(words, texts, k=k)

    def related(self, item: str, *, k: int, where: Filter) -> list[Hit]:
        return self.shelf.similar(item, k=k, where=where)

    def item(self, item: str) -> RankedItem | None:
        return self.shelf.corpus.get(item)

    def items(self, where: Filter) -> Iterable[RankedItem]:
        return self.shelf.corpus.items(where)

    def vector(self, item: str) -> NDArray[np.float32] | None:
        known = self.shelf.corpus.get(item)
        if known is None or known.row not in self.shelf.vectors:
            return None
        return np.asarray(self.shelf.vectors.vectors([known.row])[0], dtype=np.float32)


def _counted_by(uow: UnitOfWork, community_id: int) -> tuple[int, int]:
    return uow.members.consent_revision(community_id), uow.links.revision(community_id)


def _user(member_id: int) -> str:
    return f"member:{member_id}"


def _counted_as(member: Member) -> Declared | None:
    if member.bot or not member.consent.allows(ConsentKind.ENROLMENTS):
        return None
    return declared(member)


def feedback_of(interaction: Interaction) -> Feedback:
    return Feedback(
        _user(interaction.member_id),
        interaction.item,
        interaction.signal.value,
        interaction.at.timestamp(),
        interaction.value,
    )
