# SPDX-License-Identifier: Apache-2.0
"""The last lines of cloud nodes' logs, which workers read for the service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the table up."""
    op.create_table(
        "node_logs",
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["validator_nodes.id"],
            name=op.f("fk_node_logs_node_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("node_id", name=op.f("pk_node_logs")),
    )
    op.create_index(op.f("ix_node_logs_asked_at"), "node_logs", ["asked_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("node_logs")
