# SPDX-License-Identifier: Apache-2.0
"""cosmpy's generated messages under short names; importing this costs memory: do it late.

cosmpy puts its own folder on the import path for them, so they are found as `cosmos.…`.
"""

# ruff: noqa: F401
from __future__ import annotations

import cosmpy.protos  # makes the next imports possible
from cosmos.base.v1beta1 import coin_pb2 as coin
from cosmos.crypto.ed25519 import keys_pb2 as ed25519
from cosmos.crypto.secp256k1 import keys_pb2 as secp256k1
from cosmos.distribution.v1beta1 import tx_pb2 as distribution
from cosmos.slashing.v1beta1 import tx_pb2 as slashing
from cosmos.staking.v1beta1 import staking_pb2 as staking_types
from cosmos.staking.v1beta1 import tx_pb2 as staking
from cosmos.tx.signing.v1beta1 import signing_pb2 as signing
from cosmos.tx.v1beta1 import tx_pb2 as tx
from google.protobuf import any_pb2 as any
