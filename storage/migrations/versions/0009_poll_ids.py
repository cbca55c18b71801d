"""A poll is found by its own id, where a platform tells of votes without saying in which message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHERE = sa.text("poll_native IS NOT NULL")


def upgrade() -> None:
    op.add_column("messages", sa.Column("poll_native", sa.String(), nullable=True))
    op.create_index(
        "ix_messages_poll",
        "messages",
        ["community_id", "poll_native"],
        sqlite_where=WHERE,
        postgresql_where=WHERE,
    )


def downgrade() -> None:
    op.drop_index("ix_messages_poll", "messages")
    op.drop_column("messages", "poll_native")
