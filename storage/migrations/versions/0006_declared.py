"""When a member last changed what they declare, in the order of interactions: who counts among whom follows at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("members", sa.Column("declared", ID, nullable=True))
    op.create_index("ix_members_community_id_declared", "members", ["community_id", "declared"])


def downgrade() -> None:
    op.drop_index("ix_members_community_id_declared", "members")
    op.drop_column("members", "declared")
