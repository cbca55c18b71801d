"""Digests monthly and on the half hour, with sections; whom an unasked message is for; claims to take over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = "frequency IN ('daily', 'weekly', 'biweekly', 'off')"
AFTER = "frequency IN ('daily', 'weekly', 'biweekly', 'monthly', 'off')"
UNASKED = sa.text("unsolicited AND member_id IS NOT NULL")
OPEN = sa.text("outcome = 'claimed'")
# A table that is made anew is told again what SQLite's reflection leaves out.
NUMBERED = {"digests": {}, "schedules": {"sqlite_autoincrement": True}, "outbox": {"sqlite_autoincrement": True}}
ADDED: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "minute": (sa.Integer(), "0"),
    "sections": (sa.JSON(), '["continue", "events", "you"]'),
    "unreachable": (sa.Integer(), "0"),
    "hint": (sa.String(), ""),
}


def upgrade() -> None:
    for table in ("digests", "schedules"):
        with op.batch_alter_table(table, table_kwargs=NUMBERED[table]) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_frequency"), type_="check")
            changed.create_check_constraint(op.f(f"ck_{table}_frequency"), AFTER)
    with op.batch_alter_table("digests") as changed:
        for name, (kind, value) in ADDED.items():
            changed.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        changed.create_check_constraint(op.f("ck_digests_minute"), "minute IN (0, 30)")
    with op.batch_alter_table("digests") as changed:
        for name, (kind, _) in ADDED.items():
            changed.alter_column(name, existing_type=kind, server_default=None)
    with op.batch_alter_table("outbox", table_kwargs=NUMBERED["outbox"]) as changed:
        changed.add_column(sa.Column("member_id", ID, nullable=True))
        changed.create_foreign_key("fk_outbox_member_id_members", "members", ["member_id"], ["id"])
    op.create_index(
        "ix_outbox_unasked",
        "outbox",
        ["member_id", "due_at"],
        sqlite_where=UNASKED,
        postgresql_where=UNASKED,
    )
    op.create_index("ix_memberships_member_id", "memberships", ["member_id"])
    op.create_index(
        "ix_occurrences_open",
        "occurrences",
        ["community_id", "job", "claimed_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_occurrences_open", "occurrences")
    op.drop_index("ix_memberships_member_id", "memberships")
    op.drop_index("ix_outbox_unasked", "outbox")
    with op.batch_alter_table("outbox", table_kwargs=NUMBERED["outbox"]) as changed:
        changed.drop_constraint("fk_outbox_member_id_members", type_="foreignkey")
        changed.drop_column("member_id")
    with op.batch_alter_table("digests") as changed:
        changed.drop_constraint(op.f("ck_digests_minute"), type_="check")
        for name in ADDED:
            changed.drop_column(name)
    for table in ("digests", "schedules"):
        op.execute(sa.text(f"UPDATE {table} SET frequency = 'weekly' WHERE frequency = 'monthly'"))  # noqa: S608
        with op.batch_alter_table(table, table_kwargs=NUMBERED[table]) as changed:
            changed.drop_constraint(op.f(f"ck_{table}_frequency"), type_="check")
            changed.create_check_constraint(op.f(f"ck_{table}_frequency"), BEFORE)
