# SPDX-License-Identifier: Apache-2.0
"""Custody of the consensus key: sealed at rest, opened by its owner, backed up and restored."""
