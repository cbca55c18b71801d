"""``studyhall evaluate``: recommenders compared on recorded interactions. Knows options and tables, no formulas."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table as Grid

from bot.app import SystemClock
from bot.cli.console import failing_clearly, progress, show, show_json
from bot.cli.context import Json
from bot.errors import BadInput
from recsys.evaluation.datasets import (
    Columns,
    Dataset,
    Events,
    catalogue_of,
    dataset_of,
    moment_of,
    read_events,
    read_texts,
)
from recsys.evaluation.document import document
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.metrics import OF_ALL, OF_CASES, OF_LISTS
from recsys.evaluation.models import MODELS, chosen
from recsys.evaluation.plotting import check_plot, plot
from recsys.evaluation.protocols import Split, cold_item, cold_user, given, last_out, temporal
from recsys.evaluation.run import Plan, Report, Row, Table, run

FUTURE: Final = timedelta(days=1)
"""How far ahead of now a time may be: clocks and zones differ, years do not."""
_WIDTH: Final = 170
_HEADINGS: Final = {
    "ndcg": "nDCG",
    "precision": "prec.",
    "f1": "F1",
    "hit-rate": "hit",
    "mrr": "MRR",
    "map": "MAP",
    "coverage": "cover.",
    "gini": "Gini",
    "popularity-lift": "lift",
    "novelty": "novel.",
    "diversity": "divers.",
    "mse": "MSE",
    "rmse": "RMSE",
}
_ORDER: Final = ("ndcg", *(name for name in OF_CASES if name != "ndcg"), *OF_ALL, *OF_LISTS)


class Protocol(Enum):
    """How the log is divided."""

    LAST_OUT = "last-out"
    TEMPORAL = "temporal"
    COLD_USER = "cold-user"
    COLD_ITEM = "cold-item"


File = Path | None
Interactions = Annotated[Path, typer.Option(help="User, item, time: CSV, TSV, JSONL (.gz is fine) or Parquet.")]
Items = Annotated[File, typer.Option(help="Items with id and text, in the same formats.")]
How = Annotated[Protocol | None, typer.Option(help="How the log is divided; default last-out.")]
At = Annotated[str, typer.Option(help="Lengths of lists, with commas between.")]
Models = Annotated[str, typer.Option(help=f"Models, with commas between: all, or {', '.join(MODELS)}.")]
History = Annotated[File, typer.Option(help="Judge the users of this file, who need not be trained on ...")]
Truth = Annotated[File, typer.Option(help="... by what this file says they took next.")]
Since = Annotated[str | None, typer.Option(help="Temporal: the cut, a number or ISO 8601; default: the latest tenth.")]
Signals = Annotated[str | None, typer.Option(help="Signals that count, with commas between; default all but dislikes.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides whatever is drawn at random.")]
Folds = Annotated[int, typer.Option(min=0, max=5, help="Validation splits for choosing parameters; 0: leave them.")]
Cases = Annotated[int | None, typer.Option(min=1, help="Judge at most so many users, drawn at random.")]
Picture = Annotated[File, typer.Option("--plot", help="Also draw the figures into this PNG file.")]


def evaluate(
    interactions: Interactions,
    items: Items = None,
    protocol: How = None,
    at: At = "5,10,20",
    models: Models = "",
    history: History = None,
    truth: Truth = None,
    since: Since = None,
    signals: Signals = None,
    seed: Seed = 0,
    folds: Folds = 1,
    cases: Cases = None,
    user_column: Annotated[str, typer.Option(help="Column of the user.")] = "user",
    item_column: Annotated[str, typer.Option(help="Column of the item.")] = "item",
    time_column: Annotated[str, typer.Option(help="Column of the time: a number or ISO 8601.")] = "time",
    signal_column: Annotated[str, typer.Option(help="Column of the signal, if there is one.")] = "signal",
    rating_column: Annotated[str, typer.Option(help="Column of the rating, if there is one.")] = "rating",
    id_column: Annotated[str, typer.Option(help="Column of the id in the items' file.")] = "id",
    text_column: Annotated[str, typer.Option(help="Column of the text in the items' file.")] = "text",
    plot_to: Picture = None,
    as_json: Json = False,
) -> None:
    """Compare recommenders on recorded interactions: full ranking, intervals, paired tests (docs/evaluation.md)."""
    if (history is None) != (truth is None):
        raise typer.BadParameter("--history and --truth go together", param_hint="--history")
    if history is not None and protocol is not None:
        raise typer.BadParameter("with --history and --truth nothing is divided: leave it out", param_hint="--protocol")
    if since is not None and protocol is not Protocol.TEMPORAL:
        raise typer.BadParameter("only --protocol temporal has a cut", param_hint="--since")
    lengths = _lengths(at)
    cut = None if since is None else _moment(since)
    columns = Columns(user_column, item_column, time_column, signal_column, rating_column, id_column, text_column)
    words = None if signals is None else frozenset(_listed(signals))
    with _clearly():
        if plot_to is not None:
            check_plot(plot_to)
        texts = read_texts(items, columns) if items is not None else None
        plan = Plan(chosen(_listed(models), texts=any((texts or {}).values())), lengths, seed, folds, cases)
        reader = _Reader(columns, words)
        files = [reader(interactions, timed=True)]
        if history is not None and truth is not None:
            files += [reader(history, timed=False), reader(truth, timed=False)]
        catalogue = catalogue_of(files, texts)
        whole = dataset_of(files[0], catalogue)
        if len(files) > 1:
            users = tuple(sorted(files[2].user_names))
            split = given(whole.histories, *(dataset_of(file, catalogue, users).histories for file in files[1:]))
        else:
            split = _split(whole, protocol or Protocol.LAST_OUT, seed, cut)
        with progress("evaluate") as tick:
            report = run(split, catalogue, plan, timer=time.process_time, progress=tick)
        if plot_to is not None:
            plot(report, plot_to)
    left_out = _left_out(files, whole)
    if as_json:
        show_json(document(report, left_out))
    else:
        show(*_lines(report, left_out))


class _Reader:
    def __init__(self, columns: Columns, signals: frozenset[str] | None) -> None:
        self._columns, self._signals = columns, signals
        self._latest = (SystemClock().now() + FUTURE).timestamp()

    def __call__(self, path: Path, *, timed: bool) -> Events:
        return read_events(path, self._columns, latest=self._latest, signals=self._signals, timed=timed)


@contextmanager
def _clearly() -> Iterator[None]:
    """What the evaluation refuses becomes one sentence and exit code 1."""
    with failing_clearly():
        try:
            yield
        except EvaluationError as error:
            raise BadInput(str(error)) from error


def _split(data: Dataset, protocol: Protocol, seed: int, since: float | None) -> Split:
    match protocol:
        case Protocol.LAST_OUT:
            return last_out(data.histories)
        case Protocol.TEMPORAL:
            return temporal(data.histories, since)
        case Protocol.COLD_USER:
            return cold_user(data.histories, seed)
        case Protocol.COLD_ITEM:
            return cold_item(data.histories, seed)


def _listed(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in _listed(text))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: write whole numbers such as 5,10,20", param_hint="--at") from error


def _moment(text: str) -> float:
    moment = moment_of(text)
    if moment is None:
        raise typer.BadParameter(f"{text!r} is neither a number nor ISO 8601", param_hint="--since")
    return moment


def _left_out(files: Sequence[Events], whole: Dataset) -> dict[str, dict[str, int]]:
    found = {file.source: dict(file.left_out) for file in files}
    if whole.repeats:
        found[files[0].source]["repeats"] = whole.repeats
    return {source: reasons for source, reasons in found.items() if reasons}


def _lines(report: Report, left_out: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    counts = report.counts
    yield (
        f"{report.protocol}: trained on {counts['actions']} actions of {counts['users']} users; "
        f"{counts['items']} items, {counts['trained_items']} of them in the training part"
    )
    for source, reasons in left_out.items():
        yield f"left out of {source}: " + ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    for reason, count in report.not_judged.items():
        yield f"not judged: {count} users {reason}"
    for table in report.tables:
        yield ""
        yield (
            f"{table.scene}: {table.cases} cases, {table.items} items ranked "
            f"(95 % intervals, diversity by {report.diversity_by})"
        )
        for k in report.plan.at:
            yield from _grid(report, table, k)
        for row in table.rows:
            if row.silent:
                yield f"{row.model} knew nothing about {row.silent} cases: these have the most popular items"
        yield from _compared(table)
    yield ""
    for name, fitted in report.fitted.items():
        if fitted.tried:
            values = ", ".join(
                f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
                for key, value in fitted.parameters.items()
                if key in MODELS[name].axes()
            )
            yield f"{name}: {values} (validation {fitted.validation:.4f}, {fitted.tried} tried)"


def _grid(report: Report, table: Table, k: int) -> Iterator[str]:
    grid = Grid(title=f"lists of {k}", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("model", no_wrap=True)
    rated = any("rmse" in row.figures for row in table.rows)
    for name in (*_ORDER, *(("mse", "rmse") if rated else ()), "fit s"):
        grid.add_column(_HEADINGS.get(name, name), justify="right", no_wrap=True)
    for row in table.rows:
        cells = [_cell(row, f"{name}@{k}", interval=name == "ndcg") for name in _ORDER]
        if rated:
            cells += [_cell(row, "mse"), _cell(row, "rmse")]
        grid.add_row(row.model, *cells, f"{report.fitted[row.model].seconds:.1f}")
    page = io.StringIO()
    Console(file=page, width=_WIDTH, markup=False, highlight=False, color_system=None).print(grid)
    yield from (line.rstrip() for line in page.getvalue().splitlines())


def _cell(row: Row, name: str, *, interval: bool = False) -> str:
    found = row.figures.get(name)
    value = found.mean if found is not None else row.totals.get(name)
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:.4f} ({found.low:.4f}-{found.high:.4f})" if interval and found is not None else f"{value:.3f}"


def _compared(table: Table) -> Iterator[str]:
    """The best against each other one."""
    best = max(table.rows, key=lambda row: row.figures[table.metric].mean).model
    for each in table.comparisons:
        if best not in (each.one, each.other):
            continue
        sign, other = (1, each.other) if each.one == best else (-1, each.one)
        low, high = sorted((sign * each.difference.low, sign * each.difference.high))
        yield (
            f"{best} - {other}: {table.metric} {sign * each.difference.mean:+.4f} ({low:+.4f} to {high:+.4f}), "
            f"p {each.p_holm:.4f}"
        )


def add_to(cli: typer.Typer) -> None:
    cli.command()(evaluate)
