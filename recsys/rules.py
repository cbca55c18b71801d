"""What goes with what among learners, in numbers that can be said: association rules. Knows counts; knows nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 5
"""A number of people below this is never told: it would be about somebody rather than about many."""
PRIOR: Final = 10.0
NOTABLE: Final = 1.2
"""A lift below this says no more than that both are taken at all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Who took A took B. together: how many took both, of the `of` who took A.

    support: their share of all learners. confidence: the share of those who took A, shrunk. lift: how many times as
    often as among those who did not take A, shrunk.
    """

    together: int
    of: int
    support: float
    confidence: float
    lift: float

    @property
    def tellable(self) -> bool:
        """Enough people on both sides, and more than chance."""
        return self.together >= FEWEST and self.of >= FEWEST and self.lift >= NOTABLE


def rule(together: int, first: int, second: int, learners: int, *, prior: float = PRIOR) -> Rule:
    """The rule A -> B from counts: `together` took both, `first` took A, `second` took B, of all `learners`.

    Support and confidence after Agrawal, Imielinski & Swami (1993), lift after Brin et al. (1997) against those without
    A. Both shares are drawn towards the share of B among all as if `prior` more learners had been counted (an
    m-estimate, Cestnik 1990), so that few people make a small claim: with none the lift is 1. ValueError for impossible
    counts.
    """
    if not (0 <= together <= min(first, second) and first + second - together <= learners):
        raise ValueError(f"{together} of {first} and {second} among {learners} cannot be")
    if not learners:
        return Rule(0, 0, 0.0, 0.0, 1.0)
    share = second / learners
    confidence = (together + prior * share) / (first + prior)
    others = (second - together + prior * share) / (learners - first + prior)
    return Rule(together, first, together / learners, confidence, confidence / others if others else 1.0)


def most_telling(rules: Iterable[tuple[str, Rule]]) -> tuple[str, Rule] | None:
    """Of rules by their first item the one that can be told and adds most: confidence above the share among others."""
    told = [(name, found) for name, found in rules if found.tellable]
    return max(told, key=lambda entry: (entry[1].confidence * (1 - 1 / entry[1].lift), entry[0]), default=None)
