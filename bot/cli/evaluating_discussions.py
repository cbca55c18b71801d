"""``studyhall evaluate --discussions``: next-discussion rankers compared. Knows options and lines, no formulas."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import typer
from threadpoolctl import threadpool_limits

from bot.cli.console import failing_clearly, progress, show, show_json
from bot.cli.grids import compared, grid
from bot.errors import BadInput
from bot.surroundings import SystemClock
from recsys.encoders.build import build_encoder
from recsys.evaluation.discussions.document import document
from recsys.evaluation.discussions.features import Sight, early_titles
from recsys.evaluation.discussions.models import chosen
from recsys.evaluation.discussions.reading import LogColumns, Recorded, read_log, read_titles
from recsys.evaluation.discussions.run import DiscussionPlan, DiscussionReport, run, since_of
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.plotting import check_plot, plot

FUTURE: Final = timedelta(days=1)
"""How far ahead of now a time may be: clocks and zones differ, years do not."""
_UNITS: Final = {"m": 60.0, "h": 3_600.0, "d": 86_400.0}


def evaluate_discussions(
    path: Path,
    titles: Path | None,
    columns: LogColumns,
    *,
    models: Sequence[str],
    encoder: str,
    alive: str,
    since: float | None,
    at: tuple[int, ...],
    seed: int,
    cases: int | None,
    plot_to: Path | None,
    as_json: bool,
) -> None:
    """For each first message of a member in a topic of others: at which place of the list was it?"""
    window = _seconds(alive)
    with clearly():
        if plot_to is not None:
            check_plot(plot_to)
        named = read_titles(titles, columns) if titles is not None else None
        latest = (SystemClock().now() + FUTURE).timestamp()
        recorded = read_log(path, columns, latest=latest, titles=named)
        plan = DiscussionPlan(chosen(models, titles=bool(recorded.titles)), since, window, at, seed, cases)
        sight = Sight()
        if recorded.titles:
            early = early_titles(recorded.log, recorded.titles, since_of(recorded.log, plan))
            sight = Sight(recorded.titles, build_encoder(encoder), early)
        # Thousands of small products: threads that wait for each other cost ten times what they share.
        with threadpool_limits(1), progress("evaluate") as tick:
            report = run(recorded.log, plan, sight, timer=time.process_time, progress=tick)
        if plot_to is not None:
            plot(report.tables, at, plot_to)
    if as_json:
        show_json(document(report, recorded))
    else:
        show(*_lines(report, recorded))


@contextmanager
def clearly() -> Iterator[None]:
    """What the evaluation refuses becomes one sentence and exit code 1."""
    with failing_clearly():
        try:
            yield
        except EvaluationError as error:
            raise BadInput(str(error)) from error


def _seconds(text: str) -> float:
    unit = _UNITS.get(text.strip().lower()[-1:])
    try:
        number = float(text.strip()[:-1]) if unit else 0.0
    except ValueError:
        number = 0.0
    if unit is None or not 0 < number * unit < 1e10:
        raise typer.BadParameter(f"{text!r}: write a time such as 48h, 90m or 7d", param_hint="--alive")
    return number * unit


def _lines(report: DiscussionReport, recorded: Recorded) -> Iterator[str]:
    counts = report.counts
    since = datetime.fromtimestamp(report.since, UTC).isoformat(timespec="seconds")
    yield (
        f"discussions since {since}: {counts['messages_before']} of {counts['messages']} messages were before, "
        f"{counts['learned_from']} questions learned from; {counts['joins']} joins to foresee, "
        f"{counts['candidates']:.0f} candidates each"
    )
    if recorded.left_out.counts:
        yield f"left out of {recorded.source}: {recorded.left_out}"
    if recorded.titles:
        yield f"titles: {recorded.titled} of {len(recorded.topics)} topics have one"
    if recorded.unknown:
        yield f"titles of no topic of {recorded.source}: {recorded.unknown}"
    for reason, count in report.not_judged.items():
        yield f"not judged: {count} {reason}"
    for table in report.tables:
        yield ""
        yield f"{table.scene}: {table.cases} cases (95 % intervals)"
        for k in report.plan.at:
            yield from grid(report.fitted, table, k)
        for row in table.rows:
            if row.silent:
                yield f"{row.model} knew nothing about {row.silent} cases: these have the most written in"
        yield from compared(table)
    yield ""
    for name, fitted in report.fitted.items():
        if fitted.validation is not None:
            values = ", ".join(f"{key} {value:g}" for key, value in fitted.parameters.items())
            yield f"{name}: {values} (validation {fitted.validation:.4f}, {fitted.tried} tried)"
