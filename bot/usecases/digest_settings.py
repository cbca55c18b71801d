"""``/digest``: every setting by buttons or by words. Off until the member says yes; stop is one tap, why comes after.

What is pressed or written changes the settings in the store and nothing else, so all of it survives a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bot.domain.digests import LENGTHS, DigestSettings, Section
from bot.domain.localtime import zone
from bot.domain.outgoing import Button, Heading, Outgoing, Paragraph, Style, Text
from bot.domain.people import LANGUAGES
from bot.domain.schedules import Frequency
from bot.domain.text import clean_line
from bot.ports import ButtonRow, Ids, Store, UnitOfWork
from bot.usecases.digest_controls import STOP_REASONS, control_row
from bot.usecases.digest_pages import FREQUENCIES, HOURS, MAIN, PAGES, PAUSES, QUIET, settings_message
from bot.usecases.digest_send import PreviewDigest
from bot.usecases.digest_words import Changed, Elsewhere, Named, Place, Wrong, read
from bot.usecases.letters import shown_now
from bot.usecases.profile import profile_message
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import View, code_of, load_view, save_view
from bot.wording import choose
from bot.wording.cities import find, like, near_language

_HALF_HOUR: Final = timedelta(minutes=30)
_ZONES: Final = 8
_ALL_OVER: Final = ("Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata",
                    "Asia/Shanghai", "Australia/Sydney")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DigestCommand:
    """``/digest`` shows everything; ``/digest fri 18:30``, ``/digest Berlin``, ``/digest pause 2 weeks`` change it."""

    store: Store
    answering: Answering
    ids: Ids
    preview: PreviewDigest

    def __call__(self, turn: Turn, words: str) -> None:
        today = turn.at.astimezone(zone(turn.member.timezone)).date()
        order = read(words, today) if words.strip() else Named("p-main")
        if order == Named("preview"):
            self.preview(turn)
            return
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            settings = uow.digests.get(turn.member.id)
            page, note = MAIN, ""
            zones: tuple[str, ...] = ()
            match order:
                case Named(act) if act.startswith("p-"):
                    page = act.removeprefix("p-")
                case Named(act):
                    changed = change(turn, settings, act)
                    assert changed is not None, f"{act} is an act"
                    settings = self._put(uow, turn, settings, changed)
                case Changed(wanted):
                    settings = self._put(uow, turn, settings, wanted(settings))
                    note = turn.wording.say("notice-digest-changed")
                case Elsewhere(platform):
                    page, note, settings = self._elsewhere(uow, turn, settings, platform)
                case Place():
                    turn, page, note, zones = self._placed(uow, turn, settings, order)
                case Wrong(sentence, told):
                    note = turn.wording.say(sentence, **told)
            self._show(uow, turn, settings, page, zones, note)
            uow.commit()

    def _put(self, uow: UnitOfWork, turn: Turn, before: DigestSettings, after: DigestSettings) -> DigestSettings:
        if after != before:
            uow.digests.put(turn.community.id, after)
        return after

    def _elsewhere(
        self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, platform: str
    ) -> tuple[str, str, DigestSettings]:
        if platform not in platforms_of(uow, turn):
            said = turn.wording.say("digest-bad-platform", platform=clean_line(platform, limit=20))
            return "where", said, settings
        changed = self._put(uow, turn, settings, replace(settings, platform=platform))
        return MAIN, turn.wording.say("notice-digest-changed"), changed

    def _placed(
        self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, place: Place
    ) -> tuple[Turn, str, str, tuple[str, ...]]:
        """The zone of a place: set where it is clear, asked where it is not."""
        say, words = turn.wording.say, clean_line(place.words, limit=40)
        found = find(place.words)
        if len(found) == 1:
            moved = set_zone(uow, turn, settings, found[0])
            return moved, MAIN, say("digest-zone-set", timezone=found[0]), ()
        if found:
            return turn, "zone", say("digest-zone-which", words=words), found
        near = like(place.words)
        if near or place.sure:
            return turn, "zone", say("digest-bad-zone", words=words), near
        return turn, MAIN, say("digest-unclear", words=words), ()

    def _show(
        self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, page: str, zones: Sequence[str], note: str
    ) -> None:
        if page == "zone" and not zones:
            zones = zones_near(turn, settings)
        row = control_row(self.ids.code(), turn, zones=tuple(zones))
        uow.buttons.add(turn.community.id, [row])
        message = settings_message(
            turn, settings, row.code, page=page, platforms=platforms_of(uow, turn), zones=zones, note=note
        )
        self.answering.reply(uow, turn, message)


@dataclass(frozen=True, slots=True)
class OfferDigest:
    """Asks once, after onboarding, whether a weekly digest is wanted."""

    answering: Answering
    ids: Ids

    def __call__(self, uow: UnitOfWork, turn: Turn) -> None:
        settings = uow.digests.get(turn.member.id)
        if settings.enabled:
            return
        row = control_row(self.ids.code(), turn)
        uow.buttons.add(turn.community.id, [row])
        say = turn.wording.say
        weekday, hour = say(f"weekday-{settings.weekday}"), settings.at.strftime("%H:%M")
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
    """Buttons of a digest and of its settings."""

    store: Store
    answering: Answering
    preview: PreviewDigest

    def __call__(self, turn: Turn, act: str, row: ButtonRow) -> bool:
        """A digest that carried the button stays readable, with its controls changed; settings come as a message of
        their own."""
        if act == "preview":
            self.preview(turn)
            return True
        letter, zones = str(row.payload.get("letter", "")), tuple(map(str, row.payload.get("zones", ())))
        with self.store.write() as uow:
            settings = uow.digests.get(turn.member.id)
            page = act.removeprefix("p-") if act.startswith("p-") else MAIN
            if act == "privacy":
                return self._privacy(uow, turn)
            if act.startswith("z") and act[1:].isdecimal():
                changed, turn, page = self._zone(uow, turn, settings, act, zones)
            elif act.startswith("w-"):
                known = act.removeprefix("w-") in platforms_of(uow, turn)
                changed = replace(settings, platform=act.removeprefix("w-")) if known else None
                page = "where"
            else:
                changed = change(turn, settings, act)
                page = page if act.startswith("p-") else _page_of(act)
            if changed is None or page not in PAGES:
                return False
            if not turn.begin(uow):
                return True
            if changed != settings:
                uow.digests.put(turn.community.id, changed)
            self._answer(uow, turn, changed, act, row, letter, page)
            uow.commit()
        return True

    def _answer(
        self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, act: str, row: ButtonRow, letter: str, page: str
    ) -> None:
        told = settings.language or turn.wording.language
        turn = replace(turn, wording=choose(told, turn.wording.language))
        view = load_view(uow, turn.member.id, letter) if letter else None
        if view is not None and (act == "settings" or act.startswith("p-")):
            fresh = control_row(self.preview.ids.code(), turn)
            uow.buttons.add(turn.community.id, [fresh])
            self.answering.reply(uow, turn, self._page(uow, turn, settings, fresh, page))
            return
        message = self._page(uow, turn, settings, row, page) if view is None else self._letter(uow, turn, view, act)
        notice = turn.wording.say(_notice(act)) if _notice(act) else ""
        self.answering.edit(uow, turn, message, notice=notice)

    def _letter(self, uow: UnitOfWork, turn: Turn, view: View, act: str) -> Outgoing:
        if view.frame is not None and act.startswith("why-"):
            view = replace(view, frame=replace(view.frame, reason=act))
            save_view(uow, turn.member.id, view, turn.at)
        return shown_now(uow, turn, view)

    def _page(self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, row: ButtonRow, page: str) -> Outgoing:
        zones: tuple[str, ...] = ()
        if page == "zone":
            zones = tuple(map(str, row.payload.get("zones", ())))
            if not zones:
                # What its buttons mean has to be kept: a row with the zones takes the place of this one.
                zones = zones_near(turn, settings)
                row = control_row(self.preview.ids.code(), turn, zones=zones)
                uow.buttons.add(turn.community.id, [row])
        return settings_message(turn, settings, row.code, page=page, platforms=platforms_of(uow, turn), zones=zones)

    def _zone(
        self, uow: UnitOfWork, turn: Turn, settings: DigestSettings, act: str, zones: Sequence[str]
    ) -> tuple[DigestSettings | None, Turn, str]:
        number = int(act[1:]) if len(act) < 4 else len(zones)
        if number >= len(zones):
            return None, turn, MAIN
        return settings, set_zone(uow, turn, settings, zones[number]), MAIN

    def _privacy(self, uow: UnitOfWork, turn: Turn) -> bool:
        if turn.begin(uow):
            row = ButtonRow(self.preview.ids.code(), "profile", {}, turn.member.id, turn.at)
            uow.buttons.add(turn.community.id, [row])
            self.answering.reply(uow, turn, profile_message(uow, turn, row.code))
            uow.commit()
        return True


def set_zone(uow: UnitOfWork, turn: Turn, settings: DigestSettings, name: str) -> Turn:
    """The member lives there from now on; nothing from before the change is owed."""
    member = replace(uow.members.get(turn.member.id) or turn.member, timezone=zone(name).key)
    uow.members.update(member)
    uow.digests.put(turn.community.id, settings)
    return replace(turn, member=member)


def platforms_of(uow: UnitOfWork, turn: Turn) -> tuple[str, ...]:
    """Where the member has accounts, and where they are now."""
    known = [identity.account.platform for identity in uow.members.identities(turn.member.id)]
    return tuple(dict.fromkeys((*known, turn.room.ref.platform)))


def zones_near(turn: Turn, settings: DigestSettings) -> tuple[str, ...]:
    """To begin with: the zone that holds, those of the language's countries, the community's, and some all over the
    world, for a language that says nothing of where somebody is."""
    hint = settings.hint or turn.member.language or ""
    near = (turn.member.timezone, *near_language(hint), turn.community.timezone, *_ALL_OVER)
    return tuple(dict.fromkeys(near))[:_ZONES]


def change(turn: Turn, settings: DigestSettings, act: str) -> DigestSettings | None:
    """The settings after one act; None: there is no such act."""
    match act:
        case "on":
            frequency = Frequency.WEEKLY if settings.frequency is Frequency.OFF else settings.frequency
            platform = settings.platform or turn.room.ref.platform
            return replace(
                settings, enabled=True, frequency=frequency, platform=platform, paused_until=None, unreachable=0,
                last_note="" if settings.last_note.startswith("stop") else settings.last_note,
            )  # fmt: skip
        case "stop":
            return replace(settings, enabled=False, skip_next=False, paused_until=None, last_note="stopped")
        case "settings":
            return settings
        case "skip" | "unskip":
            return replace(settings, skip_next=act == "skip")
        case "resume":
            return replace(settings, paused_until=None)
        case "earlier" | "later":
            return _moved(settings, _HALF_HOUR if act == "later" else -_HALF_HOUR)
        case "qs-earlier" | "qs-later":
            return replace(settings, quiet_start=(settings.quiet_start + (1 if act == "qs-later" else -1)) % 24)
        case "qe-earlier" | "qe-later":
            return replace(settings, quiet_end=(settings.quiet_end + (1 if act == "qe-later" else -1)) % 24)
        case _ if act.removeprefix("p-") in PAGES:
            return settings
        case _:
            return _chosen(turn, settings, act)


def _chosen(turn: Turn, settings: DigestSettings, act: str) -> DigestSettings | None:
    """One of several: frequency, weekday, hour, quiet hours, length, section, language, pause, reason."""
    today = turn.at.astimezone(zone(turn.member.timezone)).date()
    choices: dict[str, dict[str, Any]] = {
        **{f"f-{one.value}": {"frequency": one} for one in FREQUENCIES},
        **{f"d{day}": {"weekday": day} for day in range(7)},
        **{f"h{hour}": {"hour": hour, "minute": 0} for hour in HOURS},
        **{f"q{start}-{end}": {"quiet_start": start, "quiet_end": end} for start, end in QUIET},
        **{f"length{length}": {"length": length} for length in LENGTHS},
        **{f"s-{one.value}": {"sections": settings.sections ^ {one}} for one in Section},
        **{f"g-{language or 'auto'}": {"language": language} for language in (None, *LANGUAGES)},
        **{f"pause{weeks}": {"paused_until": today + timedelta(weeks=weeks)} for weeks in PAUSES},
        **({} if settings.enabled else {f"why-{why}": {"last_note": f"stop-{why}"} for why in STOP_REASONS}),
    }
    return replace(settings, **choices[act]) if act in choices else None


def _moved(settings: DigestSettings, by: timedelta) -> DigestSettings:
    minutes = (settings.hour * 60 + settings.minute + int(by.total_seconds() // 60)) % (24 * 60)
    return replace(settings, hour=minutes // 60, minute=minutes % 60)


def _page_of(act: str) -> str:
    """The page that an act belongs to, which stays open."""
    if act.startswith(("f-", "d", "h")) or act in {"earlier", "later"}:
        return "when"
    if act.startswith("q"):
        return "quiet"
    if act.startswith(("length", "s-", "g-")):
        return "content"
    return MAIN


def _notice(act: str) -> str:
    """What is said shortly after a press; nothing where a page was only turned."""
    if act == "settings" or act.startswith("p-"):
        return ""
    if act.startswith("why-"):
        return "notice-thanks"
    return {"on": "notice-digest-on", "stop": "notice-digest-off"}.get(act, "notice-digest-changed")
