"""The composition root: the one module that knows everybody. Opens, wires and closes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from bot.dispatch import Dispatcher
from bot.domain.items import Kind
from bot.domain.people import Community
from bot.domain.permissions import PUBLIC, Viewer
from bot.domain.schedules import Job, Occurrence, Outcome
from bot.domain.threads import ThreadTraits
from bot.ports import Clock, Ids, OutboxRow, UnitOfWork
from bot.settings import Settings
from bot.surroundings import Paths, RandomIds, RunningEncoder, SystemClock
from bot.usecases.ask import FindAnswer
from bot.usecases.author_report import ReportAuthors
from bot.usecases.channel import SuggestInRoom, still_visible
from bot.usecases.curating import decisions_for
from bot.usecases.digest import ComposeDigest, ComposeDigests
from bot.usecases.digest_send import PrepareDigests, QueueDigests
from bot.usecases.engine import StoreEngine
from bot.usecases.events.due import DoWhatIsDue
from bot.usecases.events.ideas import FindIdeas
from bot.usecases.events.recap_chat import SendRecap
from bot.usecases.events.threads import note_thread
from bot.usecases.indexing import EmbedEverything, EmbedPending
from bot.usecases.ingest import Ingest
from bot.usecases.lists import Lists
from bot.usecases.look_up import LookUp
from bot.usecases.partners import Partners
from bot.usecases.path import FindPath
from bot.usecases.personas import FindPersonas, KeptPersonas
from bot.usecases.placing import LoggedPlaces, SuggestionHealth
from bot.usecases.prerequisites import InferPrerequisites
from bot.usecases.proving import MakeSetupCode
from bot.usecases.quality import RefreshQuality
from bot.usecases.rating import FindCourse, RateCourse
from bot.usecases.staff import web_room
from bot.usecases.suggest import Find, Suggest
from bot.usecases.taking_in import TakeInRooms
from bot.usecases.talk import Unknown
from bot.usecases.talks import LearnDiscussions, last_discussions, stated
from bot.usecases.traffic import CountTraffic
from bot.usecases.training import Limits, Train, last_model
from bot.usecases.travel import NoticeTravel
from bot.usecases.turn import Answering, Arrive
from bot.usecases.unasked import Refusal, note_reached, verdict
from bot.usecases.weighing import LearnRanking, last_ranking
from bot.wiring import Parts, commands, presses
from bot.workers import DigestLots, Openings
from recsys.encoders import CachedEncoder, EncoderProcess
from recsys.versions import Versions
from scheduler.lots import LOT, LotPlanner
from scheduler.moments import DueMoments
from scheduler.planner import Planner, Tick, Work
from storage import SqlStore, open_store, upgrade

log = logging.getLogger(__name__)
DIGEST_SPREAD: Final = timedelta(minutes=5)
"""Digests of one hour leave within so long of it, each member's always at the same minute."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Digests by the lot, and the rooms' weekly word one by one."""

    digests: LotPlanner
    rooms: Planner

    def tick(self) -> Tick:
        rooms, digests = self.rooms.tick(), self.digests.tick()
        return Tick(
            rooms.done + digests.done,
            rooms.skipped + digests.skipped,
            rooms.failed + digests.failed,
            rooms.missed + digests.missed,
            rooms.more or digests.more,
        )


class Application:
    """Everything that one community needs, opened once and closed once."""

    def __init__(
        self,
        settings: Settings,
        store: SqlStore,
        community: Community,
        *,
        clock: Clock | None = None,
        encoder: RunningEncoder | None = None,
        ids: Ids | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.community = community
        self.clock: Clock = clock or SystemClock()
        self.ids: Ids = ids or RandomIds()
        self.paths = Paths(settings.home)
        self.encoder: RunningEncoder = encoder or EncoderProcess(settings.encoder)
        self.refresh_quality = RefreshQuality(store, self.clock)
        self._engine: StoreEngine | None = None
        self._refused: set[int] = set()
        self.kept_personas = KeptPersonas(lambda: self.personas, store)
        self.stopping = threading.Event()
        """Set by whoever stops the program: a training in progress ends at once, and goes on at the next start."""
        self._model_name: str | None = None
        self._talks = ""

        self._traffic = CountTraffic(store, community.id)
        store.on_commit(self._changed)

    @classmethod
    def open(cls, settings: Settings, *, sample: bool = False, name: str | None = None) -> Self:
        """Open the store (making or migrating it) and find the community, which is made when there is none.

        Raises ConfigError or StoreUnavailable.
        """
        upgrade(settings.url)
        clock = SystemClock()
        store = open_store(settings.url, clock=clock.now)
        with store.read() as uow:
            known = uow.communities.all()
        if known:
            community = known[0]
        else:
            with store.write() as uow:
                # Asked again with the lock: of two programs that start together, one makes it.
                others = uow.communities.all()
                community = (
                    others[0]
                    if others
                    else uow.communities.add(
                        name or settings.community,
                        language=settings.language,
                        timezone=settings.timezone,
                        sample=sample,
                    )
                )
                if not sample:
                    # Somewhere to talk from the first minute; the owner makes more with /room.
                    uow.rooms.ensure(community.id, web_room("general"))
                uow.commit()
        return cls(settings, store, community, clock=clock)

    def _changed(self, topics: frozenset[str]) -> None:
        """Moderators may give the community another language or time zone while it runs."""
        if "community" in topics:
            with self.store.read() as uow:
                self.community = uow.communities.get(self.community.id) or self.community

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.stopping.set()
        self.encoder.close()
        self.store.close()

    @property
    def engine(self) -> StoreEngine:
        """Opened at the first use: commands that never recommend need no encoder."""
        if self._engine is None:
            self._model_name = self.versions.current()
            self._engine = StoreEngine(
                self.store,
                CachedEncoder(self.encoder),
                self.clock,
                self.community.id,
                folder=self.paths.index,
                model=last_model(self.paths.models),
                courses=self.encoder.courses,
            )
            self._engine.publish_ranking(last_ranking(self.paths.models))
            self._talks = stated(self.paths.discussions)
            self._engine.publish_discussions(last_discussions(self.paths.discussions))
        return self._engine

    @property
    def embed(self) -> EmbedEverything:
        first = EmbedPending(self.store, self.encoder.bulk, refused=self._refused)
        second = self.encoder.courses
        if second is None:
            return EmbedEverything(first)
        only = frozenset({Kind.COURSE.value})
        return EmbedEverything(
            first, EmbedPending(self.store, second, title_share=0.0, kinds=only, refused=self._refused)
        )

    @property
    def train(self) -> Train:
        self.engine.refresh()
        limits = Limits(self.settings.retrain_share, self.settings.model_alarm)
        publish = self.engine.publish_model
        return Train(self.store, self.clock, self.versions, publish, self.engine.is_public, limits)

    @property
    def versions(self) -> Versions:
        return Versions(self.paths.models, self.settings.models_kept)

    @property
    def learn_ranking(self) -> LearnRanking:
        return LearnRanking(self.store, self.clock, self.paths.models, self.engine)

    @property
    def logged_places(self) -> LoggedPlaces:
        return LoggedPlaces(self.store, self.clock)

    @property
    def suggestion_health(self) -> SuggestionHealth:
        return SuggestionHealth(self.store, self.clock, self.engine.shelf)

    @property
    def learn_discussions(self) -> LearnDiscussions:
        self.engine.refresh()
        engine = self.engine
        return LearnDiscussions(self.clock, self.paths.discussions, lambda: engine.talks, engine.publish_discussions)

    @property
    def suggest(self) -> Suggest:
        return Suggest(self.store, self.engine, self._traffic)

    @property
    def find(self) -> Find:
        return Find(self.store, self.engine)

    @property
    def look_up(self) -> LookUp:
        return LookUp(self.store, self.find, self.community, self.clock)

    @property
    def find_answer(self) -> FindAnswer:
        return FindAnswer(self.store, self.engine)

    @property
    def find_path(self) -> FindPath:
        return FindPath(self.store, self.engine)

    @property
    def find_ideas(self) -> FindIdeas:
        return FindIdeas(self.store, self.engine, self.encoder.bulk)

    @property
    def find_course(self) -> FindCourse:
        return FindCourse(self.store, self.engine)

    @property
    def rate(self) -> RateCourse:
        return RateCourse(self.ids)

    @property
    def report(self) -> ReportAuthors:
        return ReportAuthors(self.store)

    @property
    def infer(self) -> InferPrerequisites:
        return InferPrerequisites(self.store, self.engine, self.clock)

    @property
    def partners(self) -> Partners:
        return Partners(self.store)

    @property
    def personas(self) -> FindPersonas:
        return FindPersonas(self.store, self.engine.catalogue)

    @property
    def answering(self) -> Answering:
        return Answering(self.clock, self.ids)

    @property
    def lists(self) -> Lists:
        return Lists(self.store, self.suggest, self.find, self.answering, self.ids)

    @property
    def compose_digest(self) -> ComposeDigest:
        return ComposeDigest(self.compose_digests)

    @property
    def compose_digests(self) -> ComposeDigests:
        return ComposeDigests(self.store, self.engine, self.ids, self._traffic)

    @property
    def prepare_digests(self) -> PrepareDigests:
        return PrepareDigests(self.store, self.ids, self.compose_digests)

    @property
    def setup_code(self) -> MakeSetupCode:
        return MakeSetupCode(self.store, self.clock, self.ids)

    @property
    def take_in_rooms(self) -> TakeInRooms:
        return TakeInRooms(self.store)

    def dispatcher(
        self,
        parsers: Mapping[str, Callable[[str], Any]],
        answered: Callable[[], None],
        *,
        forms: frozenset[str] = frozenset(),
        look_again: Callable[[], None] = lambda: None,
        threads: Mapping[str, ThreadTraits] | None = None,
    ) -> Dispatcher:
        """The use-cases behind every command and button. `forms`: the platforms that show a form as a whole.
        `look_again`: ask the platforms anew how we are set up. `threads`: what threads are on each platform that has
        them."""
        parts = Parts.of(self, forms, {} if threads is None else threads)
        return Dispatcher(
            store=self.store,
            community=self.community,
            parsers=parsers,
            arrive=Arrive(self.store),
            ingest=Ingest(self.store),
            commands=commands(self, parts),
            presses=presses(self, parts, look_again),
            ask=parts.ask,
            learn=parts.learn,
            unknown=Unknown(self.store, self.answering),
            travel=NoticeTravel(self.store, self.answering, self.ids),
            answered=answered,
        )

    def visible(self, row: OutboxRow) -> bool:
        """Asked again right before a message goes out: may its reader still see all that it names?"""
        sending = row.sending
        with self.store.read() as uow:
            member = uow.members.get(sending.to_member) if sending.to_member is not None else None
            if isinstance(verdict(uow, row, self.clock.now()), Refusal):
                return False
            if sending.unsolicited and self._banned(uow) & set(sending.items):
                return False
            room = uow.rooms.by_ref(row.community_id, sending.room)
            # In a room that everybody reads, what counts is what everybody may read, whoever asked.
            public = member is None or (room is not None and room.audience == PUBLIC)
            viewer = Viewer.of_public(row.community_id) if public or member is None else uow.rooms.viewer(member)
            if member is None and room is not None and room.audience != PUBLIC:
                # Said to a closed room as a whole: what belongs to it may be named there, and nowhere else.
                viewer = replace(viewer, audiences=viewer.audiences | {room.audience})
            return still_visible(uow, viewer, sending.items)

    def hold(self, row: OutboxRow) -> datetime | None:
        """Until when a message has to wait, such as for the end of its reader's quiet hours; None: for nothing."""
        now = self.clock.now()
        with self.store.read() as uow:
            when = verdict(uow, row, now)
        return when if isinstance(when, datetime) and when > now else None

    def ended(self, uow: UnitOfWork, row: OutboxRow, state: str) -> None:
        """What a delivery says about its reader: unreachable twice in a row, and nothing more is sent unasked."""
        note_reached(uow, row, state)
        note_thread(uow, row, state, self.clock.now())

    def _banned(self, uow: UnitOfWork) -> frozenset[str]:
        """What was banned everywhere since a message was queued does not go out unasked."""
        return decisions_for(uow, self.community.id, self.clock.now())[1]

    def letters(self) -> Letters:
        """What people wait for: digests and the rooms' weekly suggestion."""
        suggest = SuggestInRoom(self.store, self.engine, self.clock, self.ids)

        def noted(job: Callable[[Community, Occurrence], tuple[Outcome, str]]) -> Work:
            def run(_: int, occurrence: Occurrence) -> Outcome:
                outcome, note = job(self.community, occurrence)
                log.info("occurrence done", extra={"job": occurrence.job.value, "outcome": outcome.value, "note": note})
                return outcome

            return run

        grace = timedelta(hours=self.settings.grace_hours)
        work, stopping = self._digest_lots(), self.stopping.is_set
        digests = LotPlanner(self.store, self.clock, Job.DIGEST, work, grace, stopping=stopping)
        return Letters(digests, self.planner({Job.SUGGEST: noted(suggest)}))

    def _digest_lots(self) -> DigestLots:
        engine = self.engine
        queue = QueueDigests(self.store, DIGEST_SPREAD)

        def openings() -> Openings:
            # Workers read the index from its file: what came since the last snapshot goes into it now.
            engine.save()
            paths, encoder = self.paths, engine.encoder
            return Openings(
                self.settings.url, self.community, encoder.name, encoder.dimension, paths.index, paths.models,
                paths.discussions, self.ids, self.clock.now(),
            )  # fmt: skip

        return DigestLots(
            self.store, self.community, lambda: self.prepare_digests, queue, engine.shelf.topic_vector, openings, LOT,
            self.settings.digest_workers,
        )  # fmt: skip

    def moments(self, threads: Mapping[str, ThreadTraits] | None = None) -> DueMoments:
        """What is due once for an event: reminders, offers that end, cards and threads that have to follow."""
        due = DoWhatIsDue(self.store, self.clock, SendRecap(self.engine), self.ids, threads or {})
        return DueMoments(self.store, self.clock, due)

    def planner(self, work: Mapping[Job, Work]) -> Planner:
        """One that is as patient with what was missed as the settings say."""
        grace = timedelta(hours=self.settings.grace_hours)
        return Planner(self.store, self.clock, work, dict.fromkeys(work, grace))

    def adopt(self) -> None:
        """Take up what another process published."""
        current = self.versions.current()
        if current != self._model_name:
            self._model_name = current
            self.engine.publish_model(last_model(self.paths.models))
        talks = stated(self.paths.discussions)
        if talks != self._talks:
            self._talks = talks
            self.engine.publish_discussions(last_discussions(self.paths.discussions))
