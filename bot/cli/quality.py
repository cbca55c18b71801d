"""``studyhall rate|expert|report``: marks of experts and what people make of courses. Knows words; counts nothing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.domain.people import Member
from bot.domain.permissions import Viewer
from bot.domain.quality import FEWEST
from bot.errors import NotFound
from bot.ports import AuditRow
from bot.usecases.author_report import CourseReport
from bot.usecases.rating import LONGEST_NOTE
from bot.usecases.report_views import report_lines
from bot.wording import choose

report_cli = typer.Typer(help="Reports for authors and staff.", no_args_is_help=True)


def rate(
    context: typer.Context,
    course: Annotated[str, typer.Argument(help="Id or title of a course.")],
    stars: Annotated[int, typer.Argument(min=1, max=5, help="1-5.")],
    by: Annotated[str, typer.Option("--by", help="Whose word it is: number, account or exact name.")],
    note: Annotated[str, typer.Option("--note", help="Why, in a few words.")] = "",
    as_json: Json = False,
) -> None:
    """Rate a course: as an expert's mark for experts and staff, as a learner's rating for everybody else."""
    with opened(context) as app:
        member = _member(app, by)
        found = app.find_course(Viewer.of_public(app.community.id), course, app.clock.now())
        if len(found) != 1:
            names = ", ".join(f"{one.title} ({one.id})" for one in found)
            raise NotFound(f"Which course is {course!r}? {names or 'There is none like it.'}")
        with app.store.write() as uow:
            kept = app.rate(uow, member, member.role, found[0].id, stars, note[:LONGEST_NOTE], app.clock.now())
            uow.commit()
        app.refresh_quality(app.community.id)
        with app.store.read() as uow:
            quality = uow.qualities.get(app.community.id, [found[0].id]).get(found[0].id)
        if as_json:
            show_json({"course": found[0].id, "kept": kept, "quality": quality.value if quality else None})
            return
        wording = choose(app.community.language)
        show(
            wording.say("notice-not-kept", what=wording.say("consent-enrolments"))
            if kept == "consent"
            else wording.say(f"rate-{kept}", title=found[0].title, stars=stars)
        )
        if quality:
            show(f"quality {quality.value:.2f} ({quality.low:.2f}-{quality.high:.2f})")


def expert(
    context: typer.Context,
    member: Annotated[str | None, typer.Argument(help="Number, account or exact name.")] = None,
    off: Annotated[bool, typer.Option("--off", help="No longer an expert; their marks stay.")] = False,
    as_json: Json = False,
) -> None:
    """Make a member an expert, whose ratings are marks; or list the experts."""
    with opened(context) as app:
        if member is not None:
            number = _member(app, member).id
            with app.store.write() as uow:
                at = app.clock.now()
                if uow.qualities.set_expert(app.community.id, number, expert=not off, by="cli", at=at):
                    action = "expert.off" if off else "expert.on"
                    uow.audit.add(app.community.id, AuditRow(at, "cli", action, f"member:{number}", ""))
                uow.commit()
        with app.store.read() as uow:
            experts = sorted(uow.qualities.experts(app.community.id))
            names = uow.members.names(experts)
        if as_json:
            show_json({"experts": [{"member": number, "name": names.get(number, "")} for number in experts]})
        else:
            show(*[f"{number:6d}  {names.get(number, '')}" for number in experts])


@report_cli.command("author")
def author(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The author or provider as the catalogue names them.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every author.")] = False,
    as_json: Json = False,
) -> None:
    """Per course: enrolled, finished, where people stop, too hard, rating, what to do. Small groups are hidden."""
    if (name is None) == (not everybody):
        raise typer.BadParameter("give a name, or --all", param_hint="NAME")
    with opened(context) as app:
        found = app.report(app.community.id, name, app.clock.now())
        if not found:
            known = ", ".join(app.report.authors(app.community.id)[:20])
            raise NotFound(f"No course is by {name!r}.", hint=f"Authors here: {known or 'none'}.")
        if as_json:
            show_json({"fewest": FEWEST, "courses": [document(one) for one in found]})
            return
        wording = choose(app.community.language)
        for one in found:
            show(f"{one.course.title}  ({one.course.provider})")
            show(*(f"    {line}" for line in report_lines(wording, one)))
        show(wording.say("report-footer", least=FEWEST))


def document(found: CourseReport) -> dict[str, Any]:
    """The documented shape of one course; null: fewer than `fewest` people."""
    names = ("mean", "low", "high")
    return {
        "course": found.course.id,
        "title": found.course.title,
        "author": found.course.provider,
        "enrolled": found.enrolled,
        "finished": found.finished,
        "stops": list(found.stops),
        "too_hard": found.too_hard,
        "too_easy": found.too_easy,
        "ratings": found.ratings,
        "stars": dict(zip(names, (round(v, 2) for v in found.stars), strict=True)) if found.stars else None,
        "experts": {"mean": round(found.experts, 2), "marks": found.marks} if found.experts is not None else None,
        "quality": dict(zip(("value", "low", "high"), (round(v, 3) for v in found.quality), strict=True))
        if found.quality
        else None,
        "advice": [advice.value for advice in found.advice],
    }


def _member(app: Application, who: str) -> Member:
    number = member_of(app, who)
    with app.store.read() as uow:
        member = uow.members.get(number)
    assert member is not None, "it was found a moment ago"
    return member


def add_to(cli: typer.Typer) -> None:
    cli.command()(rate)
    cli.command()(expert)
    cli.add_typer(report_cli, name="report")
