# SPDX-License-Identifier: Apache-2.0
"""The localnet: a chain of our own on this computer, joined like any public network."""
