"""Loads the whole program once and forks a process for every command asked for on standard input.

One JSON document a line: {"arguments", "environment", "files"} -> {"pid"}; {"wait": pid} -> {"code"}. It ends with its
input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def main() -> None:
    import bot.cli
    import storage.checks
    import storage.migrations.versions

    assert bot.cli
    assert storage.checks
    answers = os.fdopen(os.dup(1), "w")
    _tell(answers, {"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            _tell(answers, {"code": os.waitstatus_to_exitcode(status)})
            continue
        pid = os.fork()
        if pid == 0:
            _become(request["arguments"], request["environment"], request["files"])
        _tell(answers, {"pid": pid})


def _tell(answers: Any, document: Mapping[str, object]) -> None:
    answers.write(json.dumps(document) + "\n")
    answers.flush()


def _become(arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[str]) -> None:
    """The command itself; never returns."""
    code = 70
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number, file in enumerate(files, start=1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["studyhall", *arguments]
        code = _run()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _run() -> int:
    """As the interpreter would end: the code of SystemExit, or a traceback and 1."""
    import traceback

    from bot.cli import main as studyhall

    try:
        studyhall()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
