"""Is the new model good enough to go out? Knows lists and figures; knows no files and no particular model.

Judged on last actions that neither model has seen, full ranking, what was taken before masked: nDCG@10 by case, the
difference by paired sign flips (`recsys.evaluation.stats`). How far lists moved: rank-biased overlap (Webber, Moffat &
Zobel 2010, ACM TOIS 28(4)) of the first ten.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from recsys.actions import ActionLog
from recsys.evaluation.stats import differences
from recsys.types import Interaction, Model
from recsys.versions import State

AT: Final = 10
CASES: Final = 2_000
FEWEST_CASES: Final = 30
"""Fewer say nothing."""
DOUBT: Final = 0.01
"""A difference counts from this p-value on."""
PANEL: Final = 200
SETTLED: Final = 100
"""A model of fewer users moves with every newcomer; its lists are not watched."""
_PERSISTENCE: Final = 0.9
_HALF: Final = 2 / 3

Mask = NDArray[np.bool_]
Doubles = NDArray[np.float64]
History = tuple[Interaction, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What a user did before, oldest first, and the item that came last."""

    history: History
    truth: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Means of nDCG@10 over `cases`; None where there was nothing to compare with. p: that they are alike."""

    cases: int
    new: float
    old: float | None = None
    p_old: float | None = None
    popular: float | None = None
    p_popular: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Over a panel of histories: mean rank-biased overlap 0-1 of the two lists, share of the old ten that is gone."""

    overlap: float
    changed: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """why: one word, for who says it in a language of their own; reason: the sentence for logs and the command line."""

    state: State
    reason: str = ""
    why: Literal["", "worse", "unpopular", "far"] = ""


def hold_out(log: ActionLog, candidates: Mask, cases: int = CASES, seed: int = 0) -> tuple[ActionLog, list[Case]]:
    """The log without the last action of up to `cases` users, and those cases.

    candidates: shape (entries,); only a last action that is one can be held out. A user needs one before it.
    """
    starts, ends = _bounds(log)
    last = ends - 1
    usable = np.flatnonzero((ends - starts >= 2) & candidates[last]) if len(log) else np.zeros(0, dtype=np.int64)
    if len(usable) > cases:
        usable = np.sort(np.random.default_rng(seed).choice(usable, cases, replace=False))
    kept = np.ones(len(log), dtype=np.bool_)
    kept[last[usable]] = False
    found = [Case(history(log, starts[user], last[user]), log.names[log.items[last[user]]]) for user in usable.tolist()]
    return ActionLog(log.names, log.users[kept], log.items[kept], log.weights[kept]), found


def history(log: ActionLog, first: int, end: int) -> History:
    """Entries `first` to `end` as a query's history: actions of the same weight as in the log."""
    return tuple(
        # An enrolment is a whole action; progress is worth up to two thirds of one.
        Interaction("", log.names[item], "enrol", 0.0)
        if weight > _HALF
        else Interaction("", log.names[item], "progress", 0.0, weight / _HALF)
        for item, weight in zip(log.items[first:end].tolist(), log.weights[first:end].tolist(), strict=True)
    )


def gains(model: Model, cases: Sequence[Case], now: float) -> Doubles:
    """nDCG@10 of each case, shape (cases,): one item is right."""
    return np.asarray([_gain(top(model, case.history, now), case.truth) for case in cases])


def popular_gains(log: ActionLog, cases: Sequence[Case]) -> Doubles:
    """The same for the items that most users took."""
    ranked = popular(log, len(log.names))
    found: list[float] = []
    for case in cases:
        seen = {action.item for action in case.history}
        head = [item for item in ranked[: AT + len(seen)] if item not in seen]
        found.append(_gain(head[:AT], case.truth))
    return np.asarray(found)


def popular(log: ActionLog, n: int = AT) -> list[str]:
    users = np.bincount(log.items, minlength=max(len(log.names), 1))
    return [log.names[code] for code in np.lexsort((np.arange(len(users)), -users))[:n].tolist()]


def judge(new: Doubles, old: Doubles | None, common: Doubles | None, seed: int = 0) -> Judged:
    """Compare the new model's figures, case by case, with the old one's and with popularity's."""
    found = Judged(len(new), float(new.mean()) if len(new) else math.nan)
    if len(new) < FEWEST_CASES:
        return found
    rivals = [figures for figures in (old, common) if figures is not None]
    ps = {pair.other: pair.p for pair in differences(np.stack([new, *rivals], axis=1), seed) if pair.one == 0}
    means = [float(figures.mean()) for figures in rivals]
    at = 0
    if old is not None:
        found = Judged(found.cases, found.new, means[0], ps[1])
        at = 1
    if common is not None:
        found = Judged(found.cases, found.new, found.old, found.p_old, means[at], ps[at + 1])
    return found


