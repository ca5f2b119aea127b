# SPDX-License-Identifier: Apache-2.0
"""A Cosmos SDK node: its program, its home, its answers, its failures."""
