"""The whole program as an operator starts it, in this process, with a probe that feels how late its event loop is.

`python -m benchmarks.offering.program HOME OUT`: settings come from the environment; OUT gets the probe's figures at
the end, which SIGTERM brings.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.report import percentile
from bot.app import Application
from bot.cli.console import log_to_stderr
from bot.server import Server
from bot.settings import read_settings

BEAT: Final = 0.01


async def main(app: Application, out: Path) -> None:
    late: list[float] = []
    feeling = asyncio.create_task(_feel(late))
    try:
        await Server(app).run(ready=lambda _host, _port: sys.stdout.write("ready\n") and sys.stdout.flush())
    finally:
        feeling.cancel()
        used = resource.getrusage(resource.RUSAGE_SELF)
        figures = {f"p{share:g}": percentile(late or [0.0], share / 100) * 1000 for share in (50, 95, 99)}
        cpu = used.ru_utime + used.ru_stime
        out.write_text(json.dumps(figures | {"max": max(late, default=0.0) * 1000, "cpu": cpu}), "utf-8")


async def _feel(late: list[float]) -> None:
    """How much later than asked for a sleep ends."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(BEAT)
        late.append(time.perf_counter() - began - BEAT)


if __name__ == "__main__":
    home, out = map(Path, sys.argv[1:3])
    with Application.open(read_settings(home=home), name="Offered") as app:
        log_to_stderr(app.settings.log_level)
        app.encoder.start()
        app.engine.refresh()
        asyncio.run(main(app, out))
