"""What was made of a typed time, as sentences: always in full, so that nothing is taken on trust. Decides nothing."""

from __future__ import annotations

from typing import assert_never

from bot.usecases.times.when import Doubt, NotUnderstood, Problem, Span, Understood, When, Which
from bot.wording import Wording


def in_full(wording: Wording, span: Span, *, offset: bool = False) -> str:
    """``Fri 27 Nov 2026, 19:30–21:00 (Asia/Shanghai)``. `offset`: with the offset from UTC, where the clock alone does
    not tell two moments apart."""
    zone = str(span.starts_at.tzinfo)
    return wording.in_full(span.starts_at, zone, minutes=span.minutes, offset=offset)


def choices(wording: Wording, which: Which) -> list[str]:
    """One label for each option."""
    offset = which.doubt is Doubt.FOLD
    return [in_full(wording, option, offset=offset) for option in which.options]


def answer(wording: Wording, text: str, found: When) -> str:
    """The sentence that goes back to whoever typed `text`."""
    say = wording.say
    match found:
        case Understood(span=span):
            return say("when-understood", when=in_full(wording, span))
        case Which(doubt=doubt):
            return say(f"when-which-{doubt.value}")
        case NotUnderstood(problem=problem, span=span):
            when = in_full(wording, span) if span else ""
            shown = " ".join(text.split())[:60]
            sentence = say(f"when-{problem.value}", text=shown, when=when)
            settled = problem in (Problem.PAST, Problem.TOO_FAR, Problem.LENGTH)
            return sentence if settled else f"{sentence} {say('when-example')}"
        case _:
            assert_never(found)


def bad_length(wording: Wording, text: str) -> str:
    """What to say where a length was not understood."""
    return wording.say("length-unreadable", text=" ".join(text.split())[:60])
