"""Four people live twice: once with links between them that come and go, once without. When all have parted again, the
two stores are the same, row by row, whatever happened between.

While somebody is linked, only such things happen to them as are tied to an account (what they say, react to and join):
those are theirs alone in both lives. Everything else happens to who is not linked.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.consent import ConsentKind
from bot.domain.guests import Standing
from bot.domain.incoming import MemberJoined, MemberLeft, MessageDeleted, MessagePosted, Place, ReactionChanged
from bot.domain.interactions import Signal
from bot.domain.introductions import Outcome
from bot.domain.refs import MessageRef, RoomRef
from bot.ports import UnitOfWork
from bot.usecases.ingest import Heard, Ingest
from storage import open_store
from tests.storage.linking import Hall, Tables, broken_references, link_up, tables

NAMES = ("ann", "ben", "cem", "dan")
names = st.sampled_from(NAMES)
natives = st.sampled_from("123")
Act = Callable[[UnitOfWork, Hall], object]

FREE: dict[str, Callable[[Hall, UnitOfWork, str], object]] = {
    "take": lambda hall, uow, who: hall.take(uow, who, "rust"),
    "enrol": lambda hall, uow, who: hall.take(uow, who, "go", Signal.ENROL),
    "undo": lambda hall, uow, who: hall.undo_last(uow, who),
    "see": lambda hall, uow, who: hall.see(uow, who, "course:rust"),
    "begin": lambda hall, uow, who: hall.begin(uow, who, "onboarding"),
    "end": lambda hall, uow, who: hall.end(uow, who, "onboarding"),
    "letters": lambda hall, uow, who: hall.letters(uow, who, enabled=True, weekday=2),
    "no letters": lambda hall, uow, who: hall.letters(uow, who, enabled=False),
    "judge": lambda hall, uow, who: hall.judge(uow, who, "rust", len(who)),
    "look": lambda hall, uow, who: hall.look_for(uow, who, "async"),
    "host": lambda hall, uow, who: hall.host(uow, who),
    "go": lambda hall, uow, who: hall.meet(uow, who),
    "maybe": lambda hall, uow, who: hall.meet(uow, who, standing=Standing.MAYBE),
    "wait": lambda hall, uow, who: hall.wait(uow, who),
    "draw": lambda hall, uow, who: hall.draw(uow, who),
    "switch": lambda hall, uow, who: hall.switch(uow, who, ConsentKind.MESSAGES),
}
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A life cannot be made shorter in seconds: the steps are printed as they were."""
LEFT_OUT = {"consent_changes"}
"""Only ever longer: what a link switched is written down, too."""


def told(hall: Hall) -> Tables:
    """The tables without numbers that only rise."""
    found = tables(hall.store)
    for name in ("interactions", "withdrawals"):
        found[name] = {key: re.sub(r"'sequence': \d+", "", row) for key, row in found[name].items()}
    return {name: rows for name, rows in found.items() if name not in LEFT_OUT}


