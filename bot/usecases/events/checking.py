"""What is wrong with one answer of a host's form, where a form is asked question by question: said at once.

Knows what can be read; decides nothing: the whole is read again when all is answered, and what may be meant in several
ways is asked about there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.forms import Unsure
from bot.ports import Clock, UnitOfWork
from bot.usecases.events.forms import BASICS, GUESTS
from bot.usecases.events.reading import Problem, minutes, reminders, seats, start, title
from bot.usecases.turn import Turn

_SEVERAL: Final = "event-which"


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    clock: Clock

    def __call__(
        self, uow: UnitOfWork, turn: Turn, action: str, about: Mapping[str, Any], name: str, values: tuple[str, ...]
    ) -> str | Unsure:
        """What is wrong, with what may be meant instead; empty: nothing that can be known from this answer alone."""
        words = values[0] if values else ""
        read: object = None
        match name if action in {BASICS, GUESTS} else "":
            case "title":
                read = title(words)
            case "when":
                known = uow.hosted.get(turn.community.id, str(about["event"])) if about.get("event") else None
                timezone = known.timezone if known else turn.member.timezone
                read = start(words, turn.wording, timezone, self.clock.now())
            case "length":
                read = minutes(words)
            case "seats":
                read = seats(words)
            case "reminders":
                read = reminders(words)
        return read.asked(turn.wording) if isinstance(read, Problem) and read.message != _SEVERAL else ""
