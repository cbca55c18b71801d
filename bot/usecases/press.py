"""Buttons on a card: enrol, save, not interested, why, undo. Each press is a signal and changes the next list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.domain.consent import RANKED_BY
from bot.domain.interactions import Exposure, Interaction, Signal
from bot.domain.items import ItemId, Kind, kind_of
from bot.domain.outgoing import Bullets, Button, Heading, Note, Outgoing, Paragraph, Rows, Strong, Text
from bot.ports import ButtonRow, Engine, Ids, Store, UnitOfWork
from bot.usecases.events.adopting import Attend
from bot.usecases.letters import shown_now
from bot.usecases.suggest import details
from bot.usecases.turn import Answering, Turn
from bot.usecases.views import (
    HIDE_REASONS,
    ITEM_ACTS,
    Shown,
    View,
    code_of,
    exposures_of,
    load_view,
    save_view,
)
from bot.wording import Wording
from bot.wording.reasons import PLACED, reason_sentence, score_lines
from recsys.types import Filter

UNDO: Final = timedelta(minutes=10)
SIMILAR: Final = 0.55
"""Cosine from which an item counts as similar to a removed one."""
_NEVER_MUTED: Final = frozenset({"diversity", "repeat", "dense", "lexical", "over", "catalogue"}) | PLACED


@dataclass(frozen=True, slots=True)
class PressItem:
    """One press on one card. A second press of the same button changes nothing and says so."""

    store: Store
    engine: Engine
    answering: Answering
    ids: Ids
    attend: Attend

    def __call__(self, turn: Turn, act: str, view_id: str, item: str) -> bool:
        """False: the list is gone, or there is no such act."""
        if act not in ITEM_ACTS:
            return False
        if act == "why":
            return self._why(turn, view_id, item)
        similar = self._similar(turn, item) if act == "hide" else 0
        with self.store.write() as uow:
            view = load_view(uow, turn.member.id, view_id)
            shown = view.shown(item) if view else None
            if view is None or shown is None or not turn.begin(uow):
                return shown is not None
            if item not in details(uow, turn.viewer, [item]):
                changed, notice = shown, turn.wording.say("notice-item-gone")
            else:
                changed, notice = self._apply(uow, turn, act, shown, similar)
            view = view.with_item(changed)
            save_view(uow, turn.member.id, view, turn.at)
            self.answering.edit(uow, turn, shown_now(uow, turn, view), notice=notice)
            uow.commit()
        return True

    def _apply(self, uow: UnitOfWork, turn: Turn, act: str, shown: Shown, similar: int) -> tuple[Shown, str]:
        say = turn.wording.say
        match act:
            case "enrol" | "undo" if kind_of(ItemId(shown.item)) is Kind.EVENT and shown.state != "hidden":
                state, notice = self.attend(uow, turn, shown.item, going=act == "enrol")
                return replace(shown, state=state, pressed_at=turn.at), notice
            case "enrol":
                return self._enrol(uow, turn, shown)
            case "save" if shown.saved:
                for key in self._saves(uow, turn, shown.item):
                    uow.interactions.withdraw(turn.community.id, key)
                return replace(shown, saved=False), say("notice-unsaved")
            case "save":
                self._record(uow, turn, Signal.SAVE, shown)
                return replace(shown, saved=True), say("notice-saved")
            case "like" if shown.liked:
                uow.interactions.withdraw(turn.community.id, _key(Signal.HELPFUL, shown))
                return replace(shown, liked=False), say("notice-undone")
            case "like":
                self._record(uow, turn, Signal.HELPFUL, shown)
                return replace(shown, liked=True), say("notice-liked")
            case "hide" if shown.state == "hidden":
                return shown, say("notice-already")
            case "hide":
                self._record(uow, turn, Signal.DISMISS, shown)
                return replace(shown, state="hidden", pressed_at=turn.at), say("notice-hidden", count=similar)
            case "undo":
                return self._undo(uow, turn, shown)
            case _ if act in HIDE_REASONS and shown.state == "hidden":
                # The reason replaces the bare removal, so that one removal stays one signal.
                uow.interactions.withdraw(turn.community.id, _key(Signal.DISMISS, shown))
                self._record(uow, turn, Signal.DISMISS, shown, reason=act)
                return replace(shown, asked_why_hidden=True), say("notice-thanks")
            case _:
                return shown, say("notice-already")

    def _enrol(self, uow: UnitOfWork, turn: Turn, shown: Shown) -> tuple[Shown, str]:
        if shown.state == "enrolled":
            return shown, turn.wording.say("notice-already")
        signal = Signal.ENROL
        if signal.consent and not turn.member.consent.allows(signal.consent):
            what = turn.wording.say(f"consent-{signal.consent.value}")
            return shown, turn.wording.say("notice-not-kept", what=what)
        self._record(uow, turn, signal, shown)
        return replace(shown, state="enrolled", pressed_at=turn.at), turn.wording.say("notice-enrolled")

    def _undo(self, uow: UnitOfWork, turn: Turn, shown: Shown) -> tuple[Shown, str]:
        if not shown.state:
            return shown, turn.wording.say("notice-already")
        if shown.pressed_at is None or turn.at - shown.pressed_at > UNDO:
            return shown, turn.wording.say("notice-too-late")
        signals = {"enrolled": Signal.ENROL, "hidden": Signal.DISMISS}
        uow.interactions.withdraw(turn.community.id, _key(signals[shown.state], shown))
        return replace(shown, state="", pressed_at=None, asked_why_hidden=False), turn.wording.say("notice-undone")

    def _record(self, uow: UnitOfWork, turn: Turn, signal: Signal, shown: Shown, *, reason: str = "") -> None:
        uow.interactions.add(
            turn.community.id,
            Interaction(turn.member.id, ItemId(shown.item), signal, turn.at, _key(signal, shown), reason=reason),
        )

    def _saves(self, uow: UnitOfWork, turn: Turn, item: str) -> Iterable[str]:
        """All saves of an item, also those made from other lists."""
        return uow.interactions.keys_of(turn.member.id, ItemId(item), Signal.SAVE)

    def _similar(self, turn: Turn, item: str) -> int:
        where = Filter(audiences=frozenset(turn.viewer.audiences))
        return sum(hit.score >= SIMILAR for hit in self.engine.related(item, k=10, where=where))

    def _why(self, turn: Turn, view_id: str, item: str) -> bool:
        with self.store.write() as uow:
            view = load_view(uow, turn.member.id, view_id)
            shown = view.shown(item) if view else None
            exposure = uow.exposures.get(turn.community.id, shown.token) if shown else None
            if view is None or shown is None or not turn.begin(uow):
                return shown is not None
            if exposure is None:
                message = why_unsent(uow, turn, view, shown)
            else:
                token = self.ids.code()
                row = ButtonRow(token, "why", {"exposure": exposure.key}, turn.member.id, turn.at)
                uow.buttons.add(turn.community.id, [row])
                message = why_message(uow, turn, exposure, token)
            self.answering.reply(uow, turn, message)
            uow.commit()
        return True


def _key(signal: Signal, shown: Shown) -> str:
    return f"press:{shown.token}:{signal.value}"


def why_unsent(uow: UnitOfWork, turn: Turn, view: View, shown: Shown) -> Outgoing:
    """Why, for what was shown without being suggested: a preview, or what the member kept."""
    if shown.parts:
        preview = next(e for e in exposures_of(view, turn, "preview") if e.key == shown.token)
        return replace(why_message(uow, turn, preview, ""), buttons=())
    sentence = turn.wording.say("why-saved" if view.surface == "saved" else "why-gone")
    return Outgoing((Paragraph((Text(sentence),)),), language=turn.wording.language)


def why_message(uow: UnitOfWork, turn: Turn, exposure: Exposure, token: str) -> Outgoing:
    """Every part that the score was made of, and switches to use less of one."""
    say = turn.wording.say
    items = {exposure.item, *(item for part in exposure.parts for item in part.items)}
    titles = {item: detail.title for item, detail in details(uow, turn.viewer, items).items()}
    lines = tuple((Text(line),) for line in score_lines(turn.wording, exposure.score, exposure.parts, titles))
    placed = [
        reason_sentence(turn.wording, part, titles)
        for part in sorted(exposure.parts, key=lambda part: (-part.value, part.source))
        if part.source in PLACED
    ]
    off = [say(f"consent-{kind.value}") for kind in RANKED_BY if not turn.member.consent.allows(kind)]
    return Outgoing(
        (
            Heading(say("why-heading", title=titles.get(exposure.item, "?"))),
            Paragraph((Strong(say("why-score", score=turn.wording.number(exposure.score, 2))),)),
            Bullets(lines),
            *(Note((Text(sentence),)) for sentence in placed),
            Note((Text(say("why-not-used", what=turn.wording.listing(off)) if off else say("why-all-used")),)),
        ),
        _why_buttons(turn, exposure, token),
        turn.wording.language,
    )


def mutable_sources(exposure: Exposure) -> list[str]:
    """The parts that a member can switch off, strongest first."""
    named = sorted((part for part in exposure.parts if part.value > 0), key=lambda part: (-part.value, part.source))
    return [source for source in dict.fromkeys(part.source for part in named) if source not in _NEVER_MUTED]


def _why_buttons(turn: Turn, exposure: Exposure, token: str) -> Rows:
    say = turn.wording.say
    muted = turn.member.profile.muted
    rows = [
        (
            Button(
                say("why-more" if source in muted else "why-less", source=source_name(turn.wording, source)),
                code_of(f"less{number}", token),
                pressed=source in muted,
            ),
        )
        for number, source in enumerate(mutable_sources(exposure)[:4])
    ]
    if any(part.source == "explore" for part in exposure.parts) or exposure.policy == "explore":
        surprises = turn.member.profile.surprises
        rows.append(
            (Button(say("why-surprises-off" if surprises else "why-surprises-on"), code_of("surprises", token)),)
        )
    return tuple(rows)


def source_name(wording: Wording, source: str) -> str:
    return wording.say(f"source-{source}") if wording.has(f"source-{source}") else source


@dataclass(frozen=True, slots=True)
class PressWhy:
    """ "Use less of this" and "no surprises": the member's own weights."""

    store: Store
    answering: Answering

    def __call__(self, turn: Turn, act: str, exposure_key: str, token: str) -> bool:
        with self.store.write() as uow:
            exposure = uow.exposures.get(turn.community.id, exposure_key)
            if exposure is None or not turn.begin(uow):
                return exposure is not None
            current = uow.members.get(turn.member.id) or turn.member
            say, profile = turn.wording.say, current.profile
            number = act.removeprefix("less") if act.startswith("less") else ""
            sources = mutable_sources(exposure)
            if act == "surprises":
                profile = replace(profile, surprises=not profile.surprises)
                notice = say("notice-surprises-on" if profile.surprises else "notice-surprises-off")
            elif number.isdecimal() and int(number) < len(sources):
                source = sources[int(number)]
                profile = replace(profile, muted=profile.muted ^ {source})
                name = source_name(turn.wording, source)
                notice = say("notice-less" if source in profile.muted else "notice-more", source=name)
            else:
                return False
            member = replace(current, profile=profile)
            uow.members.update(member)
            self.answering.edit(
                uow, turn, why_message(uow, replace(turn, member=member), exposure, token), notice=notice
            )
            uow.commit()
        return True
