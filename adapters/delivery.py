"""Takes what is queued in the outbox to the platforms. Knows what each outcome means; knows no platform and no SQL.

A row is claimed in one transaction, sent outside any, and its outcome recorded in another, so a crash leaves it marked
as being sent. What becomes of it then, and of a send whose outcome is unknown, is its delivery class:

============== ================================= ===========================================
class          outcome unknown                   what a crash can cost
============== ================================= ===========================================
at most once   listed in doubt, never repeated   not sent, but listed
at least once  sent again                        sent twice
edit           made again                        nothing: the second edit changes nothing
nonce          sent again with the same key,     nothing while the platform remembers the key
               within the platform's memory
============== ================================= ===========================================

Rooms do not wait for one another: at most one answer and one unsolicited message of a room are on their way, a room
that is at its limit is put off until the moment it may speak again, and that moment is in the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, Literal

from adapters.pacing import Pacing, sensible
from bot.domain.incoming import RoomKind
from bot.domain.outgoing import DeliveryClass, Receipt, Sending
from bot.domain.refs import AccountRef, MessageRef, RoomRef
from bot.domain.setup import RefusalCause
from bot.domain.threads import OpenThread
from bot.errors import MalformedMessage, RateLimited, Refused, RoomMoved, StoreUnavailable, Unreachable
from bot.ports import Clock, Messenger, OutboxRow, Pinning, Store, Threading, UnitOfWork

log = logging.getLogger(__name__)

Parked = Literal["refused", "in_doubt", "malformed", "dropped"]
InThread = Callable[..., Awaitable[Any]]

_MAX_REASON: Final = 300
_MAX_MOVES: Final = 3
_MAX_REFUSALS: Final = 3
"""How often the store may refuse an outcome before the row is left to the recovery at the next start."""
_TIMER_SLACK: Final = 0.005
"""Seconds. A timer may ring a little early by the wall clock, and the row would not be due yet."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds and counts. `concurrency`: sends on their way per platform."""

    concurrency: int = 8
    poll: float = 1.0
    send_timeout: float = 60.0
    first_backoff: float = 1.0
    longest_backoff: float = 300.0
    give_up_after: timedelta = timedelta(days=3)
    unknown_tries: int = 5
    nonce_memory: float = 120.0
    stop_within: float = 3.0


@dataclass(frozen=True, slots=True)
class _Claimed:
    row: OutboxRow
    kind: RoomKind | None
    account: AccountRef | None


