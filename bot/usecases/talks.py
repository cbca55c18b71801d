"""Learn which discussion a member joins next, and answer with it. Knows when and where; knows no formulas, no texts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.ports import Clock
from recsys.discussions.files import MANIFEST, DamagedDiscussions, delete, load, save
from recsys.discussions.messages import Log
from recsys.discussions.model import DiscussionModel
from recsys.training import discussions_in_process

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class LearnDiscussions:
    """Train in a process of its own on who wrote where and when, judge, publish. Blocks: call it on a thread.

    `talks` gives what members allow now, and of rooms for everybody only: one model answers all. It is made anew each
    time, so whoever left is not in the next one.
    """

    clock: Clock
    folder: Path
    talks: Callable[[], Log]
    publish: Callable[[DiscussionModel | None], None]

    def __call__(
        self, *, progress: Progress | None = None, cancel: threading.Event | None = None
    ) -> DiscussionModel | None:
        """The model now in use; None when there is too little to learn from, or when the time of the last message alone
        tells as much. Raises TrainingFailed, TrainingCancelled."""
        said = self.talks()
        now = self.clock.now().timestamp()
        model = discussions_in_process(said, now=now, progress=progress, cancel=cancel)
        if model is None or model.figures["ndcg@10"] <= model.figures["recency"]:
            log.info("discussions are not ranked by a model", extra={"messages": len(said)})
            delete(self.folder)
            self.publish(None)
            return None
        save(model, self.folder)
        self.publish(model)
        log.info("discussions are ranked by a model", extra={"questions": model.questions, **model.figures})
        return model


def stated(folder: Path) -> str:
    """The manifest as it stands there, to see whether another process published a model; empty without one."""
    try:
        return (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def last_discussions(folder: Path) -> DiscussionModel | None:
    """The model trained last, if there is a whole one."""
    try:
        return load(folder)
    except FileNotFoundError:
        return None
    except DamagedDiscussions as damage:
        log.warning("the ranker of discussions is damaged and left out until the next training: %s", damage)
        return None
