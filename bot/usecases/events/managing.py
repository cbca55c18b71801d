"""The buttons of whoever manages an event, by its state. Knows acts; does nothing."""

from __future__ import annotations

from bot.domain.events import EventState, HostedEvent
from bot.domain.outgoing import Button, Rows, Style
from bot.usecases.views import code_of
from bot.wording import Wording


def manage_buttons(wording: Wording, event: HostedEvent) -> Rows:
    say = wording.say

    def button(name: str, style: Style = Style.SECONDARY) -> Button:
        return Button(say(f"event-manage-{name}"), code_of(f"m-{name}", event.token), style=style)

    courses = Button(say("event-manage-courses"), code_of("courses", event.token))
    edit = (button("edit"), button("guests"), button("who"))
    match event.state:
        case EventState.DRAFT | EventState.SCHEDULED:
            return (
                (button("publish", Style.SUCCESS), button("later")),
                edit,
                (button("repeat"), courses, button("discard", Style.DANGER)),
            )
        case EventState.PUBLISHED:
            close = Button(
                say("event-manage-reopen" if event.closed else "event-manage-close"), code_of("m-close", event.token)
            )
            rows: list[tuple[Button, ...]] = [
                edit,
                (courses, button("list"), button("code")),
                (close, button("write"), button("cancel", Style.DANGER)),
            ]
            if event.unconfirmed:
                rows.insert(0, (button("on", Style.SUCCESS), button("skip", Style.DANGER)))
            if event.series:
                rows.append((button("repeat"), button("resume") if event.paused else button("stop")))
            else:
                rows[1] = (courses, button("list"), button("code"), button("repeat"))
            return tuple(rows)
        case EventState.OVER:
            return ((button("list"),),)
        case EventState.CANCELLED:
            return ()
