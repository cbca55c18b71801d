"""The composition root: opened twice it is the same community, and what it wires works by night too."""

from __future__ import annotations

import gc
import re
import stat
import weakref
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.app import Application
from bot.domain.schedules import Frequency, Job
from bot.errors import ConfigError, StoreUnavailable
from bot.settings import Settings
from bot.surroundings import Paths, RandomIds, SystemClock
from bot.upkeep import Upkeep
from tests.bot.reading import items
from tests.bot.world import World


def test_opening_makes_a_community_once(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, community="Ferris Hall", language="zh", timezone="Asia/Shanghai", encoder="hashing"
    )
    with Application.open(settings) as app:
        first = app.community
        assert (first.name, first.language, first.timezone, first.sample) == (
            "Ferris Hall",
            "zh",
            "Asia/Shanghai",
            False,
        )
    with Application.open(Settings(home=tmp_path, community="Other")) as app:
        assert app.community == first


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises((ConfigError, StoreUnavailable, OSError)):
        Application.open(Settings(home=tmp_path / "file", encoder="hashing"))


def test_closing_closes_the_encoder(world: World) -> None:
    assert not world.encoder.closed
    world.app.close()
    assert world.encoder.closed


def test_the_engine_is_opened_once_and_needs_no_encoder_before(world: World) -> None:
    assert world.encoder.encoded == 0
    assert world.app.engine is world.app.engine


def test_the_secret_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "new")
    secret = paths.read_secret()
    assert len(secret) == 32
    assert paths.read_secret() == secret
    assert stat.S_IMODE(paths.secret.stat().st_mode) == 0o600
    paths.secret.write_bytes(b"short")
    assert len(paths.read_secret()) == 32


def test_ids_are_long_and_never_the_same() -> None:
    ids = RandomIds()
    codes = {ids.code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert all(re.fullmatch("[a-z2-7]{16}", code) for code in codes)


def test_the_clock_says_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_nightly_work_is_scheduled_once(world: World) -> None:
    for _ in range(2):
        Upkeep(world.app).ensure_schedules()
    with world.store.read() as uow:
        schedules = uow.schedules.all(world.community.id)
    assert sorted(schedule.job for schedule in schedules) == [Job.SNAPSHOT, Job.SWEEP, Job.TRAIN]
    assert {(s.frequency, s.at.hour, s.recipient) for s in schedules} == {(Frequency.DAILY, 3, "community")}


def test_the_night_sweeps_saves_and_trains_only_on_enough(stocked: World) -> None:
    shown = stocked.asks("lin", "foryou")
    Upkeep(stocked.app).ensure_schedules()
    upkeep = Upkeep(stocked.app).planner()
    upkeep.tick()
    stocked.clock.set(datetime(2027, 1, 5, 3, 0, tzinfo=UTC))
    tick = upkeep.tick()
    assert (tick.done, tick.skipped, tick.failed) == (2, 1, 0)
    assert (stocked.app.paths.index).is_dir()
    pressed = stocked.press("lin", shown, "save", item=items(shown.message)[0])
    assert pressed.notice.startswith("Saved.")
    stocked.clock.go_on(days=1)
    stocked.restart()
    assert Upkeep(stocked.app).planner().tick().failed == 0


def test_a_new_start_from_the_snapshot_answers_the_same(stocked: World) -> None:
    before = stocked.asks("lin", "learn", "rust macros")
    stocked.app.engine.save()
    encoded = stocked.encoder.encoded
    stocked.restart()
    after = stocked.asks("mei", "learn", "rust macros")
    assert items(after.message) == items(before.message)
    assert stocked.encoder.encoded == encoded + 1, "only the words of the search are encoded"


def test_once_everything_has_its_vector_full_collections_pass_it_over(stocked: World) -> None:
    upkeep = Upkeep(stocked.app)
    gc.unfreeze()
    try:
        while upkeep.embed():
            assert gc.get_freeze_count() == 0
        kept = gc.get_freeze_count()
        assert kept > 10_000
        assert not upkeep.embed()
        assert gc.get_freeze_count() <= kept, "once is enough: it stops every thread"
        # What becomes garbage later is still found.
        ring: list[object] = []
        ring.append(ring)
        seen = weakref.ref(sealed := type("Sealed", (), {})())
        ring.append(sealed)
        del ring, sealed
        gc.collect()
        assert seen() is None
    finally:
        gc.unfreeze()
