"""What the command line writes: one JSON document or plain lines, progress, and errors that say what to do."""

from __future__ import annotations

import codecs
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import BotError
from recsys.encoders import EncoderNotFound, EncoderUnavailable, UnsafeWeights, WeightsMismatch

FAILED: Final = 1
_EVERY: Final = 2.0
"""Seconds between progress lines where there is no terminal."""
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def show_json(document: object) -> None:
    """One document on standard output and nothing else; ASCII where the output is not UTF-8, so that it stays JSON."""
    plain_only = _codec(sys.stdout.encoding) != "utf-8"
    sys.stdout.write(json.dumps(document, ensure_ascii=plain_only, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def _codec(encoding: str | None) -> str:
    return codecs.lookup(encoding or "utf-8").name


def show(*lines: str) -> None:
    """Plain lines; people's text in them is never markup. What a terminal cannot show is replaced, not fatal."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    # A program that runs for years says where it is open at once, also to a pipe or a file.
    sys.stdout.flush()


def note(line: str) -> None:
    """For the person, on standard error: progress and remarks never mix with results."""
    sys.stderr.write(line + "\n")


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Errors that we raise on purpose become one sentence and exit code 1; others keep their traceback."""
    try:
        yield
    except (EncoderNotFound, EncoderUnavailable, UnsafeWeights, WeightsMismatch) as error:
        note(f"studyhall: the encoder cannot be used: {error}. Set STUDYHALL_ENCODER; `studyhall doctor` checks it.")
        raise typer.Exit(FAILED) from error
    except BotError as error:
        note(f"studyhall: {error}")
        raise typer.Exit(FAILED) from error


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line every two seconds otherwise; both on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    def __init__(self, title: str) -> None:
        self._title = title
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last >= _EVERY or (done >= total and done):
            self._last = now
            note(f"{self._title}: {done}/{total}")


class LogFormatter(logging.Formatter):
    """``12:00:01 INFO bot.app: occurrence done job=digest``: an event with its fields; never anybody's message."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {record.name}: {record.getMessage()}"
        line += "".join(f" {name}={value}" for name, value in sorted(fields.items()))
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


def log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These write whole addresses, with tokens in them, or one line a tick.
    for name in ("httpx", "httpcore", "apscheduler", "uvicorn.access", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def plain(values: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value}" for name, value in values.items())
