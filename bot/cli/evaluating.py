"""``studyhall evaluate``: recommenders compared on recorded interactions. Knows options and tables, no formulas."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import progress, show, show_json
from bot.cli.context import Json
from bot.cli.evaluating_discussions import FUTURE, clearly, evaluate_discussions
from bot.cli.grids import compared, grid
from bot.surroundings import SystemClock
from recsys.encoders.build import DEFAULT
from recsys.evaluation.arrivals import arrivals_of_judged
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
from recsys.evaluation.discussions.reading import LogColumns
from recsys.evaluation.document import document
from recsys.evaluation.graph import read_links
from recsys.evaluation.leftout import LeftOut
from recsys.evaluation.models import MODELS, chosen
from recsys.evaluation.plotting import check_plot, plot
from recsys.evaluation.protocols import Split, cold_item, cold_user, given, last_out, temporal
from recsys.evaluation.run import Plan, Report, run


class Protocol(Enum):
    """How the log is divided."""

    LAST_OUT = "last-out"
    TEMPORAL = "temporal"
    COLD_USER = "cold-user"
    COLD_ITEM = "cold-item"


File = Path | None
Interactions = Annotated[File, typer.Option(help="User, item, time: CSV, TSV, JSONL (.gz is fine) or Parquet.")]
Discussions = Annotated[File, typer.Option(help="Or messages: time, room, topic, member, optional length and text.")]
Titles = Annotated[File, typer.Option(help="Discussions: topic and title.")]
Alive = Annotated[str, typer.Option(help="Discussions: how long a topic is a candidate after a message: 48h, 90m, 7d.")]
Items = Annotated[File, typer.Option(help="Items with id and text, in the same formats.")]
Graph = Annotated[File, typer.Option(help="What items are linked to: columns h, r (the relation), t.")]
How = Annotated[Protocol | None, typer.Option(help="How the log is divided; default last-out.")]
At = Annotated[str, typer.Option(help="Lengths of lists, with commas between.")]
Models = Annotated[str, typer.Option(help=f"Models, with commas between: all, or {', '.join(MODELS)}.")]
History = Annotated[File, typer.Option(help="Judge the users of this file, who need not be trained on ...")]
Truth = Annotated[File, typer.Option(help="... by what this file says they took next.")]
Since = Annotated[
    str | None,
    typer.Option(help="Temporal, discussions: the cut, a number or ISO 8601; default: the latest tenth; 90 days."),
]
Signals = Annotated[str | None, typer.Option(help="Signals that count, with commas between; default all but dislikes.")]
Arrivals = Annotated[bool, typer.Option(help="Newcomers: use who came before whom, by times or numbers in ids.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides whatever is drawn at random.")]
Folds = Annotated[int, typer.Option(min=0, max=5, help="Validation splits for choosing parameters; 0: leave them.")]
Cases = Annotated[int | None, typer.Option(min=1, help="Judge at most so many users, drawn at random.")]
Picture = Annotated[File, typer.Option("--plot", help="Also draw the figures into this PNG file.")]


def evaluate(
    interactions: Interactions = None,
    discussions: Discussions = None,
    titles: Titles = None,
    alive: Alive = "48h",
    encoder: Annotated[str, typer.Option(help="Discussions: encoder of the titles, as in the settings.")] = DEFAULT,
    items: Items = None,
    graph: Graph = None,
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
    text_column: Annotated[str, typer.Option(help="Column of the text of items or messages.")] = "text",
    room_column: Annotated[str, typer.Option(help="Discussions: column of the room.")] = "room",
    topic_column: Annotated[str, typer.Option(help="Discussions: column of the topic, also in the titles.")] = "topic",
    member_column: Annotated[str, typer.Option(help="Discussions: column of the member.")] = "member",
    length_column: Annotated[str, typer.Option(help="Discussions: column of the length, if there is one.")] = "length",
    title_column: Annotated[str, typer.Option(help="Column of the title in the titles' file.")] = "title",
    arrivals: Arrivals = True,
    plot_to: Picture = None,
    as_json: Json = False,
) -> None:
    """Compare recommenders on recorded interactions: full ranking, intervals, paired tests (docs/evaluation.md)."""
    _check_together(locals())
    if discussions is not None:
        evaluate_discussions(
            discussions,
            titles,
            LogColumns(time_column, room_column, topic_column, member_column, length_column, text_column, title_column),
            models=_listed(models),
            encoder=encoder,
            alive=alive,
            since=None if since is None else _moment(since),
            at=_lengths(at),
            seed=seed,
            cases=cases,
            plot_to=plot_to,
            as_json=as_json,
        )
        return
    assert interactions is not None
    lengths = _lengths(at)
    cut = None if since is None else _moment(since)
    columns = Columns(user_column, item_column, time_column, signal_column, rating_column, id_column, text_column)
    words = None if signals is None else frozenset(_listed(signals))
    with clearly():
        if plot_to is not None:
            check_plot(plot_to)
        texts = read_texts(items, columns) if items is not None else None
        reader = _Reader(columns, words)
        # A column that was named must be there, and a cut in time needs times; else the order of the file will do.
        timed = time_column != Columns().time or protocol is Protocol.TEMPORAL
        files = [reader(interactions, timed=timed)]
        if history is not None and truth is not None:
            files += [reader(history, timed=False), reader(truth, timed=False)]
        catalogue = catalogue_of(files, texts)
        if graph is not None:
            catalogue = replace(catalogue, links=read_links(graph, catalogue.items))
        whole = dataset_of(files[0], catalogue)
        if not arrivals:
            whole = replace(whole, histories=replace(whole.histories, arrivals=None))
        if len(files) > 1:
            users = tuple(sorted(files[2].user_names))
            known, truths = (dataset_of(file, catalogue, users).histories for file in files[1:])
            came = arrivals_of_judged(users, whole.users, whole.histories)
            split = given(whole.histories, replace(known, arrivals=came), truths)
        else:
            split = _split(whole, protocol or Protocol.LAST_OUT, seed, cut)
        compared = chosen(
            _listed(models),
            described=any(catalogue.texts) or bool(catalogue.links),
            newcomers=protocol is Protocol.COLD_USER,
            new_items=protocol is Protocol.COLD_ITEM,
        )
        plan = Plan(compared, lengths, seed, folds, cases)
        with progress("evaluate") as tick:
            report = run(split, catalogue, plan, timer=time.process_time, progress=tick)
        if plot_to is not None:
            plot(report.tables, lengths, plot_to)
    left_out = _left_out(files, whole)
    if as_json:
        show_json(document(report, left_out))
    else:
        if files[0].in_order:
            show(f"{files[0].source} has no times: what each user did counts in the order of the file")
        show(*_lines(report, left_out))


class _Reader:
    def __init__(self, columns: Columns, signals: frozenset[str] | None) -> None:
        self._columns, self._signals = columns, signals
        self._latest = (SystemClock().now() + FUTURE).timestamp()

    def __call__(self, path: Path, *, timed: bool) -> Events:
        return read_events(path, self._columns, latest=self._latest, signals=self._signals, timed=timed)


def _check_together(given: Mapping[str, object]) -> None:
    """Options that exclude or need each other: wrong use, exit code 2."""
    there = {name for name, value in given.items() if value is not None}
    if ("interactions" in there) == ("discussions" in there):
        raise typer.BadParameter("give either --interactions or --discussions", param_hint="--interactions")
    other = ("items", "graph", "protocol", "history", "truth", "signals") if "discussions" in there else ("titles",)
    for name in other:
        if name in there:
            raise typer.BadParameter("this does not go with the file you gave", param_hint=f"--{name}")
    if ("history" in there) != ("truth" in there):
        raise typer.BadParameter("--history and --truth go together", param_hint="--history")
    if {"history", "protocol"} <= there:
        raise typer.BadParameter("with --history and --truth nothing is divided: leave it out", param_hint="--protocol")
    if {"since", "interactions"} <= there and given["protocol"] is not Protocol.TEMPORAL:
        raise typer.BadParameter("only --protocol temporal has a cut", param_hint="--since")


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


def _left_out(files: Sequence[Events], whole: Dataset) -> dict[str, LeftOut]:
    found = {file.source: file.left_out for file in files}
    if whole.repeats:
        first = files[0]
        found[first.source] = replace(first.left_out, counts=dict(first.left_out.counts) | {"repeats": whole.repeats})
    return {source: reasons for source, reasons in found.items() if reasons.counts}


def _lines(report: Report, left_out: Mapping[str, LeftOut]) -> Iterator[str]:
    counts = report.counts
    yield (
        f"{report.protocol}: trained on {counts['actions']} actions of {counts['users']} users; "
        f"{counts['items']} items, {counts['trained_items']} of them in the training part"
    )
    for source, reasons in left_out.items():
        yield f"left out of {source}: {reasons}"
    for reason, count in report.not_judged.items():
        yield f"not judged: {count} users {reason}"
    for table in report.tables:
        yield ""
        yield (
            f"{table.scene}: {table.cases} cases, {table.items} items ranked "
            f"(95 % intervals, diversity by {report.diversity_by})"
        )
        for k in report.plan.at:
            yield from grid(report.fitted, table, k)
        for row in table.rows:
            if row.silent:
                yield f"{row.model} knew nothing about {row.silent} cases: these have the most popular items"
        yield from compared(table)
    yield ""
    for name, fitted in report.fitted.items():
        if fitted.tried:
            values = ", ".join(
                f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}"
                for key, value in fitted.parameters.items()
                if key in MODELS[name].axes()
            )
            yield f"{name}: {values} (validation {fitted.validation:.4f}, {fitted.tried} tried)"


def add_to(cli: typer.Typer) -> None:
    cli.command()(evaluate)
