"""A path on a member's screen: its lines, its plan and its buttons. Knows wording; chooses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.items import Course
from bot.domain.outgoing import (
    Block,
    Bullets,
    Button,
    Heading,
    Inline,
    Inlines,
    Link,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Strong,
    Style,
    Text,
)
from bot.domain.text import clip
from bot.usecases.path import SkillPath
from bot.usecases.views import code_of
from bot.wording import Wording
from bot.wording.reasons import topic_name
from recsys.paths.plan import Path, Skip, Standing, Step, Why
from recsys.paths.proposal import SEQUENCE

SIGNS: Final[Mapping[Standing, str]] = {
    Standing.DONE: "✓",
    Standing.KNOWN: "✓",
    Standing.BEGUN: "◐",
    Standing.OPEN: "○",
}
_TITLE: Final = 60
_ROW: Final = 4


def path_message(wording: Wording, found: SkillPath, token: str) -> Outgoing:
    """Heading, what it takes, the steps with their reasons, the weeks, buttons."""
    say, path = wording.say, found.path
    if not path.steps:
        blocks: tuple[Block, ...] = (
            Heading(say("path-heading", skill=found.skill)),
            Paragraph((Text(say("path-nothing")),)),
        )
        return Outgoing(blocks, language=wording.language)
    steps = tuple(step_line(wording, found, number, step) for number, step in enumerate(path.steps, 1))
    lines: list[Block] = [
        Heading(say("path-heading", skill=found.skill)),
        Paragraph((Text(summary(wording, found)),)),
        Bullets(steps),
    ]
    skips = skip_line(wording, path)
    if skips:
        lines.append(Paragraph((Text(skips),)))
    weeks = tuple((Text(line),) for line in week_lines(wording, found))
    if weeks:
        lines.append(Heading(say("path-plan-heading", hours=wording.number(found.weekly))))
        lines.append(Bullets(weeks))
    lines.extend(Note((Text(sentence),)) for sentence in notes(wording, found))
    return Outgoing(tuple(lines), _buttons(wording, path, token), wording.language)


def summary(wording: Wording, found: SkillPath) -> str:
    """Steps, steps left, hours, weeks."""
    path = found.path
    left = sum(step.hours > 0 for step in path.steps)
    if not left:
        return wording.say("path-finished", steps=len(path.steps))
    return wording.say(
        "path-summary",
        steps=len(path.steps),
        left=left,
        hours=wording.number(path.hours, 0),
        weekly=wording.number(found.weekly),
        weeks=len(path.weeks),
    )


def step_line(wording: Wording, found: SkillPath, number: int, step: Step) -> Inlines:
    """``○ 2. Title · beginner · 12 h — why``, with what else would do."""
    course = found.courses.get(step.item)
    parts: list[Inline] = [Text(f"{SIGNS[step.standing]} {number}. "), _title(course, step.item)]
    facts = list(_facts(wording, course, step))
    why = wording.say("path-why-between").join(reasons(wording, found, step))
    parts.append(Text("".join(f" · {fact}" for fact in facts) + " — " + why))
    others = [found.courses[other] for other in step.alternatives if other in found.courses]
    if others:
        parts.append(Text(wording.say("path-instead") + " "))
        for at, other in enumerate(others):
            parts += [Text(" / ")] if at else []
            parts.append(Link(clip(other.title, _TITLE), other.url) if other.url else Text(clip(other.title, _TITLE)))
    return tuple(parts)


def reasons(wording: Wording, found: SkillPath, step: Step) -> Iterator[str]:
    """Why a step stands there, and why at this place."""
    say = wording.say
    match step.why:
        case Why.CORE:
            yield say("path-why-core", skill=found.skill)
        case Why.TOPIC:
            topics = wording.listing([topic_name(wording, topic) for topic in step.topics])
            yield say("path-why-topic", topics=topics, percent=round(100 * step.share))
        case Why.NEEDED:
            pass
    if step.needed_for:
        yield say("path-why-needed", titles=_listed(wording, found, step.needed_for))
    if step.after:
        yield say("path-why-after", titles=_listed(wording, found, step.after))
    for hint in step.usually[:2]:
        title = title_of(found, hint.needs)
        if hint.source == SEQUENCE:
            yield say("path-often", title=title, count=hint.count, of=hint.of)
        else:
            yield say("path-described", title=title)


def skip_line(wording: Wording, path: Path) -> str:
    """Which steps may be skipped, by number and by reason; empty when none."""
    say = wording.say
    sentences = []
    for skip, message in ((Skip.LEVEL, "path-skip-level"), (Skip.BUILT_ON, "path-skip-built-on")):
        numbers = [number for number, step in enumerate(path.steps, 1) if step.skip is skip]
        if numbers:
            sentences.append(say(message, steps=wording.listing([str(number) for number in numbers])))
    if sentences:
        rest = sum(step.hours for step in path.steps if step.skip is None)
        sentences.append(say("path-skip-rest", hours=wording.number(rest, 0)))
    return " ".join(sentences)


def week_lines(wording: Wording, found: SkillPath) -> Iterator[str]:
    """One line a course: from which week to which, and how many hours."""
    spans: dict[str, tuple[int, int, float]] = {}
    for week in found.path.weeks:
        for item, hours in week.parts:
            first, _, before = spans.get(item, (week.number, week.number, 0.0))
            spans[item] = (first, week.number, before + hours)
    for item, (first, last, hours) in spans.items():
        message = "path-week" if first == last else "path-weeks"
        yield wording.say(message, first=first, last=last, hours=wording.number(hours), title=title_of(found, item))


def notes(wording: Wording, found: SkillPath) -> Iterator[str]:
    """What the plan rests on, and what was wrong with the order."""
    say = wording.say
    if found.assumed and found.path.weeks:
        yield say("path-pace-assumed", hours=wording.number(found.weekly))
    if any(step.guessed and step.hours > 0 for step in found.path.steps):
        yield say("path-hours-guessed")
    for cut in found.path.cuts:
        titles = [title_of(found, item) for item in (*cut.circle, cut.circle[0])]
        yield say(
            "path-circle",
            circle=" → ".join(titles),
            before=title_of(found, cut.edge.before),
            after=title_of(found, cut.edge.after),
        )
    if any(step.usually for step in found.path.steps):
        yield say("path-hints")


def title_of(found: SkillPath, item: str) -> str:
    course = found.courses.get(item)
    return clip(course.title, _TITLE) if course else item


def _title(course: Course | None, item: str) -> Inline:
    if course is None:
        return Text(item)
    return Link(course.title, course.url) if course.url else Strong(course.title)


def _facts(wording: Wording, course: Course | None, step: Step) -> Iterator[str]:
    say = wording.say
    if course is not None and course.level:
        yield say(f"level-{course.level.value}")
    match step.standing:
        case Standing.DONE:
            yield say("path-done")
        case Standing.KNOWN:
            yield say("path-known")
        case _ if step.hours > 0:
            amount = wording.number(step.hours)
            yield say("path-hours-about" if step.guessed else "path-hours-left", hours=amount)


def _listed(wording: Wording, found: SkillPath, items: tuple[str, ...]) -> str:
    return wording.listing([f"“{title_of(found, item)}”" for item in items[:3]])


def _buttons(wording: Wording, path: Path, token: str) -> Rows:
    """Enrol in the first open step; "I know this" for each that is neither done nor begun, to be taken back too."""
    say = wording.say
    rows: list[tuple[Button, ...]] = []
    first = next((number for number, step in enumerate(path.steps, 1) if step.standing is Standing.OPEN), None)
    if first is not None:
        rows.append((Button(say("path-enrol", step=first), code_of(f"enrol{first}", token), style=Style.SUCCESS),))
    known = [
        Button(
            say("path-know", step=number),
            code_of(f"know{number}", token),
            pressed=step.standing is Standing.KNOWN,
        )
        for number, step in enumerate(path.steps, 1)
        if step.standing in (Standing.OPEN, Standing.KNOWN)
    ]
    rows += [tuple(known[at : at + _ROW]) for at in range(0, len(known), _ROW)]
    return tuple(rows)