class TwoLives(RuleBasedStateMachine):
    migrated: Path

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="studyhall-", dir=memory if memory.is_dir() else None))
        self.halls: list[Hall] = []
        for life in ("linked", "plain"):
            file = self.folder / f"{life}.db"
            shutil.copy(self.migrated, file)
            self.halls.append(Hall(open_store(f"sqlite:///{file}"), NAMES))
        self.linked, self.plain = self.halls
        self.links: dict[int, set[str]] = {}

    def teardown(self) -> None:
        try:
            self._part_all()
            linked, plain = told(self.linked), told(self.plain)
            different = {
                name: (set(rows.items()) - set(linked[name].items()), set(linked[name].items()) - set(rows.items()))
                for name, rows in plain.items()
                if linked[name] != rows
            }
            assert different == {}
        finally:
            for hall in self.halls:
                hall.store.close()
            shutil.rmtree(self.folder)

    @initialize()
    def everybody_has_something(self) -> None:
        for name in NAMES:
            self._both(lambda uow, hall, who=name: hall.everything(uow, who))

    # What happens to both lives

    def _both(self, act: Act) -> None:
        for hall in self.halls:
            with hall.store.write() as uow:
                act(uow, hall)
                uow.commit()

    def _hear(self, heard: Callable[[Hall], Heard]) -> None:
        for hall in self.halls:
            Ingest(hall.store)(hall.community, heard(hall))

    def _free(self, name: str) -> bool:
        return all(name not in pair for pair in self.links.values())

    @rule(who=names, act=st.sampled_from(sorted(FREE)))
    def somebody_unlinked_does_something(self, who: str, act: str) -> None:
        if self._free(who):
            self._both(lambda uow, hall: FREE[act](hall, uow, who))

    @rule(who=names, other=names, outcome=st.sampled_from(Outcome))
    def somebody_chooses(self, who: str, other: str, outcome: Outcome) -> None:
        if who != other and self._free(who) and self._free(other):
            self._both(lambda uow, hall: hall.choose(uow, who, other, outcome))

    @rule(who=names, native=natives, reply=st.none() | natives, private=st.booleans())
    def says(self, who: str, native: str, reply: str | None, private: bool) -> None:
        def posted(hall: Hall) -> MessagePosted:
            room = RoomRef(who, "closed" if private else "hall")
            place = Place(room, room.native_id, private=private)
            text = f"How do I cancel a task that waits {native}?"
            return MessagePosted(MessageRef(room, native), place, hall.sender(who), text, hall.now(), reply)

        self._hear(posted)

    @rule(who=names, native=natives, emoji=st.sampled_from("👍🎉"), present=st.booleans())
    def reacts(self, who: str, native: str, emoji: str, present: bool) -> None:
        ref = MessageRef(RoomRef(who, "hall"), native)
        self._hear(lambda hall: ReactionChanged(ref, hall.sender(who), emoji, present, hall.now()))

    @rule(who=names, native=natives)
    def deletes(self, who: str, native: str) -> None:
        self._hear(lambda hall: MessageDeleted(MessageRef(RoomRef(who, "hall"), native), hall.now()))

    @rule(who=names, comes=st.booleans())
    def comes_or_goes(self, who: str, comes: bool) -> None:
        place = Place(RoomRef(who, "closed"), "closed", private=True)
        kind: Any = MemberJoined if comes else MemberLeft
        self._hear(lambda hall: kind(place, hall.sender(who), hall.now()))

    # What happens to one

    @rule(one=names, other=names)
    def link(self, one: str, other: str) -> None:
        with self.linked.store.write() as uow:
            first, second = self.linked.who(uow, one).id, self.linked.who(uow, other).id
            if first == second:
                return
            groups = [{one, other}, *(pair for pair in self.links.values() if pair & {one, other})]
            made = link_up(uow, self.linked.community, first, second)
            uow.commit()
        self.links[made.id] = set().union(*groups)
        self._regroup()

    @precondition(lambda self: self.links)
    @rule(data=st.data())
    def part(self, data: st.DataObject) -> None:
        self._part(data.draw(st.sampled_from(sorted(self.links))))

    def _part(self, number: int) -> None:
        with self.linked.store.write() as uow:
            assert uow.links.part(number, self.linked.now())
            uow.commit()
        self.plain.minutes = self.linked.minutes
        del self.links[number]
        self._regroup()

    def _part_all(self) -> None:
        for number in sorted(self.links):
            self._part(number)

    def _regroup(self) -> None:
        """Who is with whom now, as the store says."""
        with self.linked.store.read() as uow:
            for number in self.links:
                link = uow.links.get(self.linked.community, number)
                assert link is not None
                self.links[number] = {n for n in NAMES if self.linked.who(uow, n).id == link.first_id}

    @invariant()
    def nothing_points_at_nothing(self) -> None:
        for hall in self.halls:
            assert broken_references(hall.store) == []


def test_who_parted_lives_as_if_they_had_never_been_one(migrated: Path) -> None:
    TwoLives.migrated = migrated
    run_state_machine_as_test(
        TwoLives,
        settings=settings(
            max_examples=5,
            stateful_step_count=20,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
