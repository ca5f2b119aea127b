# SPDX-License-Identifier: Apache-2.0
"""The words of the contract for modes, providers and states."""

from __future__ import annotations

from enum import StrEnum


class RunMode(StrEnum):
    """Where a validator runs."""

    CLOUD = "cloud"
    LOCAL = "local"


class ProviderName(StrEnum):
    """Who runs it."""

    OMNIPHI_CLOUD = "omniphi_cloud"
    AWS = "aws"
    GCP = "gcp"
    DIGITAL_OCEAN = "digital_ocean"
    AKASH = "akash"
    LOCAL = "local"


class SetupStatus(StrEnum):
    """How far a setup request is."""

    PENDING = "pending"
    PROVISIONING = "provisioning"
    CONFIGURING = "configuring"
    READY_FOR_CHAIN_TX = "ready_for_chain_tx"
    ACTIVE = "active"
    FAILED = "failed"
    CANCELLED = "cancelled"


NEXT_STATUS: dict[SetupStatus, frozenset[SetupStatus]] = {
    SetupStatus.PENDING: frozenset(
        {
            SetupStatus.PROVISIONING,
            SetupStatus.READY_FOR_CHAIN_TX,
            SetupStatus.FAILED,
            SetupStatus.CANCELLED,
        }
    ),
    SetupStatus.PROVISIONING: frozenset(
        {SetupStatus.CONFIGURING, SetupStatus.FAILED, SetupStatus.CANCELLED}
    ),
    SetupStatus.CONFIGURING: frozenset(
        {SetupStatus.READY_FOR_CHAIN_TX, SetupStatus.FAILED, SetupStatus.CANCELLED}
    ),
    SetupStatus.READY_FOR_CHAIN_TX: frozenset(
        {
            SetupStatus.ACTIVE,
            SetupStatus.PROVISIONING,
            SetupStatus.FAILED,
            SetupStatus.CANCELLED,
        }
    ),
    SetupStatus.ACTIVE: frozenset({SetupStatus.PROVISIONING}),
    SetupStatus.FAILED: frozenset({SetupStatus.PROVISIONING, SetupStatus.CANCELLED}),
    SetupStatus.CANCELLED: frozenset(),
}
"""The transitions that are allowed; a redeploy goes back to provisioning."""


class CloudNodeStatus(StrEnum):
    """What a cloud validator's node is doing."""

    STARTING = "starting"
    RUNNING = "running"
    SYNCING = "syncing"
    SYNCED = "synced"
    STOPPED = "stopped"
    ERROR = "error"
    TERMINATED = "terminated"


class WorkKind(StrEnum):
    """What the worker is asked to do."""

    PROVISION = "provision"
    STOP = "stop"
    REDEPLOY = "redeploy"
    REMOVE = "remove"


class WorkState(StrEnum):
    """How far a piece of work is."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
