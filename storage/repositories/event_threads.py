"""The threads of events, one on each platform."""

from __future__ import annotations

from sqlalchemy import and_, or_, select, update

from bot.domain.threads import ThreadState
from bot.ports import ThreadRow
from storage.scope import Record, Scope
from storage.tables import EVENT_THREADS, ROOMS

_T = EVENT_THREADS.c
_R = ROOMS.c
_THERE = (ThreadState.OPENING.value, ThreadState.OPEN.value)


class SqlEventThreads:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def put(self, community_id: int, event: int, thread: ThreadRow) -> None:
        values = {
            "room_id": thread.room_id,
            "key": thread.key,
            "state": thread.state.value,
            "thread_room_id": thread.thread_id,
            "name": thread.name,
            "changes": thread.changes,
            "told": list(thread.told),
        }
        mine = {"event_id": event, "platform": thread.platform, "community_id": community_id}
        self._scope.run(
            self._scope.insert(EVENT_THREADS)
            .values(values | mine)
            .on_conflict_do_update(index_elements=[_T.event_id, _T.platform], set_=values)
        )

    def all(self, event: int) -> list[ThreadRow]:
        rows = self._scope.rows(select(EVENT_THREADS).where(_T.event_id == event).order_by(_T.platform))
        return [_thread(row) for row in rows]

    def event_of(self, thread_id: int) -> int | None:
        found = self._scope.value(select(_T.event_id).where(_T.thread_room_id == thread_id).limit(1))
        return None if found is None else int(found)

    def others(self, community_id: int, event: int) -> frozenset[int]:
        wanted = and_(_T.community_id == community_id, _T.event_id != event, _T.thread_room_id.is_not(None))
        return frozenset(self._scope.values(select(_T.thread_room_id).where(wanted)))

    def lose(self, room_id: int) -> list[int]:
        gone = select(_R.id).where(or_(_R.id == room_id, _R.parent_id == room_id))
        there = and_(_T.thread_room_id.in_(gone), _T.state.in_(_THERE))
        lost = update(EVENT_THREADS).where(there).values(state=ThreadState.GONE.value).returning(_T.event_id)
        return sorted(self._scope.values(lost))


def _thread(row: Record) -> ThreadRow:
    return ThreadRow(
        row.platform,
        row.room_id,
        row.key,
        ThreadState(row.state),
        row.thread_room_id,
        row.name,
        row.changes,
        tuple(row.told),
    )
