"""A log of exposures from a file, as drawn places. Knows columns; knows no estimators."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from recsys.evaluation.reading import read_rows
from recsys.replay import Drawn, Slate

NEEDED: Final = ("user", "item", "propensity", "reward")
OPTIONAL: Final = ("policy", "slate")


def read_drawn(
    path: Path, *, policy: str | None = None, targets: Sequence[str] = ()
) -> tuple[list[Drawn], dict[str, int]]:
    """The usable places and, by cause, how many rows were left out.

    Columns user, item, propensity, reward; optional policy, slate (JSON: a list of [item, score, probability]) and one
    column for each of `targets`, with the probability that a policy of this name gives the item. `policy`: only rows of
    this one, where the file tells. Raises BadData for a file that cannot be used as a whole.
    """
    found: list[Drawn] = []
    left_out: Counter[str] = Counter()
    for row in read_rows(path, (*NEEDED, *targets), OPTIONAL):
        *needed, kept_policy, slate = row
        user, item, propensity, reward, *aims = needed
        if policy is not None and kept_policy not in (None, "", policy):
            left_out["another policy"] += 1
            continue
        try:
            found.append(
                Drawn(
                    str(user),
                    str(item),
                    _number(reward),
                    _number(propensity),
                    _slate(slate),
                    {name: _number(aim) for name, aim in zip(targets, aims, strict=True) if aim not in (None, "")},
                )
            )
        except (ValueError, TypeError) as error:
            left_out[str(error).partition(", got")[0]] += 1
    return found, dict(left_out)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError("not a number") from error
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _slate(value: Any) -> Slate:
    if value in (None, ""):
        return ()
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
        return tuple((str(item), float(score), float(chance)) for item, score, chance in parsed)
    except (TypeError, ValueError) as error:
        raise ValueError("a slate that is no list of [item, score, probability]") from error
