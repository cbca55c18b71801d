"""What comes before what, marks of experts, the quality of courses, and the signal "I know this"."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.String()
TEXT = sa.Text()
TIME = sa.DateTime(timezone=True)
SIGNALS_BEFORE = (
    "signal IN ('browse', 'click', 'save', 'enrol', 'progress', 'complete', 'rate', 'dismiss', 'post', 'reply', "
    "'react', 'attend', 'solved', 'helpful', 'unhelpful')"
)
SIGNALS = SIGNALS_BEFORE[:-1] + ", 'known')"


def upgrade() -> None:
    op.create_table(
        "prerequisites",
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("course", WORDS, nullable=False),
        sa.Column("needs", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("proposed_at", TIME, nullable=False),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", WORDS, nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'refused')", name=op.f("ck_prerequisites_state")),
        sa.CheckConstraint("course <> needs", name=op.f("ck_prerequisites_not_itself")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_prerequisites_confidence")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_prerequisites_community_id_communities"),
        sa.PrimaryKeyConstraint("id", name="pk_prerequisites"),
        sa.UniqueConstraint("community_id", "course", "needs", name="uq_prerequisites_community_id_course_needs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "experts",
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_experts_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_experts_member_id_members"),
        sa.PrimaryKeyConstraint("member_id", name="pk_experts"),
    )
    op.create_index("ix_experts_community_id", "experts", ["community_id"])
    op.create_table(
        "marks",
        sa.Column("community_id", ID, autoincrement=False, nullable=False),
        sa.Column("course", WORDS, nullable=False),
        sa.Column("member_id", ID, autoincrement=False, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_marks_stars")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_marks_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_marks_member_id_members"),
        sa.PrimaryKeyConstraint("community_id", "course", "member_id", name="pk_marks"),
    )
    op.create_table(
        "course_quality",
        sa.Column("community_id", ID, autoincrement=False, nullable=False),
        sa.Column("course", WORDS, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("stars", sa.JSON(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_course_quality_community_id_communities"
        ),
        sa.PrimaryKeyConstraint("community_id", "course", name="pk_course_quality"),
    )
    for table in ("interactions", "withdrawals"):
        _set_signals(table, SIGNALS)
    op.create_index("ix_interactions_community_id_item", "interactions", ["community_id", "item"])


def downgrade() -> None:
    op.drop_index("ix_interactions_community_id_item", "interactions")
    for table in ("interactions", "withdrawals"):
        signal: sa.ColumnClause[str] = sa.column("signal", WORDS)
        op.execute(sa.delete(sa.table(table, signal)).where(signal == "known"))
        _set_signals(table, SIGNALS_BEFORE)
    op.drop_table("course_quality")
    op.drop_table("marks")
    op.drop_index("ix_experts_community_id", "experts")
    op.drop_table("experts")
    op.drop_table("prerequisites")


def _set_signals(table: str, signals: str) -> None:
    """Which words the column `signal` takes. SQLite changes no constraint in place: the table is copied there."""
    name = f"ck_{table}_signal"
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, signals)
        return
    # Nothing points at these tables, so copying them breaks no reference.
    last = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}).scalar()
    with op.batch_alter_table(table, recreate="always", copy_from=_table(table, signals)):
        pass
    if last is not None:
        # The copy knows the highest number that is left, not the highest that was ever given out.
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), {"name": table, "seq": last}
        )


def _table(name: str, signals: str) -> sa.Table:
    """Both tables have the same columns; they differ in their indexes."""
    metadata = sa.MetaData()
    table = sa.Table(
        name,
        metadata,
        sa.Column("id", ID, nullable=False),
        sa.Column("community_id", ID, nullable=False),
        sa.Column("sequence", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("signal", WORDS, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.CheckConstraint(signals, name=f"ck_{name}_signal"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=f"fk_{name}_community_id_communities"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=f"fk_{name}_member_id_members"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("community_id", "sequence", name=f"uq_{name}_community_id_sequence"),
        sqlite_autoincrement=True,
    )
    if name == "interactions":
        table.append_constraint(sa.UniqueConstraint("community_id", "key", name=f"uq_{name}_community_id_key"))
        sa.Index("ix_interactions_member_id_at", table.c.member_id, table.c.at)
    else:
        sa.Index("ix_withdrawals_member_id", table.c.member_id)
    return table
