# SPDX-License-Identifier: Apache-2.0
"""A distributed validator's keys: ENR, key shares, their backups and the way back from them."""
