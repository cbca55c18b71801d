"""Consent per kind of signal. Knows what members switched on; knows no storage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ConsentKind(StrEnum):
    """What a member may allow, one switch each; all off for newcomers except enrolments."""

    MESSAGES = "messages"
    REACTIONS = "reactions"
    ENROLMENTS = "enrolments"
    MATCHING = "matching"


RANKED_BY: Final = (ConsentKind.ENROLMENTS, ConsentKind.REACTIONS, ConsentKind.MESSAGES)
"""Kinds of signal that a list may be ranked by."""
SWITCHES: Final = (*RANKED_BY, ConsentKind.MATCHING)
"""What members are asked about: kinds that something uses."""
DEFAULT_CONSENT: Final = frozenset({ConsentKind.ENROLMENTS})


@dataclass(frozen=True, slots=True)
class Consent:
    """What one member allows now."""

    granted: frozenset[ConsentKind] = DEFAULT_CONSENT

    def allows(self, kind: ConsentKind) -> bool:
        return kind in self.granted

    def toggled(self, kind: ConsentKind) -> Consent:
        return Consent(self.granted ^ {kind})
