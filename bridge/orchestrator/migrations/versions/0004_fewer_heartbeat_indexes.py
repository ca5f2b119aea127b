# SPDX-License-Identifier: Apache-2.0
"""No index of the heartbeats' wallets: nothing looks a heartbeat up by its wallet.

SQLite wrote such an index anew with each heartbeat, on a page elsewhere in the file: half of
what it wrote.
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLE = "local_validator_heartbeats"
_NAME = "ix_heartbeats_wallet"


def upgrade() -> None:
    """Drop it."""
    op.drop_index(_NAME, _TABLE)


def downgrade() -> None:
    """Make it."""
    op.create_index(_NAME, _TABLE, ["wallet_address"], unique=False)
