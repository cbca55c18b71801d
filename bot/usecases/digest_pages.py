"""The settings of the digest, page by page, all with buttons. Knows settings and their words; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.domain.digests import LENGTHS, DigestSettings, Section
from bot.domain.outgoing import Block, Button, Heading, Note, Outgoing, Paragraph, Rows, Text
from bot.domain.people import LANGUAGES
from bot.domain.schedules import Frequency
from bot.usecases.digest_controls import (
    control_buttons,
    paused,
    quiet_words,
    settings_line,
    stop_reasons,
    when_words,
)
from bot.usecases.turn import Turn
from bot.usecases.views import code_of
from bot.wording import Wording

MAIN: Final = "main"
PAGES: Final = (MAIN, "when", "zone", "quiet", "content", "where", "pause")
FREQUENCIES: Final = (Frequency.DAILY, Frequency.WEEKLY, Frequency.BIWEEKLY, Frequency.MONTHLY)
HOURS: Final = (7, 9, 12, 18, 20)
QUIET: Final = ((22, 8), (23, 7), (21, 9), (0, 0))
PAUSES: Final = (1, 2, 4, 12)
"""Weeks."""


def settings_message(
    turn: Turn,
    settings: DigestSettings,
    token: str,
    *,
    page: str = MAIN,
    platforms: Sequence[str] = (),
    zones: Sequence[str] = (),
    note: str = "",
) -> Outgoing:
    """One page. `platforms`: where the member could get it; `zones`: what to choose from; `note`: said on top."""
    blocks: list[Block] = [Heading(turn.wording.say("digest-settings-heading"))]
    if note:
        blocks.append(Paragraph((Text(note),)))
    blocks += [Paragraph((Text(line),)) for line in _lines(turn, settings, page)]
    if page == MAIN and settings.last_note:
        last = turn.wording.say("digest-last", note=turn.wording.say(f"digest-note-{settings.last_note}"))
        blocks.append(Note((Text(last),)))
    rows = _rows(turn, settings, token, page, platforms, zones)
    return Outgoing(tuple(blocks), rows, turn.wording.language)


def _lines(turn: Turn, settings: DigestSettings, page: str) -> list[str]:
    wording, say = turn.wording, turn.wording.say
    match page:
        case "when":
            return [say("digest-page-when", when=when_words(wording, settings), timezone=turn.member.timezone)]
        case "zone":
            return [say("digest-page-zone", timezone=turn.member.timezone)]
        case "quiet":
            return [say("digest-page-quiet", quiet=quiet_words(wording, settings))]
        case "content":
            return [say("digest-page-content"), say("digest-page-help")]
        case "where":
            return [say("digest-page-where", platform=turn.wording.platform(settings.platform or "web"))]
        case "pause":
            return [say("digest-page-pause")]
        case _:
            lines = [settings_line(turn, settings)]
            if settings.enabled:
                lines.append(say("digest-where", platform=turn.wording.platform(settings.platform or "web")))
            if settings.paused_until and paused(turn, settings):
                lines.append(_until(wording, settings.paused_until))
            if settings.skip_next:
                lines.append(say("digest-skip"))
            return lines


def _until(wording: Wording, day: date) -> str:
    return wording.say("digest-paused", weekday=wording.weekday(day), day=wording.day(day))


def _rows(
    turn: Turn, settings: DigestSettings, token: str, page: str, platforms: Sequence[str], zones: Sequence[str]
) -> Rows:
    say = turn.wording.say

    def button(label: str, act: str, *, pressed: bool | None = None) -> Button:
        return Button(label, code_of(act, token), pressed=pressed)

    back = (button(say("digest-back"), f"p-{MAIN}"),)
    match page:
        case "when":
            days = [button(say(f"weekday-short-{day}"), f"d{day}", pressed=settings.weekday == day) for day in range(7)]
            return (
                tuple(
                    button(say(f"digest-f-{one.value}"), f"f-{one.value}", pressed=settings.frequency is one)
                    for one in FREQUENCIES
                ),
                *(() if settings.frequency is Frequency.DAILY else (tuple(days[:4]), tuple(days[4:]))),
                tuple(
                    button(f"{hour:02d}:00", f"h{hour}", pressed=(settings.hour, settings.minute) == (hour, 0))
                    for hour in HOURS
                ),
                (button(say("digest-hour-earlier"), "earlier"), button(say("digest-hour-later"), "later")),
                back,
            )
        case "zone":
            chosen = tuple(
                button(name, f"z{at}", pressed=name == turn.member.timezone) for at, name in enumerate(zones)
            )
            return (*(chosen[at : at + 2] for at in range(0, len(chosen), 2)), back)
        case "quiet":
            return (
                tuple(
                    button(
                        say("digest-quiet-no") if start == end else f"{start:02d}–{end:02d}",
                        f"q{start}-{end}",
                        pressed=(settings.quiet_start, settings.quiet_end) == (start, end)
                        or (start == end and settings.quiet_start == settings.quiet_end),
                    )
                    for start, end in QUIET
                ),
                (
                    button(say("digest-quiet-earlier"), "qs-earlier"),
                    button(say("digest-quiet-later"), "qs-later"),
                ),
                (
                    button(say("digest-wake-earlier"), "qe-earlier"),
                    button(say("digest-wake-later"), "qe-later"),
                ),
                back,
            )
        case "content":
            languages = (None, *LANGUAGES)
            return (
                tuple(
                    button(say("digest-length", length=n), f"length{n}", pressed=settings.length == n) for n in LENGTHS
                ),
                tuple(
                    button(say(f"digest-s-{one.value}"), f"s-{one.value}", pressed=one in settings.sections)
                    for one in Section
                ),
                tuple(
                    button(
                        say(f"language-{one}") if one else say("digest-language-auto"),
                        f"g-{one or 'auto'}",
                        pressed=settings.language == one,
                    )
                    for one in languages
                ),
                back,
            )
        case "where":
            return (
                tuple(
                    button(turn.wording.platform(one), f"w-{one}", pressed=(settings.platform or "web") == one)
                    for one in platforms[:5]
                ),
                back,
            )
        case "pause":
            weeks = tuple(button(say("digest-pause-weeks", weeks=n), f"pause{n}") for n in PAUSES)
            resting = paused(turn, settings)
            return (weeks, *(((button(say("digest-resume"), "resume"),),) if resting else ()), back)
        case _:
            return _main(turn, settings, token, button(say("digest-preview"), "preview"))


def _main(turn: Turn, settings: DigestSettings, token: str, preview: Button) -> Rows:
    say = turn.wording.say
    rows: list[tuple[Button, ...]] = list(control_buttons(turn, settings, token))
    if not settings.enabled:
        if settings.last_note == "stopped":
            rows.append(stop_reasons(turn, token))
        return (*rows, (preview,))
    pages = [
        Button(say(f"digest-p-{page}"), code_of(f"p-{page}", token)) for page in PAGES if page not in {MAIN, "pause"}
    ]
    return (rows[0][1:], tuple(pages[:3]), tuple(pages[3:]), (preview, *rows[1]))
