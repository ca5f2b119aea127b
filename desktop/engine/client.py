# SPDX-License-Identifier: Apache-2.0
"""What the window asks of the engine. Every answer is a future; nothing here blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from bridge.cli.parser import Chosen
    from bridge.server.pairing import Decision
    from bridge.server.pairing_store import Pairing
    from bridge.transactions.files import Included, Signed
    from bridge.transactions.operating import Draft, Operating
    from bridge.transactions.wishes import Wish
    from node_manager.alerts.alert import Alert
    from node_manager.alerts.past import PastAlert
    from node_manager.checks.listening import Listening
    from node_manager.checks.result import CheckResult, Mend
    from node_manager.checks.support_bundle import SupportBundle
    from node_manager.downloads.progress import Progress
    from node_manager.events import DoorChanged, Event
    from node_manager.history.recorder import Past, Span
    from node_manager.keys.backup_file import BackupHeader
    from node_manager.keys.backup_proof import VerifiedBackup
    from node_manager.keys.secret import SecretBytes
    from node_manager.layout import Layout
    from node_manager.moving import MoveProgress
    from node_manager.networks.profile import Profile
    from node_manager.node.plan import NodePlan
    from node_manager.obol.manager import DvPlan
    from node_manager.obol.settings import DvSettings
    from node_manager.obol.status import DvStatus
    from node_manager.runtime.docker.engine import EngineState
    from node_manager.settings import Settings
    from node_manager.signer.refusals import RefusedRequest
    from node_manager.state import NodeStatus
    from node_manager.updates.standing import Standing

Protection = Literal["keyring", "passphrase"]


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A consensus key as far as it is public.

    Attributes:
        public_key: base64, as the chain's JSON has it.
        address: consensus address in the network's bech32 form.
        created_at: RFC 3339 in UTC.
        origin: "created", "imported" or "restored".
        proof: the last backup that was opened to prove it, None for never.
    """

    public_key: str
    address: str
    chain_id: str
    created_at: str
    origin: str
    protection: Protection
    proof: VerifiedBackup | None = None


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One connected peer; `outbound` when this node dialled it."""

    moniker: str
    node_id: str
    address: str
    outbound: bool


class EngineClient(Protocol):
    """The engine as the window sees it; it lives in a thread of its own.

    A future fails with a `OneClickError` that explains itself.
    """

    def open(self, listener: Callable[[Event], None]) -> Future[None]:
        """Start the engine; `listener` is called with each event, in the engine's thread."""
        ...

    def profiles(self) -> Future[Sequence[Profile]]:
        """The networks to choose from."""
        ...

    def statuses(self) -> Future[Sequence[NodeStatus]]:
        """All validators of this computer."""
        ...

    def doors(self) -> Future[Sequence[DoorChanged]]:
        """The last known state of bridge, heartbeat and orchestrator."""
        ...

    def import_profile(self, source: str) -> Future[Profile]:
        """Add a network from a file, a folder or a URL."""
        ...

    def create(self, plan: NodePlan) -> Future[str]:
        """Make a validator and begin its first start; the id of the node."""
        ...

    def start(self, node_id: str) -> Future[None]:
        """Start, or try again after a failure."""
        ...

    def stop(self, node_id: str) -> Future[None]:
        """Stop in order: the node, then the signer."""
        ...

    def restart(self, node_id: str) -> Future[None]:
        """Stop and start."""
        ...

    def use_file(self, node_id: str, file: Path) -> Future[None]:
        """Take a file in place of the program's download, if it is the published one; start."""
        ...

    def remove(self, node_id: str, lose_key: bool) -> Future[None]:
        """Forget a stopped validator and delete its folder."""
        ...

    def repair_record(self, node_id: str) -> Future[int]:
        """Raise a damaged signing record above the chain and start; the height it signs after.

        Only after the person vouched that no other machine signs with this key.
        """
        ...

    def reset_chain_data(self, node_id: str, state_sync: bool) -> Future[int]:
        """Remove a stopped node's chain data, not its key and signing record; the bytes freed."""
        ...

    def unlock(self, node_id: str, passphrase: SecretBytes) -> Future[None]:
        """Open the key so that the signer can sign."""
        ...

    def usual_protection(self) -> Future[Protection]:
        """How this computer can lock a key: by a keyring where there is a safe one."""
        ...

    def key_facts(self, node_id: str) -> Future[KeyFacts]:
        """What can be read of the key without opening it."""
        ...

    def back_up(
        self,
        node_id: str,
        file: Path,
        passphrase: SecretBytes,
        key_passphrase: SecretBytes | None,
    ) -> Future[VerifiedBackup]:
        """Write an encrypted backup to the new file `file` and prove it by opening it.

        `key_passphrase` opens a key that is protected by one.
        """
        ...

    def verify_backup(
        self, node_id: str, file: Path, passphrase: SecretBytes
    ) -> Future[VerifiedBackup]:
        """Open a backup and compare it with this validator's key."""
        ...

    def read_backup(self, file: Path) -> Future[BackupHeader]:
        """What a backup says of itself, without opening it."""
        ...

    def sheet(self, file: Path) -> Future[str]:
        """The page to print beside a backup; it holds no secret."""
        ...

    def change_protection(
        self,
        node_id: str,
        protection: Protection,
        old_passphrase: SecretBytes | None,
        new_passphrase: SecretBytes | None,
    ) -> Future[None]:
        """Encrypt the key anew."""
        ...

    def settings(self) -> Future[Settings]:
        """The settings in force."""
        ...

    def change_settings(self, changed: Settings) -> Future[None]:
        """Store settings and let the engine follow them."""
        ...

    def updates(self) -> Future[Standing]:
        """How this version stands against the newest announced; nobody is asked."""
        ...

    def check_updates(self) -> Future[Standing]:
        """The same, after the source of updates was asked."""
        ...

    def download_update(self, report: Callable[[Progress], None]) -> Future[Path]:
        """Fetch and verify the newer version's file; cancelled, the next try goes on there."""
        ...

    def ensure_running(self, chosen: Chosen) -> Future[None]:
        """Make and start the validator that the command line describes, if there is none."""
        ...

    def peers(self, node_id: str) -> Future[Sequence[PeerRow]]:
        """The peers that the node is connected to now."""
        ...

    def log_tail(self, node_id: str, source: str, lines: int) -> Future[Sequence[str]]:
        """The last lines of the log of "node", "signer" or "app"."""
        ...

    def check(self) -> Future[Sequence[Any]]:
        """Run the doctor."""
        ...

    def examine(self, node_id: str) -> Future[Sequence[CheckResult]]:
        """Run the doctor for one validator, the gravest findings first."""
        ...

    def mend(self, node_id: str, mend: Mend) -> Future[None]:
        """Do what a finding offers: close the folder, restart the node, prepare it again."""
        ...

    def support_bundle(self) -> Future[SupportBundle]:
        """Gather what helps others to help; nothing is saved yet."""
        ...

    def history(self, node_id: str, span: Span) -> Future[Past]:
        """The figures of the last hour, day or week."""
        ...

    def alerts(self) -> Future[Sequence[Alert]]:
        """The alerts that stand now."""
        ...

    def past_alerts(self) -> Future[Sequence[PastAlert]]:
        """The alerts that are over, the newest first."""
        ...

    def listening(self, node_id: str) -> Future[Listening | None]:
        """Where the node's process listens, by port; None when the system does not tell."""
        ...

    def container_engine(self) -> Future[EngineState]:
        """Whether Docker answers on this computer, and if not, why."""
        ...

    def refusals(self, node_id: str) -> Future[Sequence[RefusedRequest]]:
        """What the signer refused, the newest first, as far as its log goes back."""
        ...

    def lock(self, node_id: str) -> Future[None]:
        """Stop the validator and forget its open key: the next start asks for the passphrase."""
        ...

    def try_webhook(self) -> Future[None]:
        """Send a trial message to the address of the settings."""
        ...

    def pairings(self) -> Future[Sequence[Pairing]]:
        """The websites that are paired."""
        ...

    def decide_pairing(self, request_id: str, decision: Decision) -> Future[None]:
        """Answer a website that asks."""
        ...

    def blocked_sites(self) -> Future[Sequence[str]]:
        """The origins of websites that may not ask any more."""
        ...

    def let_site_ask(self, origin: str) -> Future[None]:
        """Let a blocked website ask again."""
        ...

    def revoke_pairing(self, pairing_id: str) -> Future[None]:
        """End a pairing at once."""
        ...

    def starts_at_login(self) -> Future[bool]:
        """Whether the session starts this very program."""
        ...

    def set_start_at_login(self, wanted: bool) -> Future[None]:
        """Start with the session from now on, or no longer."""
        ...

    def move_data(self, target: Path, report: Callable[[MoveProgress], None]) -> Future[Layout]:
        """Stop everything and move the data folder; `report` is called in another thread.

        The engine is closed afterwards: the app has to be started anew.
        """
        ...

    def operating(self, node_id: str, wallet: str) -> Future[Operating]:
        """Who operates this validator on chain, and the chain's rules; read anew.

        `wallet` is the account that the person names, empty for the one that is known.
        """
        ...

    def make_transaction(self, node_id: str, wallet: str, wish: Wish) -> Future[Draft]:
        """Make a transaction for the wallet to sign; the chain tries it, nothing is sent."""
        ...

    def save_unsigned(self, draft: Draft, file: Path) -> Future[None]:
        """Write the file that the wallet signs."""
        ...

    def read_signed(self, file: Path) -> Future[Signed]:
        """Read a file that the wallet signed; nothing is sent."""
        ...

    def send_signed(
        self, node_id: str, signed: Signed, sent: Callable[[str], None]
    ) -> Future[Included]:
        """Send it and follow it into its block; `sent` gets its hash in another thread."""
        ...

    def act_locally(
        self, node_id: str, wish: Wish, sent: Callable[[str], None]
    ) -> Future[Included]:
        """On the local network: make, sign with its own account, send and follow."""
        ...

    def dv_statuses(self) -> Future[Sequence[DvStatus]]:
        """All distributed validators of this computer."""
        ...

    def dv_create(self, plan: DvPlan) -> Future[str]:
        """Make one with its ENR key and that key's backup, and begin to wait; its id."""
        ...

    def dv_start(self, cluster_id: str) -> Future[None]:
        """Go on from wherever it stands, or try again after a failure."""
        ...

    def dv_stop(self, cluster_id: str) -> Future[None]:
        """Stop client, charon or the key ceremony, and stay stopped."""
        ...

    def dv_remove(self, cluster_id: str, lose_keys: bool) -> Future[None]:
        """Forget a stopped one and delete its folder."""
        ...

    def dv_ask_now(self, cluster_id: str) -> Future[None]:
        """Ask the Obol API now instead of at the next interval."""
        ...

    def dv_confirm(self, cluster_id: str, definition_hash: str) -> Future[None]:
        """The addresses of this definition were compared: the key ceremony may begin."""
        ...

    def dv_settings(self, cluster_id: str) -> Future[DvSettings]:
        """How a distributed validator is set up."""
        ...

    def dv_change_settings(self, cluster_id: str, settings: DvSettings) -> Future[None]:
        """Take new settings for the next start of a stopped one."""
        ...

    def dv_use_definition(self, cluster_id: str, file: Path) -> Future[None]:
        """Go on with the definition of a file."""
        ...

    def dv_drop_definition(self, cluster_id: str) -> Future[None]:
        """Look for the cluster anew."""
        ...

    def dv_examine(self, cluster_id: str) -> Future[Sequence[CheckResult]]:
        """Run the doctor for a distributed validator."""
        ...

    def dv_mend(self, cluster_id: str, mend: Mend) -> Future[None]:
        """Do what a finding offers: close the folder of a distributed validator."""
        ...

    def dv_history(self, cluster_id: str, span: Span) -> Future[Past]:
        """The figures of a distributed validator over the last hour, day or week."""
        ...

    def dv_back_up(
        self, cluster_id: str, file: Path, passphrase: SecretBytes, everything: bool
    ) -> Future[None]:
        """Write an encrypted backup and prove it: of the ENR key, or of all of charon's files."""
        ...

    def dv_prove_backup(self, cluster_id: str, file: Path, passphrase: SecretBytes) -> Future[None]:
        """Open a backup of the ENR key and hold it against the key."""
        ...

    def quit(self, stop_nodes: bool) -> Future[None]:
        """End the engine; the validators are stopped in order, or left running."""
        ...