class Delivery:
    """`run` it as a task of the event loop; `wake` it when the outbox has changed.

    `still_visible(row)`, called in a thread right before the send, says whether the recipient may still read all of it;
    `hold(row)`, before it, until when it has to wait (None: for nothing). `ended(uow, row, state)` is called in the
    transaction that keeps how a row ended.
    `in_thread` runs what blocks; `rng` spreads retries.
    """

    def __init__(
        self,
        store: Store,
        messengers: Mapping[str, Messenger],
        pacing: Pacing,
        clock: Clock,
        still_visible: Callable[[OutboxRow], bool],
        *,
        monotonic: Callable[[], float],
        rng: Random,
        hold: Callable[[OutboxRow], datetime | None] = lambda _: None,
        ended: Callable[[UnitOfWork, OutboxRow, str], object] = lambda _, __, ___: None,
        policy: Policy | None = None,
        in_thread: InThread = asyncio.to_thread,
    ) -> None:
        self._store = store
        self._messengers = dict(messengers)
        self._pacing = pacing
        self._clock = clock
        self._still_visible = still_visible
        self._hold = hold
        self._ended = ended
        self._monotonic = monotonic
        self._rng = rng
        self._policy = policy or Policy()
        self._in_thread = in_thread
        self._wanted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: dict[asyncio.Task[None], str] = {}
        self._unknown: Counter[int] = Counter()
        self._doubtful_since: dict[int, float] = {}
        self._moved: dict[RoomRef, RoomRef] = {}
        self._stopping = False
        self._seen_at = monotonic()

    async def run(self) -> None:
        """Until `stop`. Errors of the store are waited out, never raised."""
        self._loop = asyncio.get_running_loop()
        recovered = False
        try:
            while not self._stopping:
                self._seen_at = self._monotonic()
                self._wanted.clear()
                try:
                    if not recovered:
                        await self._in_thread(self._commit, lambda uow: uow.outbox.recover(self._clock.now()))
                        recovered = True
                    if await self._round():
                        continue
                except StoreUnavailable as error:
                    log.warning("the outbox cannot be read now: %s", error)
                except Exception:
                    log.exception("a round of delivery failed")
                await self._rest()
        finally:
            await self._finish()

    def wake(self) -> None:
        """Something was queued. From any thread, at any time."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wanted.set)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is on its way has arrived, in `stop_within` seconds at most."""
        self._stopping = True
        self.wake()

    def age(self) -> float:
        """Seconds since the last round, for a watchdog; well above `poll`: it hangs."""
        return self._monotonic() - self._seen_at

    # Rounds

    async def _round(self) -> bool:
        """Claim and begin what may be sent now; True when there may be more at once."""
        busy = Counter(self._sending.values())
        room = {
            platform: min(self._policy.concurrency - busy[platform], self._pacing.free(platform))
            for platform in self._messengers
        }
        room = {platform: limit for platform, limit in room.items() if limit > 0}
        for platform in self._messengers.keys() - room.keys():
            if (wait := self._pacing.platform_wait(platform)) > 0:
                self._wake_in(wait)
        if not room:
            return False
        claimed: list[_Claimed] = await self._in_thread(self._claim, room)
        for one in claimed:
            platform = one.row.sending.room.platform
            task = asyncio.create_task(self._deliver(one), name=f"send {one.row.id}")
            self._sending[task] = platform
            task.add_done_callback(self._done)
        return bool(claimed)

    def _claim(self, limits: Mapping[str, int]) -> list[_Claimed]:
        found = []
        with self._store.write() as uow:
            for platform, limit in limits.items():
                for row in uow.outbox.claim((platform,), at=self._clock.now(), limit=limit):
                    known = uow.rooms.by_ref(row.community_id, row.sending.room)
                    found.append(_Claimed(row, known.kind if known is not None else None, _account(uow, row)))
            if found:
                uow.commit()
        return found

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.pop(task, None)
        self._wanted.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended badly; its row is recovered at the next start", task.get_name(), exc_info=error)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wanted.wait(), self._policy.poll)

    def _wake_in(self, seconds: float) -> None:
        if self._loop is not None and seconds < self._policy.poll:
            self._loop.call_later(seconds + _TIMER_SLACK, self._wanted.set)

    async def _finish(self) -> None:
        if not self._sending:
            return
        late = (await asyncio.wait(list(self._sending), timeout=self._policy.stop_within))[1]
        for task in late:
            task.cancel()
        if late:
            log.warning("%d sends were cut off; their rows are recovered at the next start", len(late))
            await asyncio.wait(late)

    # One row

    async def _deliver(self, claimed: _Claimed) -> None:
        row = claimed.row
        address = self._moved.get(row.sending.room, row.sending.room)
        if (wait := self._pacing.wait(address, claimed.kind)) > 0:
            await self._again(row, wait, "its room is at its limit", failed=False)
            return
        if not await self._may_go(row):
            return
        try:
            receipt = await self._send(claimed, address)
        except _HasToWaitError as error:
            await self._again(row, error.seconds, error.reason, failed=False)
        except RateLimited as error:
            await self._limited(row, error)
        except Refused as error:
            await self._park(row, "refused", str(error), cause=error.cause)
        except MalformedMessage as error:
            await self._park(row, "malformed", str(error))
        except TimeoutError:
            await self._unreachable(row, Unreachable("no answer in time", maybe_delivered=True))
        except Unreachable as error:
            await self._unreachable(row, error)
        except Exception as error:
            log.exception("sending row %d failed in an unforeseen way", row.id)
            await self._unforeseen(row, type(error).__name__)
        else:
            self._forget(row)
            at = self._clock.now()
            await self._record(row, self._ending(row, "sent", lambda uow: uow.outbox.sent(row.id, receipt, at)))
            await self._notice(claimed)
            await self._pin(row.sending, receipt)

    async def _may_go(self, row: OutboxRow) -> bool:
        """Asked right before the send; False: the row is put off or parked."""
        try:
            until = await self._in_thread(self._hold, row) if row.sending.unsolicited else None
            visible = until is not None or await self._in_thread(self._still_visible, row)
        except Exception as error:  # when in doubt, nobody reads it
            log.exception("it could not be decided whether row %d may still be read", row.id)
            await self._again(row, self._backoff(row), f"visibility: {type(error).__name__}")
            return False
        if not visible:
            await self._park(row, "dropped", "the recipient may not read it any more")
        elif until is not None:
            await self._again(row, (until - self._clock.now()).total_seconds(), "not now", failed=False)
        return bool(visible) and until is None

    async def _send(self, claimed: _Claimed, address: RoomRef) -> Receipt:
        """Send or edit, following the room when it has moved."""
        row, sending = claimed.row, claimed.row.sending
        messenger = self._messengers[sending.room.platform]
        for _ in range(_MAX_MOVES):
            if self._stopping:
                raise _HasToWaitError(0.0, "stopping")
            if not self._pacing.take(address, claimed.kind):
                raise _HasToWaitError(self._pacing.wait(address, claimed.kind), "its room is at its limit")
            taken, sends = address, 1
            try:
                if sending.thread is not None:
                    async with asyncio.timeout(self._policy.send_timeout):
                        return await _work_on_thread(messenger, address, sending)
                if sending.message.empty and sending.edits is None:
                    sends = 0
                    return Receipt(())  # nothing but a notice
                async with asyncio.timeout(self._policy.send_timeout):
                    if sending.edits is None:
                        receipt = await messenger.send(address, sending.message, key=sending.key)
                        sends = max(1, len(receipt.refs))
                        return receipt
                    return await messenger.edit(replace(sending.edits, room=address), sending.message)
            except RoomMoved as error:
                address = error.new
                self._moved[sending.room] = address
                await self._record(row, _move(row.community_id, taken, address))
            finally:
                self._pacing.done(taken, claimed.kind, sends=sends)
        raise MalformedMessage(f"the room moved more than {_MAX_MOVES} times")

    async def _pin(self, sending: Sending, receipt: Receipt) -> None:
        """Where the platform can and lets us; a message that is not pinned has arrived all the same."""
        messenger = self._messengers[sending.room.platform]
        if not sending.pins or not isinstance(messenger, Pinning):
            return
        wanted = [(ref, True) for ref in receipt.refs[:1]] + [(ref, False) for ref in sending.unpins]
        for ref, pinned in wanted:
            try:
                async with asyncio.timeout(self._policy.send_timeout):
                    await messenger.pin(ref, pinned=pinned)
            except Exception as error:  # noqa: BLE001  without the right to pin, the room reads it where it stands
                log.info("a message was not %s: %s", "pinned" if pinned else "unpinned", type(error).__name__)

    async def _notice(self, claimed: _Claimed) -> None:
        sending = claimed.row.sending
        if not sending.notice:
            return
        try:
            async with asyncio.timeout(self._policy.send_timeout):
                await self._messengers[sending.room.platform].notice(sending.room, claimed.account, sending.notice)
        except Exception as error:  # a toast that nobody sees is no loss: the answer itself has arrived
            log.info("a notice was not shown: %s", type(error).__name__, exc_info=error)

    # Outcomes

    async def _limited(self, row: OutboxRow, error: RateLimited) -> None:
        seconds = sensible(error.retry_after)
        address = self._moved.get(row.sending.room, row.sending.room)
        if error.everywhere:
            self._pacing.block_platform(address.platform, seconds)
        else:
            self._pacing.block(address, seconds)
        await self._again(row, seconds, f"rate limited for {seconds:g} s", failed=False)

    async def _unreachable(self, row: OutboxRow, error: Unreachable) -> None:
        if error.maybe_delivered:
            if row.sending.delivery is DeliveryClass.AT_MOST_ONCE and row.sending.edits is None:
                await self._park(row, "in_doubt", str(error))
                return
            self._doubtful_since.setdefault(row.id, self._monotonic())
        await self._again(row, self._backoff(row), str(error))

    async def _unforeseen(self, row: OutboxRow, name: str) -> None:
        """An error that no adapter should let through: nobody knows whether the message has arrived."""
        if row.sending.delivery is DeliveryClass.AT_MOST_ONCE and row.sending.edits is None:
            await self._park(row, "in_doubt", name)
            return
        self._doubtful_since.setdefault(row.id, self._monotonic())
        self._unknown[row.id] += 1
        if self._unknown[row.id] >= self._policy.unknown_tries:
            await self._park(row, "malformed", f"{name}, {self._unknown[row.id]} times")
        else:
            await self._again(row, self._backoff(row), name)

    def _backoff(self, row: OutboxRow) -> float:
        seconds = min(self._policy.longest_backoff, self._policy.first_backoff * 2.0 ** min(row.attempts, 30))
        return seconds * self._rng.uniform(0.5, 1.0)

    async def _again(self, row: OutboxRow, seconds: float, reason: str, *, failed: bool = True) -> None:
        doubtful = self._doubtful_since.get(row.id)
        if (
            row.sending.delivery is DeliveryClass.NONCE
            and doubtful is not None
            and self._monotonic() - doubtful + seconds > self._policy.nonce_memory
        ):
            await self._park(row, "in_doubt", f"the platform may have forgotten its key: {reason}")
            return
        begun = max(row.created_at, row.sending.not_before or row.created_at)
        if failed and self._clock.now() - begun > self._policy.give_up_after:
            await self._park(row, "dropped", f"given up: {reason}")
            return
        until = self._clock.now() + timedelta(seconds=seconds)
        await self._record(row, lambda uow: uow.outbox.defer(row.id, until, reason[:_MAX_REASON], failed=failed))
        self._wake_in(seconds)

    async def _park(self, row: OutboxRow, state: Parked, reason: str, *, cause: RefusalCause | None = None) -> None:
        self._forget(row)
        log.warning("row %d is parked as %s", row.id, state)
        change = self._ending(row, state, lambda uow: uow.outbox.park(row.id, state, reason[:_MAX_REASON], cause=cause))
        await self._record(row, change)

    def _ending(
        self, row: OutboxRow, state: str, change: Callable[[UnitOfWork], object]
    ) -> Callable[[UnitOfWork], object]:
        def both(uow: UnitOfWork) -> None:
            change(uow)
            self._ended(uow, row, state)

        return both

    def _forget(self, row: OutboxRow) -> None:
        self._unknown.pop(row.id, None)
        self._doubtful_since.pop(row.id, None)

    # The store

    def _commit(self, change: Callable[[UnitOfWork], object]) -> None:
        with self._store.write() as uow:
            change(uow)
            uow.commit()

    async def _record(self, row: OutboxRow, change: Callable[[UnitOfWork], object]) -> None:
        """Keep an outcome, however long the store is unavailable: it must not be sent again for want of a note."""
        pause, refusals = 0.1, 0
        while True:
            try:
                await self._in_thread(self._commit, change)
            except StoreUnavailable as error:
                log.warning("the outcome of row %d cannot be kept yet: %s", row.id, error)
            except Exception as error:
                refusals += 1
                if refusals > _MAX_REFUSALS:
                    raise
                log.exception("the outcome of row %d was not taken", row.id)
                change = _doubt(row.id, f"its outcome could not be kept: {type(error).__name__}")
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, 5.0)


