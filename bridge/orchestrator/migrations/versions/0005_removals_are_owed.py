# SPDX-License-Identifier: Apache-2.0
"""Removals that were given up are owed again, where the request was cancelled.

Such a request is never deployed again, so nothing that was made since is removed.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Queue them."""
    op.execute(
        "UPDATE work_items SET state = 'queued', attempts = 0"
        " WHERE kind = 'remove' AND state = 'failed' AND setup_request_id IN"
        " (SELECT id FROM validator_setup_requests WHERE status = 'cancelled')"
        " AND NOT EXISTS (SELECT 1 FROM work_items later WHERE later.kind = 'remove'"
        " AND later.setup_request_id = work_items.setup_request_id"
        " AND later.created_at > work_items.created_at)"
    )


def downgrade() -> None:
    """Leave them: an earlier version gives them up by itself."""
