"""``studyhall replay``: what other policies would have earned in the drawn places. Knows options and tables."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bot.cli.console import failing_clearly, show, show_json
from bot.cli.context import Json, opened
from bot.errors import BadInput
from bot.usecases.placing import Place
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.placed import read_drawn
from recsys.replay import POLICIES, Drawn, Estimate, Verdict, naive, replay

COLUMNS: Final = ("user", "item", "kind", "rank", "at", "policy", "propensity", "reward", "slate", "parts")
FEW: Final = 50.0
"""Fewer effective places than this say little, and it is said."""


def replay_places(
    context: typer.Context,
    exposures: Annotated[Path | None, typer.Option(help="A log of exposures; default: this community's.")] = None,
    policy: Annotated[str, typer.Option(help="Only places of this policy, where the log tells.")] = "explore",
    target: Annotated[list[str] | None, typer.Option(help="A column with another policy's probabilities.")] = None,
    days: Annotated[int, typer.Option(min=2, help="How far back, in this community's log.")] = 90,
    export: Annotated[Path | None, typer.Option(help="Write this community's log into this CSV file instead.")] = None,
    as_json: Json = False,
) -> None:
    """Estimate what other policies would have earned: IPS, SNIPS and doubly robust, with intervals."""
    left_out: dict[str, int] = {}
    if exposures is not None:
        with failing_clearly():
            try:
                places, left_out = read_drawn(exposures, policy=policy or None, targets=target or ())
            except EvaluationError as error:
                raise BadInput(str(error)) from error
    else:
        with opened(context) as app:
            logged = list(app.logged_places(app.community.id, days=days))
        if export is not None:
            written = _write(export, logged)
            show_json({"written": written}) if as_json else show(f"{written} exposures written to {export}")
            return
        places = [place.drawn() for place in logged if place.shown.policy == (policy or place.shown.policy)]
    verdicts = replay(places)
    if as_json:
        show_json(_document(places, verdicts, left_out))
    else:
        show(*_lines(places, verdicts, left_out))


def _write(path: Path, places: Iterable[Place]) -> int:
    written = 0
    with failing_clearly():
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for place in places:
                    writer.writerow(_row(place))
                    written += 1
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    return written


def _row(place: Place) -> tuple[Any, ...]:
    shown = place.shown
    slate = json.dumps(place.slate) if place.slate else ""
    parts = json.dumps(dict(shown.parts), sort_keys=True)
    reward = int(shown.clicked)
    return (
        place.user, shown.item, shown.kind, shown.rank, shown.at, shown.policy, shown.propensity, reward, slate, parts
    )  # fmt: skip


def _document(places: Sequence[Drawn], verdicts: Sequence[Verdict], left_out: dict[str, int]) -> dict[str, Any]:
    return {
        "places": len(places),
        "left_out": left_out,
        "naive": _estimate(naive(places)) if places else None,
        "policies": [
            {
                "policy": one.policy,
                "places": one.places,
                "users": one.users,
                "effective": one.effective,
                "largest_weight": one.largest,
                "ips": _estimate(one.ips),
                "snips": _estimate(one.snips),
                "doubly_robust": None if one.doubly_robust is None else _estimate(one.doubly_robust),
            }
            for one in verdicts
        ],
    }


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in asdict(found).items()}


def _lines(places: Sequence[Drawn], verdicts: Sequence[Verdict], left_out: dict[str, int]) -> Iterator[str]:
    for cause, count in left_out.items():
        yield f"left out: {count} rows ({cause})"
    if not places:
        yield "No place was drawn yet: one in five is, where there is something that few have met."
        return
    yield f"{len(places)} drawn places; what was logged earned {_said(naive(places))} a place"
    if not verdicts:
        yield f"Nothing says what the places were drawn from: give a slate column, or --target ({', '.join(POLICIES)})."
    for one in verdicts:
        robust = "" if one.doubly_robust is None else f"  doubly robust {_said(one.doubly_robust)}"
        yield f"{one.policy:12s} IPS {_said(one.ips)}  SNIPS {_said(one.snips)}{robust}"
        few = "  too few to rely on" if one.effective < FEW else ""
        yield f"             worth {one.effective:.0f} of {one.places} places, largest weight {one.largest:.1f}{few}"


def _said(found: Estimate) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"


def add_to(cli: typer.Typer) -> None:
    cli.command("replay")(replay_places)
