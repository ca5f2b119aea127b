# SPDX-License-Identifier: Apache-2.0
"""The remote signer: its own process, CometBFT's privval protocol, a guard against signing twice.

What the signer's process itself imports stays small (standard library and `cryptography`): it
holds a key, so it holds little else. `main.py` is its door; `launch.py`, `control.py` and
`doppelganger.py` belong to the app's side.
"""
