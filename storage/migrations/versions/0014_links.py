"""Members who are one person, and which rows came with whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = sa.DateTime(timezone=True)
JOINED = sa.text("state = 'joined'")
STATES = "state IN ('offered', 'asked', 'joined', 'parted', 'refused', 'void')"


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("second_id", ID, nullable=True),
        sa.Column("first_platform", sa.String(), nullable=False),
        sa.Column("second_platform", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("expires_at", WHEN, nullable=False),
        sa.Column("first_agreed", sa.Boolean(), nullable=False),
        sa.Column("second_agreed", sa.Boolean(), nullable=False),
        sa.Column("joined_at", WHEN, nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("sequence", ID, nullable=True),
        sa.Column("kept", sa.JSON(), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_links_state")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_links_community_id_communities"),
        sa.ForeignKeyConstraint(["first_id"], ["members.id"], name="fk_links_first_id_members"),
        sa.ForeignKeyConstraint(["second_id"], ["members.id"], name="fk_links_second_id_members"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_links_community_id_code", "links", ["community_id", "code"])
    op.create_index("ix_links_community_id_sequence", "links", ["community_id", "sequence"])
    op.create_index("ix_links_first_id", "links", ["first_id"])
    op.create_index(
        "uq_links_joined",
        "links",
        ["second_id"],
        unique=True,
        sqlite_where=JOINED,
        postgresql_where=JOINED,
    )
    op.create_table(
        "linked_rows",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("link_id", ID, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("row_id", ID, nullable=True),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_linked_rows_community_id_communities"),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name="fk_linked_rows_link_id_links"),
        sa.PrimaryKeyConstraint("id", name="pk_linked_rows"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_linked_rows_link_id_table_name_column_name_row_id",
        "linked_rows",
        ["link_id", "table_name", "column_name", "row_id"],
    )


def downgrade() -> None:
    op.drop_table("linked_rows")
    op.drop_table("links")
