"""``studyhall path``: a way to a skill, and what moderators decide about the order. Knows words; chooses nothing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.domain.outgoing import Inlines
from bot.domain.paths import Decision, Prerequisite
from bot.errors import NotFound
from bot.usecases.path import SkillPath
from bot.usecases.path_chat import proposal_line
from bot.usecases.path_views import notes, reasons, skip_line, step_line, summary, title_of, week_lines
from bot.usecases.prerequisites import DecidePrerequisite
from bot.wording import Wording, choose

_DECISIONS = {"confirm": Decision.CONFIRMED, "refuse": Decision.REFUSED}
_USAGE = "SKILL MEMBER, or: proposals | confirm NUMBER... | refuse NUMBER..."


def path(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="SKILL MEMBER", help=_USAGE)],
    by: Annotated[str, typer.Option("--by", help="Who decides, for the audit log.")] = "cli",
    count: Annotated[int, typer.Option("-k", "--count", min=1, help="How many proposals to list.")] = 30,
    infer: Annotated[bool, typer.Option("--infer", help="Look for proposals now, not only at night.")] = False,
    as_json: Json = False,
) -> None:
    """A learning path for a member: courses in order, what may be skipped, a weekly plan.

    `path proposals` lists inferred prerequisites, `path confirm 12` and `path refuse 13` decide on them.
    """
    with opened(context) as app:
        match words:
            case ["proposals"]:
                _proposals(app, count=count, infer=infer, as_json=as_json)
            case ["confirm" | "refuse" as act, *numbers] if numbers and all(n.isdecimal() for n in numbers):
                _decide(app, _DECISIONS[act], [int(number) for number in numbers], by=by, as_json=as_json)
            case [skill, who] if skill.strip():
                _path(app, skill, who, as_json=as_json)
            case _:
                raise typer.BadParameter(f"give {_USAGE}", param_hint="SKILL MEMBER")


def _path(app: Application, skill: str, who: str, *, as_json: bool) -> None:
    app.embed(app.community.id)
    app.engine.refresh()
    number = member_of(app, who)
    with app.store.read() as uow:
        member = uow.members.get(number)
        assert member is not None, "it was found a moment ago"
        viewer = uow.rooms.viewer(member)
    found = app.find_path(member, viewer, skill, app.clock.now())
    wording = choose(member.language, app.community.language)
    if as_json:
        show_json(path_document(member.id, found))
        return
    show(wording.say("path-heading", skill=found.skill))
    if not found.path.steps:
        show(wording.say("path-nothing"))
        return
    show(summary(wording, found))
    for at, step in enumerate(found.path.steps, 1):
        show("  " + _plain(step_line(wording, found, at, step)))
    skips = skip_line(wording, found.path)
    if skips:
        show(skips)
    show(wording.say("path-plan-heading", hours=wording.number(found.weekly)))
    for line in (*week_lines(wording, found), *notes(wording, found)):
        show(f"  {line}")


def _plain(inlines: Inlines) -> str:
    return "".join(str(getattr(inline, "text", "")) for inline in inlines)


def path_document(member_id: int, found: SkillPath) -> dict[str, Any]:
    """The documented shape of a path."""
    wording = Wording("en")
    return {
        "member": member_id,
        "skill": found.skill,
        "hours": round(found.path.hours, 1),
        "weekly_hours": found.weekly,
        "weekly_hours_assumed": found.assumed,
        "steps": [
            {
                "item": step.item,
                "title": title_of(found, step.item),
                "url": found.courses[step.item].url if step.item in found.courses else "",
                "standing": step.standing.value,
                "level": step.level,
                "hours": round(step.hours, 1),
                "hours_guessed": step.guessed,
                "why": step.why.value,
                "topics": list(step.topics),
                "needed_for": list(step.needed_for),
                "after": list(step.after),
                "often_after": [
                    {"item": p.needs, "source": p.source, "confidence": p.confidence, "count": p.count, "of": p.of}
                    for p in step.usually
                ],
                "alternatives": list(step.alternatives),
                "skip": step.skip.value if step.skip else None,
                "reasons": list(reasons(wording, found, step)),
            }
            for step in found.path.steps
        ],
        "weeks": [
            {"week": week.number, "parts": [{"item": item, "hours": round(hours, 2)} for item, hours in week.parts]}
            for week in found.path.weeks
        ],
        "circles": [
            {"circle": list(cut.circle), "left_out": {"before": cut.edge.before, "after": cut.edge.after}}
            for cut in found.path.cuts
        ],
    }


def _proposals(app: Application, *, count: int, infer: bool, as_json: bool) -> None:
    if infer:
        app.embed(app.community.id)
        app.infer(app.community.id)
    with app.store.read() as uow:
        waiting = uow.prerequisites.all(app.community.id, state=Decision.PROPOSED)
        page = waiting[:count]
        names = {native for proposal in page for native in (proposal.course, proposal.needs)}
        titles = {native: course.title for native, course in uow.courses.get(app.community.id, names).items()}
    if as_json:
        show_json({"waiting": len(waiting), "proposals": [_document(proposal) for proposal in page]})
        return
    wording = choose(app.community.language)
    if not waiting:
        show(wording.say("proposals-none"))
    for proposal in page:
        show(f"{proposal.confidence:4.2f}  {proposal_line(wording, proposal, titles)}")
    if len(waiting) > len(page):
        show(f"({len(waiting) - len(page)} more; -k {len(waiting)} lists all)")


def _decide(app: Application, state: Decision, numbers: list[int], *, by: str, as_json: bool) -> None:
    decide = DecidePrerequisite()
    with app.store.write() as uow:
        decided: list[Prerequisite] = []
        for number in numbers:
            found = decide(uow, app.community.id, number, state, by=by, clock=app.clock)
            if found is None:
                raise NotFound(f"There is no proposal {number}.", hint="`studyhall path proposals` lists them.")
            decided.append(found)
        uow.commit()
    if as_json:
        show_json({"decided": [_document(found) for found in decided]})
    else:
        for found in decided:
            show(f"{found.state.value}: {found.needs} before {found.course}")


def _document(found: Prerequisite) -> dict[str, Any]:
    return {
        "number": found.id,
        "course": found.course,
        "needs": found.needs,
        "state": found.state.value,
        "source": found.source,
        "confidence": found.confidence,
        "count": found.count,
        "of": found.of,
        "note": found.note,
        "decided_by": found.decided_by,
        "decided_at": found.decided_at.isoformat() if found.decided_at else None,
    }


def add_to(cli: typer.Typer) -> None:
    cli.command()(path)
