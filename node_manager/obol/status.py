# SPDX-License-Identifier: Apache-2.0
"""Everything that the doors and the window say about one distributed validator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node_manager.explanation import Explanation
from node_manager.figures import Figure
from node_manager.obol.alerts import Alert
from node_manager.obol.beacon import BeaconReading
from node_manager.obol.ceremony.dkg_progress import DkgPeer, DkgPhase
from node_manager.obol.charon.metrics import FailedDuty
from node_manager.obol.cluster.invites import Invite
from node_manager.obol.cluster.verification import Check
from node_manager.state import StepState


class DvStage(StrEnum):
    """Where it is between nothing and attesting; `backoff` and `failed` carry a reason."""

    STOPPED = "stopped"
    ENR = "enr"
    WAITING = "waiting"
    VERIFYING = "verifying"
    BACKUP = "backup"
    CONFIRM = "confirm"
    DKG = "dkg"
    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"
    STOPPING = "stopping"
    FAILED = "failed"

    @property
    def text(self) -> str:
        """For a person."""
        return _TEXTS[self]

    @property
    def at_work(self) -> bool:
        """Whether a key ceremony or duties go on in this stage."""
        return self in {
            DvStage.DKG, DvStage.STARTING, DvStage.RUNNING, DvStage.BACKOFF, DvStage.STOPPING,
        }  # fmt: skip


_TEXTS = {
    DvStage.STOPPED: "Stopped",
    DvStage.ENR: "Making the node's identity",
    DvStage.WAITING: "Waiting for the cluster",
    DvStage.VERIFYING: "Checking what was signed",
    DvStage.BACKUP: "Waiting for the backup of the ENR key",
    DvStage.CONFIRM: "Waiting for your word on the addresses",
    DvStage.DKG: "Making the keys together",
    DvStage.STARTING: "Starting charon and the validator client",
    DvStage.RUNNING: "Running",
    DvStage.BACKOFF: "Waiting before the next try",
    DvStage.STOPPING: "Stopping",
    DvStage.FAILED: "Stopped by a failure",
}


class DvStep(StrEnum):
    """The steps, in order."""

    ENR = "enr"
    BACKUP = "backup"
    INVITE = "invite"
    SIGNATURES = "signatures"
    VERIFY = "verify"
    DKG = "dkg"
    ARTEFACTS = "artefacts"
    START = "start"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class DvStepProgress:
    """One row of the progress; `took` in seconds once it is done."""

    step: DvStep
    state: StepState = StepState.WAITING
    note: str = ""
    took: float | None = None


@dataclass(frozen=True, slots=True)
class ValidatorRow:
    """One validator: where its money goes, and its key once there is one.

    Attributes:
        public_key: `0x…`, empty before the DKG.
    """

    number: int
    fee_recipient: str
    withdrawal: str
    public_key: str = ""


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """One operator of the cluster, as far as is known.

    Attributes:
        peer: charon's name for its node.
        connected: met in the ceremony, or answering pings; None when not known.
        ping: seconds.
        clock_offset: seconds its clock is ahead of ours.
        participation: share of the expected duties in which it took part, since charon's start.
        participated: those duties.
        expected: all duties in which it was expected.
    """

    number: int
    address: str
    ours: bool
    enr_ready: bool
    signed: bool
    missing: tuple[str, ...] = ()
    enr: str = ""
    peer: str = ""
    nickname: str = ""
    connected: bool | None = None
    ping: Figure[float] = Figure()
    version: str = ""
    clock_offset: Figure[float] = Figure()
    participation: Figure[float] = Figure()
    participated: Figure[int] = Figure()
    expected: Figure[int] = Figure()


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image of which a container runs, or ran last.

    Attributes:
        name: "charon" or the client's.
        reference: how the settings or the app's profile name it.
        digest: `sha256:…` of what the reference is pinned to.
        pinned_at: Unix time, None when it is unknown.
    """

    name: str
    reference: str
    digest: str
    pinned_at: float | None


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """The cluster that was found: what everybody signed."""

    name: str
    config_hash: str
    definition_hash: str
    version: str
    network: str
    threshold: int
    operators: int
    validators: tuple[ValidatorRow, ...]
    lock_hash: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait for the cluster.

    Attributes:
        asked_at: Unix time of the last asking, None for never.
        next_at: Unix time of the next one.
        trouble: why the last one got no answer.
    """

    invites: tuple[Invite, ...] = ()
    unreadable: tuple[str, ...] = ()
    asked_at: float | None = None
    next_at: float | None = None
    trouble: Explanation | None = None


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """The key ceremony.

    Attributes:
        attempt: from 1.
        note: what it does, in words; that it waits for ever where it does.
    """

    phase: DkgPhase = DkgPhase.STARTING
    attempt: int = 0
    peers: tuple[DkgPeer, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class DvFigures:
    """What charon tells while it runs, and what it all takes of this computer.

    Attributes:
        beacon_latency: seconds of the beacon node's answers to charon.
        data_bytes: the folder of this validator.
        disk_free: where that folder lies.
    """

    alive: Figure[bool] = Figure()
    ready: Figure[bool] = Figure()
    slot: Figure[int] = Figure()
    peers_alive: Figure[int] = Figure()
    duties_succeeded: Figure[int] = Figure()
    duties_failed: Figure[int] = Figure()
    beacon_peers: Figure[int] = Figure()
    beacon_latency: Figure[float] = Figure()
    using_fallback: Figure[bool] = Figure()
    validators_active: Figure[int] = Figure()
    balance_gwei: Figure[int] = Figure()
    client: Figure[str] = Figure()
    client_submitted: Figure[int] = Figure()
    charon_version: Figure[str] = Figure()
    charon_memory: Figure[int] = Figure()
    charon_cpu: Figure[float] = Figure()
    client_memory: Figure[int] = Figure()
    client_cpu: Figure[float] = Figure()
    data_bytes: Figure[int] = Figure()
    disk_free: Figure[int] = Figure()


@dataclass(frozen=True, slots=True)
class DvStatus:
    """One distributed validator at one moment.

    Attributes:
        since: Unix time at which `stage` was entered.
        reason: why it waits, failed or is not ready.
        next_try: Unix time of the next try, in backoff.
        enr: the public record, for the Launchpad.
        enr_backup_at: Unix time at which a backup of its key was proved; None for never.
        artefacts_backup_at: the same for charon's whole folder.
        images: what runs in containers.
        version_note: what the other operators should know about versions before the ceremony.
        launchpad: what the person does at the Launchpad, step by step.
    """

    cluster_id: str
    name: str
    stage: DvStage
    since: float
    network: str
    operator_address: str
    reason: Explanation | None = None
    next_try: float | None = None
    enr: str = ""
    enr_backup_at: float | None = None
    artefacts_backup_at: float | None = None
    charon_version: str = ""
    version_note: str = ""
    images: tuple[ImageRow, ...] = ()
    client: str = ""
    launchpad: tuple[str, ...] = ()
    wait: Wait = Wait()
    cluster: ClusterFacts | None = None
    checks: tuple[Check, ...] = ()
    operators: tuple[OperatorRow, ...] = ()
    ceremony: CeremonyView | None = None
    steps: tuple[DvStepProgress, ...] = ()
    beacons: tuple[BeaconReading, ...] = ()
    figures: DvFigures = DvFigures()
    failed_duties: tuple[FailedDuty, ...] = ()
    alerts: tuple[Alert, ...] = ()
