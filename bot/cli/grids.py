"""Tables of an evaluation on a terminal. Knows reports' rows and headings; computes nothing."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table as Grid

from recsys.evaluation.metrics import OF_ALL, OF_CASES, OF_LISTS
from recsys.evaluation.run import Fitted, Row, Table

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


def grid(fitted: Mapping[str, Fitted], table: Table, k: int) -> Iterator[str]:
    """One line a model with the figures of lists of k; figures that no row has get no column."""
    there = {name for row in table.rows for name in (*row.figures, *row.totals)}
    order = [name for name in _ORDER if f"{name}@{k}" in there]
    lines = Grid(title=f"lists of {k}", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    lines.add_column("model", no_wrap=True)
    rated = any("rmse" in row.figures for row in table.rows)
    for name in (*order, *(("mse", "rmse") if rated else ()), "fit s"):
        lines.add_column(_HEADINGS.get(name, name), justify="right", no_wrap=True)
    for row in table.rows:
        cells = [_cell(row, f"{name}@{k}", interval=name == "ndcg") for name in order]
        if rated:
            cells += [_cell(row, "mse"), _cell(row, "rmse")]
        lines.add_row(row.model, *cells, f"{fitted[row.model].seconds:.1f}")
    page = io.StringIO()
    Console(file=page, width=_WIDTH, markup=False, highlight=False, color_system=None).print(lines)
    yield from (line.rstrip() for line in page.getvalue().splitlines())


def _cell(row: Row, name: str, *, interval: bool = False) -> str:
    found = row.figures.get(name)
    value = found.mean if found is not None else row.totals.get(name)
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:.4f} ({found.low:.4f}-{found.high:.4f})" if interval and found is not None else f"{value:.3f}"


def compared(table: Table) -> Iterator[str]:
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
