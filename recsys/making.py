"""From a log to a judged model, stage by stage. Knows a folder of work; knows no processes and no pointer.

Each finished stage lies in the folder and is not done again there: whoever was killed goes on from the last one. The
folder is keyed by its log and parameters, so nothing of other work is taken for this.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from recsys import trial
from recsys.actions import ActionLog, read_log, write_log
from recsys.collaborative import CollaborativeModel
from recsys.fitting import FitParameters, fit_log
from recsys.modelfile import FORMAT, DamagedModel, load, manifest_of, save
from recsys.types import Progress
from recsys.versions import digest_of, replace_file

NEGLIGIBLE: Final = 0.001
"""Where the actions held out are at most this share of all, the model that was judged is the one that goes out."""
_ACTIONS: Final = "actions.npz"
_KNOWN: Final = "known.npy"
_KEY: Final = "key.json"
_MADE: Final = "made.json"
_SCALE: Final = 100


@dataclass(frozen=True, slots=True)
class Made:
    """folder: where the model was saved. judged, moved: None where there was nothing to judge by."""

    folder: Path
    judged: trial.Judged | None
    moved: trial.Moved | None

    @property
    def figures(self) -> dict[str, Any]:
        """As plain values, for the record of the version."""
        shown: dict[str, Any] = {}
        for part in (self.judged, self.moved):
            if part is not None:
                shown |= {name: value for name, value in asdict(part).items() if _said(value)}
        return shown


def lay_down(work: Path, log: ActionLog, known: NDArray[np.bool_], parameters: FitParameters) -> bool:
    """Put the input into the folder; whatever was there of other input goes. Whether stages of the same were kept.

    known: shape (entries,), what the model in use has seen of the log.
    """
    work.mkdir(parents=True, exist_ok=True)
    for old in work.iterdir():
        if old.name.endswith(".new"):
            _remove(old)
    fresh = work / "actions.new"
    write_log(log, fresh)
    content = {"log": digest_of(fresh), "known": hashlib.sha256(known.tobytes()).hexdigest()}
    key = json.dumps({**content, "parameters": asdict(parameters), "format": FORMAT}, sort_keys=True)
    same = _read(work / _KEY) == key
    if not same:
        for old in work.iterdir():
            if old != fresh:
                _remove(old)
    fresh.replace(work / _ACTIONS)
    with (work / _KNOWN).open("wb") as file:
        np.save(file, known, allow_pickle=False)
    replace_file(work / _KEY, key.encode())
    return same


def make(
    work: Path, parameters: FitParameters, *, now: float, before: Path | None = None, progress: Progress | None = None
) -> Made:
    """Hold out, fit, judge, fit again on everything, compare lists. `before`: the folder of the model in use."""
    log = read_log(work / _ACTIONS)
    known = np.load(work / _KNOWN, allow_pickle=False)
    old = _model(before) if before is not None else None
    rest, cases, unseen = _question(log, known, old)
    rival = None if unseen or old is None or before is None else _other(_parameters(before), parameters)
    fits = 1 + bool(cases) + bool(cases and rival)
    whole = 0 < len(cases) <= NEGLIGIBLE * len(log)
    stages = _Stages(progress, fits - whole)
    judged = None
    final = work / "final"
    if cases:
        trial_folder = final if whole else work / "trial"
        model = _fitted(trial_folder, rest, parameters, now, stages.of())
        other = old if unseen else None
        if rival is not None:
            # Actions that the old model knows prove nothing: its way of training is tried without them.
            other = _fitted(work / "rival", rest, rival, now, stages.of())
        judged = _judged(work, model, other, rest, cases, now)
    made = model if whole else _fitted(final, log, parameters, now, stages.of())
    moved = None
    if old is not None:
        histories = trial.panel(log)
        commons = (trial.popular(log), _most_taken(old))
        moved = trial.moved(made, old, histories, commons, now)
    found = Made(final, judged, moved)
    shown = [None if part is None else asdict(part) for part in (judged, moved)]
    replace_file(work / _MADE, json.dumps(shown).encode())
    return found


def made_in(work: Path) -> Made:
    """What `make` left in the folder. Raises DamagedModel when it did not end there."""
    try:
        judged, moved = json.loads((work / _MADE).read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedModel(f"the training in {work} did not end: {error}") from error
    return Made(
        work / "final",
        None if judged is None else trial.Judged(**judged),
        None if moved is None else trial.Moved(**moved),
    )


def _question(
    log: ActionLog, known: NDArray[np.bool_], old: CollaborativeModel | None
) -> tuple[ActionLog, list[trial.Case], bool]:
    """What is held out, and whether the old model has seen nothing of it. Too few new actions: anybody's last one."""
    if old is not None:
        rest, cases = trial.hold_out(log, ~known)
        if len(cases) >= trial.FEWEST_CASES:
            return rest, cases, True
    rest, cases = trial.hold_out(log, np.ones(len(log), dtype=np.bool_))
    return (rest, cases, False) if len(cases) >= trial.FEWEST_CASES else (log, [], False)


def _other(former: FitParameters | None, parameters: FitParameters) -> FitParameters | None:
    return None if former == parameters else former


def _judged(
    work: Path,
    model: CollaborativeModel,
    old: CollaborativeModel | None,
    rest: ActionLog,
    cases: list[trial.Case],
    now: float,
) -> trial.Judged:
    done = work / "judged.json"
    if (stored := _read(done)) is not None:
        return trial.Judged(**json.loads(stored))
    theirs = None if old is None else trial.gains(old, cases, now)
    judged = trial.judge(trial.gains(model, cases, now), theirs, trial.popular_gains(rest, cases))
    replace_file(done, json.dumps(asdict(judged)).encode())
    return judged


def _fitted(
    folder: Path, log: ActionLog, parameters: FitParameters, now: float, progress: Progress
) -> CollaborativeModel:
    model = _model(folder)
    if model is None:
        model = fit_log(log, now=now, parameters=parameters, progress=progress)
        save(model, folder, parameters)
    progress(1, 1)
    return model


def _model(folder: Path) -> CollaborativeModel | None:
    try:
        return load(folder)
    except (FileNotFoundError, DamagedModel):
        return None


def _parameters(folder: Path) -> FitParameters | None:
    """Those that a saved model was fitted with; None when this version of the program knows others."""
    stated = manifest_of(folder)
    try:
        return None if stated is None else FitParameters(**stated["parameters"])
    except (KeyError, TypeError, ValueError):
        return None


def _most_taken(model: CollaborativeModel) -> list[str]:
    users = model.users
    return [model.names[code] for code in np.lexsort((np.arange(len(users)), -users))[: trial.AT].tolist()]


class _Stages:
    """One progress over several fits of unknown relative length."""

    def __init__(self, progress: Progress | None, count: int) -> None:
        self._progress, self._count, self._begun = progress, max(count, 1), 0

    def of(self) -> Callable[[int, int], None]:
        first, self._begun = self._begun * _SCALE, self._begun + 1

        def tick(done: int, total: int) -> None:
            if self._progress is not None:
                self._progress(min(first + done * _SCALE // max(total, 1), self._count * _SCALE), self._count * _SCALE)

        return tick


def _said(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
