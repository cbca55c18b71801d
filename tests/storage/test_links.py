"""Two become one person and part again: nothing is lost, nothing doubled, and who is not concerned notices nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.domain.guests import Standing
from bot.domain.introductions import Outcome
from storage import SqlStore
from storage.belongings import BELONGINGS, INSIDE, STAYS
from storage.tables import METADATA
from tests.storage.linking import Hall, broken_references, link_up, tables


@pytest.fixture
def hall(store: SqlStore) -> Hall:
    made = Hall(store, ("ann", "ben", "cem"))
    with store.write() as uow:
        for name in made.people:
            made.everything(uow, name)
        for name, other in (("ann", "cem"), ("ben", "cem"), ("cem", "ben"), ("ann", "ben"), ("ben", "ann")):
            made.choose(uow, name, other, Outcome.HELLO if name == "ann" else Outcome.DECLINED)
        uow.commit()
    return made


def test_joining_and_parting_with_nothing_between_changes_no_row(hall: Hall) -> None:
    before = tables(hall.store)
    with hall.store.write() as uow:
        link = link_up(uow, hall.community, hall.people["ann"], hall.people["ben"])
        uow.commit()
    assert tables(hall.store) != before
    with hall.store.write() as uow:
        assert uow.links.part(link.id, hall.now())
        uow.commit()
    after = tables(hall.store)
    for name, rows in before.items():
        if name != "consent_changes":
            assert after[name] == rows, name
    assert after["consent_changes"].items() >= before["consent_changes"].items()
    assert broken_references(hall.store) == []


def test_every_column_that_names_a_member_is_known(hall: Hall) -> None:
    known = {(one.table.name, one.column) for one in (*BELONGINGS, *INSIDE)} | STAYS.keys()
    pointing = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if any(key.column.table.name == "members" for key in column.foreign_keys)
    }
    assert pointing <= known
    ben = f"member:{hall.people['ben']}"
    saying: set[tuple[str, str]] = set()
    with hall.store.engine.connect() as connection:
        for table in METADATA.tables.values():
            for row in connection.execute(select(table)).mappings():
                saying |= {(table.name, name) for name, value in row.items() if ben in str(value)}
    assert saying <= known


def test_there_is_a_row_of_everything_that_goes_along(hall: Hall) -> None:
    """So that the tests here are about all of it: who enters a column there, gives `Hall.everything` a row."""
    ben = hall.people["ben"]
    with hall.store.engine.connect() as connection:
        for one in BELONGINGS:
            column = one.table.c[one.column]
            count = select(func.count()).select_from(one.table).where(column == one.of(ben))
            assert connection.execute(count).scalar_one() > 0, (one.table.name, one.column)
        for inside in INSIDE:
            found = connection.execute(select(inside.table.c[inside.column])).scalars()
            assert ben in {inside.read(value) for value in found}, inside.table.name


def test_a_person_has_one_seat_and_gets_no_seat_that_is_gone(hall: Hall) -> None:
    """Of two answers the nearer one counts, and the other seat is free. Who parts gets it back if it still is."""

    def standings() -> dict[int, str]:
        with hall.store.read() as uow:
            event = uow.hosted.get(hall.community, "small")
            assert event is not None
            return {number: guest.standing.value for number, guest in uow.guests.all(event.number).guests.items()}

    ann, ben, cem = (hall.people[name] for name in ("ann", "ben", "cem"))
    with hall.store.write() as uow:
        event = hall.event(uow, "small", hall.who(uow, "ann"))
        event = uow.hosted.put(hall.community, replace(event, capacity=2))
        hall.meet(uow, "ann", "small", Standing.MAYBE)
        hall.meet(uow, "ben", "small", Standing.GOING)
        link = link_up(uow, hall.community, ann, ben)
        uow.commit()
    assert standings() == {ann: "going", ben: "out"}
    with hall.store.write() as uow:
        assert uow.links.part(link.id, hall.now())
        uow.commit()
    assert standings() == {ann: "maybe", ben: "going"}
    with hall.store.write() as uow:
        hall.meet(uow, "ann", "small", Standing.GOING)
        link = link_up(uow, hall.community, ann, ben)
        hall.meet(uow, "cem", "small", Standing.GOING)
        assert uow.links.part(link.id, hall.now())
        uow.commit()
    assert standings() == {ann: "going", ben: "waiting", cem: "going"}
