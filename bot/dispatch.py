"""From the inbox to the use-cases: one update at a time, each at most once, a bad one parked with its reason.

The edge that logs and catches; it decides nothing about content.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final, Protocol, assert_never

from bot.domain.forms import Filled
from bot.domain.incoming import ButtonPressed, CommandInvoked, FormSubmitted, Incoming, MessagePosted, RoomKind
from bot.domain.people import Community
from bot.domain.text import clean_line
from bot.errors import BadInput, BotError, StoreUnavailable
from bot.ports import ButtonRow, InboxRow, Parse, Store, UnitOfWork
from bot.usecases.ask import Ask, PressAnswer
from bot.usecases.channel import PressChannel
from bot.usecases.digest_settings import PressDigest
from bot.usecases.discussions import is_question
from bot.usecases.events.idea_chat import PressIdea
from bot.usecases.events.related import PressCourses
from bot.usecases.forms import ACTION as FORM
from bot.usecases.ingest import Heard, Ingest
from bot.usecases.link import PressLink
from bot.usecases.lists import Learn, PressList
from bot.usecases.onboarding import PressOnboarding
from bot.usecases.path_chat import PressPath, PressProposal
from bot.usecases.people import PressPerson
from bot.usecases.press import PressItem, PressWhy
from bot.usecases.profile import PressProfile
from bot.usecases.setup import PressSetup
from bot.usecases.talk import Unknown, say_plainly
from bot.usecases.travel import NoticeTravel
from bot.usecases.turn import Arrive, Turn
from bot.usecases.wizard_steps import WizardSteps

log = logging.getLogger(__name__)

ATTEMPTS: Final = 3
PAUSES: Final = (1.0, 5.0)
"""Seconds before the second and the third attempt."""
BATCH: Final = 200
TOGETHER: Final = 16
"""Messages in one unit of work: enough to share its cost, few enough that other writers wait for milliseconds only."""
BEHIND: Final = 64
"""The same when so many wait: each discussion is looked at once a unit of work, which is most of a message's cost."""
_CODE: Final = re.compile(r"v1:([a-z0-9-]{1,24}):([A-Za-z0-9]{8,32})")

ALIASES: Final[Mapping[str, str]] = {
    "find": "learn",
    "search": "learn",
    "settings": "profile",
    "privacy": "profile",
    "me": "profile",
    "recommend": "foryou",
    "开始": "start",
    "学": "learn",
    "学习": "learn",
    "找": "learn",
    "推荐": "foryou",
    "问": "ask",
    "提问": "ask",
    "收藏": "saved",
    "保存": "save",
    "伙伴": "people",
    "分组": "personas",
    "partners": "people",
    "match": "people",
    "资料": "profile",
    "设置": "profile",
    "周报": "digest",
    "活动": "events",
    "我的活动": "myevents",
    "签到": "checkin",
    "日历": "calendar",
    "活动建议": "ideas",
    "人群": "segments",
    "评分": "rate",
    "报告": "report",
    "路径": "path",
    "学习路径": "path",
    "帮助": "help",
    "取消": "cancel",
    "关联": "link",
    "取消关联": "unlink",
    "初始设置": "setup",
}

SECRET: Final = frozenset({"link"})
"""Commands whose words are for nobody's eyes, not even later."""


Asked = CommandInvoked | ButtonPressed | FormSubmitted
"""What somebody waits for an answer to."""


