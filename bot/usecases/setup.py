"""``/setup``: the checklist of a community, and everything on it that staff may switch. Every change is audited."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Any, Final

from bot.domain.incoming import RoomKind
from bot.domain.outgoing import Code, Outgoing, Paragraph, Text
from bot.domain.permissions import PUBLIC, Home, StaffAction
from bot.domain.rooms import Room
from bot.domain.schedules import Job
from bot.domain.setup import CodePurpose
from bot.domain.text import clean_line
from bot.ports import AuditRow, ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.proving import CODE, add_code, prove
from bot.usecases.room_schedule import WeeklyRoom
from bot.usecases.setup_state import is_ours, is_private, state_of
from bot.usecases.setup_views import Page, setup_page
from bot.usecases.signin import is_zone
from bot.usecases.turn import Answering, Turn

_PAGES: Final = {
    "rooms": "rooms",
    "房间": "rooms",
    "staff": "staff",
    "moderators": "staff",
    "管理员": "staff",
    "weekly": "weekly",
    "每周": "weekly",
    "zone": "zone",
    "时区": "zone",
}
_ROLE: Final = re.compile(r"role\s+<?@?&?(\d{5,20})>?(\s+(?:off|关))?", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"(?:language|语言)\s*(\w+)", re.IGNORECASE)
_LANGUAGES: Final = {"en": "en", "english": "en", "英文": "en", "zh": "zh", "chinese": "zh", "中文": "zh"}
_NUMBERED: Final = re.compile(r"([a-z-]+?)((?:-\d{1,4})*)")


@dataclass(frozen=True, slots=True)
class Setup:
    """Shows pages and makes changes. `weekly`: the weekly suggestion of rooms."""

    answering: Answering
    ids: Ids
    weekly: WeeklyRoom

    def page(self, uow: UnitOfWork, turn: Turn, page: Page) -> Outgoing:
        token = self.ids.code()
        state = state_of(uow, turn.community, turn.at)
        owner = turn.may(StaffAction.TRUST)
        message, told = setup_page(turn.wording, state, page, token, turn.at, owner=owner)
        uow.buttons.add(turn.community.id, [ButtonRow(token, "setup", told, turn.member.id, turn.at)])
        return message

    # Changes; each says whether there was anything to change

    def language(self, uow: UnitOfWork, turn: Turn, language: str) -> Turn:
        return self._configured(uow, turn, "language", language=language)

    def timezone(self, uow: UnitOfWork, turn: Turn, timezone: str) -> Turn:
        """What is due at an hour of the community's is due at that hour of the new zone."""
        before = turn.community.timezone
        turn = self._configured(uow, turn, "timezone", timezone=timezone)
        for schedule in uow.schedules.all(turn.community.id):
            if schedule.timezone == before != timezone and schedule.job is not Job.DIGEST:
                uow.schedules.put(turn.community.id, replace(schedule, timezone=timezone))
        return turn

    def _configured(self, uow: UnitOfWork, turn: Turn, what: str, **changed: str) -> Turn:
        community = turn.community
        wanted = {"language": community.language, "timezone": community.timezone} | changed
        after = uow.communities.configure(community.id, **wanted)
        if after != community:
            self._audit(uow, turn, f"community.{what}", f"community:{community.id}", " ".join(changed.values()))
        return replace(turn, community=after)

    def index(self, uow: UnitOfWork, turn: Turn, room: Room, *, indexed: bool) -> bool:
        if room.indexed == indexed or not uow.rooms.configure(room.id, indexed=indexed):
            return False
        self._audit(uow, turn, "room.index" if indexed else "room.unindex", f"room:{room.id}", room.name)
        return True

    def rule_out(self, uow: UnitOfWork, turn: Turn, room: Room, *, never: bool) -> bool:
        if room.never == never:
            return False
        uow.rooms.rule_out(room.id, never=never)
        self._audit(uow, turn, "room.never" if never else "room.lift", f"room:{room.id}", room.name)
        return True

    def trust(self, uow: UnitOfWork, turn: Turn, home: Home, *, admins: bool) -> bool:
        if not uow.homes.put(turn.community.id, replace(home, admins=admins), turn.at):
            return False
        self._audit(uow, turn, "home.admins" if admins else "home.no-admins", _target(home), home.name)
        return True

    def role(self, uow: UnitOfWork, turn: Turn, home: Home, group: str, *, counts: bool) -> bool:
        groups = home.groups | {group} if counts else home.groups - {group}
        if not uow.homes.put(turn.community.id, replace(home, groups=groups), turn.at):
            return False
        self._audit(uow, turn, "home.role" if counts else "home.no-role", _target(home), group)
        return True

    def forget(self, uow: UnitOfWork, turn: Turn, home: Home) -> bool:
        """Not ours any more: whoever runs it is no staff, and nothing that is said there is suggested."""
        if not uow.homes.remove(turn.community.id, home.platform, home.native_id):
            return False
        self._audit(uow, turn, "home.remove", _target(home), home.name)
        for room in uow.rooms.all(turn.community.id):
            if (room.ref.platform, room.server) == (home.platform, home.native_id):
                self.index(uow, turn, room, indexed=False)
        return True

    def _audit(self, uow: UnitOfWork, turn: Turn, action: str, target: str, reason: str) -> None:
        told = clean_line(reason) or "-"
        uow.audit.add(turn.community.id, AuditRow(turn.at, f"member:{turn.member.id}", action, target, told))


