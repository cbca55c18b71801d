"""``/segments``: groups with a name, made, listed and taken away by moderators. Every change is in the audit log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.admission import AdmissionKind
from bot.domain.events import EventState
from bot.domain.outgoing import Block, Bullets, Heading, Inlines, Note, Outgoing, Paragraph, Strong, Text
from bot.domain.people import Community
from bot.domain.permissions import StaffAction
from bot.domain.segments import FEWEST, Segment
from bot.domain.text import clean_line
from bot.errors import BadInput
from bot.ports import AuditRow, Ids, Store, UnitOfWork
from bot.usecases.segments import (
    MOST,
    Misread,
    all_segments,
    read_segment,
    rules_in_words,
    segment_name,
    shown_count,
)
from bot.usecases.turn import Answering, Turn
from bot.wording import Wording

_MADE: Final = re.compile(r"([^:：]{1,200})[:：](.+)", re.DOTALL)
_REMOVE: Final = re.compile(r"(?:remove|delete|删除)\s+(.+)", re.IGNORECASE | re.DOTALL)
_STATES: Final = (EventState.DRAFT, EventState.SCHEDULED, EventState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class KeepSegments:
    """Makes and removes them, within one unit of work. Raises BadInput with what is wrong, in words."""

    uow: UnitOfWork
    community: Community
    wording: Wording
    now: datetime
    actor: str

    def make(self, slug: str, name: str, rules: str) -> Segment:
        """One of the same name is replaced."""
        known = self.uow.segments.all(self.community.id)
        same = next((one for one in known if one.name.casefold() == clean_line(name).casefold()), None)
        if same is None and len(known) >= MOST:
            raise BadInput(self.wording.say("segments-many", count=MOST))
        made = read_segment(self.uow, self.community.id, same.slug if same else slug, name, rules)
        if isinstance(made, Misread):
            raise BadInput(made.said(self.wording))
        self.uow.segments.put(self.community.id, made, by=self.actor, at=self.now)
        self._audit("segment.put", made, rules)
        return made

    def remove(self, name: str) -> Segment:
        wanted = clean_line(name, limit=200).casefold()
        known = self.uow.segments.all(self.community.id)
        found = next((one for one in known if wanted in {one.name.casefold(), one.slug}), None)
        if found is None:
            raise BadInput(self.wording.say("segments-unknown", name=clean_line(name, limit=60)))
        for event in self.uow.hosted.all(self.community.id, states=_STATES, ends_after=self.now):
            if event.admission.kind is AdmissionKind.SEGMENT and event.admission.value == found.slug:
                raise BadInput(self.wording.say("segments-in-use", name=found.name, title=event.title))
        self.uow.segments.remove(self.community.id, found.slug)
        self._audit("segment.remove", found, found.name)
        return found

    def _audit(self, action: str, segment: Segment, reason: str) -> None:
        row = AuditRow(self.now, self.actor, action, f"segment:{segment.slug}", clean_line(reason, limit=300) or "-")
        self.uow.audit.add(self.community.id, row)


def count_in_words(wording: Wording, count: int | None) -> str:
    return wording.say("segments-few", count=FEWEST) if count is None else wording.say("segments-count", count=count)


def segment_line(uow: UnitOfWork, wording: Wording, community_id: int, segment: Segment, now: datetime) -> str:
    """Its name, its rules in words, and roughly how many are in it."""
    return wording.say(
        "segments-line",
        name=segment_name(wording, segment.slug, segment.name),
        rules=rules_in_words(wording, segment),
        count=count_in_words(wording, shown_count(uow, community_id, segment, now)),
    )


@dataclass(frozen=True, slots=True)
class SegmentsCommand:
    """``/segments``, ``/segments NAME: RULES``, ``/segments remove NAME``."""

    store: Store
    answering: Answering
    ids: Ids

    def __call__(self, turn: Turn, words: str) -> None:
        with self.store.write() as uow:
            if not turn.begin(uow):
                return
            blocks: tuple[Block, ...]
            if not turn.may(StaffAction.HOST_EVENTS):
                blocks = (Paragraph((Text(turn.wording.say("segments-staff-only")),)),)
            elif words.strip():
                blocks = (Paragraph((Text(self._told(uow, turn, words.strip())),)),)
            else:
                blocks = self._listed(uow, turn)
            self.answering.reply(uow, turn, Outgoing(blocks, language=turn.wording.language))
            uow.commit()

    def _told(self, uow: UnitOfWork, turn: Turn, words: str) -> str:
        keep = KeepSegments(uow, turn.community, turn.wording, turn.at, f"member:{turn.member.id}")
        try:
            if found := _REMOVE.fullmatch(words):
                return turn.wording.say("segments-removed", name=keep.remove(found[1]).name)
            if found := _MADE.fullmatch(words):
                made = keep.make(self.ids.code().lower(), found[1], found[2])
                count = shown_count(uow, turn.community.id, made, turn.at)
                rules = rules_in_words(turn.wording, made)
                shown = count_in_words(turn.wording, count)
                return turn.wording.say("segments-made", name=made.name, rules=rules, count=shown)
        except BadInput as error:
            return str(error)
        return turn.wording.say("segments-usage")

    def _listed(self, uow: UnitOfWork, turn: Turn) -> tuple[Block, ...]:
        say = turn.wording.say
        lines: list[Inlines] = []
        for segment in all_segments(uow, turn.community.id):
            line = segment_line(uow, turn.wording, turn.community.id, segment, turn.at)
            name = segment_name(turn.wording, segment.slug, segment.name)
            lines.append((Strong(name), Text(line.removeprefix(name))))
        return (
            Heading(say("segments-heading")),
            Bullets(tuple(lines)),
            Note((Text(say("segments-note")),)),
            Note((Text(say("segments-usage")),)),
        )
