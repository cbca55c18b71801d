"""The report on an author's courses in words. Knows wording; counts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.outgoing import Block, Bullets, Heading, Note, Outgoing, Paragraph, Strong, Text
from bot.domain.permissions import StaffAction
from bot.domain.quality import FEWEST
from bot.domain.text import clean_line, clip
from bot.ports import Store
from bot.usecases.author_report import CourseReport, ReportAuthors
from bot.usecases.talk import say_plainly
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording

COURSES: Final = 6
"""Courses in one message; the command line has them all."""
_ALL: Final = frozenset({"all", "--all", "全部", "所有"})
_NOTES: Final = 3


def report_lines(wording: Wording, found: CourseReport) -> Iterator[str]:
    """What is known of one course, each line by itself; the last says what to do."""
    say = wording.say
    enrolled, finished = _people(wording, found.enrolled), _people(wording, found.finished)
    yield say("report-people", enrolled=enrolled, finished=finished)
    if any(count is not None for count in found.stops):
        bands = [
            say("report-stop", band=say(f"report-band-{number}"), count=_people(wording, count))
            for number, count in enumerate(found.stops)
            if count is not None
        ]
        yield say("report-stops", bands=wording.listing(bands))
    if found.too_hard is not None or found.too_easy is not None:
        hard, easy = _people(wording, found.too_hard), _people(wording, found.too_easy)
        yield say("report-fit", hard=hard, easy=easy)
    if found.stars is not None and found.ratings is not None:
        mean, low, high = (wording.number(value) for value in found.stars)
        yield say("report-stars", mean=mean, low=low, high=high, ratings=found.ratings)
    if found.experts is not None:
        yield say("report-experts", mean=wording.number(found.experts), marks=found.marks)
        for note in found.notes[:_NOTES]:
            yield say("report-note", note=clip(clean_line(note), 160))
    if found.quality is not None:
        value, low, high = (wording.number(part, 2) for part in found.quality)
        yield say("report-quality", value=value, low=low, high=high)
    yield say("report-todo", what=" ".join(say(f"report-do-{advice.value}") for advice in found.advice))


def _people(wording: Wording, count: int | None) -> str:
    return wording.say("report-few", least=FEWEST) if count is None else str(count)


@dataclass(frozen=True, slots=True)
class ReportCommand:
    """``/report author`` for staff: what people make of the author's courses."""

    store: Store
    report: ReportAuthors
    answering: Answering

    def __call__(self, turn: Turn, words: str) -> None:
        say, name = turn.wording.say, clean_line(words, limit=120)
        if not turn.may(StaffAction.SEE_REPORTS):
            say_plainly(self.store, self.answering, turn, say("report-staff-only"))
            return
        everybody = name.casefold() in _ALL
        found = self.report(turn.community.id, None if everybody else name, turn.at) if name else []
        if not found:
            authors = turn.wording.listing(self.report.authors(turn.community.id)[:20])
            say_plainly(self.store, self.answering, turn, say("report-usage", authors=authors or "–"))
            return
        with self.store.write() as uow:
            if turn.begin(uow):
                self.answering.reply(
                    uow, turn, report_message(turn.wording, say("report-all") if everybody else name, found)
                )
                uow.commit()


def report_message(wording: Wording, name: str, found: Sequence[CourseReport]) -> Outgoing:
    say = wording.say
    blocks: list[Block] = [Heading(say("report-heading", author=name))]
    for course in found[:COURSES]:
        blocks.append(Paragraph((Strong(course.course.title),)))
        blocks.append(Bullets(tuple((Text(line),) for line in report_lines(wording, course))))
    if len(found) > COURSES:
        blocks.append(Note((Text(say("report-more", count=len(found) - COURSES)),)))
    blocks.append(Note((Text(say("report-footer", least=FEWEST)),)))
    return Outgoing(tuple(blocks), language=wording.language)