@dataclass(frozen=True, slots=True)
class SetupCommand:
    """``/setup``, ``/setup CODE``, ``/setup rooms``, ``/setup language zh``, ``/setup Asia/Shanghai``,
    ``/setup role 123 [off]``."""

    store: Store
    setup: Setup

    def __call__(self, turn: Turn, words: str) -> None:
        words = words.strip()
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            if CODE.fullmatch(words):
                self._say(uow, turn, turn.wording.say(f"setup-proved-{prove(uow, turn, words)}"))
            elif not turn.may(StaffAction.SETUP):
                self._refused(uow, turn)
            else:
                self._told(uow, turn, words)
            uow.commit()

    def _refused(self, uow: UnitOfWork, turn: Turn) -> None:
        ours = {(home.platform, home.native_id) for home in uow.homes.all(turn.community.id)}
        key = "setup-staff-only" if is_ours(turn.room, ours) else "setup-not-home"
        self._say(uow, turn, turn.wording.say(key))

    def _told(self, uow: UnitOfWork, turn: Turn, words: str) -> None:
        say, folded = turn.wording.say, words.casefold()
        if not words or folded in _PAGES:
            page = Page(_PAGES.get(folded, "home"))
        elif is_zone(words):
            turn, page = self.setup.timezone(uow, turn, words), Page()
        elif (match := _LANGUAGE.fullmatch(words)) and match[1].casefold() in _LANGUAGES:
            turn, page = self.setup.language(uow, turn, _LANGUAGES[match[1].casefold()]), Page()
        elif match := _ROLE.fullmatch(words):
            if not turn.may(StaffAction.TRUST):
                self._say(uow, turn, say("setup-owner-only"))
                return
            home = _home_of(uow, turn)
            if home is None:
                self._say(uow, turn, say("setup-role-where"))
                return
            self.setup.role(uow, turn, home, match[1], counts=not match[2])
            page = Page("staff")
        else:
            self._say(uow, turn, say("setup-usage"))
            return
        self.setup.answering.reply(uow, turn, self.setup.page(uow, turn, page))

    def _say(self, uow: UnitOfWork, turn: Turn, sentence: str) -> None:
        message = Outgoing((Paragraph((Text(sentence),)),), language=turn.wording.language)
        self.setup.answering.reply(uow, turn, message)


