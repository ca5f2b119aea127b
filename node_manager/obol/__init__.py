# SPDX-License-Identifier: Apache-2.0
"""Obol distributed validators: charon and a validator client, from the ENR to attesting."""
