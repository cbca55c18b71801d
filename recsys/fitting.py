"""How the collaborative model is trained. Knows arrays of actions; knows no items' texts and no files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recsys.actions import ActionLog, collect
from recsys.cohesion import cohesive
from recsys.collaborative import CollaborativeModel
from recsys.companions import Companions
from recsys.features import counts_of
from recsys.links import blocks, count_links
from recsys.ordering import Ordering
from recsys.signals import Feedback
from recsys.steps import Steps
from recsys.types import Interaction, Progress

_ENTRIES: Final = 4_000_000
"""Links kept of all items together: 100 MB."""


@dataclass(frozen=True, slots=True)
class FitParameters:
    """`min_users`: an item that fewer users acted on is left out. `max_items`: only the most active ones take part.

    `row`: links kept of each item; fewer where there are very many items. `examples`: users whose next actions the
    order is learned from, 0 for none; `epochs`: how often. `guarded`: crowds with nothing in common are left out
    (`cohesion`).
    """

    min_users: int = 2
    max_items: int = 100_000
    row: int = 300
    examples: int = 30_000
    epochs: int = 6
    guarded: bool = True

    def __post_init__(self) -> None:
        if min(self.min_users, self.max_items, self.row, self.epochs) < 1 or self.examples < 0:
            raise ValueError(f"counts must be at least 1, got {self!r}")

    def kept(self, items: int) -> int:
        """Links of each item when there are so many items."""
        return max(1, min(self.row, _ENTRIES // max(items, 1)))


def fit(
    interactions: Iterable[Interaction],
    *,
    now: float,
    feedback: Feedback | None = None,
    parameters: FitParameters | None = None,
    progress: Progress | None = None,
) -> CollaborativeModel:
    """Train on the explicit actions among `interactions`; whatever else is there is left out."""
    feedback = feedback or Feedback()
    return fit_log(
        collect(interactions, feedback), now=now, feedback=feedback, parameters=parameters, progress=progress
    )


def fit_log(
    log: ActionLog,
    *,
    now: float,
    feedback: Feedback | None = None,
    parameters: FitParameters | None = None,
    progress: Progress | None = None,
) -> CollaborativeModel:
    """Train on a log. The same log and parameters give the same model. `progress` counts steps of about one length."""
    parameters = parameters or FitParameters()
    log = restrict(log, parameters)
    if parameters.guarded:
        log = log.where(cohesive(log))
    kept = parameters.kept(len(log.names))
    ordering = Ordering(parameters.examples, parameters.epochs, kept)
    steps = Steps(progress, total=blocks(len(log.names)) + ordering.steps(log))
    links = count_links(log, kept, steps)
    network = ordering.learn(log, steps) if parameters.examples else None
    steps.end()
    model = CollaborativeModel(
        names=log.names,
        links=links,
        counts=counts_of(log),
        users=np.bincount(log.items, minlength=len(log.names)).astype(np.int32),
        network=network,
        user_count=log.user_count,
        version="",
        trained_at=now,
        feedback=feedback or Feedback(),
        people=Companions.of(log),
    )
    digest = hashlib.sha256()
    for name, values in sorted(model.arrays().items()):
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return replace(model, version=f"learned-{digest.hexdigest()[:12]}")


def restrict(log: ActionLog, parameters: FitParameters) -> ActionLog:
    """Only items with enough users, the most active first (ties by name); users and items numbered anew."""
    users = np.bincount(log.items, minlength=len(log.names))
    kept = np.flatnonzero(users >= parameters.min_users)
    kept = np.sort(kept[np.lexsort((kept, -users[kept]))][: parameters.max_items])
    code = np.full(len(log.names), -1, dtype=np.int64)
    code[kept] = np.arange(len(kept))
    entries = code[log.items] >= 0
    _, renumbered = np.unique(log.users[entries], return_inverse=True)
    return ActionLog(
        tuple(log.names[item] for item in kept.tolist()),
        renumbered.astype(np.int64),
        code[log.items[entries]],
        log.weights[entries],
    )
