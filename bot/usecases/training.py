"""Train the collaborative model from explicit actions and answer with it. Knows consent; knows no formulas."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.ports import Clock, Store
from bot.usecases.engine import feedback_of
from recsys.actions import collect
from recsys.collaborative import LinearModel
from recsys.modelfile import DamagedModel, load
from recsys.signals import Feedback
from recsys.training import train_in_process

log = logging.getLogger(__name__)
FEWEST: Final = 50
"""Fewer actions than this teach nothing that popularity does not know."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Train:
    """Read what may be used, train in a process of its own, publish. Blocks: call it on a thread.

    Only the signals that the recommender lists as trainable are read; text of messages never is.
    """

    store: Store
    clock: Clock
    folder: Path
    publish: Callable[[LinearModel], None]
    public: Callable[[str], bool]
    """Whether an item is for everybody: one model answers all, so nothing of private rooms may enter it."""

    def __call__(
        self, community_id: int, *, progress: Progress | None = None, cancel: threading.Event | None = None
    ) -> LinearModel | None:
        """The model now in use; None when there is too little to learn from. Raises TrainingFailed."""
        with self.store.read() as uow:
            actions = [feedback_of(i) for i in uow.interactions.for_training(community_id, Feedback().trainable)]
        if len(actions) < FEWEST:
            log.info("too little to train on", extra={"actions": len(actions)})
            return None
        log_of_actions = collect(actions, learnable=self.public)
        model = train_in_process(
            log_of_actions, self.folder, now=self.clock.now().timestamp(), progress=progress, cancel=cancel
        )
        self.publish(model)
        return model


def last_model(folder: Path) -> LinearModel | None:
    """The model trained last, if there is a whole one."""
    try:
        return load(folder, Feedback())
    except FileNotFoundError:
        return None
    except DamagedModel as damage:
        log.warning("the collaborative model is damaged and left out until the next training: %s", damage)
        return None
