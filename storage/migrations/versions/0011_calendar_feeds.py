"""Members' own calendars under secret addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("selector", sa.String(), nullable=False),
        sa.Column("hashed", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("maybe", sa.Boolean(), nullable=False),
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_calendar_feeds_member_id_members"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_calendar_feeds_community_id_communities"
        ),
        sa.PrimaryKeyConstraint("member_id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("selector", name="uq_calendar_feeds_selector"),
    )


def downgrade() -> None:
    op.drop_table("calendar_feeds")
