"""``studyhall recommend|search|ask|digest``: the answers of the bot, without a chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.domain.interactions import ScorePart
from bot.domain.items import Course, Kind, Post, kind_of
from bot.domain.people import Member
from bot.domain.permissions import Viewer
from bot.domain.wanted import understand
from bot.errors import NotFound
from bot.usecases.digest_send import turn_of
from bot.usecases.suggest import Detail, details, score_parts
from bot.wording import choose
from bot.wording.reasons import score_lines

Count = Annotated[int, typer.Option("-k", "--count", min=1, max=100, help="How many.")]
Who = Annotated[str, typer.Argument(help="A member: number, account such as telegram:123, or name.")]
Words = Annotated[list[str], typer.Argument(help="What to look for.")]


def links_of(app: Application, known: Iterable[Detail]) -> dict[str, str]:
    """Where each item can be read: a course's own page, a discussion's page in the web community."""
    settings = app.settings
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    links: dict[str, str] = {}
    with app.store.read() as uow:
        for detail in known:
            if isinstance(detail, Course):
                links[detail.item] = detail.url
            elif isinstance(detail, Post):
                root = uow.messages.by_ref(app.community.id, detail.root)
                links[detail.item] = f"{base}/rooms/{detail.room_id}/d/{root.id}" if root else ""
    return links


def item_document(
    item: str, detail: Detail, score: float, parts: Iterable[ScorePart], links: Mapping[str, str]
) -> dict[str, Any]:
    """The documented shape of one result."""
    return {
        "item": item,
        "kind": kind_of(detail.item).value,
        "title": detail.title,
        "url": links.get(item, ""),
        "language": detail.language,
        "score": score,
        "parts": [
            {
                "source": part.source,
                "value": part.value,
                "evidence": {
                    "items": list(part.items),
                    "count": part.count,
                    "note": part.note,
                    "of": part.of,
                    "times": part.times,
                },
            }
            for part in parts
        ],
    }


def _asked(words: list[str]) -> str:
    """What was typed; nothing at all is a wrong use."""
    query = " ".join(words).strip()
    if not query:
        raise typer.BadParameter("say what to look for", param_hint="WORDS")
    return query


def _prepared(app: Application) -> None:
    """Answers are about all that is stored, so what is new is taken in first."""
    app.embed.first(app.community.id)
    app.engine.refresh()


def _viewer(app: Application, member_id: int | None) -> tuple[Member | None, Viewer]:
    with app.store.read() as uow:
        member = uow.members.get(member_id) if member_id is not None else None
        if member_id is not None and member is None:
            raise NotFound(f"no member {member_id}")
        return member, uow.rooms.viewer(member) if member else Viewer.of_public(app.community.id)


def recommend(
    context: typer.Context,
    member: Who,
    count: Count = 10,
    why: Annotated[bool, typer.Option("--why", help="Show every part of every score.")] = False,
    as_json: Json = False,
) -> None:
    """What would be suggested to a member now, with reasons."""
    with opened(context) as app:
        person, viewer = _viewer(app, member_of(app, member))
        assert person is not None
        _prepared(app)
        kinds = (Kind.COURSE, Kind.POST, Kind.EVENT)
        found = app.suggest(person, viewer, k=count, at=app.clock.now(), kinds=kinds)
        if as_json:
            links = links_of(app, found.details.values())
            items = [
                item_document(r.item, found.details[r.item], r.score, score_parts(r.reasons), links)
                | {"policy": r.policy, "probability": r.probability}
                for r in found.items
            ]
            show_json({"member": person.id, "items": items})
            return
        wording = choose(person.language, app.community.language)
        with app.store.read() as uow:
            wanted = {item for r in found.items for reason in r.reasons for item in reason.evidence.items}
            titles = {item: detail.title for item, detail in details(uow, viewer, wanted).items()}
        for r in found.items:
            detail = found.details[r.item]
            show(f"{r.rank:2d}. {r.score:5.2f}  {wording.say(f'kind-{kind_of(detail.item).value}')}  {detail.title}")
            lines = score_lines(wording, r.score, score_parts(r.reasons), titles, every=True)
            show(*(f"            {line}" for line in (lines if why else lines[:1])))


def _show_items(found: Sequence[tuple[str, float]], known: Mapping[str, Detail], links: Mapping[str, str]) -> None:
    for rank, (item, score) in enumerate(found, 1):
        detail = known[item]
        show(f"{rank:2d}. {score:5.2f}  {kind_of(detail.item).value:6s} {detail.title}  {links.get(item, '')}".rstrip())


def search(
    context: typer.Context,
    words: Words,
    count: Count = 10,
    member: Annotated[str | None, typer.Option("--as", help="Search as this member; default: public content.")] = None,
    as_json: Json = False,
) -> None:
    """Search courses, discussions and events, in English or Chinese."""
    query = _asked(words)
    with opened(context) as app:
        _, viewer = _viewer(app, member_of(app, member) if member else None)
        _prepared(app)
        hits, known = app.find(viewer, understand(query), k=count, at=app.clock.now())
        if as_json:
            links = links_of(app, known.values())
            items = [
                item_document(hit.item, known[hit.item], hit.score, score_parts(hit.reasons), links) for hit in hits
            ]
            show_json({"query": query, "items": items})
        else:
            _show_items([(hit.item, hit.score) for hit in hits], known, links_of(app, known.values()))


def ask(
    context: typer.Context,
    words: Words,
    member: Annotated[str | None, typer.Option("--as", help="Ask as this member; default: public content.")] = None,
    as_json: Json = False,
) -> None:
    """The best passages for a question, with where they are from."""
    query = _asked(words)
    with opened(context) as app:
        _, viewer = _viewer(app, member_of(app, member) if member else None)
        _prepared(app)
        answer = app.find_answer(viewer, query, app.clock.now())
        if as_json:
            links = links_of(app, (p.detail for p in answer.passages))
            items = [
                item_document(p.item, p.detail, p.score, (ScorePart("passage", p.score),), links)
                | {"passage": p.text, "confidence": p.confidence}
                for p in answer.passages
            ]
            show_json({"query": query, "found": not answer.weak, "items": items})
            return
        if answer.weak:
            show("No good answer here." + (" The nearest:" if answer.passages else ""))
        for passage in answer.passages:
            show(f"({passage.confidence:.2f}) {passage.text}", f"       {passage.detail.title}")


def digest(
    context: typer.Context,
    member: Who,
    preview: Annotated[bool, typer.Option("--preview", help="Show it; nothing is sent or counted.")] = False,
    as_json: Json = False,
) -> None:
    """The weekly letter of a member as it would be now. Sending is the scheduler's."""
    if not preview:
        raise typer.BadParameter(
            "letters are sent by the running bot; add --preview to see one", param_hint="--preview"
        )
    with opened(context) as app:
        person, viewer = _viewer(app, member_of(app, member))
        assert person is not None
        _prepared(app)
        with app.store.read() as uow:
            settings = uow.digests.get(person.id)
        turn = turn_of(app.community, person, viewer, settings, app.clock.now())
        wording, letter = turn.wording, app.compose_digest(turn, settings)
        known = letter.known
        shown = [s for s in letter.view.items if s.item in known]
        if as_json:
            links = links_of(app, known.values())
            items = [item_document(s.item, known[s.item], s.score, s.parts, links) for s in shown]
            show_json({"member": person.id, "would_send": letter.worth_sending, "items": items})
            return
        show(
            wording.say(
                f"digest-heading-{settings.frequency.value}",
                community=app.community.name,
                day=wording.day(turn.at.date()),
            )
        )
        for s in shown:
            show(f"  {s.score:5.2f}  {kind_of(known[s.item].item).value:6s} {known[s.item].title}")
        if not letter.worth_sending:
            show(wording.say("digest-too-little"))


def add_to(cli: typer.Typer) -> None:
    for command in (recommend, search, ask, digest):
        cli.command()(command)
