"""Recommenders of other libraries beside ours: one split, one set of metrics, what each costs.

Leave-last-out, full ranking, seen items masked, ties by id, as `studyhall evaluate` does it. Every model runs in a
process of its own on one thread, chooses its parameters on everybody's last training item, and is judged here by the
same code; that code is checked against RecTools' metrics in the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.peer_models import MISSING, PEERS, cpu, peak
from benchmarks.report import Report, one_thread, run
from recsys.evaluation.datasets import Columns, catalogue_of, dataset_of, read_events
from recsys.evaluation.judging import Answers, Surroundings, answer, by_case, of_all
from recsys.evaluation.metrics import Likeness, Lists
from recsys.evaluation.models import MODELS
from recsys.evaluation.neighbours import Popularity
from recsys.evaluation.protocols import Split, given, last_out, sampled
from recsys.evaluation.ranking import NOTHING
from recsys.evaluation.scoring import Train
from recsys.evaluation.stats import intervals
from recsys.evaluation.tuning import Tuner

AT: Final = (10, 20)
ASKED: Final = 2 * max(AT)
"""Peers are asked for more than is judged, so that equal scores can be put in order of id here."""
OURS: Final = ("popularity", "item-knn", "rp3beta", "als", "ease", "sequential", "linear", "blend", "studyhall")
DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "courses-mooc"
_QUICK_USERS: Final = 3_000
_ALONE: Final = 100
KEPT: Final = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "8000000000"}
"""Everybody's allocator keeps large arrays for the next one: giving each back to the system and asking for it anew
took SASRec seven eighths of its time here."""


@dataclass(frozen=True, slots=True)
class Task:
    """One split over a catalogue; `judged`: the training row of every case."""

    split: Split
    catalogue: Any
    judged: Any

    @property
    def scene(self) -> Any:
        return self.split.scenes[0]


def load(chosen: argparse.Namespace) -> Task:
    """Read, subsample, divide. Cases are drawn by the seed."""
    time_column = chosen.time_column or ("order" if chosen.interactions is None else "time")
    path = chosen.interactions or DATA / "train.parquet"
    truth_path = chosen.truth or (DATA / "test.parquet" if chosen.interactions is None else None)
    if not path.exists():
        raise SystemExit(f"{path} is not there: name a file with --interactions")
    columns = Columns(time=time_column)
    files = [read_events(path, columns)]
    if truth_path is not None:
        files.append(read_events(truth_path, columns, timed=False))
    catalogue = catalogue_of(files)
    whole = dataset_of(files[0], catalogue)
    histories = whole.histories
    kept = np.arange(len(histories))
    users = _QUICK_USERS if chosen.quick else chosen.users
    if users:
        kept = np.sort(np.random.default_rng(chosen.seed).permutation(kept)[:users])
    histories = histories.take(kept)
    if truth_path is not None:
        truth = dataset_of(files[1], catalogue, whole.users).histories.take(kept)
        split = given(histories, histories, truth)
        repeated = np.isin(
            truth.rows * np.int64(truth.item_count) + truth.items,
            histories.rows * np.int64(truth.item_count) + histories.items,
        )
        rows = np.flatnonzero(truth.where(~repeated).lengths > 0)
    else:
        split = last_out(histories)
        rows = np.flatnonzero(histories.lengths >= 2)
    drawn = np.arange(len(rows))
    if len(rows) > chosen.cases:
        drawn = np.sort(np.random.default_rng(chosen.seed).choice(len(rows), chosen.cases, replace=False))
    scene = sampled(split.scenes[0], chosen.cases, chosen.seed)
    return Task(Split(split.protocol, split.train, (scene,)), catalogue, rows[drawn])


def ordered(items: Any, scores: Any, k: int) -> Lists:
    """The k best of what a peer named; of equal scores the smaller code, which is the smaller id."""
    order = np.lexsort((items, -scores), axis=1)[:, :k]
    lists = np.take_along_axis(items, order, axis=1)
    found = np.where(np.isfinite(np.take_along_axis(scores, order, axis=1)), lists, NOTHING)
    return np.asarray(found, dtype=np.int32)


class Board:
    """Judges lists and keeps the rows of the table."""

    def __init__(self, task: Task, seed: int) -> None:
        train = task.split.train
        self._task, self._seed = task, seed
        self._around = Surroundings(
            train.users_of_items(), int((train.lengths > 0).sum()), Likeness(train.latest().faded(1.0).T.tocsr())
        )
        self.rows: list[dict[str, Any]] = []
        self.lists: dict[str, Lists] = {}

    def add(self, name: str, answers: Answers, costs: dict[str, Any]) -> None:
        scene = self._task.scene
        figures = by_case(answers, scene, self._around, AT, self._seed)
        spans = dict(zip(figures, intervals(np.stack(list(figures.values()), axis=1), self._seed), strict=True))
        self.lists[name] = answers.lists
        row = {"model": name} | {metric: span.mean for metric, span in spans.items()}
        row |= {"ndcg@10 low": spans["ndcg@10"].low, "ndcg@10 high": spans["ndcg@10"].high}
        self.rows.append(row | of_all(answers, scene, self._around, AT) | costs)


def ours(task: Task, name: str, seed: int, choose: bool) -> tuple[Answers, dict[str, Any]]:
    """One of our models, fitted and asked here: this process is its own."""
    model, started = MODELS[name], cpu()
    if choose:
        model = Tuner(task.split, task.catalogue, at=10, seed=seed, folds=1, tried=lambda: None).best(model).model
    train = Train(task.split.train, task.catalogue, seed)
    chose = cpu()
    scorer = model.fit(train)
    fitted = cpu()
    fallback = Popularity().fit(train)
    before = cpu()
    answers = answer(task.scene, scorer, fallback, max(AT))
    ranked = cpu()
    alone = task.scene.take(np.arange(min(_ALONE, len(task.scene))))
    one_by_one = time.process_time()
    for row in range(len(alone)):
        answer(alone.take(np.asarray([row])), scorer, fallback, max(AT))
    one_by_one = time.process_time() - one_by_one
    costs = {
        "setting": {axis: getattr(model, axis) for axis in model.axes()} if name != "blend" else {},
        "choosing": chose - started,
        "fit": fitted - chose,
        "each": (ranked - before) / max(len(task.scene), 1),
        "alone": one_by_one / max(len(alone), 1),
        "peak": peak(),
    }
    return answers, costs


@contextlib.contextmanager
def scratch(task: Task) -> Iterator[Path]:
    """A folder with the training part as plain arrays, for the peers' processes."""
    train = task.split.train
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        path = Path(folder)
        np.savez(path / "train.npz", starts=train.starts, items=train.items, ratings=train.ratings, judged=task.judged)
        yield path


