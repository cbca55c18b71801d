"""Which groups and servers are ours, what the platforms said about them, one-time codes; rooms that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("rooms", sa.Column("server", WORDS, nullable=True))
    op.add_column("rooms", sa.Column("never", sa.Boolean(), nullable=True))
    op.add_column("rooms", sa.Column("caught_up", ID, nullable=True))
    op.add_column("outbox", sa.Column("cause", WORDS, nullable=True))
    op.create_table(
        "homes",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("native_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("admins", sa.Boolean(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("added_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_homes_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "platform", "native_id", name="pk_homes"),
    )
    op.create_table(
        "checks",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("platform", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "name IN ('account', 'home', 'updates', 'webhook', 'hears', 'administrator', 'content', 'members', 'room')",
            name=op.f("ck_checks_name"),
        ),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_checks_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "platform", "subject", "name", name="pk_checks"),
    )
    op.create_table(
        "setup_codes",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("purpose", WORDS, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.CheckConstraint("purpose IN ('home', 'owner')", name=op.f("ck_setup_codes_purpose")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_setup_codes_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "digest", name="pk_setup_codes"),
    )


def downgrade() -> None:
    for table in ("setup_codes", "checks", "homes"):
        op.drop_table(table)
    op.drop_column("outbox", "cause")
    for column in ("caught_up", "never", "server"):
        op.drop_column("rooms", column)
