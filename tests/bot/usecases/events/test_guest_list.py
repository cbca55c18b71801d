"""The guest list in the store, whatever order things come in, against one kept on paper (`model.Paper`).

Real use-cases, real store, restarts in between; what is due is done late or in time, as it happens. The event asks for
a role, which people lose and get back between their presses.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.domain.admission import Admission, AdmissionKind, NativeRole
from bot.domain.guests import Standing
from bot.domain.incoming import StandingChanged
from bot.domain.permissions import Home, PlatformRole
from bot.domain.refs import AccountRef
from bot.domain.rsvp import Action, Decline, Go, Pass
from bot.usecases.events.publishing import Hosting
from bot.usecases.events.seats import Seats
from storage import open_store
from tests.bot.reading import words_of
from tests.bot.usecases.events.hosting import EVENING, Hosts
from tests.bot.usecases.events.model import Paper
from tests.bot.world import FAKE, World

PEOPLE = tuple(f"p{number}" for number in range(7))
MENTOR = NativeRole(FAKE, "hall", "7", "Mentor")
_WHO = st.sampled_from(PEOPLE)


class GuestListMachine(RuleBasedStateMachine):
    migrated: Path

    @initialize(seats=st.sampled_from([0, 1, 2, 3]))
    def begin(self, seats: int) -> None:
        within = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self.home = Path(tempfile.mkdtemp(prefix="studyhall-", dir=within))
        shutil.copy(self.migrated, self.home / "studyhall.db")
        self.world = World(self._open(), self.home)
        self.hosts = Hosts(self.world)
        self.ids = {who: self.world.arrives(who).id for who in PEOPLE}
        with self.world.store.write() as uow:
            uow.homes.put(self.world.community.id, Home(FAKE, "hall", "Ferris Hall"), self.world.clock.now())
            uow.native_roles.replace(self.world.community.id, FAKE, "hall", [MENTOR])
            uow.commit()
        for who in PEOPLE:
            self._says(who, has=True)
        self.hosts.publish("general", capacity=seats, admission=Admission(AdmissionKind.ROLE, roles=(MENTOR,)))
        event = self.hosts.event()
        self.paper = Paper(event.starts_at, event.ends_at, seats)

    def _open(self):  # type: ignore[no-untyped-def]
        return open_store(f"sqlite:///{self.home / 'studyhall.db'}")

    def _decide(self, action: Action) -> None:
        with self.world.store.write() as uow:
            event = uow.hosted.get(self.world.community.id, "rust-night")
            assert event is not None
            Seats(uow, self.world.community, event, self.world.clock.now()).decide(action)
            uow.commit()

    def _says(self, who: str, *, has: bool) -> None:
        """The platform tells whether somebody has the role."""
        standing = PlatformRole("hall", groups=frozenset({MENTOR.native_id} if has else ()))
        self.world.happens(StandingChanged(AccountRef(FAKE, who), standing, self.world.clock.now()))

    @rule(who=_WHO, has=st.booleans())
    def role(self, who: str, has: bool) -> None:
        self._says(who, has=has)
        (self.paper.barred.discard if has else self.paper.barred.add)(self.ids[who])

    @rule(who=_WHO)
    def go(self, who: str) -> None:
        self._decide(Go(self.ids[who], "fake"))
        self.paper.go(self.ids[who], self.world.clock.now())

    @rule(who=_WHO, maybe=st.booleans(), sure=st.booleans())
    def decline(self, who: str, maybe: bool, sure: bool) -> None:
        to = Standing.MAYBE if maybe else Standing.CANT
        self._decide(Decline(self.ids[who], to, "fake", sure))
        self.paper.decline(self.ids[who], self.world.clock.now(), maybe=maybe, sure=sure)

    @rule(who=_WHO)
    def give_way(self, who: str) -> None:
        self._decide(Pass(self.ids[who]))
        self.paper.give_way(self.ids[who], self.world.clock.now())

    @rule(seats=st.sampled_from([0, 1, 2, 3, 5, 100_000]))
    def resize(self, seats: int) -> None:
        now, before = self.world.clock.now(), self.hosts.event()
        if seats == before.capacity or not before.open:
            return
        with self.world.store.write() as uow:
            Hosting(uow, self.world.community, now, "test").change(before, before.changed(capacity=seats))
            uow.commit()
        self.paper.resize(seats, now)

    @rule(minutes=st.sampled_from([1, 5, 20, 60, 60 * 6, 60 * 12, 60 * 24]), tick=st.booleans())
    def time_passes(self, minutes: int, tick: bool) -> None:
        # Not beyond the end: what becomes of an event that is over is told elsewhere.
        last = self.paper.ends_at - timedelta(minutes=1)
        self.world.clock.set(min(self.world.clock.now() + timedelta(minutes=minutes), last))
        if tick:
            self.hosts.settle()
            self.paper.clock(self.world.clock.now())

    @rule()
    def restart(self) -> None:
        self.world.store.close()
        self.world.store = self._open()
        self.world.restart()

    @invariant()
    def the_store_says_what_the_paper_says(self) -> None:
        if not hasattr(self, "paper"):
            return
        guests = self.hosts.guests().guests

        def those(*standings: Standing) -> set[int]:
            return {guest.member_id for guest in guests.values() if guest.standing in standings}

        assert those(Standing.GOING) == set(self.paper.going)
        assert those(Standing.MAYBE) == self.paper.maybe
        assert those(Standing.CANT) == self.paper.cant
        assert {g.member_id: g.until for g in guests.values() if g.until} == self.paper.asked
        assert [guest.member_id for guest in self.hosts.guests().waiting] == self.paper.line

    def teardown(self) -> None:
        if not hasattr(self, "paper"):
            return
        self._cards_end_right()
        with self.world.store.read() as uow:
            written = uow.outbox.counts()
        assert written.get("pending", 0) == 0
        offers = [sent for sent in self.world.sent if ":offered:" in sent.sending.key]
        assert len({sent.sending.key for sent in offers}) == len(offers)
        assert len(offers) <= self.paper.letters
        self.world.store.close()
        shutil.rmtree(self.home)

    def _cards_end_right(self) -> None:
        """Seconds after the last change every card says how it stands."""
        self.hosts.go_on(seconds=10)
        self.paper.clock(self.world.clock.now())
        if self.world.clock.now() >= EVENING + timedelta(minutes=89):
            return
        shown = words_of(self.hosts.card().message)
        going, seats = len(self.paper.going), self.paper.seats
        assert (f"{going}/{seats:,} going" if seats else f"{going} going") in shown
        assert (f"{len(self.paper.line)} waiting" in shown) == bool(self.paper.line)


@pytest.mark.timeout(300)
def test_the_guest_list_is_what_it_would_be_on_paper(migrated: Path) -> None:
    GuestListMachine.migrated = migrated
    run_state_machine_as_test(
        GuestListMachine,
        settings=settings(
            max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
