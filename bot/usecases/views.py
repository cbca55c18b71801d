"""A list of suggestions on a member's screen: its state, kept in the store, and how it is said.

Knows cards, buttons and their codes; decides nothing about what is recommended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from bot.domain.digests import You
from bot.domain.interactions import Exposure, ScorePart
from bot.domain.items import Course, Event, ItemId, Kind, Post, kind_of, native_of
from bot.domain.outgoing import (
    Block,
    Button,
    Card,
    Heading,
    Link,
    MessageLink,
    Note,
    Outgoing,
    Paragraph,
    Rows,
    Style,
    Text,
)
from bot.domain.quality import FEWEST, CourseQuality
from bot.domain.schedules import Frequency
from bot.domain.text import clip
from bot.domain.wanted import Wanted
from bot.ports import ButtonRow, UnitOfWork
from bot.usecases.discussions import MIN_TEXT
from bot.usecases.suggest import Detail, details
from bot.usecases.turn import Turn
from bot.wording import LANGUAGES, Wording
from bot.wording.reasons import card_reasons

PAGE: Final = 5
_BODY: Final = 280

ITEM_ACTS: Final = frozenset(
    {"like", "enrol", "save", "hide", "why", "undo", "easy", "hard", "have", "topic", "price", "author"}
)
EVENT_STATES: Final = frozenset({"going", "waiting", "offered"})
HIDE_REASONS: Final = ("easy", "hard", "have", "topic", "price", "author")


def code_of(act: str, token: str) -> str:
    """What a button carries: the act and an opaque token; everything else is in the store."""
    return f"v1:{act}:{token}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of a view. `state`: empty, enrolled, hidden, or one of `EVENT_STATES`; `token` is the exposure's key.
    `section`: the part of a digest that it stands in, empty for its suggestions."""

    item: str
    token: str
    score: float
    parts: tuple[ScorePart, ...] = ()
    state: str = ""
    saved: bool = False
    asked_why_hidden: bool = False
    explored: bool = False
    propensity: float = 1.0
    pinned: bool = False
    slate: tuple[tuple[str, float, float], ...] = ()
    pressed_at: datetime | None = None
    section: str = ""
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What a digest has around its items: the code of its controls, the course to go on with (`progress` 0-1), the
    events that the member goes to, what they did. `reason`: why they stopped it, once they said so."""

    control: str
    day: date
    preview: bool = False
    unfinished: str = ""
    progress: float = 0.0
    going: tuple[str, ...] = ()
    you: You = field(default_factory=You)
    frequency: Frequency = Frequency.WEEKLY
    reason: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What one message of ours shows. `before`: items of earlier pages, not to be listed again; `frame`: it is a weekly
    letter and no list."""

    id: str
    surface: str
    items: tuple[Shown, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    kinds: tuple[Kind, ...] = ()
    before: tuple[str, ...] = ()
    newcomer: bool = False
    weak: bool = False
    more: bool = False
    note: str = ""
    frame: Frame | None = None

    def shown(self, item: str) -> Shown | None:
        return next((shown for shown in self.items if shown.item == item), None)

    def with_item(self, changed: Shown) -> View:
        return replace(self, items=tuple(changed if s.item == changed.item else s for s in self.items))


_CODEC: Final = TypeAdapter(View)


def view_state(view: View) -> tuple[str, dict[str, Any]]:
    """(kind, state): what the store keeps of it."""
    return f"view:{view.id}", _CODEC.dump_python(view, mode="json", exclude_defaults=True)


def save_view(uow: UnitOfWork, member_id: int, view: View, at: datetime) -> None:
    uow.conversations.put(member_id, *view_state(view), at)


def load_view(uow: UnitOfWork, member_id: int, view_id: str) -> View | None:
    state = uow.conversations.get(member_id, f"view:{view_id}")
    return None if state is None else _CODEC.validate_python(state)


def button_rows(view: View, member_id: int, at: datetime) -> list[ButtonRow]:
    """The codes that a view's buttons carry: one for every item and one for the list itself."""
    rows = [
        ButtonRow(shown.token, "item", {"view": view.id, "item": shown.item}, member_id, at) for shown in view.items
    ]
    rows.append(ButtonRow(view.id, "view", {"view": view.id}, member_id, at))
    return rows


def exposures_of(view: View, turn: Turn, policy: str) -> list[Exposure]:
    return [
        Exposure(
            member_id=turn.member.id,
            item=ItemId(shown.item),
            rank=rank,
            score=shown.score,
            parts=shown.parts,
            policy="explore" if shown.explored else "pin" if shown.pinned else shown.section or policy,
            surface=f"{view.surface}-side" if shown.section else view.surface,
            at=turn.at,
            key=shown.token,
            propensity=shown.propensity,
            slate=tuple((ItemId(item), score, chance) for item, score, chance in shown.slate),
        )
        for rank, shown in enumerate(view.items, len(view.before) + 1)
    ]


def titles_for(uow: UnitOfWork, turn: Turn, view: View) -> tuple[dict[str, Detail], dict[str, str]]:
    """The view's items, and the titles of all items named as evidence, as far as the member may see them."""
    wanted = {shown.item for shown in view.items}
    wanted.update(item for shown in view.items for part in shown.parts for item in part.items)
    known = details(uow, turn.viewer, wanted)
    return known, {item: detail.title for item, detail in known.items()}


def render_view(uow: UnitOfWork, turn: Turn, view: View) -> Outgoing:
    """The message of a view: heading, chips, cards, small print, list buttons."""
    say = turn.wording.say
    known, titles = titles_for(uow, turn, view)
    blocks: list[Block] = [Heading(_heading(turn.wording, view))]
    lead = _lead(turn.wording, view)
    if lead:
        blocks.append(Paragraph((Text(lead),)))
    rated = rated_in(uow, turn, view)
    blocks += [
        item_card(turn, shown, known[shown.item], titles, rated.get(shown.item))
        for shown in view.items
        if shown.item in known
    ]
    if view.note:
        blocks.append(Note((Text(view.note),)))
    elif view.surface in {"foryou", "start"}:
        blocks.append(Note((Text(say("footer-used", used=_used(turn))),)))
    return Outgoing(tuple(blocks), _list_buttons(turn.wording, view), turn.wording.language)


def _heading(wording: Wording, view: View) -> str:
    if view.surface == "learn":
        return wording.say("learn-heading", words=view.wanted.words or wording.say("learn-anything"))
    return wording.say(f"{view.surface}-heading")


def _lead(wording: Wording, view: View) -> str:
    if view.weak and view.items:
        return wording.say("learn-weak")
    if not view.items:
        return wording.say("learn-nothing" if view.surface == "learn" else "list-empty")
    if view.newcomer:
        return wording.say("foryou-newcomer")
    return ""


def _used(turn: Turn) -> str:
    """Which signals may be used for this member, in words: the trust footer."""
    granted = sorted(kind.value for kind in turn.member.consent.granted)
    if not granted:
        return turn.wording.say("consent-nothing")
    return turn.wording.listing([turn.wording.say(f"consent-{kind}") for kind in granted])


def _list_buttons(wording: Wording, view: View) -> Rows:
    say = wording.say
    rows: list[tuple[Button, ...]] = []
    chips = tuple(
        Button(chip_label(wording, view.wanted, chip) + " ✕", code_of(f"chip{number}", view.id))
        for number, chip in enumerate(view.wanted.chips)
    )
    if chips:
        rows.append(chips[:8])
    if view.surface in {"foryou", "learn", "start"}:
        rows.append(
            tuple(
                Button(say(f"show-{kind.value}"), code_of(f"kind-{kind.value}", view.id), pressed=kind in view.kinds)
                for kind in (Kind.COURSE, Kind.POST, Kind.EVENT)
            )
        )
    last: list[Button] = []
    if view.more:
        last.append(Button(say("button-more"), code_of("more", view.id), style=Style.PRIMARY))
    if view.surface == "learn" and (view.weak or not view.items):
        last.append(Button(say("button-tell-me"), code_of("tell", view.id), style=Style.PRIMARY))
    if view.surface in {"foryou", "start"}:
        last.append(Button(say("button-refresh"), code_of("fresh", view.id)))
    if last:
        rows.append(tuple(last))
    return tuple(rows)


def chip_label(wording: Wording, wanted: Wanted, chip: str) -> str:
    """``≤ 3 h``, ``no video``, ``中文`` ..."""
    say = wording.say
    name, _, word = chip.partition(":")
    match name:
        case "without":
            return say("chip-without", word=word)
        case "max_hours":
            return say("chip-hours", hours=wording.number(wanted.max_hours or 0))
        case "max_price":
            return say("chip-price", price=wording.number(wanted.max_price or 0))
        case "free":
            return say("chip-free")
        case "level":
            return say(f"level-{wanted.level.value}") if wanted.level else chip
        case "kind":
            return say(f"kind-{wanted.kind.value}") if wanted.kind else chip
        case "language":
            return say(f"language-{wanted.language}")
        case _:
            return chip


def rated_in(uow: UnitOfWork, turn: Turn, view: View) -> dict[str, CourseQuality]:
    """What people make of the view's courses, by item."""
    courses = {
        shown.item: native_of(ItemId(shown.item)) for shown in view.items if kind_of(ItemId(shown.item)) is Kind.COURSE
    }
    known = uow.qualities.get(turn.community.id, courses.values()) if courses else {}
    return {item: known[course] for item, course in courses.items() if course in known}


def item_card(
    turn: Turn,
    shown: Shown,
    detail: Detail,
    titles: Mapping[str, str],
    quality: CourseQuality | None = None,
    *,
    brief: bool = False,
) -> Card:
    """One card in the state that the member gave it. `brief`: without its text, with signs for buttons."""
    say = turn.wording.say
    kind = kind_of(detail.item)
    if shown.state == "hidden":
        return Card(
            kind=say(f"kind-{kind.value}"),
            title=detail.title,
            item=shown.item,
            state=say("state-hidden"),
            buttons=_hidden_buttons(turn.wording, shown, kind),
        )
    return Card(
        kind=say(f"kind-{kind.value}"),
        title=detail.title,
        item=shown.item,
        title_link=title_link(detail),
        facts=facts_of(turn.wording, turn.member.timezone, detail, quality),
        body="" if brief else body_of(detail),
        reasons=card_reasons(turn.wording, shown.parts, titles),
        buttons=_brief_buttons(turn.wording, shown, kind) if brief else _card_buttons(turn.wording, shown, kind),
        state=say(f"state-{shown.state}") if shown.state else (say("state-saved") if shown.saved else ""),
    )


def body_of(detail: Detail) -> str:
    return clip(" ".join(_body(detail).split()), _BODY)


def _body(detail: Detail) -> str:
    """What the card says below its title; a discussion's title is its first sentence, which is not said twice."""
    if not isinstance(detail, Post):
        return detail.summary
    text = detail.text.lstrip()
    if detail.title.endswith("…"):
        return text  # the title stops in the middle: going on from there would read like a mistake
    title = detail.title
    return text.removeprefix(title).lstrip(" .。") if len(text) > len(title) + MIN_TEXT else ""


def title_link(detail: Detail) -> Link | MessageLink | None:
    match detail:
        case Course(url=url) if url:
            return Link(detail.title, url)
        case Post():
            return MessageLink(detail.title, detail.root)
        case _:
            return None


def facts_of(wording: Wording, timezone: str, detail: Detail, quality: CourseQuality | None = None) -> tuple[str, ...]:
    """Short true facts for the card's second line; what is unknown is left out."""
    match detail:
        case Course():
            return (*_course_facts(wording, detail), *_stars(wording, quality))
        case Post():
            return tuple(_post_facts(wording, detail))
        case Event():
            return tuple(_event_facts(wording, timezone, detail))


def _course_facts(wording: Wording, course: Course) -> Iterator[str]:
    say = wording.say
    if course.provider:
        yield course.provider
    if course.level:
        yield say(f"level-{course.level.value}")
    if course.hours:
        yield say("fact-hours", hours=wording.number(course.hours))
    if course.price is not None:
        yield say("fact-free") if course.price == 0 else wording.money(course.price, course.currency or "USD")
    if course.language != wording.language:
        yield say(f"language-{course.language}") if course.language in LANGUAGES else course.language


def _stars(wording: Wording, quality: CourseQuality | None) -> Iterator[str]:
    """``★ 4.6 (31 ratings)``, from as many people as make a group; fewer would tell what somebody thinks."""
    if quality is not None and quality.stars is not None and quality.ratings >= FEWEST:
        yield wording.say("fact-stars", stars=wording.number(quality.stars[0]), ratings=quality.ratings)


def _post_facts(wording: Wording, post: Post) -> Iterator[str]:
    yield f"#{post.room_name}"
    if post.solved:
        yield wording.say("fact-solved")
    yield wording.say("fact-replies", count=post.replies)
    yield wording.day(post.created_at.date())


def _event_facts(wording: Wording, timezone: str, event: Event) -> Iterator[str]:
    say = wording.say
    yield wording.moment(event.starts_at, timezone)
    if event.place:
        yield event.place
    if event.host_name:
        yield say("fact-host", name=event.host_name)
    if event.capacity:
        yield say("fact-seats", count=max(event.capacity - event.going, 0))


def _card_buttons(wording: Wording, shown: Shown, kind: Kind) -> Rows:
    say = wording.say
    row: list[Button] = []
    if shown.state in {"enrolled", *EVENT_STATES}:
        row.append(Button(say("button-undo"), code_of("undo", shown.token)))
    elif kind is Kind.COURSE:
        row.append(Button(say("button-enrol"), code_of("enrol", shown.token), style=Style.SUCCESS))
    elif kind is Kind.EVENT:
        row.append(Button(say("button-going"), code_of("enrol", shown.token), style=Style.SUCCESS))
    row.append(
        Button(say("button-saved" if shown.saved else "button-save"), code_of("save", shown.token), pressed=shown.saved)
    )
    if not shown.state:
        row.append(Button(say("button-dismiss"), code_of("hide", shown.token)))
    row.append(Button(say("button-why"), code_of("why", shown.token)))
    return (tuple(row),)


def _brief_buttons(wording: Wording, shown: Shown, kind: Kind) -> Rows:
    """Signs that teach: more like this, not this, keep, why. Where there is something to take, that comes first."""
    say = wording.say
    row: list[Button] = []
    if shown.state in {"enrolled", "going"}:
        row.append(Button(say("button-undo"), code_of("undo", shown.token)))
    elif kind in {Kind.COURSE, Kind.EVENT}:
        label = say("button-enrol" if kind is Kind.COURSE else "button-going")
        row.append(Button(label, code_of("enrol", shown.token), style=Style.SUCCESS))
    row.append(Button(say("digest-like"), code_of("like", shown.token), pressed=shown.liked))
    if not shown.state:
        row.append(Button(say("digest-dislike"), code_of("hide", shown.token)))
    row.append(Button(say("digest-save"), code_of("save", shown.token), pressed=shown.saved))
    row.append(Button(say("digest-why-button"), code_of("why", shown.token)))
    return (tuple(row),)


def _hidden_buttons(wording: Wording, shown: Shown, kind: Kind) -> Rows:
    say = wording.say
    undo = (Button(say("button-undo"), code_of("undo", shown.token)),)
    if shown.asked_why_hidden:
        return (undo,)
    acts: Sequence[str] = HIDE_REASONS if kind is Kind.COURSE else ("have", "topic", "author")
    return (tuple(Button(say(f"hide-{act}"), code_of(act, shown.token)) for act in acts), undo)
