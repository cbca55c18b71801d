"""A report as plain values for machines: the documented shape of ``--json``. Knows reports; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from recsys.evaluation.leftout import LeftOut
from recsys.evaluation.run import FORMAT, Report, Table
from recsys.evaluation.stats import Interval


def document(report: Report, left_out: Mapping[str, LeftOut]) -> dict[str, Any]:
    """left_out: by file. A figure that there is none of is None."""
    return {
        "format": FORMAT,
        "protocol": report.protocol,
        "seed": report.plan.seed,
        "at": list(report.plan.at),
        "folds": report.folds,
        "diversity_by": report.diversity_by,
        "train": dict(report.counts),
        **left_out_of(left_out),
        "not_judged": dict(report.not_judged),
        "models": {name: asdict(fitted) for name, fitted in report.fitted.items()},
        "scenes": [scene_of(table) for table in report.tables],
    }


def left_out_of(files: Mapping[str, LeftOut]) -> dict[str, Any]:
    """How many rows of each file and why, and the first lines of those that are mistakes."""
    return {
        "left_out": {name: dict(found.counts) for name, found in files.items() if found.counts},
        "left_out_lines": {
            name: {reason: list(lines) for reason, lines in found.lines.items()}
            for name, found in files.items()
            if found.lines
        },
    }


def scene_of(table: Table) -> dict[str, Any]:
    """One table with all its rows and comparisons."""
    return {
        "scene": table.scene,
        "cases": table.cases,
        "items": table.items,
        "results": [
            {
                "model": row.model,
                "metrics": {name: _interval(found) for name, found in row.figures.items()}
                | {name: {"mean": value, "low": None, "high": None} for name, value in row.totals.items()},
                "silent": row.silent,
                "seconds": row.seconds,
            }
            for row in table.rows
        ],
        "comparisons": [
            {
                "metric": table.metric,
                "one": each.one,
                "other": each.other,
                "difference": _interval(each.difference),
                "p": each.p,
                "p_holm": each.p_holm,
            }
            for each in table.comparisons
        ],
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in asdict(interval).items()}
