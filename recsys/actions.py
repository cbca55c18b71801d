"""Explicit actions as arrays: what a collaborative model may learn from. Knows no text, and nobody's name or id."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recsys.signals import HISTORY_CAP, Feedback
from recsys.types import Interaction

Integers = NDArray[np.int64]
FULL_WEIGHT: Final = 3.0
"""An enrolment: actions that weigh as much, or more, count as one whole action."""


@dataclass(frozen=True, slots=True)
class ActionLog:
    """Who acted on what, in order: sorted by user, then time. One entry per user and item, at its last action.

    users: code of an anonymous user, 0 to n-1 without gaps. items: index into `names`. weights: 0-1.
    At most HISTORY_CAP entries a user, the latest.
    """

    names: tuple[str, ...]
    users: Integers
    items: Integers
    weights: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.users)

    @property
    def user_count(self) -> int:
        return int(self.users[-1]) + 1 if len(self.users) else 0

    def where(self, kept: NDArray[np.bool_]) -> ActionLog:
        """Some of the entries, users numbered anew. kept: shape (entries,)."""
        if kept.all():
            return self
        _, users = np.unique(self.users[kept], return_inverse=True)
        return ActionLog(self.names, users.astype(np.int64), self.items[kept], self.weights[kept])


def collect(
    interactions: Iterable[Interaction],
    feedback: Feedback | None = None,
    *,
    learnable: Callable[[str], bool] | None = None,
) -> ActionLog:
    """Keep the trainable, positive, well-formed actions. Deterministic: neither order nor repeats of the input matter,
    except that actions of one user at one instant keep the order they came in.

    `learnable`: which items may be learnt from. A model that answers everybody must not learn from private rooms.
    """
    feedback = feedback or Feedback()
    last: dict[str, dict[str, tuple[float, int, float]]] = {}
    for number, interaction in enumerate(interactions):
        if interaction.signal not in feedback.trainable or not math.isfinite(interaction.at):
            continue
        if learnable is not None and not learnable(interaction.item):
            continue
        weight = min(feedback.weight(interaction) / FULL_WEIGHT, 1.0)
        if weight <= 0:
            continue
        mine = last.setdefault(interaction.user, {})
        before = mine.get(interaction.item)
        if before is None:
            mine[interaction.item] = (interaction.at, number, weight)
        else:
            # The first of two actions at one instant keeps its place, so that a repeat changes nothing.
            at, place = (interaction.at, number) if interaction.at > before[0] else before[:2]
            mine[interaction.item] = (at, place, max(weight, before[2]))
    names = tuple(sorted({item for mine in last.values() for item in mine}))
    code = {name: number for number, name in enumerate(names)}
    users: list[int] = []
    items: list[int] = []
    weights: list[float] = []
    for user, name in enumerate(sorted(last)):
        for item, (_, _, weight) in sorted(last[name].items(), key=lambda entry: entry[1][:2])[-HISTORY_CAP:]:
            users.append(user)
            items.append(code[item])
            weights.append(weight)
    return ActionLog(
        names,
        np.asarray(users, dtype=np.int64),
        np.asarray(items, dtype=np.int64),
        np.asarray(weights, dtype=np.float32),
    )


def pack_names(names: Iterable[str]) -> tuple[NDArray[np.uint8], Integers]:
    """Names of any length as one run of UTF-8 bytes and the offset at which each ends."""
    encoded = [name.encode("utf-8", "surrogatepass") for name in names]
    ends = np.cumsum([len(name) for name in encoded], dtype=np.int64) if encoded else np.zeros(0, dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), ends


def unpack_names(blob: NDArray[np.uint8], ends: Integers) -> tuple[str, ...]:
    """The reverse of `pack_names`. ValueError when the offsets do not fit the bytes."""
    if len(ends) and (np.any(np.diff(ends) < 0) or ends[0] < 0 or ends[-1] != len(blob)):
        raise ValueError("the offsets of the names do not fit their bytes")
    raw = blob.tobytes()
    starts = [0, *ends.tolist()[:-1]] if len(ends) else []
    return tuple(raw[a:b].decode("utf-8", "surrogatepass") for a, b in zip(starts, ends.tolist(), strict=True))


def write_log(log: ActionLog, path: Path) -> None:
    """As plain arrays; not atomic: meant for a temporary folder."""
    blob, ends = pack_names(log.names)
    with path.open("wb") as file:
        np.savez(file, blob=blob, ends=ends, users=log.users, items=log.items, weights=log.weights)


def read_log(path: Path) -> ActionLog:
    with np.load(path, allow_pickle=False) as stored:
        names = unpack_names(stored["blob"], stored["ends"])
        return ActionLog(names, stored["users"], stored["items"], stored["weights"])
