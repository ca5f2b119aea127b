# SPDX-License-Identifier: Apache-2.0
"""The Ethereum networks a cluster can be made for.

Genesis fork versions and chain ids from the networks' published configurations
(github.com/eth-clients/{mainnet,sepolia,hoodi,goerli,holesky}, gnosischain/configs).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EthereumNetwork:
    """One network: its name, its chain id for EIP-712, and its genesis fork version."""

    name: str
    chain_id: int
    fork_version: bytes


NETWORKS = (
    EthereumNetwork("mainnet", 1, bytes.fromhex("00000000")),
    EthereumNetwork("sepolia", 11155111, bytes.fromhex("90000069")),
    EthereumNetwork("hoodi", 560048, bytes.fromhex("10000910")),
    EthereumNetwork("holesky", 17000, bytes.fromhex("01017000")),
    EthereumNetwork("goerli", 5, bytes.fromhex("00001020")),
    EthereumNetwork("gnosis", 100, bytes.fromhex("00000064")),
    EthereumNetwork("chiado", 10200, bytes.fromhex("0000006f")),
)


def network_of(fork_version: bytes) -> EthereumNetwork | None:
    """The network with this genesis fork version; None when it is not one of ours."""
    return next((one for one in NETWORKS if one.fork_version == fork_version), None)
