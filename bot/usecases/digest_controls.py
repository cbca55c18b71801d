"""The short controls below every letter, and its settings in one line. Knows settings; sends nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.domain.outgoing import Button, Rows, Style
from bot.domain.schedules import DigestSettings
from bot.ports import ButtonRow
from bot.usecases.turn import Turn
from bot.usecases.views import code_of


def control_row(token: str, turn: Turn, *, letter: str = "") -> ButtonRow:
    """`letter`: the view of the letter that carries the controls."""
    return ButtonRow(token, "digest", {"letter": letter} if letter else {}, turn.member.id, turn.at)


def settings_line(turn: Turn, settings: DigestSettings) -> str:
    """When the letter comes, in one line."""
    say = turn.wording.say
    if not settings.enabled:
        return say("digest-off")
    return say(
        "digest-on",
        weekday=say(f"weekday-{settings.weekday}"),
        hour=f"{settings.hour:02d}",
        timezone=turn.member.timezone,
        length=settings.length,
    )


def paused(turn: Turn, settings: DigestSettings) -> bool:
    """Whether a pause still lasts, on the member's own calendar."""
    today = turn.at.astimezone(ZoneInfo(turn.member.timezone)).date()
    return settings.paused_until is not None and settings.paused_until > today


def control_buttons(turn: Turn, settings: DigestSettings, token: str) -> Rows:
    """The short controls below every letter."""
    say, resting = turn.wording.say, paused(turn, settings)
    if not settings.enabled:
        return ((Button(say("digest-turn-on"), code_of("on", token), style=Style.PRIMARY),),)
    skip = say("digest-unskip" if settings.skip_next else "digest-skip-next")
    pause = say("digest-resume" if resting else "digest-pause")
    return (
        (
            Button(say("digest-settings"), code_of("settings", token)),
            Button(skip, code_of("skip", token), pressed=settings.skip_next),
            Button(pause, code_of("pause", token), pressed=resting),
            Button(say("digest-stop"), code_of("stop", token)),
        ),
    )
