# SPDX-License-Identifier: Apache-2.0
"""Runs the migrations on the connection that `bridge.orchestrator.db.migrate` hands over."""

from __future__ import annotations

from alembic import context

from bridge.orchestrator.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
