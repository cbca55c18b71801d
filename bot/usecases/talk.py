"""Short answers: help, what is not understood, what went wrong. Knows wording only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.outgoing import Bullets, Heading, Note, Outgoing, Paragraph, Text
from bot.domain.permissions import StaffAction
from bot.domain.text import clean_line
from bot.ports import Store
from bot.usecases.turn import Answering, Turn

HELP_ORDER: Final = (
    "start",
    "learn",
    "foryou",
    "path",
    "ask",
    "rate",
    "save",
    "saved",
    "people",
    "events",
    "myevents",
    "event",
    "checkin",
    "profile",
    "digest",
    "link",
    "calendar",
    "cancel",
)
HELP_STAFF: Final = ("newevent", "segments", "suggest", "setup")


def say_plainly(store: Store, answering: Answering, turn: Turn, *sentences: str) -> None:
    """One message of plain sentences, marked as done with its cause."""
    with store.write() as uow:
        if turn.begin(uow):
            blocks = tuple(Paragraph((Text(sentence),)) for sentence in sentences)
            answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language))
            uow.commit()


@dataclass(frozen=True, slots=True)
class Help:
    store: Store
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:  # noqa: ARG002  every command takes words
        say = turn.wording.say
        names = (*HELP_ORDER, *HELP_STAFF) if turn.may(StaffAction.SCHEDULE) else HELP_ORDER
        message = Outgoing(
            (
                Heading(say("help-heading")),
                Bullets(tuple((Text(say(f"help-{name}")),) for name in names)),
                Note((Text(say("help-note")),)),
            ),
            language=turn.wording.language,
        )
        with self.store.write() as uow:
            if turn.begin(uow):
                self.answering.reply(uow, turn, message)
                uow.commit()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A command that does not exist: never a dead end."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, name: str) -> None:
        say = turn.wording.say
        command = say("unknown-command", name=clean_line(name, limit=32))
        say_plainly(self.store, self.answering, turn, command, say("unknown-hint"))
