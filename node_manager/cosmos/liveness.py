# SPDX-License-Identifier: Apache-2.0
"""Judge a live node by its height and the network's: `/health` and `catching_up` prove nothing."""

from __future__ import annotations

from dataclasses import replace

from node_manager.cosmos.watch import WatchReading
from node_manager.explanation import Explanation

STALL_SECONDS = 30.0
"""The lowest threshold in use among operators; slow chains wait longer (STALL_BLOCKS)."""

STALL_BLOCKS = 10
NO_PEERS_SECONDS = 30.0
SILENT_SECONDS = 60.0


OTHER_CHAIN = Explanation(
    "data-of-other-chain",
    "The node runs another network: {found} instead of {expected}.",
    "Its data folder holds the data of that chain, whatever its genesis says.",
    "Reset the chain data on the Network page, so that the right ones are fetched. The key and"
    " the signing record stay.",
)
OTHER_KEY = Explanation(
    "other-key",
    "The node signs with another key than this validator's.",
    "Its signer answers with the address {found}; this validator's is {expected}.",
    "Stop the node. Nothing is signed with this validator's key meanwhile.",
)
SILENT = Explanation(
    "node-silent",
    "The node's process lives and does not answer.",
    "Nothing has come from its RPC port for {seconds} s.",
    "Look at its log. If it waits for its signer, unlock the key; otherwise restart it.",
)
NO_PEERS = Explanation(
    "no-peers",
    "The node has no peers, so it gets no blocks.",
    "None of the network's addresses has accepted a connection for {seconds} s. Often a firewall"
    " blocks outgoing connections, or the addresses in the profile are old.",
    "Allow outgoing TCP connections (P2P, mostly port 26656), or import the network's newer"
    " profile.",
)
AT_ZERO = Explanation(
    "no-first-block",
    "The node has not taken in its first block.",
    "It has peers, and for {seconds} s none has given it a block that fits its genesis.",
    "Look at its log. A new chain may not have begun; otherwise check the genesis.",
)
NETWORK_STILL = Explanation(
    "network-still",
    "The network itself makes no blocks.",
    "The public nodes' height has not grown for {seconds} s, either.",
    "Nothing on this computer mends that. Look for news of the network.",
)
STILL = Explanation(
    "node-still",
    "The node stands still at height {height}.",
    "Its height has not grown for {seconds} s; the network is at {network_height}.",
    "Restart the node. Blocks are missed until it moves; a long stand can jail the validator.",
)


def judge(
    reading: WatchReading, *, chain_id: str, address: str = "", up_seconds: float
) -> Explanation | None:
    """What is wrong with a node whose process lives, by its figures; None when nothing is.

    Args:
        address: the consensus address it should sign with; empty to leave that out.
        up_seconds: how long the process has been up.
    """
    if reading.answers and reading.chain != chain_id:
        return _about(OTHER_CHAIN, found=reading.chain, expected=chain_id)
    if reading.answers and address and reading.signer_address != address:
        return _about(OTHER_KEY, found=reading.signer_address, expected=address)
    if not reading.answers:
        silent = _silent_for(reading, up_seconds)
        return _about(SILENT, seconds=round(silent)) if silent > SILENT_SECONDS else None
    return _standing_still(reading, up_seconds)


def _silent_for(reading: WatchReading, up_seconds: float) -> float:
    age = reading.height.age()
    return up_seconds if age is None else min(up_seconds, age)


def _standing_still(reading: WatchReading, up_seconds: float) -> Explanation | None:
    block_seconds = reading.block_seconds.value or 0.0
    limit = max(STALL_SECONDS, STALL_BLOCKS * block_seconds)
    stalled = reading.stalled_for or 0.0
    peers_out, peers_in = reading.peers_out.current(), reading.peers_in.current()
    alone = peers_out == 0 and peers_in == 0
    if stalled <= limit:
        return None
    if alone and up_seconds > NO_PEERS_SECONDS:
        return _about(NO_PEERS, seconds=round(stalled))
    if not reading.height.value:
        return _about(AT_ZERO, seconds=round(stalled))
    network = reading.network_stalled_for
    if network is not None and network > limit:
        return _about(NETWORK_STILL, seconds=round(network))
    return _about(
        STILL,
        seconds=round(stalled),
        height=reading.height.value,
        network_height=reading.network_height.current() or "unknown",
    )


def _about(explanation: Explanation, **facts: object) -> Explanation:
    return replace(explanation, facts=facts)
