"""The unit of work: one transaction and the repositories in it. Knows how it begins and ends; knows no statement."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlmodel import Session

from bot import ports
from storage.repositories.admission import SqlNativeRoles, SqlSegments
from storage.repositories.audit import SqlAudit, SqlDemand
from storage.repositories.buttons import SqlButtons, SqlConversations
from storage.repositories.calendars import SqlCalendarFeeds
from storage.repositories.communities import SqlCommunities
from storage.repositories.counts import count_rows
from storage.repositories.courses import SqlCourses
from storage.repositories.event_threads import SqlEventThreads
from storage.repositories.events import SqlEvents
from storage.repositories.exposures import SqlExposures
from storage.repositories.files import SqlFiles
from storage.repositories.hosting import SqlEventCards, SqlEventMirrors, SqlGuests, SqlHostedEvents, SqlMoments
from storage.repositories.inbox import SqlInbox
from storage.repositories.interactions import SqlInteractions
from storage.repositories.introductions import SqlIntroductions
from storage.repositories.items import SqlItems
from storage.repositories.links import SqlLinks
from storage.repositories.members import SqlMembers
from storage.repositories.messages import SqlMessages
from storage.repositories.outbox import SqlOutbox
from storage.repositories.posts import SqlPosts
from storage.repositories.prerequisites import SqlPrerequisites
from storage.repositories.qualities import SqlQualities
from storage.repositories.rooms import SqlRooms
from storage.repositories.rules import SqlRules
from storage.repositories.schedules import SqlDigests, SqlSchedules
from storage.repositories.setup import SqlChecks, SqlHomes, SqlSetupCodes
from storage.scope import Now, Scope
from storage.writer import Transactions


class SqlUnitOfWork:
    """One transaction; rolled back unless `commit()` was called. After either, it is over."""

    def __init__(self, transactions: Transactions, clock: Now | None = None) -> None:
        self._transactions = transactions
        self._clock = clock
        self._session: Session | None = None

    def __enter__(self) -> Self:
        if self._session is not None:
            raise RuntimeError("a unit of work is entered once")
        self._session = self._transactions.begin()
        self._scope = scope = Scope(self._session, self._clock)
        self.communities: ports.Communities = SqlCommunities(scope)
        self.members: ports.Members = SqlMembers(scope)
        self.rooms: ports.Rooms = SqlRooms(scope)
        self.messages: ports.Messages = SqlMessages(scope)
        self.posts: ports.Posts = SqlPosts(scope)
        self.courses: ports.Courses = SqlCourses(scope)
        self.events: ports.Events = SqlEvents(scope)
        self.hosted: ports.HostedEvents = SqlHostedEvents(scope)
        self.guests: ports.Guests = SqlGuests(scope)
        self.cards: ports.EventCards = SqlEventCards(scope)
        self.mirrors: ports.EventMirrors = SqlEventMirrors(scope)
        self.threads: ports.EventThreads = SqlEventThreads(scope)
        self.moments: ports.Moments = SqlMoments(scope)
        self.items: ports.Items = SqlItems(scope)
        self.interactions: ports.Interactions = SqlInteractions(scope)
        self.exposures: ports.Exposures = SqlExposures(scope)
        self.buttons: ports.Buttons = SqlButtons(scope)
        self.conversations: ports.Conversations = SqlConversations(scope)
        self.digests: ports.Digests = SqlDigests(scope)
        self.files: ports.Files = SqlFiles(scope)
        self.schedules: ports.Schedules = SqlSchedules(scope)
        self.inbox: ports.Inbox = SqlInbox(scope)
        self.outbox: ports.Outbox = SqlOutbox(scope)
        self.audit: ports.Audit = SqlAudit(scope)
        self.demand: ports.Demand = SqlDemand(scope)
        self.prerequisites: ports.Prerequisites = SqlPrerequisites(scope)
        self.qualities: ports.Qualities = SqlQualities(scope)
        self.introductions: ports.Introductions = SqlIntroductions(scope)
        self.calendars: ports.CalendarFeeds = SqlCalendarFeeds(scope)
        self.links: ports.Links = SqlLinks(scope)
        self.rules: ports.Rules = SqlRules(scope)
        self.native_roles: ports.NativeRoles = SqlNativeRoles(scope)
        self.segments: ports.Segments = SqlSegments(scope)
        self.homes: ports.Homes = SqlHomes(scope)
        self.checks: ports.Checks = SqlChecks(scope)
        self.setup_codes: ports.SetupCodes = SqlSetupCodes(scope)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(error)

    def commit(self) -> None:
        session, self._session = self._session, None
        if session is None:
            raise RuntimeError("this unit of work is over: open another")
        self._transactions.commit(session, frozenset(self._scope.topics))

    def rollback(self) -> None:
        self._end(None)

    def stats(self, community_id: int) -> dict[str, int]:
        """Rows of everything, by name."""
        return count_rows(self._scope, community_id)

    def _end(self, cause: BaseException | None) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._transactions.rollback(session, cause)
