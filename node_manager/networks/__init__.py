# SPDX-License-Identifier: Apache-2.0
"""Networks a validator can join: profiles on chain-registry's model, bundled and imported."""
