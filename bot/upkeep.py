"""What keeps the program well by itself: training, snapshots, sweeping. Knows when it may; the use-cases know how."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Final

from bot.app import Application
from bot.domain.schedules import Frequency, Job, Occurrence, Outcome, Schedule
from bot.surroundings import set_aside
from recsys.encoders import EncoderUnavailable
from recsys.training import TrainingCancelled, TrainingFailed
from recsys.versions import TrainingBusy
from scheduler.planner import Planner

log = logging.getLogger(__name__)

RAW_KEPT: Final = timedelta(days=7)
QUOTES_KEPT: Final = timedelta(days=30)
"""How long words that were quoted in a message of ours can be taken back from it."""
BUTTONS_KEPT: Final = timedelta(days=365)
EMBEDDED: Final = 256
"""At a time, so that what is new is found soon while much is taken in."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    app: Application
    _begun: threading.Event = field(default_factory=threading.Event)

    def planner(self) -> Planner:
        """What takes its time, apart from the letters, so that none waits for it."""
        return self.app.planner({Job.TRAIN: self._train, Job.SWEEP: self._sweep, Job.SNAPSHOT: self._save})

    def embed(self) -> bool:
        """Give vectors to what is new, and take in what changed. Whether there may be more."""
        try:
            more = self.app.embed(self.app.community.id, limit=EMBEDDED) > 0
        except EncoderUnavailable as error:
            log.warning("embedding waits: %s", error)
            more = False
        finally:
            self.app.engine.refresh()
        if not more and not self._begun.is_set():
            self._begun.set()
            set_aside()
        return more

    def _train(self, community_id: int, _: Occurrence) -> Outcome:
        """By night: whenever anything changed, so that whoever left is forgotten by the next morning."""
        learnt = self.app.learn_ranking(community_id)
        try:
            ended = self.app.train(self.app.community, unless_unchanged=True, cancel=self.app.stopping)
        except TrainingBusy:
            return Outcome.SKIPPED
        self.app.infer(community_id)
        talks = self.app.learn_discussions(cancel=self.app.stopping)
        nothing = ended.outcome in {"unchanged", "too-few"} and not learnt.published and talks is None
        return Outcome.SKIPPED if nothing else Outcome.DONE

    def retrain_when_due(self) -> None:
        """By day: take up a model that another process published, and train when enough has changed."""
        self.app.adopt()
        why = self.app.train.due(self.app.community)
        if not why:
            return
        log.info("training: %s", why)
        try:
            self.app.train(self.app.community, cancel=self.app.stopping)
        except TrainingFailed:
            log.exception("the training failed; the model in use stays")
        except (TrainingBusy, TrainingCancelled) as ended:
            log.info("no training now: %s", ended or "stopping")

    def _save(self, _: int, __: Occurrence) -> Outcome:
        self.app.engine.save()
        # By night, so that what came by day is passed over too, and what has gone is let go.
        set_aside()
        return Outcome.DONE

    def _sweep(self, _: int, __: Occurrence) -> Outcome:
        now = self.app.clock.now()
        with self.app.store.write() as uow:
            uow.inbox.sweep(now - RAW_KEPT)
            uow.outbox.sweep(now - QUOTES_KEPT)
            uow.buttons.sweep(now - BUTTONS_KEPT)
            uow.conversations.sweep(now - BUTTONS_KEPT)
            uow.files.sweep(now - BUTTONS_KEPT)
            uow.setup_codes.sweep(now - RAW_KEPT)
            uow.commit()
        return Outcome.DONE

    def ensure_schedules(self) -> None:
        """The rows of the nightly work; those of members and rooms are made when somebody switches them on."""
        zone, settings = self.app.community.timezone, self.app.settings
        nightly = time(settings.train_hour)
        rows = [
            Schedule(job, "community", zone, Frequency.DAILY, at=nightly)
            for job in (Job.TRAIN, Job.SNAPSHOT, Job.SWEEP)
        ]
        with self.app.store.read() as uow:
            known = {schedule.job for schedule in uow.schedules.all(self.app.community.id)}
        missing = [row for row in rows if row.job not in known]
        if missing:
            with self.app.store.write() as uow:
                for row in missing:
                    uow.schedules.put(self.app.community.id, row)
                uow.commit()
