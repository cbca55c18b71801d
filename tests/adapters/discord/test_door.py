"""What arrives is stored in its order, together where it can be, and waits for a store that takes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.discord import door as module
from adapters.discord.door import Door
from adapters.discord.updates import Delete, RoomPart, Update
from bot.errors import StoreUnavailable
from bot.surroundings import SystemClock
from tests.adapters.discord.hall import Hall

ROOM = RoomPart(id="10")


def deleted(number: int) -> tuple[str, Update]:
    return f"d{number}", Delete(at=SystemClock().now(), room=ROOM, message=str(number))


def test_what_waits_goes_in_together_and_in_order(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[int] = []
    door = Door(hall.store, hall.community.id, SystemClock())
    real = door._write

    def counted(batch: Any) -> None:
        writes.append(len(batch))
        real(batch)

    monkeypatch.setattr(door, "_write", counted)

    async def scenario() -> None:
        await asyncio.gather(*(door.put([deleted(number)]) for number in range(1200)))

    asyncio.run(scenario())
    assert [row.native_id for row in hall.pending()] == [f"d{number}" for number in range(1000)]
    assert sum(writes) == 1200
    assert len(writes) <= 5
    assert door.waiting == 0


def test_who_can_be_told_is_told_and_the_others_wait(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    door = Door(hall.store, hall.community.id, SystemClock())
    real, down = door._write, [True]

    def broken(batch: Any) -> None:
        if down[0]:
            raise StoreUnavailable("planted")
        real(batch)

    monkeypatch.setattr(door, "_write", broken)

    async def scenario() -> None:
        waiting = asyncio.create_task(door.put([deleted(1), deleted(2)]))
        await asyncio.sleep(0.03)
        impatient = asyncio.create_task(door.put([deleted(3)], patient=False))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        down[0] = False
        await asyncio.gather(waiting, impatient)
        down[0] = True
        with pytest.raises(StoreUnavailable):
            await door.put([deleted(4)], patient=False)

    asyncio.run(scenario())
    assert [row.native_id for row in hall.pending()] == ["d1", "d2", "d3"]
    assert door.waiting == 0
