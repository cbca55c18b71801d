"""What members chose about each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "introductions",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("other_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('hello', 'declined')", name=op.f("ck_introductions_outcome")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_introductions_member_id_members"),
        sa.ForeignKeyConstraint(["other_id"], ["members.id"], name="fk_introductions_other_id_members"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_introductions_community_id_communities"),
        sa.PrimaryKeyConstraint("member_id", "other_id", name="pk_introductions"),
    )
    op.create_index("ix_introductions_other_id", "introductions", ["other_id"])


def downgrade() -> None:
    op.drop_table("introductions")