class Command(Protocol):
    def __call__(self, turn: Turn, words: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Presses:
    """Who answers which kind of button; each returns False when what the button belonged to is gone."""

    item: PressItem
    lists: PressList
    why: PressWhy
    onboarding: PressOnboarding
    profile: PressProfile
    digest: PressDigest
    channel: PressChannel
    answer: PressAnswer
    path: PressPath
    proposal: PressProposal
    person: PressPerson
    form: WizardSteps
    event: PressCourses
    idea: PressIdea
    link: PressLink
    setup: PressSetup

    def __call__(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        payload = row.payload
        match row.action:
            case "item":
                return self.item(turn, act, str(payload["view"]), str(payload["item"]))
            case "view":
                return self.lists(turn, act, row.code)
            case "why":
                return self.why(turn, act, str(payload["exposure"]), row.code)
            case "onboarding":
                return self.onboarding(turn, act, row.code)
            case "profile":
                return self.profile(turn, act, row.code)
            case "channel":
                return self.channel(turn, act, row)
            case "digest":
                return self.digest(turn, act, row)
            case "ask":
                return self.answer(turn, act, [str(item) for item in payload["items"]], row.code)
            case "path":
                return self.path(turn, act, str(payload["skill"]), [str(item) for item in payload["items"]])
            case "proposal":
                return self.proposal(turn, act, int(payload["number"]))
            case _:
                return self._beside_lists(turn, act, row)

    def _beside_lists(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        match row.action:
            case "form":
                return self.form.press(turn, act, row)
            case "reading":
                return self.form.mean(turn, act, row)
            case "event":
                return self.event(turn, act, row.code)
            case "idea":
                return self.idea(turn, act, {name: str(value) for name, value in row.payload.items()})
            case "person":
                return self.person(turn, act, str(row.payload["view"]), int(row.payload["other"]))
            case "link":
                return self.link(turn, act, row)
            case "setup":
                return self.setup(turn, act, row)
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Works off the inbox of one community."""

    store: Store
    community: Community
    parsers: Mapping[str, Parse]
    arrive: Arrive
    ingest: Ingest
    commands: Mapping[str, Command]
    presses: Presses
    ask: Ask
    learn: Learn
    unknown: Unknown
    travel: NoticeTravel
    answered: Callable[[], None] = lambda: None
    monotonic: Callable[[], float] = monotonic
    rushed: Callable[[], bool] = lambda: False
    """Whether a platform has more for us than it may give at once: taking that in comes first, so little is handled."""
    hurried: Callable[[], Mapping[str, Sequence[str]]] = dict
    """By platform, updates for which somebody waits, since it was asked last: when much waits they come first."""
    waiting: dict[int, float] = field(default_factory=dict)
    """Rows whose last attempt failed, and when they may be tried again: what is down for a moment comes back."""

    def drain(self, *, limit: int = BATCH) -> int:
        """Handle what is pending, oldest first; returns how many rows were looked at.

        Neighbouring messages become durable together; commands and presses one by one, because people wait for them.
        """
        limit = min(limit, TOGETHER) if self.rushed() else limit
        with self.store.read() as uow:
            rows = uow.inbox.pending(limit=limit + len(self.waiting))
            if len(rows) >= limit:
                rows = self._first(uow, rows)
        run: list[tuple[InboxRow, Sequence[Heard]]] = []
        rows = [row for row in rows if self.waiting.get(row.id, 0.0) <= self.monotonic()]
        for row in rows:
            match self._parsed(row):
                case []:
                    continue
                case [CommandInvoked() | ButtonPressed() | FormSubmitted() as incoming]:
                    self._ingest(run)
                    self._guarded(row, incoming)
                case [MessagePosted(place=place) as incoming] if place.kind is RoomKind.DIRECT:
                    self._ingest(run)
                    self._guarded(row, incoming)
                case several:
                    heard = [one for one in several if not isinstance(one, Asked)]
                    run.append((row, heard))
        self._ingest(run)
        return len(rows)

    def _first(self, uow: UnitOfWork, rows: list[InboxRow]) -> list[InboxRow]:
        """What somebody waits for, before what waits for nobody. Each person's own stay in order among themselves."""
        hurried = [
            row
            for platform, names in self.hurried().items()
            for row in uow.inbox.pending_of(self.community.id, platform, names)
        ]
        known = {row.id for row in hurried}
        return [*hurried, *(row for row in rows if row.id not in known)]

    def _parsed(self, row: InboxRow) -> Sequence[Incoming]:
        """Empty: it is done with, one way or the other."""
        parse = self.parsers.get(row.platform)
        if parse is None:
            self._park(row, f"no adapter for platform {row.platform}")
            return ()
        try:
            found = parse(row.raw)
        except Exception as error:  # noqa: BLE001  whatever a platform sends must not stop the updates after it
            log.warning(
                "update parked", extra={"inbox": row.id, "platform": row.platform, "error": type(error).__name__}
            )
            self._park(row, f"cannot be read: {type(error).__name__}: {clean_line(str(error), limit=200)}")
            return ()
        several = tuple(found) if isinstance(found, Sequence) else () if found is None else (found,)
        if not several:
            self._finish(row)
        return several

    def _ingest(self, run: list[tuple[InboxRow, Sequence[Heard]]]) -> None:
        if not run:
            return
        failed: list[tuple[InboxRow, Exception]] = []
        with self.store.batch():
            size = BEHIND if len(run) >= BEHIND else TOGETHER
            for start in range(0, len(run), size):
                failed += self._together(run[start : start + size])
        for row, problem in failed:
            self._failed(row, problem)
        run.clear()

    def _together(self, run: list[tuple[InboxRow, Sequence[Heard]]]) -> list[tuple[InboxRow, Exception]]:
        """All at once; one by one where that fails, so that one bad message does not hold up its neighbours."""
        try:
            self.ingest.together(self.community.id, [(row.id, heard) for row, heard in run])
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, each is tried by itself
            log.warning("updates are tried one by one", extra={"first": run[0][0].id, "error": type(error).__name__})
        else:
            return []
        failed: list[tuple[InboxRow, Exception]] = []
        for row, heard in run:
            try:
                self.ingest(row.community_id, *heard, cause=row.id)
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  as above
                failed.append((row, error))
        return failed

    def _guarded(self, row: InboxRow, incoming: Asked | MessagePosted) -> None:
        turn: Turn | None = None
        try:
            turn = self._turn(row, incoming)
            if not incoming.sender.bot:
                self._handle(turn, incoming)
                self.travel(_uncaused(turn))
            self._finish(row)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  logged, counted, and after three attempts parked
            if self._failed(row, error) and turn is not None:
                say_plainly(self.store, self.unknown.answering, _uncaused(turn), turn.wording.say("failed"))
        self.answered()

    def _turn(self, row: InboxRow, incoming: Asked | MessagePosted) -> Turn:
        words, on, about, overheard = "", None, None, False
        match incoming:
            case CommandInvoked():
                words, about = incoming.words, incoming.about
                overheard = incoming.ref is not None and incoming.place.kind is not RoomKind.DIRECT
            case ButtonPressed() | FormSubmitted():
                on = incoming.on
            case MessagePosted():
                words = incoming.text
            case _:
                assert_never(incoming)
        turn = self.arrive(
            self.community, incoming.sender, incoming.place, incoming.at, words=words, cause=row.id, on=on, about=about
        )
        return replace(turn, overheard=True) if overheard else turn

    def _handle(self, turn: Turn, incoming: Asked | MessagePosted) -> None:
        match incoming:
            case CommandInvoked():
                if incoming.ref is not None:
                    self.ingest(turn.community.id, _as_message(incoming))
                name = ALIASES.get(incoming.name, incoming.name)
                command = self.commands.get(name)
                if command is None:
                    self.unknown(turn, incoming.name)
                else:
                    command(turn, incoming.words)
            case ButtonPressed():
                self._press(turn, incoming.code)
            case FormSubmitted():
                self._press(turn, incoming.code, dict(incoming.values))
            case MessagePosted():
                # Plain words said to the bot alone: a question is answered, anything else is searched for.
                self.ingest(turn.community.id, incoming)
                text = incoming.text.strip()
                if not text or incoming.service or self.presses.form.said(turn, text):
                    return
                if is_question(text):
                    self.ask(turn, text)
                else:
                    self.learn(turn, text)
            case _:
                assert_never(incoming)

    def _press(self, turn: Turn, code: str, filled: Filled | None = None) -> None:
        """`filled`: it is no button but a form that was sent."""
        found = _CODE.fullmatch(code)
        row: ButtonRow | None = None
        if found:
            with self.store.read() as uow:
                row = uow.buttons.get(turn.community.id, found.group(2))
        if row is not None and row.expires_at is not None and row.expires_at < turn.at:
            row = None
        if row is not None and row.owner is not None and row.owner != turn.member.id:
            self._notice(turn, "notice-not-yours")
        elif found is None or row is None or not self._pressed(turn, found.group(1), row, filled):
            self._notice(turn, "notice-gone")

    def _pressed(self, turn: Turn, act: str, row: ButtonRow, filled: Filled | None) -> bool:
        if filled is None:
            return self.presses(turn, act, row)
        return row.action == FORM and act == "fill" and self.presses.form.submit(turn, row, filled)

    def _notice(self, turn: Turn, message: str) -> None:
        with self.store.write() as uow:
            if turn.begin(uow):
                self.unknown.answering.notice(uow, turn, turn.wording.say(message))
                uow.commit()

    def _finish(self, row: InboxRow) -> None:
        """A use-case that had nothing to say did not mark its cause; a second mark changes nothing."""
        with self.store.write() as uow:
            uow.inbox.finish(row.id)
            uow.commit()

    def _park(self, row: InboxRow, reason: str) -> None:
        with self.store.write() as uow:
            uow.inbox.park(row.id, reason)
            uow.commit()

    def _failed(self, row: InboxRow, error: Exception) -> bool:
        """Count the attempt; True when the row was parked for good."""
        reason = (
            f"{type(error).__name__}: {clean_line(str(error), limit=200)}"
            if isinstance(error, BotError)
            else (type(error).__name__)
        )
        if not isinstance(error, BadInput):
            log.error("update failed", exc_info=error, extra={"inbox": row.id, "platform": row.platform})
        with self.store.write() as uow:
            attempts = ATTEMPTS if isinstance(error, BadInput) else uow.inbox.retry(row.id, reason)
            final = attempts >= ATTEMPTS
            if final:
                uow.inbox.park(row.id, reason)
            uow.commit()
        if final:
            self.waiting.pop(row.id, None)
        else:
            self.waiting[row.id] = self.monotonic() + PAUSES[attempts - 1]
        return final


def _uncaused(turn: Turn) -> Turn:
    return replace(turn, cause=None)


def _as_message(command: CommandInvoked) -> MessagePosted:
    """What was typed, as a message of the room, so that a conversation reads as it went; no code is kept."""
    assert command.ref is not None
    secret = command.words and ALIASES.get(command.name, command.name) in SECRET
    text = f"/{command.name} {'••••' if secret else command.words}".strip()
    return MessagePosted(command.ref, command.place, command.sender, text, command.at)
