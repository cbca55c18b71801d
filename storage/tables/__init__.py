"""The tables of the store. Knows columns and constraints; knows no statement and no session."""

from storage.tables.activity import (
    AuditEntryRow,
    ButtonRow,
    DemandRow,
    ExposureRow,
    InteractionRow,
    RuleRow,
    WithdrawalRow,
)
from storage.tables.admission import NativeRoleRow, SegmentRow, StandingRow
from storage.tables.base import METADATA, table
from storage.tables.catalogue import (
    CourseQualityRow,
    CourseRow,
    EventRow,
    ExpertRow,
    ItemRow,
    MarkRow,
    PostRow,
    PrerequisiteRow,
    VectorRow,
)
from storage.tables.delivery import DigestRow, FileRow, InboxRow, OccurrenceRow, OutboxRow, ReceiptRow, ScheduleRow
from storage.tables.hosting import (
    EventCardRow,
    EventMirrorRow,
    EventSettingsRow,
    EventThreadRow,
    GuestRow,
    HostedEventRow,
    MomentRow,
)
from storage.tables.links import LinkedRowRow, LinkRow
from storage.tables.people import (
    CalendarFeedRow,
    CommunityRow,
    ConsentChangeRow,
    ConsentRow,
    ConversationRow,
    IdentityRow,
    IntroductionRow,
    MemberRow,
)
from storage.tables.setup import CheckRow, HomeRow, SetupCodeRow
from storage.tables.talk import MembershipRow, MessageRow, ReactionCountRow, ReactionRow, RoomRow

COMMUNITIES = table(CommunityRow)
MEMBERS = table(MemberRow)
IDENTITIES = table(IdentityRow)
CONSENTS = table(ConsentRow)
CONSENT_CHANGES = table(ConsentChangeRow)
CONVERSATIONS = table(ConversationRow)
CALENDAR_FEEDS = table(CalendarFeedRow)
INTRODUCTIONS = table(IntroductionRow)
LINKS = table(LinkRow)
LINKED_ROWS = table(LinkedRowRow)
ROOMS = table(RoomRow)
MEMBERSHIPS = table(MembershipRow)
MESSAGES = table(MessageRow)
REACTIONS = table(ReactionRow)
REACTION_COUNTS = table(ReactionCountRow)
POSTS = table(PostRow)
COURSES = table(CourseRow)
EVENTS = table(EventRow)
HOSTED_EVENTS = table(HostedEventRow)
EVENT_GUESTS = table(GuestRow)
EVENT_CARDS = table(EventCardRow)
EVENT_MIRRORS = table(EventMirrorRow)
EVENT_THREADS = table(EventThreadRow)
EVENT_MOMENTS = table(MomentRow)
EVENT_SETTINGS = table(EventSettingsRow)
NATIVE_ROLES = table(NativeRoleRow)
STANDINGS = table(StandingRow)
SEGMENTS = table(SegmentRow)
ITEMS = table(ItemRow)
VECTORS = table(VectorRow)
PREREQUISITES = table(PrerequisiteRow)
EXPERTS = table(ExpertRow)
MARKS = table(MarkRow)
COURSE_QUALITY = table(CourseQualityRow)
INTERACTIONS = table(InteractionRow)
WITHDRAWALS = table(WithdrawalRow)
EXPOSURES = table(ExposureRow)
BUTTONS = table(ButtonRow)
DEMAND = table(DemandRow)
RULES = table(RuleRow)
AUDIT = table(AuditEntryRow)
INBOX = table(InboxRow)
OUTBOX = table(OutboxRow)
RECEIPTS = table(ReceiptRow)
SCHEDULES = table(ScheduleRow)
OCCURRENCES = table(OccurrenceRow)
DIGESTS = table(DigestRow)
FILES = table(FileRow)
HOMES = table(HomeRow)
CHECKS = table(CheckRow)
SETUP_CODES = table(SetupCodeRow)

__all__ = [
    "AUDIT", "BUTTONS", "CALENDAR_FEEDS", "CHECKS", "COMMUNITIES", "CONSENTS", "CONSENT_CHANGES", "CONVERSATIONS",
    "COURSES", "COURSE_QUALITY", "DEMAND", "DIGESTS", "EVENTS", "EVENT_CARDS", "EVENT_GUESTS", "EVENT_MIRRORS",
    "EVENT_MOMENTS", "EVENT_SETTINGS", "EVENT_THREADS", "EXPERTS", "EXPOSURES", "FILES", "HOMES", "HOSTED_EVENTS",
    "IDENTITIES", "INBOX", "INTERACTIONS", "INTRODUCTIONS", "ITEMS", "LINKED_ROWS", "LINKS", "MARKS", "MEMBERS",
    "MEMBERSHIPS", "MESSAGES", "METADATA", "OCCURRENCES", "OUTBOX", "POSTS", "PREREQUISITES", "REACTIONS",
    "REACTION_COUNTS", "RECEIPTS", "ROOMS", "RULES", "SCHEDULES", "SETUP_CODES", "VECTORS", "WITHDRAWALS",
]  # fmt: skip
