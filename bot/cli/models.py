"""``studyhall train`` and ``studyhall models``: the collaborative model, its versions and their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from bot.app import Application
from bot.cli.console import FAILED, note, progress, show, show_json
from bot.cli.context import Json, opened
from bot.errors import NotFound
from bot.ports import AuditRow
from bot.usecases.training import Training
from bot.usecases.weighing import Learnt
from recsys.training import TrainingFailed
from recsys.versions import NoSuchVersion, TrainingBusy, Version

models = typer.Typer(help="The trained models that are kept, and which one is in use.", invoke_without_command=True)
_SHOWN: Final = (("new", "nDCG@10"), ("old", "before"), ("popular", "popularity"), ("overlap", "overlap"))


def train(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Publish it even if it is judged worse.")] = False,
    as_json: Json = False,
) -> None:
    """Train the collaborative model from explicit actions, in a process of its own, and publish it if it is as good."""
    with opened(context) as app:
        try:
            with progress("train") as tick:
                ended = app.train(app.community, force=force, progress=tick)
        except TrainingFailed as error:
            note(f"studyhall: {error}. The former model stays in use.")
            raise typer.Exit(FAILED) from error
        except TrainingBusy as error:
            note("studyhall: another training is running; wait until it has ended.")
            raise typer.Exit(FAILED) from error
        learnt = app.learn_ranking(app.community.id)
        talks = _discussions(app)
        if as_json:
            show_json(_ended(ended) | {"weights": weights_document(learnt), "discussions": talks})
            return
        if ended.version is None:
            show("There are too few actions to learn from; suggestions rest on content and popularity.")
        else:
            version = ended.version
            show(f"model {version.model}: {version.users} users, {version.items} items  {_figures(version)}".rstrip())
            show(f"version {version.name}: {version.state}" + (f" ({version.reason})" if version.reason else ""))
            if version.state != "published":
                note("The former model stays in use. `studyhall models use VERSION`, or `train --force`, publishes it.")
        show(*weights_lines(learnt))
        if talks is not None:
            figures = f"nDCG@10 {talks['ndcg@10']:.3f}, by the last message alone {talks['recency']:.3f}"
            show(f"discussions: learnt from {talks['questions']} joins, {figures}")


def _discussions(app: Application) -> dict[str, Any] | None:
    """Learn who joins which discussion; the figures of the model in use, None without one."""
    try:
        model = app.learn_discussions()
    except TrainingFailed as error:
        note(f"studyhall: discussions: {error}. The former ranker stays in use.")
        return None
    return None if model is None else {"questions": model.questions, **model.figures}


def weights_document(learnt: Learnt) -> dict[str, Any]:
    """The documented shape of what was learnt about the weights."""
    ranking = learnt.ranking
    return {"learnt": learnt.published, "note": learnt.note} | (
        {}
        if ranking is None
        else {
            "version": ranking.version,
            "lists": ranking.lists,
            "actions": ranking.clicks,
            "multipliers": dict(ranking.multipliers),
            "kinds": dict(ranking.kinds),
            "held_out": asdict(ranking.judgement),
        }
    )


def weights_lines(learnt: Learnt) -> Iterator[str]:
    ranking = learnt.ranking
    if ranking is None:
        yield f"weights as set by hand: {learnt.note}"
        return
    gain, error = ranking.judgement.gain, ranking.judgement.calibration_error
    judged = f"gain {gain.before:.3f} -> {gain.after:.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
    judged += f", calibration error {error:.3f}"
    if not learnt.published:
        yield f"weights {ranking.version} are worse on the latest lists and refused: {judged}"
        return
    yield f"weights {ranking.version} from {ranking.lists} lists: {judged}"
    changed = sorted(ranking.multipliers.items(), key=lambda entry: -abs(entry[1] - 1))
    yield "  " + ", ".join(f"{name} x{value:.2f}" for name, value in changed if abs(value - 1) >= 0.05)


def _ended(ended: Training) -> dict[str, Any]:
    version = ended.version
    return {
        "trained": version is not None,
        "version": version.model if version else None,
        "users": version.users if version else 0,
        "items": version.items if version else 0,
        "outcome": ended.outcome,
        "name": version.name if version else None,
        "reason": version.reason if version else "",
        "figures": dict(version.figures) if version else {},
    }


@models.callback()
def listed(context: typer.Context, as_json: Json = False) -> None:
    """The versions that are kept, newest first, with how they were judged."""
    if context.invoked_subcommand is not None:
        return
    with opened(context) as app:
        current, versions = app.versions.current(), app.versions.all()
    if as_json:
        show_json({"current": current, "versions": [_document(version, current) for version in versions]})
        return
    if not versions:
        show("There is no model yet: `studyhall train` makes one.")
    for version in versions:
        made = datetime.fromtimestamp(version.made_at, UTC).strftime("%Y-%m-%d %H:%M")
        state = _state(version, current)
        size = f"{version.users} users, {version.items} items"
        show(
            f"{'*' if version.name == current else ' '} {version.name}  {made}  {state:9s}  {size}  {_figures(version)}"
        )
        if version.reason:
            show(f"    {version.reason}")


@models.command()
def use(context: typer.Context, version: Annotated[str, typer.Argument(help="A name that `models` lists.")]) -> None:
    """Put a version into use, in one step: one that was in use before, or one that was refused or held."""
    with opened(context) as app:
        try:
            with app.versions.training():
                chosen = app.versions.use(version)
        except NoSuchVersion as error:
            raise NotFound(f"There is no whole version {version!r}.", hint="`studyhall models` lists them.") from error
        except TrainingBusy as error:
            note("studyhall: a training is running; wait until it has ended.")
            raise typer.Exit(FAILED) from error
        _noted(app, chosen)
        show(f"version {chosen.name} is in use; a running bot takes it up within minutes.")


def _noted(app: Application, version: Version) -> None:
    with app.store.write() as uow:
        target = f"model:{version.name}"
        uow.audit.add(app.community.id, AuditRow(app.clock.now(), "operator", "model.use", target, version.reason))
        uow.commit()


def _state(version: Version, current: str | None) -> str:
    if not version.whole:
        return "damaged"
    return "in use" if version.name == current else version.state


def _document(version: Version, current: str | None) -> dict[str, Any]:
    return {
        "name": version.name,
        "in_use": version.name == current,
        "state": version.state if version.whole else "damaged",
        "reason": version.reason,
        "made_at": datetime.fromtimestamp(version.made_at, UTC).isoformat(),
        "version": version.model,
        "users": version.users,
        "items": version.items,
        "actions": int(version.basis.get("actions", 0)),
        "figures": dict(version.figures),
    }


def _figures(version: Version) -> str:
    known = [(word, version.figures[name]) for name, word in _SHOWN if isinstance(version.figures.get(name), float)]
    return "  ".join(f"{word} {value:.3f}" for word, value in known)


def add_to(cli: typer.Typer) -> None:
    cli.command()(train)
    cli.add_typer(models, name="models")
