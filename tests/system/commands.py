"""The command line as others use it: processes, what they print, how they end. Knows no module of the application.

Most commands run in a process forked from one that has loaded everything (`warm`): it is the same program with its own
process id, files and exit code, and it starts in a fraction of the time. `fresh` starts a new interpreter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


def environment(**more: str) -> dict[str, str]:
    """A clean one: nothing of the tester's own settings reaches the program. The hashing encoder needs no weights."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV") if name in os.environ}
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    home = {"HOME": tempfile.gettempdir(), "LANG": "C.UTF-8"}
    return kept | one_thread | home | {"STUDYHALL_ENCODER": "hashing"} | more


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (negative: killed by that signal) and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document that standard output must consist of."""
        return json.loads(self.out)


def fresh(*arguments: str | Path, before: tuple[str, ...] = (), cwd: Path = ROOT, **more: str) -> Ended:
    """A new interpreter: ``python -m bot ...``; `before` is put in front of it."""
    command = [*before, sys.executable, "-m", "bot", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment(**more), stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


class Command:
    """A command that runs in a process of its own."""

    def __init__(self, warm: Warm, pid: int, files: tuple[Path, Path]) -> None:
        self._warm = warm
        self.pid = pid
        self._files = files

    def signal(self, number: int) -> None:
        """The process is a child of `warm` and stays known until it is waited for, so the number is still its own."""
        os.kill(self.pid, number)

    def wait(self) -> Ended:
        code = int(self._warm.ask({"wait": self.pid})["code"])
        out, err = (file.read_bytes().decode() for file in self._files)
        for file in self._files:
            file.unlink()
        return Ended(code, out, err)


class Warm:
    """Starts commands by forking; see `tests.system.warm`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.warm"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._hear()

    def start(self, *arguments: str | Path, **more: str) -> Command:
        self._count += 1
        files = (self._folder / f"{self._count}.out", self._folder / f"{self._count}.err")
        request = {"arguments": [*map(str, arguments)], "environment": environment(**more), "files": [*map(str, files)]}
        return Command(self, int(self.ask(request)["pid"]), files)

    def run(self, *arguments: str | Path, **more: str) -> Ended:
        return self.start(*arguments, **more).wait()

    def ask(self, request: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._hear()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that commands are forked from has ended"
        heard: dict[str, Any] = json.loads(line)
        return heard
