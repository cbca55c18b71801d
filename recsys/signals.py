"""What an interaction is worth. Knows the words of feedback, their weights and decay; knows no items and no users."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from recsys.types import Interaction

DAY: Final = 86_400.0
HISTORY_CAP: Final = 200
"""How many of the latest interactions of one user shape a profile; older ones only exclude what is known."""


class Polarity(Enum):
    """What a signal says about the item."""

    POSITIVE = 1
    NEUTRAL = 0
    NEGATIVE = -1


class Scale(Enum):
    """How the `value` of an interaction enters its weight."""

    NONE = "none"
    FRACTION = "fraction"
    STARS = "stars"


@dataclass(frozen=True, slots=True)
class Rule:
    """The worth of one signal: `weight` when it has just happened, halved every `half_life` days.

    FRACTION multiplies by a value of 0-1; STARS by the distance of 1-5 stars from the neutral 3.
    """

    weight: float
    half_life: float
    scale: Scale = Scale.NONE

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and math.isfinite(self.half_life) and self.half_life > 0):
            raise ValueError(f"a rule needs a finite weight and a half-life above 0 days, got {self!r}")

    def kept(self, age: float) -> float:
        """The share of the weight that is left after so many seconds."""
        return math.exp2(-age / (self.half_life * DAY)) if age > 0.0 else 1.0

    def worth(self, value: float) -> float:
        """The weight before decay; 0 for a value that is not a finite number."""
        if not math.isfinite(value):
            return 0.0
        match self.scale:
            case Scale.NONE:
                return self.weight
            case Scale.FRACTION:
                return self.weight * min(max(value, 0.0), 1.0)
            case Scale.STARS:
                return self.weight * (min(max(value, 1.0), 5.0) - 3.0)


DEFAULT_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "enrol": Rule(3.0, 180),
        "complete": Rule(4.0, 365),
        "progress": Rule(2.0, 90, Scale.FRACTION),
        "rate": Rule(1.5, 365, Scale.STARS),
        "save": Rule(2.0, 120),
        "click": Rule(1.0, 30),
        "browse": Rule(0.3, 14),
        "attend": Rule(3.0, 180),
        "post": Rule(0.5, 60),
        "reply": Rule(1.0, 60),
        "react": Rule(0.7, 45),
        "solved": Rule(2.0, 120),
        "helpful": Rule(1.5, 90),
        "unhelpful": Rule(-1.0, 90),
        "dismiss": Rule(-3.0, 120),
    }
)

SEEN: Final = frozenset(
    {"enrol", "progress", "complete", "rate", "save", "attend", "post", "reply", "solved", "react", "helpful", "known"}
)
DISMISSED: Final = frozenset({"dismiss", "unhelpful"})
TRAINABLE: Final = frozenset({"enrol", "progress", "complete", "rate", "save", "click", "attend"})
CONVERSATION: Final = frozenset({"post", "reply"})


@dataclass(frozen=True, slots=True)
class Feedback:
    """The configuration of feedback. A signal without a rule is neutral.

    `seen` and `dismissed`: an item with such a signal is never suggested again. `trainable`: explicit actions that a
    collaborative model may learn from; what people write is not among them and is refused.
    `done_at`: progress from which a course counts as done.
    """

    rules: Mapping[str, Rule] = field(default_factory=lambda: DEFAULT_RULES, hash=False)
    seen: frozenset[str] = SEEN
    dismissed: frozenset[str] = DISMISSED
    trainable: frozenset[str] = TRAINABLE
    done_at: float = 0.95

    def __post_init__(self) -> None:
        if written := self.trainable & CONVERSATION:
            raise ValueError(f"messages are never training data, but these are trainable: {sorted(written)}")

    def weight(self, interaction: Interaction) -> float:
        """The worth of one interaction before decay; 0 when it is neutral or malformed."""
        rule = self.rules.get(interaction.signal)
        return 0.0 if rule is None else rule.worth(interaction.value)

    def polarity(self, interaction: Interaction) -> Polarity:
        weight = self.weight(interaction)
        if weight > 0:
            return Polarity.POSITIVE
        return Polarity.NEGATIVE if weight < 0 else Polarity.NEUTRAL

    def decayed(self, interaction: Interaction, now: float) -> float:
        """The worth at `now`. What lies in the future counts as now; a time that is no number is worth 0."""
        rule = self.rules.get(interaction.signal)
        if rule is None or not math.isfinite(interaction.at):
            return 0.0
        return rule.worth(interaction.value) * rule.kept(now - interaction.at)

    def strengths(self, history: Sequence[Interaction], now: float, *, cap: int = HISTORY_CAP) -> dict[str, float]:
        """Worth by item over the last `cap` interactions, in order of each item's last one.

        The same signal on the same item counts once, at its strongest, so that pressing twice changes nothing;
        different signals (enrol, then complete) add up.
        """
        strongest: dict[str, dict[str, float]] = {}
        decayed = self.decayed
        for interaction in history[-cap:]:
            worth = decayed(interaction, now)
            if worth == 0.0:
                continue
            signals = strongest.pop(interaction.item, {})
            if abs(worth) > abs(signals.get(interaction.signal, 0.0)):
                signals[interaction.signal] = worth
            strongest[interaction.item] = signals
        return {item: sum(signals.values()) for item, signals in strongest.items()}

    def is_done(self, interaction: Interaction) -> bool:
        """Was the item finished with this, or known anyway? A course that was only enrolled in is not."""
        return interaction.signal in ("complete", "attend", "known") or (
            interaction.signal == "progress" and interaction.value >= self.done_at
        )
