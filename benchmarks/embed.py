"""Texts a second through the encoder's own process and into the store, and what that leaves of everything else.

The peer is the same model in this process on one thread. While 2,000 texts are encoded the benchmark asks as members
do (queries go first) and watches how late an event loop wakes from sleeps of 5 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import Report, Span, home_of, one_thread, percentile, resident, run, span
from benchmarks.talk import texts
from bot.app import Application
from bot.domain.items import Course
from bot.settings import read_settings
from recsys.embedding import embed_items
from recsys.encoders import DEFAULT, EncoderProcess, ProcessLimits, build_encoder

LATE = 0.050
"""Seconds: an event loop that is later than this is felt."""
_NAP = 0.005


def asked_meanwhile(encoder: EncoderProcess, stop: threading.Event | None, number: int) -> list[float]:
    """Seconds of single queries, one every 50 ms, until `stop` is set (or `number` of them)."""
    waits: list[float] = []
    while len(waits) < number and not (stop is not None and stop.is_set()):
        began = time.perf_counter()
        encoder.encode([f"how do I learn rust, question {len(waits)}"])
        waits.append(time.perf_counter() - began)
        time.sleep(0.05)
    return waits


async def lateness(work: Callable[[], object] | None, seconds: float = 2.0) -> list[float]:
    """How late the loop wakes from each nap, in seconds, while `work` runs in a thread (or for so many seconds)."""
    task = asyncio.create_task(asyncio.to_thread(work) if work is not None else asyncio.sleep(seconds))
    late: list[float] = []
    while not task.done():
        began = time.perf_counter()
        await asyncio.sleep(_NAP)
        late.append(time.perf_counter() - began - _NAP)
    await task
    return late


def in_the_process(report: Report, encoder: EncoderProcess, said: list[str], asked: int) -> tuple[float, float]:
    """(texts a second, texts a CPU second) of bulk work."""
    report.times("query, encoder idle", asked_meanwhile(encoder, None, asked))
    with span(encoder.pid) as alone:
        encoder.bulk.encode(said)
    report.add("process, bulk", len(said) / alone.wall, "text/s", f"{alone.cpu / len(said) * 1000:.2f} CPU ms a text")

    stop = threading.Event()

    def bulk() -> None:
        encoder.bulk.encode(said)
        stop.set()

    thread = threading.Thread(target=bulk)
    thread.start()
    waits = asked_meanwhile(encoder, stop, 10_000)
    thread.join()
    report.times("query while bulk runs", waits)

    quiet = asyncio.run(lateness(None))
    busy = asyncio.run(lateness(lambda: encoder.bulk.encode(said)))
    report.times("event loop late, nothing runs", quiet, 0.99, 1.0)
    report.times("event loop late, bulk runs", busy, 0.99, 1.0)
    report.ratio("event loop late against 50 ms", percentile(busy, 1.0), LATE, "the latest; must be below 1")
    return len(said) / alone.wall, len(said) / alone.cpu


def into_the_store(report: Report, app: Application, encoder: EncoderProcess, said: list[str]) -> float:
    """Items a CPU second of EmbedPending and of the engine taking them in."""
    courses = [Course(f"c{at}", title=text[:60], summary=text) for at, text in enumerate(said)]
    with app.store.write() as uow:
        uow.courses.upsert_many(app.community.id, courses)
        uow.commit()
    embed, half = app.embed, len(said) // 2
    with span(encoder.pid) as spent:
        kept = embed(app.community.id, limit=half)
    note = f"{spent.cpu / kept * 1000:.2f} CPU ms an item (title and text)"
    report.add("EmbedPending into the store", kept / spent.wall, "item/s", note)
    app.engine.refresh()  # as the server does before it opens: loads what cuts Chinese into words

    def as_the_server_does() -> None:
        while app.embed(app.community.id, limit=256):
            app.engine.refresh()

    late = asyncio.run(lateness(as_the_server_does))
    report.times("event loop late, EmbedPending and engine", late, 0.99, 1.0)
    report.ratio("event loop late against 50 ms, store and engine", percentile(late, 1.0), LATE, "the latest")
    return kept / spent.cpu


def bare(report: Report, said: list[str], setting: str) -> tuple[float, float, float]:
    """(texts a second, texts a CPU second, items a CPU second) of the model in this process, on one thread."""
    encoder = build_encoder(setting)
    encoder.encode(said[:32])
    spans: list[Span] = []
    for size in (len(said), ProcessLimits().batch_texts):
        with span() as spent:
            for at in range(0, len(said), size):
                encoder.encode(said[at : at + size])
        spans.append(spent)
    best = min(spans, key=lambda one: one.cpu)
    note = f"{best.cpu / len(said) * 1000:.2f} CPU ms a text, the better of all at once and 16 by 16"
    report.add("peer: bare model, one thread", len(said) / best.wall, "text/s", note)
    half = said[: len(said) // 2]
    with span() as items:
        embed_items(encoder, [text[:60] for text in half], half)
    return len(said) / best.wall, len(said) / best.cpu, len(half) / items.cpu


def measure(report: Report, chosen: argparse.Namespace) -> None:
    number = 400 if chosen.quick else 2_000
    said = texts(number)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        settings = read_settings(home=home_of(Path(scratch), "home"), encoder=chosen.encoder)
        with Application.open(settings) as app, EncoderProcess(chosen.encoder) as encoder:
            app.encoder = encoder
            with span() as loading:
                encoder.start()
            pid = encoder.pid
            report.add("encoder process ready after", loading.wall, "s", f"{resident(pid):.0f} MB resident")
            per_second, per_cpu = in_the_process(report, encoder, said, number // 8)
            items_per_cpu = into_the_store(report, app, encoder, said)
            report.add("encoder process afterwards", resident(encoder.pid), "MB")
    bare_per_second, bare_per_cpu, bare_items = bare(report, said, chosen.encoder)
    report.ratio("process against bare model, text/s", per_second, bare_per_second, "1: nothing lost")
    report.ratio("process against bare model, text per CPU s", per_cpu, bare_per_cpu)
    report.ratio("EmbedPending against bare model, item per CPU s", items_per_cpu, bare_items)


if __name__ == "__main__":
    one_thread()
    option = ("--encoder", {"default": DEFAULT, "help": "the setting of the encoder"})
    raise SystemExit(run("embed", __doc__, measure, [option]))
