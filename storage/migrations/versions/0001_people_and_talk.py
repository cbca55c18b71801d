"""Communities, members, rooms, messages, queues and schedules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "communities",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("timezone", WORDS, nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_communities"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("raw", TEXT, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.CheckConstraint("state IN ('pending', 'done', 'parked')", name=op.f("ck_inbox_state")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_inbox_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("community_id", "platform", "native_id", name="uq_inbox_community_id_platform_native_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_state_id", "inbox", ["state", "id"])
    op.create_table(
        "members",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("timezone", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("level", WORDS, nullable=True),
        sa.Column("goal", WORDS, nullable=True),
        sa.Column("weekly_hours", sa.Float(), nullable=True),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("surprises", sa.Boolean(), nullable=False),
        sa.Column("joined_at", TIME, nullable=True),
        sa.Column("onboarded_at", TIME, nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("bot", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "goal IS NULL OR goal IN ('job', 'build', 'interview', 'current')", name=op.f("ck_members_goal")
        ),
        sa.CheckConstraint(
            "level IS NULL OR level IN ('beginner', 'intermediate', 'advanced')", name=op.f("ck_members_level")
        ),
        sa.CheckConstraint("role IN ('member', 'moderator', 'owner')", name=op.f("ck_members_role")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_members_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_members_community_id_bot", "members", ["community_id", "bot"])
    op.create_table(
        "occurrences",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("job", WORDS, nullable=False),
        sa.Column("recipient", WORDS, nullable=False),
        sa.Column("period", WORDS, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.CheckConstraint(
            "job IN ('digest', 'suggest', 'train', 'embed', 'snapshot', 'sweep')", name=op.f("ck_occurrences_job")
        ),
        sa.CheckConstraint("outcome IN ('claimed', 'done', 'skipped', 'failed')", name=op.f("ck_occurrences_outcome")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_occurrences_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrences"),
        sa.UniqueConstraint(
            "community_id", "job", "recipient", "period", name="uq_occurrences_community_id_job_recipient_period"
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("thread_id", WORDS, nullable=False),
        sa.Column("sending", TEXT, nullable=False),
        sa.Column("delivery", WORDS, nullable=False),
        sa.Column("unsolicited", sa.Boolean(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("claimed_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.CheckConstraint(
            "delivery IN ('at_most_once', 'at_least_once', 'idempotent_edit', 'nonce')", name=op.f("ck_outbox_delivery")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'refused', 'in_doubt', 'malformed', 'dropped')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_outbox_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("community_id", "key", name="uq_outbox_community_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_state_platform_unsolicited_due_at", "outbox", ["state", "platform", "unsolicited", "due_at"]
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["community_id", "platform", "native_id", "thread_id", "unsolicited", "id"],
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("thread_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("topic", WORDS, nullable=False),
        sa.Column("group_name", WORDS, nullable=False),
        sa.Column("audience", WORDS, nullable=False),
        sa.Column("indexed", sa.Boolean(), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.CheckConstraint(
            "audience = 'public' OR audience LIKE 'room:%' OR audience LIKE 'member:%'", name=op.f("ck_rooms_audience")
        ),
        sa.CheckConstraint("kind IN ('channel', 'thread', 'direct')", name=op.f("ck_rooms_kind")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_rooms_community_id_communities"),
        sa.ForeignKeyConstraint(["parent_id"], ["rooms.id"], name="fk_rooms_parent_id_rooms"),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.UniqueConstraint(
            "community_id",
            "platform",
            "native_id",
            "thread_id",
            name="uq_rooms_community_id_platform_native_id_thread_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rooms_community_id_audience", "rooms", ["community_id", "audience"])
    op.create_index("ix_rooms_parent_id", "rooms", ["parent_id"])
    op.create_table(
        "schedules",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("job", WORDS, nullable=False),
        sa.Column("recipient", WORDS, nullable=False),
        sa.Column("timezone", WORDS, nullable=False),
        sa.Column("frequency", WORDS, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("since", TIME, nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("next_at", TIME, nullable=True),
        sa.CheckConstraint("frequency IN ('daily', 'weekly', 'biweekly', 'off')", name=op.f("ck_schedules_frequency")),
        sa.CheckConstraint(
            "job IN ('digest', 'suggest', 'train', 'embed', 'snapshot', 'sweep')", name=op.f("ck_schedules_job")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_schedules_weekday")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_schedules_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
        sa.UniqueConstraint("community_id", "job", "recipient", name="uq_schedules_community_id_job_recipient"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_schedules_community_id_enabled_planned_next_at",
        "schedules",
        ["community_id", "enabled", "planned", "next_at"],
    )
    op.create_table(
        "consent_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "kind IN ('messages', 'reactions', 'enrolments', 'matching')", name=op.f("ck_consent_changes_kind")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_consent_changes_community_id_communities"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_consent_changes_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_consent_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consent_changes_member_id", "consent_changes", ["member_id"])
    op.create_table(
        "consents",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.CheckConstraint(
            "kind IN ('messages', 'reactions', 'enrolments', 'matching')", name=op.f("ck_consents_kind")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_consents_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_consents_member_id_members"),
        sa.PrimaryKeyConstraint("member_id", "kind", name="pk_consents"),
    )
    op.create_table(
        "conversations",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_conversations_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_conversations_member_id_members"),
        sa.PrimaryKeyConstraint("member_id", "kind", name="pk_conversations"),
    )
    op.create_table(
        "digests",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("frequency", WORDS, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("quiet_start", sa.Integer(), nullable=False),
        sa.Column("quiet_end", sa.Integer(), nullable=False),
        sa.Column("skip_next", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("last_note", WORDS, nullable=False),
        sa.CheckConstraint("frequency IN ('daily', 'weekly', 'biweekly', 'off')", name=op.f("ck_digests_frequency")),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digests_hour")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_digests_weekday")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_digests_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_digests_member_id_members"),
        sa.PrimaryKeyConstraint("member_id", name="pk_digests"),
    )
    op.create_table(
        "identities",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_identities_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_identities_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint(
            "community_id", "platform", "native_id", name="uq_identities_community_id_platform_native_id"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identities_member_id", "identities", ["member_id"])
    op.create_table(
        "memberships",
        sa.Column("room_id", ID, autoincrement=False, nullable=False),
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("left_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_memberships_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_memberships_member_id_members"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_memberships_room_id_rooms"),
        sa.PrimaryKeyConstraint("room_id", "member_id", name="pk_memberships"),
    )
    op.create_table(
        "messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("root_id", ID, nullable=True),
        sa.Column("reply_to_id", ID, nullable=True),
        sa.Column("reply_to_native", WORDS, nullable=True),
        sa.Column("edited_at", TIME, nullable=True),
        sa.Column("deleted_at", TIME, nullable=True),
        sa.Column("service", sa.Boolean(), nullable=False),
        sa.Column("by_bot", sa.Boolean(), nullable=False),
        sa.Column("opens_thread", sa.Boolean(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("poll", sa.JSON(), nullable=False),
        sa.Column("payload", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_messages_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_messages_member_id_members"),
        sa.ForeignKeyConstraint(["reply_to_id"], ["messages.id"], name="fk_messages_reply_to_id_messages"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_messages_room_id_rooms"),
        sa.ForeignKeyConstraint(["root_id"], ["messages.id"], name="fk_messages_root_id_messages"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("room_id", "native_id", name="uq_messages_room_id_native_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_community_id", "messages", ["community_id"])
    op.create_index("ix_messages_member_id", "messages", ["member_id"])
    op.create_index("ix_messages_reply_to_id", "messages", ["reply_to_id"])
    op.create_index("ix_messages_room_id_at_id", "messages", ["room_id", "at", "id"])
    op.create_index("ix_messages_root_id_at", "messages", ["root_id", "at"])
    op.create_index("ix_messages_root_id_member_id", "messages", ["root_id", "member_id"])
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["room_id", "reply_to_native"],
        sqlite_where=sa.text("reply_to_id IS NULL AND reply_to_native IS NOT NULL"),
        postgresql_where=sa.text("reply_to_id IS NULL AND reply_to_native IS NOT NULL"),
    )
    op.create_table(
        "receipts",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("thread_id", WORDS, nullable=False),
        sa.Column("message_native_id", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_receipts_community_id_communities"),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name="fk_receipts_outbox_id_outbox"),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sa.UniqueConstraint("outbox_id", "part", name="uq_receipts_outbox_id_part"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_receipts_message", "receipts", ["community_id", "platform", "native_id", "message_native_id"])
    op.create_table(
        "reaction_counts",
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.Column("emoji", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_reaction_counts_community_id_communities"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_reaction_counts_message_id_messages"),
        sa.PrimaryKeyConstraint("message_id", "emoji", name="pk_reaction_counts"),
    )
    op.create_table(
        "reactions",
        sa.Column("message_id", ID, autoincrement=False, nullable=False),
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("emoji", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_reactions_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_reactions_member_id_members"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_reactions_message_id_messages"),
        sa.PrimaryKeyConstraint("message_id", "member_id", "emoji", name="pk_reactions"),
    )
    op.create_index("ix_reactions_community_id", "reactions", ["community_id"])


def downgrade() -> None:
    op.drop_table("reactions")
    op.drop_table("reaction_counts")
    op.drop_table("receipts")
    op.drop_table("messages")
    op.drop_table("memberships")
    op.drop_table("identities")
    op.drop_table("digests")
    op.drop_table("conversations")
    op.drop_table("consents")
    op.drop_table("consent_changes")
    op.drop_table("schedules")
    op.drop_table("rooms")
    op.drop_table("outbox")
    op.drop_table("occurrences")
    op.drop_table("members")
    op.drop_table("inbox")
    op.drop_table("communities")
