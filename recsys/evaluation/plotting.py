"""A report as a picture. Knows matplotlib; computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from recsys.evaluation.errors import BadData
from recsys.evaluation.run import Table

_COLOURS: Final = 10
_DASHES: Final = ("-", "--", ":")
"""No two of thirty models look alike."""


def check_plot(path: Path) -> None:
    """Before hours of work, not after: BadData where nothing could be written."""
    if path.suffix.lower() != ".png":
        raise BadData(f"{path.name}: the picture is a PNG, so its name must end in .png")
    if not path.parent.is_dir():
        raise BadData(f"there is no folder {path.parent} to put {path.name} into")


def plot(tables: Sequence[Table], at: Sequence[int], path: Path) -> None:
    """One row of two pictures a scene: nDCG by model with its interval, and nDCG by length of list."""
    # Without pyplot there is no window and no global state; only who draws waits for the package.
    from matplotlib.figure import Figure

    most = max(len(table.rows) for table in tables)
    figure = Figure(figsize=(13, 1.2 + max(3.6, 0.24 * most) * len(tables)), layout="constrained")
    axes = figure.subplots(len(tables), 2, squeeze=False)
    for (bars, lines), table in zip(axes, tables, strict=True):
        names = [row.model for row in table.rows]
        found = [row.figures[table.metric] for row in table.rows]
        below = [interval.mean - interval.low for interval in found]
        above = [interval.high - interval.mean for interval in found]
        bars.barh(names, [interval.mean for interval in found], xerr=[below, above], capsize=3)
        bars.invert_yaxis()
        bars.set_title(f"{table.scene}: {table.metric}, {table.cases} cases, 95 % intervals")
        lengths = sorted(at)
        for at_row, row in enumerate(table.rows):
            dashes = _DASHES[at_row // _COLOURS % len(_DASHES)]
            means = [row.figures[f"ndcg@{k}"].mean for k in lengths]
            lines.plot(lengths, means, marker="o", linestyle=dashes, color=f"C{at_row % _COLOURS}", label=row.model)
        lines.set_xticks(lengths)
        lines.set_xlabel("length of list")
        lines.set_title("nDCG")
        # Beside the lines: with twenty models it would cover them.
        lines.legend(fontsize="small", loc="center left", bbox_to_anchor=(1.0, 0.5))
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise BadData(f"{path} cannot be written: {error.strerror}") from error
