"""A thousand presses at once, from threads and processes, on one SQLite file: no seat is oversold, lost or doubled."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.domain.guests import HOLDING, Standing
from bot.domain.incoming import Place, Sender
from bot.domain.refs import AccountRef, RoomRef
from bot.usecases.events.due import DoWhatIsDue
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.recap_chat import SendRecap
from scheduler.moments import DueMoments
from storage import open_store
from tests.bot.usecases.events.hosting import planned
from tests.bot.usecases.events.pressing_process import NOW
from tests.fakes.clock import FakeClock, SeededIds

PEOPLE, SEATS, PROCESSES, THREADS = 1_000, 120, 2, 8


@pytest.mark.timeout(300)
def test_a_thousand_presses_at_once(migrated: Path, tmp_path: Path) -> None:
    file = tmp_path / "studyhall.db"
    shutil.copy(migrated, file)
    url = f"sqlite:///{file}"
    store = open_store(url, clock=lambda: NOW)
    with store.write() as uow:
        community = uow.communities.add("Race", language="en", timezone="UTC", sample=False)
        ids = [
            uow.members.resolve(1, Sender(AccountRef("web", f"a{number}"), f"A {number}"), NOW).id
            for number in range(PEOPLE + 1)
        ]
        room = uow.rooms.ensure(1, Place(RoomRef("web", "general"), "general"))
        hosting = Hosting(uow, community, NOW, "test")
        event = hosting.publish(hosting.create(planned(ids[0], capacity=SEATS, rooms=(room.id,))))
        uow.commit()
    members = ids[1:]
    share = PEOPLE // PROCESSES
    running = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.bot.usecases.events.pressing_process", url, event.id),
                *(str(members[0] + part * share), str(members[0] + (part + 1) * share), str(THREADS)),
            ],
            cwd=Path(__file__).parents[4],
        )
        for part in range(PROCESSES)
    ]
    assert [process.wait(280) for process in running] == [0] * PROCESSES
    with store.read() as uow:
        guests = uow.guests.all(event.number)
        counts = uow.guests.counts(event.number)
        going = {interaction.member_id for interaction in uow.interactions.explicit(1, frozenset({"attend"}))}
    left = {member for member in members if member % 5 == 0}
    by_standing = {standing: {m for m, g in guests.guests.items() if g.standing is standing} for standing in Standing}
    assert guests.guests.keys() == set(members), "nobody is lost, nobody is there twice"
    assert by_standing[Standing.CANT] == left
    assert guests.held == SEATS
    assert sum(map(len, (by_standing[s] for s in HOLDING))) == SEATS
    assert len(by_standing[Standing.WAITING]) == PEOPLE - SEATS - len(left)
    assert going == by_standing[Standing.GOING], "whoever has a seat is known to have one, and nobody else"
    places = [guest.place for guest in guests.waiting]
    assert len(set(places)) == len(places)
    assert sum(sum(those.values()) for those in counts.values()) == PEOPLE
    # Every offer was written once, and the card needs one post for all of this.
    with store.read() as uow:
        letters = uow.outbox.counts()["pending"]
    assert letters >= len(by_standing[Standing.OFFERED])
    clock = FakeClock(NOW + timedelta(seconds=5))
    moments = DueMoments(store, clock, DoWhatIsDue(store, clock, SendRecap(cast("Any", None)), SeededIds()))
    while moments.tick():
        pass
    with store.read() as uow:
        assert [card.edits for card in uow.cards.all(event.number)] == [0]
        assert uow.outbox.counts()["pending"] == letters + 1
    store.close()
