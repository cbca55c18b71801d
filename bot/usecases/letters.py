"""A digest in words, as it was sent and after every press on it. Knows its sections; chooses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.consent import RANKED_BY, ConsentKind
from bot.domain.digests import DigestSettings, Section
from bot.domain.items import Course, Event
from bot.domain.outgoing import Block, Bullets, Card, Heading, Inlines, Link, Note, Outgoing, Paragraph, Text
from bot.domain.quality import CourseQuality
from bot.ports import UnitOfWork
from bot.usecases.digest_controls import control_buttons, settings_line
from bot.usecases.suggest import Detail, details
from bot.usecases.turn import Turn
from bot.usecases.views import Frame, View, item_card, rated_in, render_view

SAVED: Final = "saved"
"""What was kept and not opened stands with what to go on with."""


def shown_now(uow: UnitOfWork, turn: Turn, view: View) -> Outgoing:
    """The message of a view in its present state: a digest stays a digest."""
    if view.frame is None:
        return render_view(uow, turn, view)
    known = details(uow, turn.viewer, named_in(view))
    return letter_message(turn, view, view.frame, uow.digests.get(turn.member.id), known, rated_in(uow, turn, view))


def named_in(view: View) -> list[str]:
    """All items whose titles a digest may say: its own, those around it, and those that reasons rest on."""
    frame = view.frame
    wanted = [shown.item for shown in view.items]
    wanted += [item for shown in view.items for part in shown.parts for item in part.items]
    if frame is not None:
        wanted += [*((frame.unfinished,) if frame.unfinished else ()), *frame.going]
    return list(dict.fromkeys(wanted))


def letter_message(
    turn: Turn,
    view: View,
    frame: Frame,
    settings: DigestSettings,
    known: Mapping[str, Detail],
    rated: Mapping[str, CourseQuality],
) -> Outgoing:
    """Order: continue, for you, somebody to help, events, you, controls and why."""
    say = turn.wording.say
    titles = {item: detail.title for item, detail in known.items()}

    def cards(section: str) -> list[Card]:
        return [
            item_card(turn, shown, known[shown.item], titles, rated.get(shown.item), brief=True)
            for shown in view.items
            if shown.section == section and shown.item in known
        ]

    blocks: list[Block] = [
        Heading(
            say(
                f"digest-heading-{frame.frequency.value}",
                community=turn.community.name,
                day=turn.wording.day(frame.day),
            )
        ),
        *_go_on(turn, frame, known.get(frame.unfinished), cards(SAVED)),
    ]
    blocks += _headed(say("digest-foryou"), cards(""))
    blocks += _headed(say("digest-help-someone"), cards(Section.HELP))
    blocks += _events(turn, frame, known, cards(Section.EVENTS))
    blocks += _you(turn, frame)
    blocks.append(Note((Text(settings_line(turn, settings)),)))
    if frame.preview:
        blocks.append(Note((Text(say("digest-preview-note")),)))
    else:
        blocks.append(Note((Text(say("digest-why")),)))
    blocks.append(Note((Text(_used(turn)),)))
    return Outgoing(tuple(blocks), control_buttons(turn, settings, frame.control, frame=frame), turn.wording.language)


def _headed(heading: str, cards: Sequence[Card]) -> list[Block]:
    return [Heading(heading), *cards] if cards else []


def _go_on(turn: Turn, frame: Frame, course: Detail | None, saved: Sequence[Card]) -> list[Block]:
    say = turn.wording.say
    blocks: list[Block] = []
    if isinstance(course, Course):
        title = Link(course.title, course.url) if course.url else Text(course.title)
        percent = say("digest-progress", percent=round(100 * frame.progress))
        blocks.append(Paragraph((title, Text(f" — {percent}"))))
    if saved:
        blocks += [Paragraph((Text(say("digest-saved")),)), *saved]
    return [Heading(say("digest-continue")), *blocks] if blocks else []


def _events(turn: Turn, frame: Frame, known: Mapping[str, Detail], cards: Sequence[Card]) -> list[Block]:
    lines: list[Inlines] = []
    for item in frame.going:
        event = known.get(item)
        if isinstance(event, Event):
            when = turn.wording.moment(event.starts_at, turn.member.timezone)
            lines.append((Text(turn.wording.say("digest-going", when=when, title=event.title)),))
    blocks: list[Block] = [Bullets(tuple(lines))] if lines else []
    blocks += cards
    return [Heading(turn.wording.say("digest-events")), *blocks] if blocks else []


def _you(turn: Turn, frame: Frame) -> list[Block]:
    you, say = frame.you, turn.wording.say
    if not you:
        return []
    parts = []
    if you.solved:
        parts.append(say("digest-you-solved", count=you.solved))
    if you.answers:
        parts.append(say("digest-you-answers", count=you.answers))
    if you.finished:
        parts.append(say("digest-you-finished", count=you.finished))
    if you.courses:
        parts.append(say("digest-you-courses", count=you.courses))
    if you.streak > 1:
        parts.append(say("digest-you-streak", weeks=you.streak))
    if you.goal and you.hours:
        hours, goal = turn.wording.number(you.hours), turn.wording.number(you.goal)
        parts.append(say("digest-you-goal", hours=hours, goal=goal))
    return [Heading(say("digest-you")), Paragraph((Text(" · ".join(parts)),))]


def _used(turn: Turn) -> str:
    """What it was ranked from, and whether messages were."""
    wording, allowed = turn.wording, turn.member.consent
    used = [wording.say(f"consent-{kind.value}") for kind in RANKED_BY if allowed.allows(kind)]
    messages = wording.say("digest-messages-on" if allowed.allows(ConsentKind.MESSAGES) else "digest-messages-off")
    return wording.say(
        "digest-used", used=wording.listing(used) if used else wording.say("consent-nothing"), messages=messages
    )
