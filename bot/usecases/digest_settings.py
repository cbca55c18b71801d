"""``/digest``: on or off, when, how long, pause, skip, preview. Off until the member says yes; stop is one tap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.domain.outgoing import Block, Button, Heading, Note, Outgoing, Paragraph, Style, Text
from bot.domain.schedules import DigestSettings
from bot.domain.text import clean_line
from bot.ports import Ids, Store, UnitOfWork
from bot.usecases.digest import PreviewDigest
from bot.usecases.digest_controls import control_buttons, control_row, paused, settings_line
from bot.usecases.letters import shown_now
from bot.usecases.room_schedule import when
from bot.usecases.signin import is_zone
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import code_of, load_view

LENGTHS: Final = (3, 5, 10)
PAUSE: Final = timedelta(weeks=4)


def settings_message(turn: Turn, settings: DigestSettings, token: str) -> Outgoing:
    """All settings with their buttons, and what became of the last letter."""
    wording, say = turn.wording, turn.wording.say
    lines = [settings_line(turn, settings)]
    if settings.enabled:
        lines.append(say("digest-quiet", start=f"{settings.quiet_start:02d}", end=f"{settings.quiet_end:02d}"))
    if settings.paused_until and paused(turn, settings):
        lines.append(say("digest-paused", day=wording.day(settings.paused_until)))
    if settings.skip_next:
        lines.append(say("digest-skip"))
    rows: list[tuple[Button, ...]] = list(control_buttons(turn, settings, token))
    if settings.enabled:
        rows[0] = rows[0][1:]
        rows.append(
            (
                Button(say("digest-day-next"), code_of("day", token)),
                Button(say("digest-hour-earlier"), code_of("earlier", token)),
                Button(say("digest-hour-later"), code_of("later", token)),
            )
        )
        rows.append(
            tuple(
                Button(say("digest-length", length=n), code_of(f"length{n}", token), pressed=settings.length == n)
                for n in LENGTHS
            )
        )
    rows.append((Button(say("digest-preview"), code_of("preview", token)),))
    blocks: list[Block] = [Heading(say("digest-settings-heading")), *(Paragraph((Text(line),)) for line in lines)]
    if settings.last_note:
        last = say("digest-last", note=say(f"digest-note-{settings.last_note}"))
        return Outgoing((*blocks, Note((Text(last),))), tuple(rows), wording.language)
    return Outgoing(tuple(blocks), tuple(rows), wording.language)


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """``/digest``, ``/digest preview``, ``/digest fri 18:00`` and ``/digest Asia/Shanghai``."""

    store: Store
    answering: Answering
    ids: Ids
    preview: PreviewDigest

    def __call__(self, turn: Turn, words: str) -> None:
        if words.strip().casefold() in {"preview", "预览"}:
            self.preview(turn)
            return
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            if words.strip():
                changed = self._set(uow, turn, words.strip())
                if changed is None:
                    uow.commit()
                    return
                turn = changed
            row = control_row(self.ids.code(), turn)
            uow.buttons.add(turn.community.id, [row])
            settings = uow.digests.get(turn.member.id)
            self.answering.reply(uow, turn, settings_message(turn, settings, row.code))
            uow.commit()

    def _set(self, uow: UnitOfWork, turn: Turn, words: str) -> Turn | None:
        """``/digest fri 18:00`` or ``/digest Asia/Shanghai``; None: it was not understood, which is said."""
        say, settings = turn.wording.say, uow.digests.get(turn.member.id)
        if is_zone(words):
            member = replace(uow.members.get(turn.member.id) or turn.member, timezone=words)
            uow.members.update(member)
            uow.digests.put(turn.community.id, settings)
            turn = replace(turn, member=member)
        elif (found := when(words)) is not None:
            weekday, at = found
            settings = replace(
                settings,
                weekday=settings.weekday if weekday is None else weekday,
                hour=settings.hour if at is None else at.hour,
            )
            uow.digests.put(turn.community.id, settings)
        else:
            unclear = Text(say("digest-when-unclear", words=clean_line(words, limit=40)))
            message = Outgoing((Paragraph((unclear,)),), language=turn.wording.language)
            self.answering.reply(uow, turn, message)
            return None
        done = say(
            "digest-when-set",
            weekday=say(f"weekday-{settings.weekday}"),
            hour=f"{settings.hour:02d}",
            timezone=turn.member.timezone,
        )
        message = Outgoing((Paragraph((Text(done),)),), language=turn.wording.language)
        self.answering.reply(uow, turn, message, key=f"set:{turn.cause or self.ids.code()}")
        return turn


@dataclass(frozen=True, slots=True)
class OfferDigest:
    """Asks once, after onboarding, whether a weekly letter is wanted."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn) -> None:
        settings = uow.digests.get(turn.member.id)
        if settings.enabled:
            return
        row = control_row(self.ids.code(), turn)
        uow.buttons.add(turn.community.id, [row])
        say = turn.wording.say
        weekday, hour = say(f"weekday-{settings.weekday}"), f"{settings.hour:02d}:00"
        message = Outgoing(
            (
                Heading(say("onboard-heading-digest")),
                Paragraph((Text(say("onboard-digest-lead", timezone=turn.member.timezone)),)),
            ),
            (
                (
                    Button(
                        say("onboard-digest-yes", weekday=weekday, hour=hour),
                        code_of("on", row.code),
                        style=Style.PRIMARY,
                    ),
                    Button(say("button-no-thanks"), code_of("stop", row.code)),
                ),
            ),
            turn.wording.language,
        )
        self.answering.reply(uow, turn, message, key=f"offer-digest:{turn.cause or self.ids.code()}")


