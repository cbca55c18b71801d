"""A list in an order that respects "before": cycles are found, said and cut. Knows names and edges; nothing else."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Edge:
    """`before` comes before `after`. `bound`: it must; otherwise it usually does. `weight` 0-1: how sure that is."""

    before: str
    after: str
    bound: bool = True
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """An edge left out because it closed a circle; `circle` names the items of that circle, in their order."""

    edge: Edge
    circle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    names: tuple[str, ...]
    cuts: tuple[Cut, ...] = ()


def in_order(names: Collection[str], edges: Iterable[Edge], key: Callable[[str], Any]) -> Ordered:
    """Topological order (Kahn 1962); what is free to choose goes by `key`, then by name.

    In a circle, the edge that binds least and weighs least is cut, ties by name: the same input gives the same list.
    Edges from or to other names are ignored.
    """
    known = set(names)
    best: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        if edge.before in known and edge.after in known and edge.before != edge.after:
            pair = (edge.before, edge.after)
            if pair not in best or (edge.bound, edge.weight) > (best[pair].bound, best[pair].weight):
                best[pair] = edge
    waits: dict[str, dict[str, Edge]] = {name: {} for name in known}
    opens: dict[str, set[str]] = {name: set() for name in known}
    for (before, after), edge in best.items():
        waits[after][before] = edge
        opens[before].add(after)
    free = [(key(name), name) for name in known if not waits[name]]
    heapq.heapify(free)
    placed: list[str] = []
    cuts: list[Cut] = []
    left = set(known)

    def release(before: str, after: str) -> None:
        del waits[after][before]
        if not waits[after]:
            heapq.heappush(free, (key(after), after))

    while left:
        if not free:
            circle = _circle(waits, left)
            edge = min(
                (waits[after][before] for before, after in zip(circle, (*circle[1:], circle[0]), strict=True)),
                key=lambda edge: (edge.bound, edge.weight, edge.before, edge.after),
            )
            cuts.append(Cut(edge, circle))
            opens[edge.before].discard(edge.after)
            release(edge.before, edge.after)
            continue
        _, name = heapq.heappop(free)
        left.discard(name)
        placed.append(name)
        for after in sorted(opens[name]):
            release(name, after)
    return Ordered(tuple(placed), tuple(cuts))


def _circle(waits: Mapping[str, Mapping[str, Edge]], left: Collection[str]) -> tuple[str, ...]:
    """A circle among `left`, each name before the next: everybody left waits for somebody, so going back repeats."""
    walked: list[str] = []
    at = min(left)
    while at not in walked:
        walked.append(at)
        at = min(waits[at])
    circle = walked[walked.index(at) :][::-1]
    start = circle.index(min(circle))
    return tuple(circle[start:] + circle[:start])


def reaches(needs: Mapping[str, Iterable[str]], item: str, wanted: str) -> bool:
    """Whether `wanted` is among what `item` needs, directly or through others."""
    seen: set[str] = set()
    open_ = list(needs.get(item, ()))
    while open_:
        name = open_.pop()
        if name == wanted:
            return True
        if name not in seen:
            seen.add(name)
            open_.extend(needs.get(name, ()))
    return False