async def _work_on_thread(messenger: Messenger, address: RoomRef, sending: Sending) -> Receipt:
    """The receipt of a thread that was opened says where it is; the message that it begins with has its number."""
    assert sending.thread is not None
    if not isinstance(messenger, Threading):
        raise Refused("this platform has no threads")
    there = await messenger.work_on_thread(address, sending.thread, key=sending.key)
    if not isinstance(sending.thread, OpenThread) or there.thread_id is None:
        return Receipt(())
    return Receipt((MessageRef(there, there.thread_id),))


class _HasToWaitError(Exception):
    """The send has not begun: a limit, or the end of the program, came first."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


def _move(community_id: int, old: RoomRef, new: RoomRef) -> Callable[[UnitOfWork], object]:
    return lambda uow: uow.rooms.move(community_id, old, new)


def _doubt(outbox_id: int, reason: str) -> Callable[[UnitOfWork], object]:
    return lambda uow: uow.outbox.park(outbox_id, "in_doubt", reason)


def _account(uow: UnitOfWork, row: OutboxRow) -> AccountRef | None:
    """Whom a notice is for, on the platform that it is shown on."""
    if not row.sending.notice or row.sending.to_member is None:
        return None
    accounts = (identity.account for identity in uow.members.identities(row.sending.to_member))
    return next((account for account in accounts if account.platform == row.sending.room.platform), None)
