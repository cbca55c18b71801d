"""Courses, events, posts, the items made of them, and what members do with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
SIGNALS = (
    "signal IN ('browse', 'click', 'save', 'enrol', 'progress', 'complete', 'rate', 'dismiss', 'post', 'reply', "
    "'react', 'attend', 'solved', 'helpful', 'unhelpful')"
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("target", WORDS, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("seal", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_audit_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_community_id_id", "audit", ["community_id", "id"])
    op.create_table(
        "courses",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("level", WORDS, nullable=True),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("currency", WORDS, nullable=False),
        sa.Column("prerequisites", sa.JSON(), nullable=False),
        sa.Column("published", WORDS, nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "level IS NULL OR level IN ('beginner', 'intermediate', 'advanced')", name=op.f("ck_courses_level")
        ),
        sa.CheckConstraint("hours IS NULL OR hours >= 0", name=op.f("ck_courses_hours")),
        sa.CheckConstraint("price IS NULL OR price >= 0", name=op.f("ck_courses_price")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_courses_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_courses"),
        sa.UniqueConstraint("community_id", "slug", name="uq_courses_community_id_slug"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "items",
        sa.Column("row", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("audience", WORDS, nullable=False),
        sa.Column("revision", ID, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("text_hash", WORDS, nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("author", WORDS, nullable=False),
        sa.Column("created_at", TIME, nullable=True),
        sa.Column("starts_at", TIME, nullable=True),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("price", sa.Float(), nullable=True),
        sa.Column("prerequisites", sa.JSON(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("reactions", sa.Integer(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.Float(), nullable=True),
        sa.CheckConstraint(
            "audience = 'public' OR audience LIKE 'room:%' OR audience LIKE 'member:%'", name=op.f("ck_items_audience")
        ),
        sa.CheckConstraint("kind IN ('course', 'post', 'event', 'member')", name=op.f("ck_items_kind")),
        sa.CheckConstraint("level IS NULL OR level BETWEEN 0 AND 2", name=op.f("ck_items_level")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_items_community_id_communities"),
        sa.PrimaryKeyConstraint("row", name="pk_items"),
        sa.UniqueConstraint("community_id", "item", name="uq_items_community_id_item"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_items_community_id_revision", "items", ["community_id", "revision"])
    op.create_table(
        "buttons",
        sa.Column("community_id", ID, autoincrement=False, nullable=False),
        sa.Column("code", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("owner", ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_buttons_community_id_communities"),
        sa.ForeignKeyConstraint(["owner"], ["members.id"], name="fk_buttons_owner_members"),
        sa.PrimaryKeyConstraint("community_id", "code", name="pk_buttons"),
    )
    op.create_index("ix_buttons_expires_at", "buttons", ["expires_at"])
    op.create_table(
        "demand",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("best", sa.Float(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_demand_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_demand_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_demand"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_demand_community_id_at", "demand", ["community_id", "at"])
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("timezone", WORDS, nullable=False),
        sa.Column("place", WORDS, nullable=False),
        sa.Column("host_id", ID, nullable=True),
        sa.Column("host_name", WORDS, nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("going", sa.Integer(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("audience", WORDS, nullable=False),
        sa.CheckConstraint(
            "audience = 'public' OR audience LIKE 'room:%' OR audience LIKE 'member:%'", name=op.f("ck_events_audience")
        ),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_events_community_id_communities"),
        sa.ForeignKeyConstraint(["host_id"], ["members.id"], name="fk_events_host_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("community_id", "slug", name="uq_events_community_id_slug"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_community_id_starts_at", "events", ["community_id", "starts_at"])
    op.create_table(
        "interactions",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("signal", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.CheckConstraint(SIGNALS, name=op.f("ck_interactions_signal")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_interactions_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_interactions_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_interactions"),
        sa.UniqueConstraint("community_id", "key", name="uq_interactions_community_id_key"),
        sa.UniqueConstraint("community_id", "sequence", name="uq_interactions_community_id_sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_interactions_member_id_at", "interactions", ["member_id", "at"])
    op.create_table(
        "vectors",
        sa.Column("row", ID, autoincrement=False, nullable=False),
        sa.Column("encoder", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("text_hash", WORDS, nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_vectors_community_id_communities"),
        sa.ForeignKeyConstraint(["row"], ["items.row"], name="fk_vectors_row_items"),
        sa.PrimaryKeyConstraint("row", "encoder", name="pk_vectors"),
    )
    op.create_index("ix_vectors_community_id", "vectors", ["community_id"])
    op.create_index("ix_vectors_encoder_row_text_hash", "vectors", ["encoder", "row", "text_hash"])
    op.create_table(
        "withdrawals",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("signal", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.CheckConstraint(SIGNALS, name=op.f("ck_withdrawals_signal")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_withdrawals_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_withdrawals_member_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawals"),
        sa.UniqueConstraint("community_id", "sequence", name="uq_withdrawals_community_id_sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_withdrawals_member_id", "withdrawals", ["member_id"])
    op.create_table(
        "exposures",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("policy", WORDS, nullable=False),
        sa.Column("surface", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("receipt_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_exposures_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_exposures_member_id_members"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name="fk_exposures_receipt_id_receipts"),
        sa.PrimaryKeyConstraint("id", name="pk_exposures"),
        sa.UniqueConstraint("community_id", "key", name="uq_exposures_community_id_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exposures_member_id_at", "exposures", ["member_id", "at"])
    op.create_index("ix_exposures_receipt_id", "exposures", ["receipt_id"])
    op.create_table(
        "posts",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("root_id", ID, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("language", WORDS, nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("reactions", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_posts_community_id_communities"),
        sa.ForeignKeyConstraint(["root_id"], ["messages.id"], name="fk_posts_root_id_messages"),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("root_id", name="uq_posts_root_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posts_community_id_last_at", "posts", ["community_id", "last_at"])


def downgrade() -> None:
    op.drop_table("posts")
    op.drop_table("exposures")
    op.drop_table("withdrawals")
    op.drop_table("vectors")
    op.drop_table("interactions")
    op.drop_table("events")
    op.drop_table("demand")
    op.drop_table("buttons")
    op.drop_table("items")
    op.drop_table("courses")
    op.drop_table("audit")