def panel(log: ActionLog, size: int = PANEL) -> list[History]:
    """Histories to compare lists by: nothing at all, each of the most taken items alone, users spread over the log."""
    starts, ends = _bounds(log)
    alone: list[History] = [(Interaction("", item, "enrol", 0.0),) for item in popular(log, size // 2)]
    count = min(size // 2, len(starts))
    users = sorted({round(place) for place in np.linspace(0, len(starts) - 1, count)}) if count else []
    return [(), *alone, *(history(log, starts[user], ends[user]) for user in users)]


def moved(
    new: Model, old: Model, histories: Sequence[History], commons: tuple[list[str], list[str]], now: float
) -> Moved:
    """How far the lists of a panel moved. commons: (new, old) list for who did nothing yet: models say nothing then."""
    overlaps: list[float] = []
    changed: list[float] = []
    for past in histories:
        one, other = commons if not past else (top(new, past, now), top(old, past, now))
        if not other:
            continue
        overlaps.append(rank_biased_overlap(one, other))
        changed.append(1 - len(set(one) & set(other)) / len(other))
    if not overlaps:
        return Moved(1.0, 0.0)
    return Moved(float(np.mean(overlaps)), float(np.mean(changed)))


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], persistence: float = _PERSISTENCE) -> float:
    """Sum of p^(d-1) times the share in common at depth d, over that sum of equal lists: 0 nothing, 1 the same."""
    depth = max(len(one), len(other))
    if not depth:
        return 1.0
    total = reached = 0.0
    for d in range(1, depth + 1):
        weight = persistence ** (d - 1)
        total += weight
        reached += weight * len(set(one[:d]) & set(other[:d])) / d
    return reached / total


def verdict(
    judged: Judged | None, shift: Moved | None, *, alarm: float, old_users: int, growth: float, may_stay: bool = True
) -> Verdict:
    """Whether the new model goes out. alarm: how far lists may move, 0-1 (1 - overlap).

    old_users: how many users the old model rests on; growth: new actions over old ones. A community that doubles has
    other lists, and a model that is clearly better may have. may_stay: False when the old model must not be used any
    longer, as somebody whom it was taught by has left: then the new one goes out, and what speaks against it is said.
    """
    against = _against(judged, first=not old_users) or _too_far(
        judged, shift, alarm, watched=old_users >= SETTLED and growth < 2
    )
    if against is None:
        return Verdict("published")
    if not may_stay:
        return Verdict(
            "published", f"{against.reason}; published all the same: who taught the former has left", against.why
        )
    return against


def _against(judged: Judged | None, *, first: bool) -> Verdict | None:
    """Significantly worse than what would answer otherwise: the model in use, or, where there is none, popularity."""
    if judged is None:
        return None
    if _clear(judged.p_old) and judged.old is not None and judged.new < judged.old:
        return Verdict("refused", f"worse than the one in use: {_beside(judged.new, judged.old)}", "worse")
    if first and _clear(judged.p_popular) and judged.popular is not None and judged.new < judged.popular:
        return Verdict("refused", f"worse than popularity alone: {_beside(judged.new, judged.popular)}", "unpopular")
    return None


def _clear(p: float | None) -> bool:
    return p is not None and p < DOUBT


def _beside(new: float, other: float) -> str:
    return f"nDCG@10 {new:.4f} against {other:.4f}"


def _too_far(judged: Judged | None, shift: Moved | None, alarm: float, *, watched: bool) -> Verdict | None:
    if shift is None or not watched or 1 - shift.overlap <= alarm:
        return None
    if judged is not None and judged.old is not None and _clear(judged.p_old) and judged.new > judged.old:
        return None
    far = f"its lists moved by {1 - shift.overlap:.2f}, more than {alarm:.2f}"
    return Verdict("held", f"{far}; of the first ten {shift.changed:.0%} are others", "far")


def top(model: Model, past: History, now: float) -> list[str]:
    """The ten best items that are not in the history; ties by id."""
    seen = {action.item for action in past}
    scores = model.scores(past, now)
    best = sorted((item for item in scores if item not in seen), key=lambda item: (-scores[item], item))
    return best[:AT]


def _gain(listed: Sequence[str], truth: str) -> float:
    return 1 / math.log2(listed.index(truth) + 2) if truth in listed else 0.0


def _bounds(log: ActionLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First entry and the one after the last, of each user."""
    count = np.bincount(log.users, minlength=log.user_count)
    ends = np.cumsum(count).astype(np.int64)
    return ends - count, ends