@dataclass(frozen=True, slots=True)
class PressDigest:
    """Buttons of the letter and of its settings."""

    store: Store
    answering: Answering
    preview: PreviewDigest

    def __call__(self, turn: Turn, act: str, token: str, letter: str = "") -> bool:
        """`letter`: the view of the letter that carried the button. It stays readable, with its controls changed; its
        settings come as a message of their own."""
        if act == "preview":
            self.preview(turn)
            return True
        with self.store.write() as uow:
            settings = uow.digests.get(turn.member.id)
            changed = self._changed(turn, act, settings)
            if changed is None:
                return False
            if not turn.begin(uow):
                return True
            if changed != settings:
                uow.digests.put(turn.community.id, changed)
            notice = {"on": "notice-digest-on", "stop": "notice-digest-off", "settings": ""}.get(
                act, "notice-digest-changed"
            )
            view = load_view(uow, turn.member.id, letter) if letter else None
            if view is not None and act == "settings":
                row = control_row(self.preview.ids.code(), turn)
                uow.buttons.add(turn.community.id, [row])
                self.answering.reply(uow, turn, settings_message(turn, changed, row.code))
            else:
                message = shown_now(uow, turn, view) if view else settings_message(turn, changed, token)
                self.answering.edit(uow, turn, message, notice=turn.wording.say(notice) if notice else "")
            uow.commit()
        return True

    def _changed(self, turn: Turn, act: str, settings: DigestSettings) -> DigestSettings | None:
        match act:
            case "on":
                platform = settings.platform or turn.room.ref.platform
                return replace(settings, enabled=True, platform=platform, paused_until=None)
            case "stop":
                return replace(settings, enabled=False, skip_next=False, paused_until=None)
            case "settings":
                return settings
            case "skip":
                return replace(settings, skip_next=not settings.skip_next)
            case "pause":
                until = None if paused(turn, settings) else (turn.at + PAUSE).date()
                return replace(settings, paused_until=until)
            case "earlier" | "later":
                return replace(settings, hour=(settings.hour + (1 if act == "later" else -1)) % 24)
            case "day":
                return replace(settings, weekday=(settings.weekday + 1) % 7)
            case _:
                length = next((n for n in LENGTHS if act == f"length{n}"), None)
                return None if length is None else replace(settings, length=length)
