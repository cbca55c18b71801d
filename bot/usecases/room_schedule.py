"""``/suggest``: moderators decide whether and when a room gets the weekly suggestion; every change is audited."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.localtime import zone
from bot.domain.outgoing import Outgoing, Paragraph, Text
from bot.domain.permissions import PUBLIC, StaffAction
from bot.domain.rooms import Room
from bot.domain.schedules import Frequency, Job, Schedule
from bot.domain.text import clean_line
from bot.ports import AuditRow, Store, UnitOfWork
from bot.usecases.digest_pauses import NoPause, until
from bot.usecases.turn import Answering, Turn

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE_DAYS: Final = "一二三四五六日"
_DAY: Final = re.compile(rf"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|(?:周|星期|礼拜)([{_CHINESE_DAYS}天])")
_HOUR: Final = re.compile(r"(?<![\d:])([01]?\d|2[0-3])(?:[:：]([0-5]\d)|点)?(?![\d:：])")
_PAUSE: Final = re.compile(r"(?:pause|暂停)\s*(.*)")
_RESUME: Final = frozenset({"resume", "恢复"})
_OFF: Final = frozenset({"off", "stop", "关", "关闭", "停止"})


@dataclass(frozen=True, slots=True)
class WeeklyRoom:
    """Switches the weekly suggestion of a room. `weekday` and `hour`: where nobody names others."""

    weekday: int
    hour: int

    def __call__(
        self, uow: UnitOfWork, turn: Turn, room: Room, *, on: bool, weekday: int | None = None, at: time | None = None
    ) -> bool:
        """What is not named stays as it was. False: nothing changed."""
        known = schedule_of(uow, room)
        if known is None and not on:
            return False
        schedule = known or Schedule(
            Job.SUGGEST,
            f"room:{room.id}",
            turn.community.timezone,
            Frequency.WEEKLY,
            self.weekday,
            time(self.hour),
            enabled=False,
        )
        schedule = replace(
            schedule,
            enabled=on,
            weekday=schedule.weekday if weekday is None else weekday,
            at=schedule.at if at is None else at,
        )
        if schedule == known:
            return False
        uow.schedules.put(turn.community.id, schedule)
        action, actor = "suggest.on" if on else "suggest.off", f"member:{turn.member.id}"
        told = f"{schedule.weekday} {schedule.at}"
        uow.audit.add(turn.community.id, AuditRow(turn.at, actor, action, schedule.recipient, told))
        return True


def schedule_of(uow: UnitOfWork, room: Room) -> Schedule | None:
    recipient = f"room:{room.id}"
    return next((s for s in uow.schedules.all(room.community_id, Job.SUGGEST) if s.recipient == recipient), None)


@dataclass(frozen=True, slots=True)
class SuggestCommand:
    """``/suggest``, ``/suggest off``, ``/suggest mon 9:00``, ``/suggest 周一 9点``, ``/suggest pause 2 weeks`` in the
    room that it is about."""

    store: Store
    answering: Answering
    weekly: WeeklyRoom

    def __call__(self, turn: Turn, words: str) -> None:
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            sentence = self._apply(uow, turn, words.strip().casefold())
            message = Outgoing((Paragraph((Text(sentence),)),), language=turn.wording.language)
            self.answering.reply(uow, turn, message, notice=sentence)
            uow.commit()

    def _apply(self, uow: UnitOfWork, turn: Turn, words: str) -> str:
        say = turn.wording.say
        if not turn.may(StaffAction.SCHEDULE):
            return say("suggest-staff-only")
        if turn.room.kind is RoomKind.DIRECT or turn.room.audience != PUBLIC:
            return say("suggest-public-only")
        if not words:
            known = schedule_of(uow, turn.room)
            if known is None or not known.enabled:
                return say("suggest-state-off", room=turn.room.name)
            return self._said("suggest-state-on", turn, known)
        if words in _RESUME:
            return self._paused(uow, turn, "")
        if (pause := _PAUSE.match(words)) is not None:
            return self._paused(uow, turn, pause[1] or "?")
        if words in _OFF:
            self.weekly(uow, turn, turn.room, on=False)
            return say("suggest-off", room=turn.room.name)
        found = when(words)
        if found is None:
            return say("suggest-unclear", words=clean_line(words, limit=40))
        weekday, at = found
        self.weekly(uow, turn, turn.room, on=True, weekday=weekday, at=at)
        schedule = schedule_of(uow, turn.room)
        assert schedule is not None, "it was switched on a line above"
        return self._said("suggest-on", turn, schedule)

    def _paused(self, uow: UnitOfWork, turn: Turn, words: str) -> str:
        """Until a day of the community's calendar, as it is said for a digest too; no words: not any more."""
        say, known = turn.wording.say, schedule_of(uow, turn.room)
        if known is None or not known.enabled:
            return say("suggest-state-off", room=turn.room.name)
        try:
            today = turn.at.astimezone(zone(known.timezone)).date()
            ends = until(words, today) if words else None
        except NoPause as problem:
            return say(problem.sentence, **problem.told)
        schedule = replace(known, paused_until=ends)
        if schedule != known:
            uow.schedules.put(turn.community.id, schedule)
            action, actor = "suggest.pause" if ends else "suggest.resume", f"member:{turn.member.id}"
            uow.audit.add(turn.community.id, AuditRow(turn.at, actor, action, schedule.recipient, str(ends or "")))
        return self._said("suggest-state-on", turn, schedule)

    def _said(self, message: str, turn: Turn, schedule: Schedule) -> str:
        wording = turn.wording
        said = wording.say(
            message,
            room=turn.room.name,
            weekday=wording.say(f"weekday-{schedule.weekday}"),
            time=schedule.at.strftime("%H:%M"),
            timezone=schedule.timezone,
        )
        rests = schedule.paused_until
        if rests is None or rests <= turn.at.astimezone(zone(schedule.timezone)).date():
            return said
        return f"{said} {wording.say('digest-paused', weekday=wording.weekday(rests), day=wording.day(rests))}"


def when(words: str) -> tuple[int | None, time | None] | None:
    """Weekday (0 is Monday) and time named in a few words, None for what is not named; None when anything is left over
    that was not understood."""
    words = words.casefold()
    weekday: int | None = None
    at: time | None = None
    day = _DAY.search(words)
    if day:
        english, chinese = day.group(1), day.group(2)
        weekday = _DAYS.index(english[:3]) if english else 6 if chinese == "天" else _CHINESE_DAYS.index(chinese)
        words = words[: day.start()] + " " + words[day.end() :]
    hour = _HOUR.search(words)
    if hour:
        at = time(int(hour.group(1)), int(hour.group(2) or 0))
        words = words[: hour.start()] + " " + words[hour.end() :]
    if words.strip(" ,，。at") or (weekday is None and at is None):
        return None
    return weekday, at
