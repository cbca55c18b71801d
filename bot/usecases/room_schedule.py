"""``/suggest``: moderators decide whether and when a room gets the weekly suggestion; every change is audited."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time
from typing import Final

from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Outgoing, Paragraph, Text
from bot.domain.permissions import PUBLIC, STAFF
from bot.domain.schedules import Frequency, Job, Schedule
from bot.ports import AuditRow, Store, UnitOfWork
from bot.usecases.turn import Answering, Turn

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE_DAYS: Final = "一二三四五六日"
_HOUR: Final = re.compile(r"\b([01]?\d|2[0-3])(?::([0-5]\d))?\b")
_OFF: Final = frozenset({"off", "stop", "关", "关闭", "停止"})


@dataclass(frozen=True, slots=True)
class SuggestCommand:
    """``/suggest``, ``/suggest off``, ``/suggest mon 9:00``, ``/suggest 周一 9点`` in the room that it is about."""

    store: Store
    answering: Answering
    weekday: int
    hour: int

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
        if turn.member.role not in STAFF:
            return say("suggest-staff-only")
        if turn.room.kind is RoomKind.DIRECT or turn.room.audience != PUBLIC:
            return say("suggest-public-only")
        recipient = f"room:{turn.room.id}"
        known = next((s for s in uow.schedules.all(turn.community.id, Job.SUGGEST) if s.recipient == recipient), None)
        schedule = known or Schedule(
            Job.SUGGEST, recipient, turn.community.timezone, Frequency.WEEKLY, self.weekday, time(self.hour)
        )
        schedule = replace(schedule, enabled=words not in _OFF)
        if schedule.enabled:
            weekday, at = when(words)
            schedule = replace(
                schedule,
                weekday=schedule.weekday if weekday is None else weekday,
                at=schedule.at if at is None else at,
            )
        uow.schedules.put(turn.community.id, schedule)
        action = "suggest.on" if schedule.enabled else "suggest.off"
        actor, target = f"member:{turn.member.id}", recipient
        uow.audit.add(turn.community.id, AuditRow(turn.at, actor, action, target, f"{schedule.weekday} {schedule.at}"))
        if not schedule.enabled:
            return say("suggest-off", room=turn.room.name)
        return say(
            "suggest-on",
            room=turn.room.name,
            weekday=say(f"weekday-{schedule.weekday}"),
            time=schedule.at.strftime("%H:%M"),
            timezone=schedule.timezone,
        )


def when(words: str) -> tuple[int | None, time | None]:
    """Weekday (0 is Monday) and time named in a few words; None for what is not named."""
    weekday = next((number for number, day in enumerate(_DAYS) if re.search(rf"\b{day}", words)), None)
    chinese = re.search(rf"(?:周|星期|礼拜)([{_CHINESE_DAYS}天])", words)
    if chinese:
        weekday = 6 if chinese.group(1) == "天" else _CHINESE_DAYS.index(chinese.group(1))
    hour = _HOUR.search(words.replace("点", " "))
    return weekday, time(int(hour.group(1)), int(hour.group(2) or 0)) if hour else None
