"""What was sent and repeats somebody's words is found by them, so that they can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHERE = sa.text("state IN ('pending', 'sent') AND sending <> ''")


def upgrade() -> None:
    op.create_index("ix_outbox_quoting", "outbox", ["community_id"], sqlite_where=WHERE, postgresql_where=WHERE)


def downgrade() -> None:
    op.drop_index("ix_outbox_quoting", "outbox")
