"""Events in a platform's own calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event_mirrors",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("posted", sa.String(), nullable=False),
        sa.Column("interested", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["hosted_events.id"], name="fk_event_mirrors_event_id_hosted_events"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_mirrors_community_id_communities"),
        sa.PrimaryKeyConstraint("event_id", "platform", name="pk_event_mirrors"),
    )
    op.create_index("ix_event_mirrors_community_id", "event_mirrors", ["community_id"])


def downgrade() -> None:
    op.drop_table("event_mirrors")
