# SPDX-License-Identifier: Apache-2.0
"""Room in each page of the heartbeats, so that PostgreSQL updates a row without its indexes.

A heartbeat changes no indexed value: with room in the row's page the new row version goes there
(HOT) and no index is touched. Pages that are full from before get room as they are vacuumed.
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLE = "local_validator_heartbeats"


def upgrade() -> None:
    """Leave room."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"ALTER TABLE {_TABLE} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)"
        )


def downgrade() -> None:
    """Fill pages as PostgreSQL does by itself."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {_TABLE} RESET (fillfactor, autovacuum_vacuum_scale_factor)")
