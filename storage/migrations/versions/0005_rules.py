"""What moderators decided about suggestions, and what a drawn place was drawn from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint("action IN ('pin', 'ban', 'boost')", name=op.f("ck_rules_action")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_rules_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_rules"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rules_community_id_ended_at", "rules", ["community_id", "ended_at"])
    op.add_column("exposures", sa.Column("slate", sa.JSON(), nullable=True))
    op.create_index("ix_exposures_community_id_at", "exposures", ["community_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_exposures_community_id_at", "exposures")
    op.drop_column("exposures", "slate")
    op.drop_table("rules")
