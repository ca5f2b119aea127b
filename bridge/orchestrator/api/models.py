# SPDX-License-Identifier: Apache-2.0
"""Bodies of the contract (`/api/v1/validators`): names and shapes as its clients know them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field

from bridge.orchestrator.api.fields import (
    Address,
    Asked,
    Body,
    Height,
    Key32,
    Moment,
    Port,
    Rate,
    Signature,
    Text,
    WalletKey,
)
from bridge.orchestrator.db.tables import CloudNode, SetupRequest
from bridge.orchestrator.enums import CloudNodeStatus, ProviderName, RunMode, SetupStatus

BASE = "/api/v1/validators"


class SetupAsked(Asked):
    """POST /setup-requests. `consensusPubkey` is for local validators whose key is known."""

    wallet_address: Address
    validator_name: Annotated[str, Field(min_length=3, max_length=100), Text]
    website: Annotated[str, Field(max_length=255), Text] | None = None
    description: Annotated[str, Field(max_length=1000), Text] | None = None
    commission_rate: Rate
    run_mode: RunMode
    provider: ProviderName = ProviderName.OMNIPHI_CLOUD
    consensus_pubkey: Key32 | None = None


class RemovalBody(Body):
    """What was made for a request and is still to be removed; it is tried again by itself.

    `reason` says why it is not done yet, null before the first try.
    """

    since: Moment
    reason: str | None


class SetupBody(Body):
    """A setup request."""

    id: uuid.UUID
    status: SetupStatus
    wallet_address: str
    validator_name: str
    run_mode: RunMode
    provider: ProviderName
    consensus_pubkey: str | None
    error_message: str | None
    removal_owed: RemovalBody | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, row: SetupRequest, owed: Any | None) -> SetupBody:
        """The body of `row`, with the work item of its removal while that is to be done."""
        return cls(
            id=row.id,
            status=row.status,
            wallet_address=row.wallet_address,
            validator_name=row.validator_name,
            run_mode=row.run_mode,
            provider=row.provider,
            consensus_pubkey=row.consensus_pubkey,
            error_message=row.error_message,
            removal_owed=None
            if owed is None
            else RemovalBody(since=owed.created_at, reason=owed.last_error),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class NodeBody(Body):
    """The node of a cloud validator."""

    id: uuid.UUID
    status: CloudNodeStatus
    rpc_endpoint: str | None
    p2p_endpoint: str | None
    logs_url: str | None
    last_block_height: int | None
    last_health_check: Moment | None

    @classmethod
    def of(cls, row: CloudNode | None) -> NodeBody | None:
        """The body of `row`."""
        if row is None:
            return None
        return cls(
            id=row.id,
            status=row.status,
            rpc_endpoint=row.rpc_endpoint,
            p2p_endpoint=row.p2p_endpoint,
            logs_url=row.logs_url or f"{BASE}/setup-requests/{row.setup_request_id}/logs",
            last_block_height=row.last_block_height,
            last_health_check=row.last_health_check,
        )


class SetupAnswer(Body):
    """A setup request with its node."""

    setup_request: SetupBody
    node: NodeBody | None


class ChainInfoBody(Body):
    """How the chain sees the validator."""

    operator_address: str
    moniker: str
    status: str
    jailed: bool
    tokens: str
    commission_rate: str
    missed_blocks: int | None
    signed_blocks_window: int | None


class HeartbeatShort(Body):
    """The newest heartbeat in a list."""

    block_height: int
    last_seen: Moment


class WalletValidator(Body):
    """One validator of a wallet: request, node, chain and heartbeat."""

    setup_request: SetupBody
    node: NodeBody | None
    chain_info: ChainInfoBody | None
    heartbeat: HeartbeatShort | None


class SetupNamed(Asked):
    """POST /stop and /redeploy."""

    setup_request_id: uuid.UUID


class StopAnswer(Body):
    """The stop is on its way."""

    message: str
    node_id: uuid.UUID
    status: Literal["stopped"] = "stopped"


class RedeployAnswer(Body):
    """The redeploy is on its way."""

    message: str
    setup_request_id: uuid.UUID
    status: Literal["provisioning"] = "provisioning"


class KeyAsked(Asked):
    """The consensus key of a local validator."""

    consensus_pubkey: Key32


class HeartbeatAsked(Asked):
    """POST /heartbeat. `walletAddress` is empty while the app does not know one."""

    wallet_address: Annotated[str, Field(max_length=128, pattern="^[a-z0-9]*$")]
    consensus_pubkey: Key32
    block_height: Height
    uptime_seconds: Height
    local_rpc_port: Port = 26657
    local_p2p_port: Port = 26656


class HeartbeatAnswer(Body):
    """The heartbeat is stored."""

    id: uuid.UUID
    block_height: int
    last_seen: Moment
    message: str = "Heartbeat received"


class HeartbeatBody(Body):
    """The newest heartbeat of a validator."""

    id: uuid.UUID
    wallet_address: str
    consensus_pubkey: str
    block_height: int
    uptime_seconds: int
    local_rpc_port: int
    local_p2p_port: int
    first_seen: Moment
    last_seen: Moment


class RebindAsked(Asked):
    """Bind another device to a consensus key."""

    device_key: Key32


class Done(Body):
    """A change without a body of its own."""

    message: str


class NonceAsked(Asked):
    """POST /api/v1/auth/nonce."""

    wallet_address: Address


class NonceBody(Body):
    """Sign `message` with the wallet (ADR-36, `signArbitrary`)."""

    nonce: str
    message: str
    expires_at: Moment


class SessionAsked(Asked):
    """POST /api/v1/auth/session; both as the wallet returns them."""

    wallet_address: Address
    nonce: Annotated[str, Field(min_length=16, max_length=64)]
    pub_key: WalletKey
    signature: Signature


class SessionBody(Body):
    """Send `token` as `Authorization: Bearer`."""

    token: str
    wallet_address: str
    expires_at: Moment


class HealthBody(Body):
    """GET /api/v1/health."""

    status: Literal["healthy", "degraded"]
    version: str
    database: Literal["ok", "unreachable"]
    chain: Literal["ok", "unreachable", "not configured"]
    chain_id: str


class AliveBody(Body):
    """GET /livez and /readyz."""

    status: Literal["ok", "not ready"]


class PageQuery(Asked):
    """A page of a list; `cursor` comes from the Link header of the page before."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=128)] = ""


class SetupListQuery(PageQuery):
    """A page of setup requests, of one status or all."""

    status: SetupStatus | None = None


class AuditBody(Body):
    """One change."""

    id: int
    at: Moment
    actor: str
    remote: str
    action: str
    subject: str
    detail: dict[str, Any]
