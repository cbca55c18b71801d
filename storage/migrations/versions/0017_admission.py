"""Roles of platforms, who has them, named segments: who may come to an event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "native_roles",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("server", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_native_roles_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "platform", "server", "native_id", name="pk_native_roles"),
    )
    op.create_table(
        "standings",
        sa.Column("identity_id", ID, nullable=False, autoincrement=False),
        sa.Column("server", WORDS, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("role IN ('member', 'moderator', 'owner')", name=op.f("ck_standings_role")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_standings_community_id_communities"),
        sa.ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_standings_identity_id_identities"),
        sa.PrimaryKeyConstraint("identity_id", "server", name="pk_standings"),
    )
    op.create_index("ix_standings_community_id", "standings", ["community_id"])
    op.create_table(
        "segments",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("made_by", WORDS, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_segments_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "slug", name="pk_segments"),
    )


def downgrade() -> None:
    for table in ("segments", "standings", "native_roles"):
        op.drop_table(table)
