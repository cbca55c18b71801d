"""The short controls below every digest, and its settings in one line. Knows settings; sends nothing."""

from __future__ import annotations

from bot.domain.digests import UNREACHABLE, DigestSettings
from bot.domain.localtime import zone
from bot.domain.outgoing import Button, Rows, Style
from bot.domain.schedules import Frequency
from bot.ports import ButtonRow
from bot.usecases.turn import Turn
from bot.usecases.views import Frame, code_of
from bot.wording import Wording

STOP_REASONS = ("many", "irrelevant", "time")


def control_row(token: str, turn: Turn, *, letter: str = "", zones: tuple[str, ...] = ()) -> ButtonRow:
    """`letter`: the view of the digest that carries the controls. `zones`: what its buttons for time zones mean."""
    payload = ({"letter": letter} if letter else {}) | ({"zones": list(zones)} if zones else {})
    return ButtonRow(token, "digest", payload, turn.member.id, turn.at)


def when_words(wording: Wording, settings: DigestSettings) -> str:
    """``Weekly, Friday 18:00``."""
    at = settings.at.strftime("%H:%M")
    weekday = wording.say(f"weekday-{settings.weekday}")
    return wording.say(f"digest-when-{settings.frequency.value}", weekday=weekday, at=at)


def quiet_words(wording: Wording, settings: DigestSettings) -> str:
    if settings.quiet_start == settings.quiet_end:
        return wording.say("digest-quiet-none")
    return wording.say("digest-quiet", start=f"{settings.quiet_start:02d}", end=f"{settings.quiet_end:02d}")


def settings_line(turn: Turn, settings: DigestSettings) -> str:
    """When it comes and how long it is, in one line."""
    say = turn.wording.say
    if settings.unreachable >= UNREACHABLE:
        return say("digest-unreachable")
    if not settings.enabled or settings.frequency is Frequency.OFF:
        return say("digest-off")
    return say(
        "digest-on",
        when=when_words(turn.wording, settings),
        timezone=turn.member.timezone,
        quiet=quiet_words(turn.wording, settings),
        length=settings.length,
        language=say(f"language-{turn.wording.language}"),
    )


def paused(turn: Turn, settings: DigestSettings) -> bool:
    """Whether a pause still lasts, on the member's own calendar."""
    today = turn.at.astimezone(zone(turn.member.timezone)).date()
    return settings.paused_until is not None and settings.paused_until > today


def control_buttons(turn: Turn, settings: DigestSettings, token: str, *, frame: Frame | None = None) -> Rows:
    """Change, skip, pause, stop; once it was stopped, on again and, asked only then, why."""
    say, resting = turn.wording.say, paused(turn, settings)
    if not settings.enabled:
        rows: list[tuple[Button, ...]] = [
            (Button(say("digest-turn-on"), code_of("on", token), style=Style.PRIMARY),),
        ]
        if settings.last_note == "stopped" and frame is not None and not frame.preview:
            rows.append(stop_reasons(turn, token))
        return tuple(rows)
    skip = say("digest-unskip" if settings.skip_next else "digest-skip-next")
    return (
        (
            Button(say("digest-settings"), code_of("settings", token)),
            Button(skip, code_of("unskip" if settings.skip_next else "skip", token), pressed=settings.skip_next),
            Button(say("digest-resume"), code_of("resume", token), pressed=True)
            if resting
            else Button(say("digest-pause"), code_of("p-pause", token)),
            Button(say("digest-stop"), code_of("stop", token)),
        ),
        (Button(say("digest-privacy"), code_of("privacy", token)),),
    )


def stop_reasons(turn: Turn, token: str) -> tuple[Button, ...]:
    """ "Tell us why?": asked after the stop, never before it."""
    say = turn.wording.say
    return tuple(Button(say(f"digest-stop-{why}"), code_of(f"why-{why}", token)) for why in STOP_REASONS)