def child(command: Sequence[str]) -> tuple[int, str, str]:
    root = str(Path(__file__).resolve().parents[1])
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=os.environ | KEPT)
    return done.returncode, done.stdout, done.stderr


def peer(task: Task, folder: Path, name: str, chosen: argparse.Namespace) -> tuple[Answers, dict[str, Any]] | str:
    """One peer in a process of its own; a sentence where it could not run."""
    out = folder / f"{name}.npz"
    order = {
        "peer": name,
        "arrays": str(folder / "train.npz"),
        "item_count": task.split.train.item_count,
        "seed": chosen.seed,
        "n": min(ASKED, task.split.train.item_count),
        "choose": not (chosen.quick or chosen.no_choice),
        "epochs": 1 if chosen.quick else chosen.epochs,
        "budget": chosen.budget,
        "out": str(out),
    }
    (folder / "order.json").write_text(json.dumps(order), "utf-8")
    code, words, errors = child([chosen.peer_python, "-m", "benchmarks.peer_models", str(folder / "order.json")])
    if code == MISSING:
        how = f'pip install "{PEERS[name].package}"' if chosen.peer_python != sys.executable else "the extra `peers`"
        return f"skipped, {errors.strip().splitlines()[-1]}: get it with {how}"
    if code or not out.exists():
        # Some end well when they are told to stop, without an answer.
        return f"failed: {(errors.strip().splitlines() or ['without a word'])[-1]}"
    with np.load(out) as stored:
        lists = ordered(stored["lists"], stored["scores"], max(AT))
    return Answers(lists, 0), json.loads(words)


