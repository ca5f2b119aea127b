# SPDX-License-Identifier: Apache-2.0
"""Failures of the chain's data, genesis and peers, in the words of CometBFT and the Cosmos SDK."""

from __future__ import annotations

from node_manager.cosmos.known.kinds import PROGRESS, SAID, Effect, known

_WRONG_HASH = (
    r"wrong Block\.Header\.AppHash\.\s+Expected (?P<expected>[0-9A-F]+), got (?P<found>[0-9A-F]+)"
)
CHAIN = (
    known(
        "treasury-unset",
        Effect.HALTS,
        r"treasury address not set",
        "The chain stops at its first block: its genesis names no treasury.",
        "app_state.feemarket.treasury_address is empty in the genesis.",
        "This is a fault of the network's genesis, not of this computer. Ask its publishers for"
        " the right one.",
    ),
    known(
        "data-not-of-this-chain",
        Effect.HALTS,
        rf"CONSENSUS FAILURE!!! .*{_WRONG_HASH}",
        "The node stands still: its data do not fit the network's blocks.",
        "The genesis was changed after the data existed, or the program is another version"
        " than the network's.",
        "Compare the genesis and the release with the network's, then fetch the data anew."
        " The signing record stays.",
    ),
    known(
        "genesis-differs",
        Effect.HALTS,
        rf"Error in validation .*{_WRONG_HASH}",
        "The node cannot follow the network: it computes other results from the same blocks.",
        "Its genesis or its program is not the network's.",
        "Let the app fetch the genesis and the program again and check both hashes.",
    ),
    known(
        "consensus-failure",
        Effect.HALTS,
        rf"CONSENSUS FAILURE!!! {SAID}",
        "The node stands still after a fatal error in its consensus.",
        "It said: {said}",
        "Restart the node once. If it happens again, look for news of the network: others may"
        " be hit too.",
        retry=True,
    ),
    known(
        "no-validators-in-genesis",
        Effect.ENDS,
        r"validator set is empty after InitGenesis",
        "The node did not start: its genesis has no validators.",
        "It is a genesis that was never finished, not the network's.",
        "Let the app fetch the network's genesis again.",
    ),
    known(
        "genesis-missing",
        Effect.ENDS,
        r"open (?P<path>\S*genesis\.json): no such file or directory",
        "The node did not start: it has no genesis.",
        "There is no file {path}.",
        "Start again: the app fetches the network's genesis.",
    ),
    known(
        "genesis-broken",
        Effect.ENDS,
        r"failed to parse chain-id from genesis file",
        "The node did not start: its genesis cannot be read.",
        "The file is cut or is something else.",
        "Let the app fetch the network's genesis again.",
    ),
    known(
        "genesis-changed",
        Effect.ENDS,
        r"panic: failed to execute DeliverTx for",
        "The node did not start: a transaction in its genesis is not valid.",
        "The genesis was changed after it was signed, for example its chain id.",
        "Let the app fetch the network's genesis again.",
    ),
)

NETWORK = (
    known(
        "metrics-port-taken",
        Effect.HINDERS,
        r"(?P<service>Prometheus|pprof) HTTP server ListenAndServe"
        r" .*listen tcp (?P<address>\S+): bind: address already in use",
        "The node runs, but its {service} service does not.",
        "Another program uses {address}.",
        "Choose another port for it, or end the other program, then restart the node.",
    ),
    known(
        "port-taken",
        Effect.ENDS,
        r"listen tcp (?P<address>\S+): bind: address already in use",
        "The node did not start: the port of {address} is taken.",
        "Another program listens there, perhaps a second node.",
        "End the other program or choose other ports, then start again.",
        retry=True,
    ),
    known(
        "peer-malformed",
        Effect.ENDS,
        r"could not add peers from (?P<field>\w+) field: (?P<said>.*)",
        "The node did not start: a peer address is not complete.",
        "{field}: {said}",
        "Correct the address in the network's profile; it reads id@host:port.",
    ),
    known(
        "peer-other-network",
        Effect.HINDERS,
        r"incompatible: peer is on a different network\. Got (?P<got>[^,\s]+),"
        r" expected (?P<expected>[^\s\"]+)",
        "A peer belongs to another network.",
        "It is on {got}, this node is on {expected}.",
        "Remove it from the peers in the network's profile. The node goes on with the others.",
        cleared_by=PROGRESS,
    ),
    known(
        "peer-wrong-id",
        Effect.HINDERS,
        r"auth failure: conn\.ID \((?P<got>\w+)\) dialed ID \((?P<expected>\w+)\) mismatch",
        "A peer is not the one that was expected.",
        "At its address answers {got}, the profile says {expected}.",
        "Correct the peer in the network's profile. The node goes on with the others.",
        cleared_by=PROGRESS,
    ),
)

DATA_OF_OTHER_CHAIN = known(
    "data-of-other-chain",
    Effect.HALTS,
    r"(?!)",
    "The node runs another network: {expected}.",
    "Its data folder holds the data of that chain, whatever its genesis says.",
    "Reset the chain data on the Network page, so that the right ones are fetched. The key and"
    " the signing record stay.",
    cleared_by="",
)
"""Told by the chain id that the node expects of its peers, not by words of its own."""
