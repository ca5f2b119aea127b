# SPDX-License-Identifier: Apache-2.0
"""First tables: upstream's three, then work, wallets, operators and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables up."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
        sa.UniqueConstraint("name", name=op.f("uq_api_keys_name")),
    )
    op.create_table(
        "audit_log",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("remote", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)
    op.create_index(op.f("ix_audit_log_subject"), "audit_log", ["subject"], unique=False)

    op.create_table(
        "local_validator_heartbeats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wallet_address", sa.String(length=128), nullable=False),
        sa.Column("consensus_pubkey", sa.String(length=64), nullable=False),
        sa.Column("block_height", sa.BigInteger(), nullable=False),
        sa.Column("uptime_seconds", sa.BigInteger(), nullable=False),
        sa.Column("local_rpc_port", sa.Integer(), nullable=False),
        sa.Column("local_p2p_port", sa.Integer(), nullable=False),
        sa.Column("device_key", sa.String(length=64), nullable=False),
        sa.Column("signed_ms", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_validator_heartbeats")),
        sa.UniqueConstraint(
            "consensus_pubkey", name=op.f("uq_local_validator_heartbeats_consensus_pubkey")
        ),
    )
    op.create_index(
        "ix_heartbeats_wallet", "local_validator_heartbeats", ["wallet_address"], unique=False
    )

    op.create_table(
        "validator_setup_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wallet_address", sa.String(length=128), nullable=False),
        sa.Column("validator_name", sa.String(length=100), nullable=False),
        sa.Column("website", sa.String(length=255), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("commission_rate", sa.String(24), nullable=False),
        sa.Column(
            "run_mode",
            sa.Enum(
                "cloud",
                "local",
                name="run_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "provider",
            sa.Enum(
                "omniphi_cloud",
                "aws",
                "gcp",
                "digital_ocean",
                "akash",
                "local",
                name="provider",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("consensus_pubkey", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "provisioning",
                "configuring",
                "ready_for_chain_tx",
                "active",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validator_setup_requests")),
    )
    op.create_index(
        "ix_setup_requests_pubkey", "validator_setup_requests", ["consensus_pubkey"], unique=False
    )
    op.create_index(
        "ix_setup_requests_status", "validator_setup_requests", ["status"], unique=False
    )
    op.create_index(
        "ix_setup_requests_wallet_created",
        "validator_setup_requests",
        ["wallet_address", "created_at", "id"],
        unique=False,
    )

    op.create_table(
        "wallet_nonces",
        sa.Column("nonce_hash", sa.String(length=64), nullable=False),
        sa.Column("wallet_address", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("pk_wallet_nonces")),
    )
    op.create_index(
        op.f("ix_wallet_nonces_expires_at"), "wallet_nonces", ["expires_at"], unique=False
    )

    op.create_table(
        "wallet_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("wallet_address", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_wallet_sessions")),
    )
    op.create_index(
        op.f("ix_wallet_sessions_expires_at"), "wallet_sessions", ["expires_at"], unique=False
    )

    op.create_table(
        "idempotency_keys",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("wallet_address", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("setup_request_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_request_id"],
            ["validator_setup_requests.id"],
            name=op.f("fk_idempotency_keys_setup_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint(
            "wallet_address", "key", name=op.f("uq_idempotency_keys_wallet_address_key")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )

    op.create_table(
        "validator_nodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("setup_request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "provider",
            sa.Enum(
                "omniphi_cloud",
                "aws",
                "gcp",
                "digital_ocean",
                "akash",
                "local",
                name="provider",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("container_id", sa.String(length=128), nullable=True),
        sa.Column("rpc_endpoint", sa.String(length=255), nullable=True),
        sa.Column("p2p_endpoint", sa.String(length=255), nullable=True),
        sa.Column("grpc_endpoint", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "starting",
                "running",
                "syncing",
                "synced",
                "stopped",
                "error",
                "terminated",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("logs_url", sa.String(length=255), nullable=True),
        sa.Column("last_block_height", sa.BigInteger(), nullable=True),
        sa.Column("last_health_check", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cpu_cores", sa.Double(), nullable=True),
        sa.Column("memory_gb", sa.Double(), nullable=True),
        sa.Column("disk_gb", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_request_id"],
            ["validator_setup_requests.id"],
            name=op.f("fk_validator_nodes_setup_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_validator_nodes")),
        sa.UniqueConstraint("setup_request_id", name=op.f("uq_validator_nodes_setup_request_id")),
    )
    op.create_table(
        "work_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("setup_request_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "provision",
                "stop",
                "redeploy",
                "remove",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "done",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["setup_request_id"],
            ["validator_setup_requests.id"],
            name=op.f("fk_work_items_setup_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
    )
    op.create_index(
        op.f("ix_work_items_setup_request_id"), "work_items", ["setup_request_id"], unique=False
    )
    op.create_index("ix_work_items_state_due", "work_items", ["state", "not_before"], unique=False)


def downgrade() -> None:
    """Take them back."""

    op.drop_table("work_items")
    op.drop_table("validator_nodes")

    op.drop_table("idempotency_keys")

    op.drop_table("wallet_sessions")

    op.drop_table("wallet_nonces")

    op.drop_table("validator_setup_requests")

    op.drop_table("local_validator_heartbeats")

    op.drop_table("audit_log")
    op.drop_table("api_keys")
