"""A report on discussions as plain values for machines: the documented shape of ``--json``. Computes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from recsys.evaluation.discussions.reading import Recorded
from recsys.evaluation.discussions.run import DiscussionReport
from recsys.evaluation.document import left_out_of, scene_of
from recsys.evaluation.run import FORMAT


def document(report: DiscussionReport, recorded: Recorded) -> dict[str, Any]:
    """A figure that there is none of is None."""
    plan = report.plan
    return {
        "format": FORMAT,
        "protocol": "discussions",
        "seed": plan.seed,
        "at": list(plan.at),
        "since": report.since,
        "alive": plan.alive,
        "titles": bool(recorded.titles),
        "topics": {"all": len(recorded.topics), "titled": recorded.titled, "titles_of_none": recorded.unknown},
        "counts": dict(report.counts),
        **left_out_of({recorded.source: recorded.left_out}),
        "not_judged": dict(report.not_judged),
        "models": {
            name: asdict(fitted) | {"parameters": dict(fitted.parameters)} for name, fitted in report.fitted.items()
        },
        "scenes": [scene_of(table) for table in report.tables],
    }