@dataclass(frozen=True, slots=True)
class PressSetup:
    """The buttons of the pages. What a number means is what was on the screen."""

    store: Store
    setup: Setup
    look_again: Callable[[], None]
    """Ask the platforms anew; returns at once."""

    def __call__(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """False: no such button."""
        found = _NUMBERED.fullmatch(act)
        if found is None:
            return False
        name, numbers = found[1], [int(number) for number in found[2].split("-") if number]
        with self.store.write() as uow:
            # A role may be taken away after the buttons were sent.
            if not turn.may(StaffAction.SETUP):
                if turn.begin(uow):
                    self.setup.answering.notice(uow, turn, turn.wording.say("setup-staff-only"))
                    uow.commit()
                return True
            if name == "code":
                return self._code(uow, turn)
            done = self._done(uow, turn, name, numbers, row.payload)
            if done is None:
                return False
            if not turn.begin(uow):
                return True
            turn, page, notice = done
            said = turn.wording.say(notice) if notice else ""
            self.setup.answering.edit(uow, turn, self.setup.page(uow, turn, page), notice=said)
            uow.commit()
        if name == "again":
            self.look_again()
        return True

    def _done(
        self, uow: UnitOfWork, turn: Turn, name: str, numbers: Sequence[int], told: Any
    ) -> tuple[Turn, Page, str] | None:
        """What the press did: who goes on, on which page, with which word. None: there is no such button."""
        page = int(told.get("page", 0))
        match name, numbers:
            case ("home", []):
                return turn, Page(), ""
            case ("again", []):
                return turn, Page(), "setup-notice-again"
            case ("staff" | "zone" | "rooms" | "weekly", _) if len(numbers) <= 1:
                return turn, Page(name, numbers[0] if numbers else 0), ""
            case ("lang-en" | "lang-zh", []):
                return self.setup.language(uow, turn, name.removeprefix("lang-")), Page(), ""
            case ("all-on" | "all-off", []):
                return turn, Page("rooms", page), self._all(uow, turn, indexed=name == "all-on")
            case ("on" | "off" | "never" | "lift", [number]):
                notice = self._room(uow, turn, name, _room_at(uow, turn, told, number))
                return None if notice is None else (turn, Page("rooms", page), notice)
            case ("wk" | "wkoff", [number]):
                return self._weekly(uow, turn, page, _room_at(uow, turn, told, number), None, on=name == "wk")
            case ("at", [number, weekday, hour]) if weekday < 7 and hour < 24:
                return self._weekly(uow, turn, page, _room_at(uow, turn, told, number), (weekday, hour), on=True)
            case ("adm" | "noadm" | "forget", [number]):
                notice = self._home(uow, turn, name, told, number)
                return None if notice is None else (turn, Page("staff"), notice)
            case ("tz", [number]) if number < len(told.get("zones", ())):
                return self.setup.timezone(uow, turn, str(told["zones"][number])), Page("zone"), ""
            case _:
                return None

    def _room(self, uow: UnitOfWork, turn: Turn, name: str, room: Room | None) -> str | None:
        if room is None:
            return None
        if name in {"never", "lift"}:
            changed = self.setup.rule_out(uow, turn, room, never=name == "never")
        else:
            changed = self.setup.index(uow, turn, room, indexed=name == "on")
        return f"setup-notice-{name}" if changed else "setup-notice-same"

    def _all(self, uow: UnitOfWork, turn: Turn, *, indexed: bool) -> str:
        """Every room that is ours and not ruled out. What is private is switched on one by one."""
        rooms = [
            r for r in state_of(uow, turn.community, turn.at).rooms if not (indexed and (r.never or is_private(r)))
        ]
        changed = [self.setup.index(uow, turn, room, indexed=indexed) for room in rooms]
        return ("setup-notice-on" if indexed else "setup-notice-off") if any(changed) else "setup-notice-same"

    def _weekly(
        self, uow: UnitOfWork, turn: Turn, page: int, room: Room | None, at: tuple[int, int] | None, *, on: bool
    ) -> tuple[Turn, Page, str] | None:
        if room is None or room.audience != PUBLIC:
            return None
        weekday, hour = at if at is not None else (None, None)
        changed = self.setup.weekly(uow, turn, room, on=on, weekday=weekday, at=None if hour is None else time(hour))
        return turn, Page("weekly", page), "setup-notice-weekly" if changed else "setup-notice-same"

    def _home(self, uow: UnitOfWork, turn: Turn, name: str, told: Any, number: int) -> str | None:
        if not turn.may(StaffAction.TRUST):
            return "setup-owner-only"
        listed = told.get("homes", ())
        if number >= len(listed):
            return None
        known = {(home.platform, home.native_id): home for home in uow.homes.all(turn.community.id)}
        home = known.get((str(listed[number][0]), str(listed[number][1])))
        if home is None:
            return "setup-notice-same"
        if name == "forget":
            changed = self.setup.forget(uow, turn, home)
        else:
            changed = self.setup.trust(uow, turn, home, admins=name == "adm")
        return "setup-notice-staff" if changed else "setup-notice-same"

    def _code(self, uow: UnitOfWork, turn: Turn) -> bool:
        if not turn.begin(uow):
            return True
        if not turn.may(StaffAction.TRUST):
            self.setup.answering.notice(uow, turn, turn.wording.say("setup-owner-only"))
        else:
            code = self.setup.ids.code()
            by = f"member:{turn.member.id}"
            add_code(uow, turn.community.id, code, CodePurpose.HOME, by=by, at=turn.at)
            say = turn.wording.say
            blocks = (Paragraph((Text(say("setup-code-lead")),)), Paragraph((Code(f"/setup {code}"),)))
            self.setup.answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language))
        uow.commit()
        return True


def _room_at(uow: UnitOfWork, turn: Turn, told: Any, number: int) -> Room | None:
    """The room that a number on the screen stood for, where it is still ours."""
    listed = told.get("rooms", ())
    room = uow.rooms.get(int(listed[number])) if number < len(listed) else None
    if room is None or room.community_id != turn.community.id or room.kind is not RoomKind.CHANNEL:
        return None
    ours = {(home.platform, home.native_id) for home in uow.homes.all(turn.community.id)}
    return room if is_ours(room, ours) else None


def _home_of(uow: UnitOfWork, turn: Turn) -> Home | None:
    """The home where it was said, or the only one of that platform."""
    homes = uow.homes.all(turn.community.id, turn.room.ref.platform)
    here = [home for home in homes if home.native_id == turn.room.server]
    return here[0] if here else homes[0] if len(homes) == 1 else None


def _target(home: Home) -> str:
    return f"{home.platform}:{home.native_id}"