def check(task: Task, folder: Path, board: Board, chosen: argparse.Namespace, report: Report) -> None:
    """Our metrics and RecTools' of the same lists: the largest difference."""
    row = board.rows[0]
    truth = task.scene.truth
    arrays = {"lists": board.lists[row["model"]], "truth_rows": truth.rows, "truth_items": truth.items}
    np.savez(folder / "check.npz", **arrays)
    order = {"peer": "metrics", "arrays": str(folder / "check.npz")}
    (folder / "check.json").write_text(json.dumps(order), "utf-8")
    code, out, errors = child([chosen.peer_python, "-m", "benchmarks.peer_models", str(folder / "check.json")])
    if code:
        sys.stderr.write(f"metrics are not cross-checked: {(errors.strip().splitlines() or ['?'])[-1]}\n")
        return
    theirs = json.loads(out)
    worst = max(abs(theirs[name] - row[name]) for name in theirs)
    report.add("metrics: largest difference to RecTools'", worst, "", ", ".join(sorted(theirs)))


def measure(report: Report, chosen: argparse.Namespace) -> None:
    task = load(chosen)
    board = Board(task, chosen.seed)
    train = task.split.train
    rated = train.rated
    report.add("users", len(train), "", "training part")
    report.add("items", train.item_count)
    report.add("actions", len(train.items))
    report.add("cases", len(task.scene), "", "the next item of each, all items ranked, seen ones masked")
    mine = [name for name in chosen.ours.split(",") if name in MODELS]
    theirs = [name for name in (chosen.peers.split(",") if chosen.peers else PEERS) if name in PEERS]
    with scratch(task) as folder:
        for name in mine:
            found = _in_own_process(name, chosen)
            if isinstance(found, str):
                sys.stderr.write(f"{name}: {found}\n")
                continue
            board.add(name, *found)
            sys.stderr.write(f"{name}: nDCG@10 {board.rows[-1]['ndcg@10']:.4f}\n")
        for name in theirs:
            if name == "lenskit-biased-mf" and not rated:
                sys.stderr.write(f"{name}: skipped, it learns from ratings and this file has none\n")
                continue
            result = peer(task, folder, name, chosen)
            if isinstance(result, str):
                sys.stderr.write(f"{name}: {result}\n")
                continue
            board.add(name, *result)
            sys.stderr.write(f"{name}: nDCG@10 {board.rows[-1]['ndcg@10']:.4f}\n")
        if board.rows:
            check(task, folder, board, chosen, report)
    rows = sorted(board.rows, key=lambda row: -row["ndcg@10"])
    if not chosen.json:
        # For people one row a model; the report's list of single figures is for machines.
        sys.stdout.write(grid(rows))
        for row in rows:
            setting = ", ".join(f"{key} {value}" for key, value in row["setting"].items())
            report.add(row["model"], row["choosing"], "CPU s", f"for choosing: {setting or 'nothing to choose'}")
        return
    for row in rows:
        _told(report, row)


def _told(report: Report, row: dict[str, Any]) -> None:
    name = row["model"]
    report.add(f"{name}: nDCG@10", row["ndcg@10"], "", f"{row['ndcg@10 low']:.4f}-{row['ndcg@10 high']:.4f}")
    for metric in ("recall@20", "mrr@10", "coverage@10"):
        report.add(f"{name}: {metric}", row[metric])
    setting = ", ".join(f"{key} {value}" for key, value in row["setting"].items())
    report.add(f"{name}: fit", row["fit"], "CPU s", setting)
    report.add(f"{name}: choosing", row["choosing"], "CPU s")
    report.add(f"{name}: a list, of many", 1000 * row["each"], "CPU ms")
    report.add(f"{name}: a list, alone", 1000 * row["alone"], "CPU ms")
    report.add(f"{name}: peak memory", row["peak"], "MB", "of its whole process")


