"""A thread for an event; rooms in which nobody writes any more; what the platforms say about threads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("account", "home", "updates", "webhook", "hears", "administrator", "content", "members", "room")


def upgrade() -> None:
    op.add_column("rooms", sa.Column("locked", sa.Boolean(), nullable=True))
    op.create_table(
        "event_threads",
        sa.Column("event_id", ID, autoincrement=False, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("room_id", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("thread_room_id", ID, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state IN ('opening', 'open', 'closed', 'gone', 'none')", name=op.f("ck_event_threads_state")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["hosted_events.id"], name="fk_event_threads_event_id_hosted_events"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_threads_community_id_communities"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_event_threads_room_id_rooms"),
        sa.ForeignKeyConstraint(["thread_room_id"], ["rooms.id"], name="fk_event_threads_thread_room_id_rooms"),
        sa.PrimaryKeyConstraint("event_id", "platform", name="pk_event_threads"),
    )
    op.create_index("ix_event_threads_community_id", "event_threads", ["community_id"])
    op.create_index("ix_event_threads_thread_room_id", "event_threads", ["thread_room_id"])
    _checks((*BEFORE, "threads"))


def downgrade() -> None:
    _checks(BEFORE)
    op.drop_table("event_threads")
    op.drop_column("rooms", "locked")


def _checks(names: tuple[str, ...]) -> None:
    """What the platforms said last: they are asked again within minutes, so nothing is carried over."""
    op.drop_table("checks")
    named = ", ".join(f"'{name}'" for name in names)
    op.create_table(
        "checks",
        sa.Column("community_id", ID, nullable=False, autoincrement=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"name IN ({named})", name=op.f("ck_checks_name")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_checks_community_id_communities"),
        sa.PrimaryKeyConstraint("community_id", "platform", "subject", "name", name="pk_checks"),
    )
