"""Damaged updates and spiky messages through a whole adapter: nothing may go unhandled, nothing past a limit.

Updates: those recorded in the tests and those that the test server tells of a scenario, each changed in one to four
places (hypothesis decides which and how), through the parser; a sample of them also through inbox and dispatcher of a
real application. Messages: everything that a renderer could stumble over, judged by the platform's own rules and counts
as the test server has them, never by the renderer's.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.fuzzing import discord, telegram
from benchmarks.fuzzing.subject import Subject
from benchmarks.report import Report, home_of, percentile, run
from bot.app import Application
from bot.domain.outgoing import Outgoing
from bot.settings import read_settings
from tests.adapters.spiky import messages

SUBJECTS: Final[Mapping[str, Callable[[], Subject]]] = {"discord": discord.subject, "telegram": telegram.subject}
SAMPLE: Final = 20
"""One update of so many goes through the whole application."""
SLOW: Final = 1.0
"""Seconds; an update that takes longer hangs the ones after it."""
JUNK: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((0, -1, 2**31, 2**53, 2**63, 10**30, 253_402_300_800, 1_772_359_200)),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ("", "/", "/ask", "／提问 x", "\ud800", "\x00", "9" * 5000, "a" * 300, "٣", "-100", "private", "\u202e")
    ),
    st.just([]),
    st.just({}),
    st.lists(st.one_of(st.none(), st.integers(), st.just({})), max_size=3),
    st.dictionaries(
        st.sampled_from(("id", "type", "chat", "from", "text", "date", "emoji")), st.integers(), max_size=3
    ),
)

Path_ = tuple[str | int, ...]


def many(number: int) -> settings:
    """So many examples, each once, whatever they are like."""
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def paths(value: object, path: Path_ = ()) -> Iterator[Path_]:
    """Where something stands in an update."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield (*path, key)
        yield from paths(child, (*path, key))


def damaged(data: st.DataObject, shapes: Sequence[Any]) -> Any:
    """One of the shapes, changed in one to four places; two shapes also exchange a part."""
    update = copy.deepcopy(shapes[data.draw(st.integers(0, len(shapes) - 1))])
    for _ in range(data.draw(st.integers(1, 4))):
        places = list(paths(update))
        if not places:
            break
        path = places[data.draw(st.integers(0, len(places) - 1))]
        at: Any = update
        for step in path[:-1]:
            at = at[step]
        match data.draw(st.integers(0, 4)):
            case 0:
                del at[path[-1]]
            case 1:
                other = shapes[data.draw(st.integers(0, len(shapes) - 1))]
                inner = list(paths(other))
                found: Any = other
                for step in inner[data.draw(st.integers(0, len(inner) - 1))]:
                    found = found[step]
                at[path[-1]] = copy.deepcopy(found)
            case _:
                at[path[-1]] = data.draw(JUNK)
    return update


@dataclass
class Tally:
    """What became of the updates."""

    read: int = 0
    silent: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unhandled: Counter[str] = field(default_factory=Counter)


def parse_all(subject: Subject, number: int, begin: int, report: Report) -> list[str]:
    """Every update through the parser; returns the sample, as the inbox keeps it."""
    tally, sample, shapes = Tally(), list[str](), subject.shapes()
    seconds: list[float] = []
    numbers = count()

    @seed(begin)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def one(data: st.DataObject) -> None:
        raw = subject.raw(damaged(data, shapes))
        if next(numbers) % SAMPLE == 0:
            sample.append(raw)
        began = time.process_time()
        try:
            found = subject.parse(raw)
        except ValueError as error:
            tally.refused[str(error)] += 1
        except Exception as error:  # noqa: BLE001  what is counted here
            tally.unhandled[f"{type(error).__name__}: {error}"] += 1
        else:
            tally.read += bool(found)
            tally.silent += not found
        seconds.append(time.process_time() - began)

    one()
    done = len(seconds)
    report.add("updates", done, "", f"of {len(shapes)} shapes")
    report.add("read", tally.read, "", "said something")
    report.add("of no interest", tally.silent)
    most = ", ".join(f"{reason} ({times:,})" for reason, times in tally.refused.most_common(3))
    report.add("refused with a reason", sum(tally.refused.values()), "", most)
    report.add("unhandled errors", sum(tally.unhandled.values()), "", "; ".join(tally.unhandled)[:300])
    report.add("reading one, p50", percentile(seconds, 0.5) * 1e6, "us")
    report.add("reading one, slowest", max(seconds) * 1000, "ms")
    report.add("longer than a second", sum(one_ > SLOW for one_ in seconds), "", "of CPU time")
    return sample


def through_the_application(subject: Subject, sample: Sequence[str], report: Report) -> None:
    """The sample through inbox, dispatcher and use-cases: each row is done, or parked with why."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        home = home_of(Path(scratch), "fuzz")
        with Application.open(read_settings(home=home, encoder="hashing"), name="Fuzz") as app:
            app.encoder.start()
            made = app.dispatcher({subject.platform: subject.parse}, lambda: None)
            minutes = count(step=60.0)
            dispatcher = replace(made, monotonic=lambda: float(next(minutes)))
            rows = [(str(number), raw) for number, raw in enumerate(sample)]
            for start in range(0, len(rows), 100):
                with app.store.write() as uow:
                    uow.inbox.put(app.community.id, subject.platform, rows[start : start + 100], app.clock.now())
                    uow.commit()
            began = time.process_time()
            while dispatcher.drain():
                pass
            spent = time.process_time() - began
            with app.store.read() as uow:
                counts = uow.inbox.counts()
            with app.store.engine.connect() as connection:
                parked = connection.exec_driver_sql("SELECT reason FROM inbox WHERE state = 'parked'").scalars().all()
    report.add("through the application", len(sample), "", f"{spent / max(len(sample), 1) * 1000:.2f} CPU ms each")
    report.add("done", counts.get("done", 0))
    report.add("parked with a reason", sum(bool(reason) for reason in parked))
    report.add("parked without one", sum(not reason for reason in parked))
    failed = Counter(reason for reason in parked if not reason.startswith("cannot be read: ValueError"))
    report.add("failed in a use-case", sum(failed.values()), "", "; ".join(failed)[:300])
    report.add("neither done nor parked", len(sample) - counts.get("done", 0) - len(parked))


def render_all(subject: Subject, number: int, begin: int, report: Report) -> None:
    refused: Counter[str] = Counter()
    parts = count()

    @seed(begin)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(messages)
    def one(message: Outgoing) -> None:
        for problem in subject.judge(message):
            next(parts)
            if problem:
                refused[problem] += 1

    one()
    report.add("messages rendered", number, "", f"{next(parts):,} parts judged")
    report.add("past a limit, or not taken", sum(refused.values()), "", "; ".join(refused)[:300])


def measure(report: Report, chosen: argparse.Namespace) -> None:
    for name in [chosen.platform] if chosen.platform else SUBJECTS:
        subject = SUBJECTS[name]()
        number = min(chosen.updates, 2000) if report.quick else chosen.updates
        sample = parse_all(subject, number, chosen.seed, report)
        through_the_application(subject, sample, report)
        render_all(subject, max(200, number // 20), chosen.seed, report)


if __name__ == "__main__":
    options = [
        ("--platform", {"choices": list(SUBJECTS), "default": None, "help": "default: every one, one after the other"}),
        ("--updates", {"type": int, "default": 100_000}),
        ("--seed", {"type": int, "default": 1}),
    ]
    raise SystemExit(run("fuzz", __doc__, measure, options))
