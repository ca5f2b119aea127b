# SPDX-License-Identifier: Apache-2.0
"""Validator clients beside charon: their launch lines and how they take the key shares."""
