"""``studyhall rec``: what moderators decide about suggestions, and whether their mix is sound. Knows options only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from bot.app import Application
from bot.cli.console import show, show_json
from bot.cli.context import Json, member_of, opened
from bot.domain.items import ItemId, Kind, kind_of
from bot.domain.rules import Rule, RuleAction
from bot.errors import BadInput, NotFound
from bot.usecases.curating import OPERATOR, amount_of, decide, decisions_for, find_item, ruled, take_back
from bot.usecases.digest_report import DAYS, document, figure_lines
from bot.usecases.rec import rule_line, scope_of
from bot.usecases.rec_words import Order, day_of, end_of
from bot.usecases.suggest import details
from bot.wording import choose
from recsys.types import Decisions, Lift, Query

rec = typer.Typer(help="Pin, ban and boost what is suggested; look at its mix.", no_args_is_help=True)

Item = Annotated[str, typer.Argument(help="An item's id, such as course:rust-start, or its whole title.")]
Reason = Annotated[str, typer.Option(help="Why. Members see the reason of a pin and of a boost.")]
Until = Annotated[str | None, typer.Option(help="The last day on which it holds, such as 2026-12-01.")]
Where = Annotated[
    str, typer.Option("--in", help="Only there: courses, posts, events, or a public room as #name; default everywhere.")
]
By = Annotated[float, typer.Option(help="What is added to the score: above -0.5 and below 0.5, not 0.")]
_KINDS: Final = {"courses": Kind.COURSE, "posts": Kind.POST, "events": Kind.EVENT}
_LISTED: Final = (Kind.COURSE, Kind.POST, Kind.EVENT)


@rec.command()
def pin(
    context: typer.Context, item: Item, reason: Reason, until: Until = None, where: Where = "", as_json: Json = False
) -> None:
    """Give an item the first place of every list, marked as pinned by the moderators."""
    _put(context, RuleAction.PIN, item, reason, until, where, as_json=as_json)


@rec.command()
def ban(
    context: typer.Context, item: Item, reason: Reason, until: Until = None, where: Where = "", as_json: Json = False
) -> None:
    """Never suggest an item. It can still be found by searching for it."""
    _put(context, RuleAction.BAN, item, reason, until, where, as_json=as_json)


@rec.command()
def boost(
    context: typer.Context,
    item: Item,
    reason: Reason,
    by: By = 0.2,
    until: Until = None,
    where: Where = "",
    as_json: Json = False,
) -> None:
    """Add to an item's score, as a part that "Why this?" shows."""
    _put(context, RuleAction.BOOST, item, reason, until, where, amount=by, as_json=as_json)


def _put(
    context: typer.Context,
    action: RuleAction,
    item: str,
    reason: str,
    until: str | None,
    where: str,
    *,
    amount: float = 0.0,
    as_json: bool,
) -> None:
    with opened(context) as app:
        at = app.clock.now()
        order = Order("put", action, room=where.removeprefix("#"), kind=None)
        if where in _KINDS:
            order = Order("put", action, kind=_KINDS[where])
        last = None if until is None else day_of(until)
        with app.store.write() as uow:
            scope = scope_of(uow, app.community.id, order)
            try:
                rule = Rule(
                    action, ItemId(item), reason, OPERATOR.name, at, scope, amount, end_of(last, app.community.timezone)
                )
            except ValueError as error:
                raise BadInput(f"{error}.") from error
            rule = decide(uow, app.community.id, OPERATOR, rule)
            uow.commit()
        show_json(_document(rule)) if as_json else show(*_lines(app, [rule]))


def _end(action: RuleAction) -> Any:
    def command(
        context: typer.Context,
        item: Item,
        reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "",
        as_json: Json = False,
    ) -> None:
        with opened(context) as app:
            with app.store.write() as uow:
                ended = take_back(uow, app.community.id, OPERATOR, action, item, reason=reason, at=app.clock.now())
                uow.commit()
            if not ended and not as_json:
                raise NotFound(f"Nothing of this kind was decided about {item}.")
            show_json({"ended": ended}) if as_json else show(f"taken back: {action.value} {item}")

    command.__doc__ = f"Take a {action.value} back."
    return command


for _action in RuleAction:
    rec.command(f"un{_action.value}")(_end(_action))


@rec.command("list")
def list_rules(context: typer.Context, as_json: Json = False) -> None:
    """What holds now, newest first."""
    with opened(context) as app:
        with app.store.read() as uow:
            rules = uow.rules.active(app.community.id, app.clock.now())
        if as_json:
            show_json({"rules": [_document(rule) for rule in rules]})
        else:
            show(*(_lines(app, rules) or ["Nothing has been decided."]))


@rec.command("log")
def log_rules(
    context: typer.Context,
    count: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many of the latest.")] = 50,
    as_json: Json = False,
) -> None:
    """Who decided what, why and when, newest first."""
    with opened(context) as app:
        with app.store.read() as uow:
            rows = [r for r in uow.audit.all(app.community.id, limit=10_000) if r.action.startswith("rec.")][:count]
        if as_json:
            show_json({"entries": [asdict(row) | {"at": row.at.isoformat()} for row in rows]})
        else:
            show(*(f"{r.at:%Y-%m-%d %H:%M}  {r.actor}  {r.action}  {r.target}  {r.reason}" for r in rows))


