# SPDX-License-Identifier: Apache-2.0
"""Answers of CometBFT 0.38's RPC: heights as numbers, times as Unix seconds, the rest left out."""

from __future__ import annotations

import base64
from enum import IntEnum

from pydantic import BaseModel, ConfigDict, Field

from node_manager.checks.listening import is_public
from node_manager.cosmos.encoding import UnixTime


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class PubKey(_Answer):
    """A public key: `type` is "tendermint/PubKeyEd25519" for a consensus key."""

    type: str
    value: str

    @property
    def raw(self) -> bytes:
        """The key's bytes."""
        return base64.b64decode(self.value)


class NodeInfo(_Answer):
    """Who answers. `network` is the chain id it really runs."""

    id: str
    network: str
    version: str
    moniker: str
    listen_addr: str = ""


class SyncInfo(_Answer):
    """How far it is. `catching_up` may be false on a node that stands still."""

    latest_block_height: int
    latest_block_time: UnixTime
    latest_block_hash: str = ""
    earliest_block_height: int = 0
    earliest_block_time: UnixTime = 0.0
    catching_up: bool


class ValidatorInfo(_Answer):
    """The key the node signs with now; power 0 when it is not in the set."""

    address: str
    pub_key: PubKey
    voting_power: int


class Status(_Answer):
    """Answer of `/status`."""

    node_info: NodeInfo
    sync_info: SyncInfo
    validator_info: ValidatorInfo


class Peer(_Answer):
    """One connected peer."""

    node_info: NodeInfo
    is_outbound: bool
    remote_ip: str = ""


class NetInfo(_Answer):
    """Answer of `/net_info`."""

    n_peers: int
    peers: tuple[Peer, ...] = ()

    @property
    def outbound(self) -> int:
        """Peers this node dialled."""
        return sum(peer.is_outbound for peer in self.peers)

    @property
    def inbound(self) -> int:
        """Peers that dialled this node."""
        return len(self.peers) - self.outbound

    @property
    def reached(self) -> int:
        """Peers that dialled this node from the internet."""
        return sum(not peer.is_outbound and is_public(peer.remote_ip) for peer in self.peers)


class Header(_Answer):
    """A block's header."""

    chain_id: str
    height: int
    time: UnixTime
    validators_hash: str = ""
    app_hash: str = ""
    proposer_address: str = ""


class BlockId(_Answer):
    """A block's hash."""

    hash: str = ""


class BlockFlag(IntEnum):
    """What a validator did for a block (CometBFT, `types.BlockIDFlag`)."""

    ABSENT = 1
    COMMIT = 2
    NIL = 3


class CommitSignature(_Answer):
    """One validator's place in a commit; the address is empty when it is absent.

    The signature is base64, null or empty when there is none.
    """

    block_id_flag: int
    validator_address: str = ""
    timestamp: UnixTime = 0.0
    signature: str | None = ""


class CommitBody(_Answer):
    """The signatures of one block."""

    height: int
    round: int
    block_id: BlockId
    signatures: tuple[CommitSignature, ...] = ()

    def signature_of(self, address: str) -> str:
        """The signature of the validator `address` in base64, empty for none."""
        found = (s.signature for s in self.signatures if s.validator_address == address)
        return next(found, None) or ""

    def flag_of(self, address: str) -> BlockFlag | None:
        """What the validator `address` did; None when the commit does not name it."""
        for signature in self.signatures:
            if signature.validator_address == address:
                return BlockFlag(signature.block_id_flag)
        return None

    @property
    def absent(self) -> int:
        """Validators of the set that did not sign."""
        return sum(s.block_id_flag == BlockFlag.ABSENT for s in self.signatures)


class SignedHeader(_Answer):
    """A header with its commit."""

    header: Header
    commit: CommitBody


class Commit(_Answer):
    """Answer of `/commit`; `canonical` is the commit the next block carries, final for slashing."""

    signed_header: SignedHeader
    canonical: bool


class SetMember(_Answer):
    """A validator of the active set."""

    address: str
    pub_key: PubKey
    voting_power: int


class ValidatorPage(_Answer):
    """One page of `/validators`, by falling power."""

    block_height: int
    validators: tuple[SetMember, ...]
    count: int
    total: int


class BlockBody(_Answer):
    """A block without its transactions."""

    header: Header


class Block(_Answer):
    """Answer of `/block`."""

    block_id: BlockId
    block: BlockBody


class BlockMeta(_Answer):
    """A block's header and the number of its transactions."""

    header: Header
    num_txs: int = 0


class BlockRange(_Answer):
    """Answer of `/blockchain`: at most 20 blocks, newest first."""

    last_height: int
    block_metas: tuple[BlockMeta, ...]


class GenesisChunk(_Answer):
    """One of the parts of a genesis, 16 MB each before base64."""

    chunk: int
    total: int
    data: str

    @property
    def raw(self) -> bytes:
        """The part's bytes."""
        return base64.b64decode(self.data)


class AppInfo(_Answer):
    """What the application says of itself."""

    data: str = ""
    version: str = ""
    last_block_height: int = 0


class AbciInfo(_Answer):
    """Answer of `/abci_info`."""

    response: AppInfo


class TxResult(_Answer):
    """The outcome of a transaction in its block; 0 is success."""

    code: int = 0
    log: str = ""
    codespace: str = ""
    gas_wanted: int = 0
    gas_used: int = 0


class Tx(_Answer):
    """Answer of `/tx`."""

    hash: str
    height: int
    tx_result: TxResult = Field(default_factory=TxResult)
