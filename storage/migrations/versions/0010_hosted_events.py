"""Events that the community holds itself: guest lists, cards and what is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TIME = sa.DateTime(timezone=True)
STATES = "state IN ('draft', 'scheduled', 'published', 'cancelled', 'over')"
STANDINGS = "standing IN ('going', 'maybe', 'cant', 'waiting', 'offered', 'out', 'checked_in', 'no_show', 'excused')"


def upgrade() -> None:
    op.create_table(
        "hosted_events",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("series", WORDS, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.CheckConstraint(STATES, name=op.f("ck_hosted_events_state")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_hosted_events_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_hosted_events"),
        sa.UniqueConstraint("community_id", "slug", name="uq_hosted_events_community_id_slug"),
        sa.UniqueConstraint("community_id", "token", name="uq_hosted_events_community_id_token"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_hosted_events_community_id_state_starts_at", "hosted_events", ["community_id", "state", "starts_at"]
    )
    op.create_index(
        "ix_hosted_events_community_id_series_starts_at", "hosted_events", ["community_id", "series", "starts_at"]
    )
    op.create_table(
        "event_guests",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("standing", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("remind", sa.Boolean(), nullable=False),
        sa.CheckConstraint(STANDINGS, name=op.f("ck_event_guests_standing")),
        sa.CheckConstraint("(standing = 'offered') = (until IS NOT NULL)", name=op.f("ck_event_guests_until")),
        sa.ForeignKeyConstraint(["event_id"], ["hosted_events.id"], name="fk_event_guests_event_id_hosted_events"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_event_guests_member_id_members"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_guests_community_id_communities"),
        sa.PrimaryKeyConstraint("event_id", "member_id", name="pk_event_guests"),
    )
    op.create_index("ix_event_guests_community_id", "event_guests", ["community_id"])
    op.create_index("ix_event_guests_event_id_standing_place", "event_guests", ["event_id", "standing", "place"])
    op.create_index("ix_event_guests_member_id_standing", "event_guests", ["member_id", "standing"])
    op.create_table(
        "event_settings",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("always", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_event_settings_member_id_members"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_event_settings_community_id_communities"
        ),
        sa.PrimaryKeyConstraint("member_id", name="pk_event_settings"),
    )
    op.create_index("ix_event_settings_community_id", "event_settings", ["community_id"])
    op.create_table(
        "event_cards",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("room_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("posted", WORDS, nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["hosted_events.id"], name="fk_event_cards_event_id_hosted_events"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_event_cards_room_id_rooms"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_cards_community_id_communities"),
        sa.PrimaryKeyConstraint("event_id", "room_id", name="pk_event_cards"),
    )
    op.create_index("ix_event_cards_community_id", "event_cards", ["community_id"])
    op.create_table(
        "event_moments",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("what", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["hosted_events.id"], name="fk_event_moments_event_id_hosted_events"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_moments_community_id_communities"),
        sa.PrimaryKeyConstraint("event_id", "what", name="pk_event_moments"),
    )
    op.create_index(
        "ix_event_moments_community_id_outcome_due_at", "event_moments", ["community_id", "outcome", "due_at"]
    )


def downgrade() -> None:
    op.drop_table("event_moments")
    op.drop_table("event_cards")
    op.drop_table("event_settings")
    op.drop_table("event_guests")
    op.drop_table("hosted_events")