@rec.command()
def simulate(
    context: typer.Context,
    member: Annotated[str, typer.Argument(help="A member: number, account such as telegram:123, or name.")],
    pin_item: Annotated[str, typer.Option("--pin", help="As if this were pinned.")] = "",
    ban_item: Annotated[list[str] | None, typer.Option("--ban", help="As if this were banned.")] = None,
    boost_item: Annotated[list[str] | None, typer.Option("--boost", help="As if this were boosted: ITEM=0.2.")] = None,
    count: Annotated[int, typer.Option("-k", "--count", min=1, max=100, help="How many.")] = 10,
    as_json: Json = False,
) -> None:
    """A member's list without any decision, and with those in force and those given here. Nothing is shown or kept."""
    with opened(context) as app:
        app.embed(app.community.id)
        app.engine.refresh()
        at = app.clock.now()
        with app.store.read() as uow:
            person = uow.members.get(member_of(app, member))
            assert person is not None
            viewer = uow.rooms.viewer(person)
            query = app.suggest.query(uow, person, viewer, k=count, at=at, kinds=_LISTED, explore=False)
            decided, banned = decisions_for(uow, app.community.id, at, kinds=_LISTED)
            plain = replace(
                query, decisions=Decisions(), where=replace(query.where, exclude=query.where.exclude - banned)
            )
            if pin_item:
                decided = replace(decided, pins={find_item(uow, app.community.id, pin_item): "?"} | dict(decided.pins))
            lifts = dict(decided.boosts)
            for text in boost_item or ():
                name, _, by = text.rpartition("=")
                lifts[find_item(uow, app.community.id, name or text)] = Lift(amount_of(by) if name else 0.2)
            bans = banned | {str(find_item(uow, app.community.id, item)) for item in ban_item or ()}
            ruled_query = ruled(plain, replace(decided, boosts=lifts), bans)
            lists = [_ranked(app, query) for query in (plain, ruled_query)]
            known = details(uow, viewer, {item for found in lists for item, _ in found})
    without, decided_list = ([(item, score) for item, score in found if item in known] for found in lists)
    places = {item: place for place, (item, _) in enumerate(without, 1)}
    if as_json:
        shape = [{"item": item, "score": score, "before": places.get(item)} for item, score in decided_list]
        gone = [item for item, _ in without if item not in dict(decided_list)]
        show_json({"member": person.id, "items": shape, "gone": gone})
        return
    for place, (item, score) in enumerate(decided_list, 1):
        moved = "new" if item not in places else "" if places[item] == place else f"was {places[item]}"
        show(f"{place:2d}. {score:5.2f}  {kind_of(ItemId(item)).value:6s} {known[item].title}  {moved}".rstrip())
    show(*(f" -         {item}  gone" for item, _ in without if item not in dict(decided_list)))


def _ranked(app: Application, query: Query) -> list[tuple[str, float]]:
    return [(found.item, found.score) for found in app.engine.recommend(query)]


@rec.command()
def health(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back.")] = 28,
    as_json: Json = False,
) -> None:
    """Coverage, shares of the popular, of one author and of what few know, and how much the lists move."""
    with opened(context) as app:
        app.engine.refresh()
        found = app.suggestion_health(app.community.id, days=days)
    if as_json:
        show_json(asdict(found))
        return
    if not found.places:
        show(f"nothing was suggested in {days} days ({found.catalogue} items could be)")
        return
    show(
        f"{found.places} places in {days} days, {found.catalogue} items",
        f"coverage        {found.coverage:6.1%}  of the items were shown",
        f"popular tenth   {found.popular:6.1%}  of the places",
        f"one author      {found.top_author:6.1%}  {found.author}".rstrip(),
        f"hardly known    {found.cold:6.1%}  of the places, {found.cold_reach:.1%} of such items were shown",
        f"drawn           {found.explored:6.1%}  of the places",
        "kinds           " + ", ".join(f"{kind} {share:.1%}" for kind, share in found.kinds.items()),
        "drift           "
        + (
            "-"
            if found.drift is None
            else f"{found.drift:6.1%}  of the places went to other kinds than the week before"
        ),
        "turnover        "
        + ("-" if found.turnover is None else f"{found.turnover:6.1%}  of the most shown of the week before are new"),
    )


@rec.command()
def digests(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back.")] = DAYS,
    as_json: Json = False,
) -> None:
    """How many want digests, got one, did something with it, and why others stopped; small groups are hidden."""
    with opened(context) as app, app.store.read() as uow:
        found = uow.digests.figures(app.community.id, days=days, at=app.clock.now())
        wording = choose(app.community.language)
    if as_json:
        show_json(document(found))
        return
    show(wording.say("digests-heading", days=found.days), *figure_lines(wording, found))


def _document(rule: Rule) -> dict[str, Any]:
    def moment(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat()

    return {
        "action": rule.action.value,
        "item": rule.item,
        "scope": rule.scope,
        "amount": rule.amount,
        "reason": rule.reason,
        "actor": rule.actor,
        "made_at": moment(rule.made_at),
        "until": moment(rule.until),
    }


def _lines(app: Application, rules: Sequence[Rule]) -> list[str]:
    wording = choose(app.community.language)
    with app.store.read() as uow:
        known = uow.items.get(app.community.id, [rule.item for rule in rules])
    return [rule_line(wording, rule, known[r].title if (r := rule.item) in known else rule.item) for rule in rules]


def add_to(cli: typer.Typer) -> None:
    cli.add_typer(rec, name="rec")
