"""The sample community: a catalogue of real public courses and the way to it. Knows only the files beside it."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import Final

COMMUNITY: Final = "Studyhall (sample)"
"""The name of the generated community; it says what it is."""


def catalogue_path() -> Path:
    """Where the bundled catalogue lies: UTF-8 CSV with one course or book per row."""
    return Path(str(resources.files(__package__).joinpath("catalogue.csv")))


def load_catalogue() -> tuple[dict[str, str], ...]:
    """Every row of the bundled catalogue as text, columns as in its header, in file order."""
    with catalogue_path().open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))
