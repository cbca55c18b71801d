"""``studyhall people`` and ``personas``: who suits whom, what groups there are. Knows shapes; chooses nobody."""

from __future__ import annotations

import typer

from bot.cli.asking import Count, Who
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.domain.consent import ConsentKind
from bot.domain.outgoing import Bullets, Heading, Inlines, Note, Paragraph, Text
from bot.domain.permissions import Viewer
from bot.errors import NotFound
from bot.usecases.personas import personas_document, personas_message
from bot.usecases.suggest import details, score_parts
from bot.wording import choose
from bot.wording.partners import partner_reasons


def people(context: typer.Context, member: Who, count: Count = 10, as_json: Json = False) -> None:
    """Members who opted in and would suit this one, with every reason."""
    with opened(context) as app:
        with app.store.read() as uow:
            person = uow.members.get(member_of(app, member))
        if person is None:
            raise NotFound(f"no member {member}")
        at = app.clock.now()
        found = app.partners(person, k=count, at=at)
        with app.store.read() as uow:
            names = uow.members.names(int(match.id) for match in found)
            items = {item for match in found for reason in match.reasons for item in reason.evidence.items}
            there = details(uow, Viewer.of_public(app.community.id), (item for item in items if ":" in item))
        is_open = person.consent.allows(ConsentKind.MATCHING)
        if as_json:
            rows = [
                {
                    "member": int(match.id),
                    "name": names[int(match.id)],
                    "score": match.score,
                    "parts": [
                        {
                            "source": reason.source,
                            "value": reason.value,
                            "evidence": {"items": list(reason.evidence.items), "count": reason.evidence.count},
                        }
                        for reason in match.reasons
                    ],
                }
                for match in found
            ]
            show_json({"member": person.id, "open": is_open, "people": rows})
            return
        if not is_open:
            show(f"{person.name} has not switched on matching, so nobody is suggested and nobody sees them.")
        wording = choose(person.language, app.community.language)
        titles = {item: detail.title for item, detail in there.items()}
        for rank, match in enumerate(found, 1):
            show(f"{rank:2d}. {match.score:5.2f}  {names[int(match.id)]}")
            parts = score_parts(match.reasons)
            for sentence in partner_reasons(wording, parts, titles, timezone=person.timezone, at=at):
                show(f"            {sentence}")


def personas(context: typer.Context, as_json: Json = False) -> None:
    """Groups of members with like interests, for moderators: names, sizes, needs. Never fewer than five people."""
    with opened(context) as app:
        app.embed(app.community.id)
        found = app.personas(app.community, app.clock.now())
        if as_json:
            show_json(personas_document(found))
            return
        wording = choose(app.community.language)
        for block in personas_message(wording, found).blocks:
            match block:
                case Heading(text=text):
                    show(text)
                case Bullets(items=items):
                    show(*("    " + spoken(line) for line in items))
                case Paragraph(inlines=inlines) | Note(inlines=inlines):
                    show(spoken(inlines))


def spoken(inlines: Inlines) -> str:
    return "".join(inline.text for inline in inlines if isinstance(inline, Text))


def add_to(cli: typer.Typer) -> None:
    cli.command()(people)
    cli.command()(personas)