COLUMNS: Final = ("nDCG@10", "95 %", "recall@20", "MRR@10", "cover.@10", "fit s", "of many ms", "alone ms", "peak MB")


def grid(rows: Sequence[dict[str, Any]]) -> str:
    """The table for people: accuracy, then CPU and memory."""
    lines = [("model", *COLUMNS)]
    for row in rows:
        span = f"{row['ndcg@10 low']:.4f}-{row['ndcg@10 high']:.4f}"
        quality = (f"{row['ndcg@10']:.4f}", span, *(f"{row[name]:.3f}" for name in ("recall@20", "mrr@10")))
        costs = (f"{row['coverage@10']:.2f}", f"{row['fit']:.1f}", f"{1000 * row['each']:.3f}")
        lines.append((row["model"], *quality, *costs, f"{1000 * row['alone']:.2f}", f"{row['peak']:.0f}"))
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    shown = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
    return "\n".join(shown) + "\n\n"


def _in_own_process(name: str, chosen: argparse.Namespace) -> tuple[Answers, dict[str, Any]] | str:
    """One of our models through this very module, so that its memory is its own."""
    with tempfile.TemporaryDirectory(prefix="ours-") as folder:
        out = Path(folder) / "lists.npz"
        command = [sys.executable, "-m", "benchmarks.peers", "--one", name, "--out", str(out)]
        for flag in ("interactions", "truth", "time_column"):
            value = getattr(chosen, flag)
            command += [f"--{flag.replace('_', '-')}", str(value)] if value else []
        command += ["--cases", str(chosen.cases), "--seed", str(chosen.seed), "--users", str(chosen.users)]
        command += ["--quick"] * chosen.quick + ["--no-choice"] * chosen.no_choice
        code, words, errors = child(command)
        if code:
            return f"failed: {(errors.strip().splitlines() or ['without a word'])[-1]}"
        with np.load(out) as stored:
            return Answers(stored["lists"], int(stored["silent"])), json.loads(words)


def one(chosen: argparse.Namespace) -> int:
    """The child's part of `_in_own_process`."""
    answers, costs = ours(load(chosen), chosen.one, chosen.seed, not (chosen.quick or chosen.no_choice))
    np.savez(chosen.out, lists=answers.lists, silent=np.asarray(answers.silent))
    sys.stdout.write(json.dumps(costs))
    return 0


OPTIONS: Final = (
    ("--interactions", {"type": Path, "help": "user, item, time (default: the course data beside the project)"}),
    ("--truth", {"type": Path, "help": "what they took next; without it everybody's last item is asked for"}),
    ("--time-column", {"help": "default time, or order for the course data"}),
    ("--ours", {"default": ",".join(OURS), "help": "our models, with commas between"}),
    ("--peers", {"default": "", "help": f"peers, with commas between; default all: {', '.join(PEERS)}"}),
    ("--peer-python", {"default": sys.executable, "help": "an interpreter that has the peers; default this one"}),
    ("--cases", {"type": int, "default": 10_000, "help": "users judged, drawn by the seed"}),
    ("--users", {"type": int, "default": 0, "help": "only so many, drawn by the seed; default all"}),
    ("--epochs", {"type": int, "default": 100, "help": "of SASRec at most; it ends before, once it learns no more"}),
    ("--budget", {"type": float, "default": 600.0, "help": "CPU seconds of SASRec's learning at most"}),
    ("--no-choice", {"action": "store_true", "help": "take the first setting of everything"}),
    ("--seed", {"type": int, "default": 0}),
    ("--one", {"help": argparse.SUPPRESS}),
    ("--out", {"help": argparse.SUPPRESS}),
)


def main() -> int:
    one_thread()
    if "--one" in sys.argv:
        parser = argparse.ArgumentParser()
        for flag, details in (*OPTIONS, ("--quick", {"action": "store_true"})):
            parser.add_argument(flag, **details)
        return one(parser.parse_args())
    return run("peers", __doc__, measure, OPTIONS)


if __name__ == "__main__":
    raise SystemExit(main())
