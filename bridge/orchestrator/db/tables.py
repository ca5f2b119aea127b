# SPDX-License-Identifier: Apache-2.0
"""The tables. The first three are upstream's by name and column; the rest is ours."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bridge.orchestrator.db.columns import DecimalText, UtcDateTime, now, words
from bridge.orchestrator.enums import (
    CloudNodeStatus,
    ProviderName,
    RunMode,
    SetupStatus,
    WorkKind,
    WorkState,
)

ADDRESS = 128
"""Longest bech32 address that is stored."""
PUBKEY = 64
"""Base64 of 32 bytes takes 44."""

AutoId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Root of the tables; the names of constraints are fixed so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, Decimal: DecimalText}  # noqa: RUF012


class SetupRequest(Base):
    """Somebody wants a validator."""

    __tablename__ = "validator_setup_requests"
    __table_args__ = (
        Index("ix_setup_requests_wallet_created", "wallet_address", "created_at", "id"),
        Index("ix_setup_requests_status", "status"),
        Index("ix_setup_requests_pubkey", "consensus_pubkey"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wallet_address: Mapped[str] = mapped_column(String(ADDRESS))
    validator_name: Mapped[str] = mapped_column(String(100))
    website: Mapped[str | None] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    commission_rate: Mapped[Decimal]
    run_mode: Mapped[RunMode] = mapped_column(words(RunMode, "run_mode"))
    provider: Mapped[ProviderName] = mapped_column(words(ProviderName, "provider"))
    consensus_pubkey: Mapped[str | None] = mapped_column(String(PUBKEY))
    status: Mapped[SetupStatus] = mapped_column(words(SetupStatus, "status"))
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    completed_at: Mapped[datetime | None]


class CloudNode(Base):
    """The node of a cloud validator."""

    __tablename__ = "validator_nodes"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    setup_request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("validator_setup_requests.id", ondelete="CASCADE"), unique=True
    )
    provider: Mapped[ProviderName] = mapped_column(words(ProviderName, "provider"))
    container_id: Mapped[str | None] = mapped_column(String(128))
    rpc_endpoint: Mapped[str | None] = mapped_column(String(255))
    p2p_endpoint: Mapped[str | None] = mapped_column(String(255))
    grpc_endpoint: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[CloudNodeStatus] = mapped_column(words(CloudNodeStatus, "status"))
    logs_url: Mapped[str | None] = mapped_column(String(255))
    last_block_height: Mapped[int | None] = mapped_column(BigInteger)
    last_health_check: Mapped[datetime | None]
    cpu_cores: Mapped[float | None]
    memory_gb: Mapped[float | None]
    disk_gb: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class HeartbeatRow(Base):
    """The newest heartbeat of a validator that runs on its person's computer.

    `device_key` is pinned by the first heartbeat; `signed_ms` only grows, so that none is
    played again.
    """

    __tablename__ = "local_validator_heartbeats"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wallet_address: Mapped[str] = mapped_column(String(ADDRESS))
    consensus_pubkey: Mapped[str] = mapped_column(String(PUBKEY), unique=True)
    block_height: Mapped[int] = mapped_column(BigInteger)
    uptime_seconds: Mapped[int] = mapped_column(BigInteger)
    local_rpc_port: Mapped[int] = mapped_column(Integer)
    local_p2p_port: Mapped[int] = mapped_column(Integer)
    device_key: Mapped[str] = mapped_column(String(PUBKEY))
    signed_ms: Mapped[int] = mapped_column(BigInteger)
    first_seen: Mapped[datetime] = mapped_column(default=now)
    last_seen: Mapped[datetime] = mapped_column(default=now)


class NodeLog(Base):
    """The last lines of a cloud node's log; `asked_at` is set while somebody waits for newer."""

    __tablename__ = "node_logs"

    node_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("validator_nodes.id", ondelete="CASCADE"), primary_key=True
    )
    asked_at: Mapped[datetime | None] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)
    trouble: Mapped[str | None] = mapped_column(Text)


class WorkItem(Base):
    """Work for the worker, one row a task; a claim is a lease that runs out."""

    __tablename__ = "work_items"
    __table_args__ = (Index("ix_work_items_state_due", "state", "not_before"),)

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    setup_request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("validator_setup_requests.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[WorkKind] = mapped_column(words(WorkKind, "kind"))
    state: Mapped[WorkState] = mapped_column(words(WorkState, "state"), default=WorkState.QUEUED)
    step: Mapped[str] = mapped_column(String(64), default="")
    progress: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    not_before: Mapped[datetime] = mapped_column(default=now)
    deadline: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(128))
    claimed_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class WalletNonce(Base):
    """A nonce a wallet shall sign; used once."""

    __tablename__ = "wallet_nonces"

    nonce_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    wallet_address: Mapped[str] = mapped_column(String(ADDRESS))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WalletSession(Base):
    """A wallet that signed a nonce."""

    __tablename__ = "wallet_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    wallet_address: Mapped[str] = mapped_column(String(ADDRESS))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiKey(Base):
    """A key of an operator of this service."""

    __tablename__ = "api_keys"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    revoked_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A setup request that was made under a key of its caller's choice."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("wallet_address", "key"),)

    id: Mapped[int] = mapped_column(AutoId, primary_key=True, autoincrement=True)
    wallet_address: Mapped[str] = mapped_column(String(ADDRESS))
    key: Mapped[str] = mapped_column(String(255))
    body_hash: Mapped[str] = mapped_column(String(64))
    setup_request_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("validator_setup_requests.id", ondelete="CASCADE")
    )
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditEntry(Base):
    """What changed, and by whom; rows are only ever added."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    actor: Mapped[str] = mapped_column(String(160))
    remote: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
