"""What is trained on, what is shown to the model, and what it must find. Knows order and time; knows no models.

A scene is one question put to every model: cases (a history each), what they took next, and which items may be ranked.
Nothing of a case's truth is in the training part of its split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.histories import Histories, Integers, Mask

PROTOCOLS: Final = ("last-out", "temporal", "cold-user", "cold-item")
FIRSTS: Final = (0, 1, 2, 5)
"""How many first items of a newcomer are known."""


@dataclass(frozen=True, slots=True)
class Scene:
    """seen: what each case may not be recommended (a superset of its history). candidates: None for all items."""

    name: str
    cases: Histories
    truth: Histories
    seen: Histories
    candidates: Mask | None = None

    def __len__(self) -> int:
        return len(self.cases)

    def take(self, rows: Integers) -> Scene:
        return Scene(self.name, self.cases.take(rows), self.truth.take(rows), self.seen.take(rows), self.candidates)

    @property
    def open_items(self) -> int:
        """How many items may be ranked at all."""
        return self.cases.item_count if self.candidates is None else int(self.candidates.sum())


@dataclass(frozen=True, slots=True)
class Split:
    """train: everything a model may learn from. not_judged: users without a case, by reason."""

    protocol: str
    train: Histories
    scenes: tuple[Scene, ...]
    not_judged: tuple[tuple[str, int], ...] = ()


def last_out(histories: Histories, back: int = 0) -> Split:
    """Train on all but the last item of every user and ask for it. back: that many more are dropped from the end."""
    if back:
        histories = histories.where(histories.back >= back)
    last = (histories.back == 0) & (histories.lengths[histories.rows] >= 2)
    train = histories.where(~last)
    judged = np.flatnonzero(histories.lengths >= 2)
    history = train.take(judged)
    scene = Scene("all", history, histories.where(last).take(judged), history)
    few = len(histories) - len(judged)
    return _checked(Split("last-out", train, (scene,), (("with a single item", few),)))


def temporal(histories: Histories, since: float | None = None, share: float = 0.1) -> Split:
    """Train on what was before `since` (or on all but the latest `share` of all actions); ask what came from then on.

    Users without a history before it are not judged here: that is what cold-user is for.
    """
    if not 0 < share < 1:
        raise EvaluationError(f"the share of the latest actions must be between 0 and 1, got {share:g}")
    if since is None:
        since = float(np.quantile(histories.times, 1 - share)) if len(histories.items) else 0.0
        if len(histories.items) and since <= histories.times.min():
            raise EvaluationError("the times are all alike: a temporal split needs times that differ")
    before = histories.times < since
    past, future = histories.where(before), histories.where(~before)
    judged = np.flatnonzero((past.lengths > 0) & (future.lengths > 0))
    history = past.take(judged)
    scene = Scene("all", history, future.take(judged), history)
    new = int(((past.lengths == 0) & (future.lengths > 0)).sum())
    return _checked(Split("temporal", past, (scene,), (("without a history before the cut", new),)))


def cold_user(histories: Histories, seed: int, share: float = 0.1, firsts: Sequence[int] = FIRSTS) -> Split:
    """A random share of the users is not trained on at all; after their first k items they are asked for the next."""
    held = _drawn(len(histories), share, seed)
    mask = np.zeros(len(histories), dtype=np.bool_)
    mask[held] = True
    train = histories.where(~mask[histories.rows]).take(np.flatnonzero(~mask))
    scenes = []
    for known in firsts:
        rows = held[histories.lengths[held] > known]
        mine = histories.take(rows)
        history = mine.where(mine.position < known)
        if len(rows):
            scenes.append(Scene(f"first {known}", history, mine.where(mine.position == known), history))
    return _checked(Split("cold-user", train, tuple(scenes)))


def cold_item(histories: Histories, seed: int, share: float = 0.1) -> Split:
    """A random share of the items is not trained on at all; each user's latest of these is asked for.

    Twice: among the new items only, and among all. The history is what came before it, without other new items.
    """
    cold = np.zeros(histories.item_count, dtype=np.bool_)
    taken = np.flatnonzero(histories.users_of_items())
    cold[taken[_drawn(len(taken), share, seed)]] = True
    new = cold[histories.items]
    train = histories.where(~new)
    position = histories.position
    last = np.full(len(histories), -1, dtype=np.int64)
    # Entries are in order of position, and the last assignment to one place wins.
    last[histories.rows[new]] = position[new]
    before = position < last[histories.rows]
    history, seen = histories.where(before & ~new), histories.where(before)
    judged = np.flatnonzero((last >= 0) & (history.lengths > 0))
    truth = histories.where(position == last[histories.rows]).take(judged)
    parts = (history.take(judged), truth, seen.take(judged))
    scenes = (Scene("among new", *parts, cold), Scene("among all", *parts))
    alone = int((last >= 0).sum()) - len(judged)
    return _checked(Split("cold-item", train, scenes, (("with new items only", alone),)))


def given(train: Histories, history: Histories, truth: Histories) -> Split:
    """Train on one file, fold in the users of another, ask for a third. Rows of history and truth are the same users.

    What a user has in the history cannot be asked for and leaves the truth; users without truth are not judged.
    """
    width = np.int64(max(history.item_count, 1))
    repeated = np.isin(truth.rows * width + truth.items, history.rows * width + history.items)
    fresh = truth.where(~repeated)
    judged = np.flatnonzero(fresh.lengths > 0)
    cases = history.take(judged)
    scene = Scene("all", cases, fresh.take(judged), cases)
    reasons = (("with nothing new in the truth", int((truth.lengths > 0).sum()) - len(judged)),)
    return _checked(Split("files", train, (scene,), reasons))


def validation(split: Split, folds: int, cases: int, seed: int) -> list[Split]:
    """Splits inside the training part, in the manner of the split itself: for choosing parameters.

    Fold f of a temporal split ends earlier in time than fold f - 1, and one of last items gives up one more item of
    everybody; of newcomers and new items others are held out. At most `cases` of each scene, always the same ones.
    """
    found: list[Split] = []
    for fold in range(folds):
        try:
            inner = _inner(split, fold)
        except EvaluationError:
            # A short log has fewer folds than were asked for, or none: then the parameters stay as they are.
            break
        scenes = tuple(sampled(scene, cases, seed) for scene in inner.scenes)
        found.append(Split(inner.protocol, inner.train, scenes))
    return found


def _inner(split: Split, fold: int) -> Split:
    if split.protocol == "temporal":
        times = split.train.times
        if not len(times):
            raise EvaluationError("nothing to learn from")
        return temporal(split.train.where(times < np.quantile(times, 1 - 0.1 * fold)) if fold else split.train)
    if split.protocol == "cold-user":
        return cold_user(split.train, seed=fold)
    if split.protocol == "cold-item":
        inner = cold_item(split.train, seed=fold)
        return Split(inner.protocol, inner.train, inner.scenes[:1])
    return last_out(split.train, fold)


def sampled(scene: Scene, cases: int | None, seed: int) -> Scene:
    """At most `cases` of a scene, drawn without looking at them; in their order."""
    if cases is None or len(scene) <= cases:
        return scene
    return scene.take(np.sort(np.random.default_rng(seed).choice(len(scene), cases, replace=False)))


def _drawn(count: int, share: float, seed: int) -> Integers:
    if not 0 < share < 1:
        raise EvaluationError(f"the share to hold out must be between 0 and 1, got {share:g}")
    size = max(1, round(count * share))
    if count < 2:
        raise EvaluationError("there is too little to hold anything out")
    return np.sort(np.random.default_rng(seed).choice(count, size, replace=False)).astype(np.int64)


def _checked(split: Split) -> Split:
    if not any(len(scene) for scene in split.scenes):
        raise EvaluationError(f"no user can be judged under {split.protocol}: the log is too short for it")
    if not len(split.train.items):
        raise EvaluationError(f"nothing is left to learn from under {split.protocol}: the log is too short for it")
    return split
