# SPDX-License-Identifier: Apache-2.0
"""The judge of the signer (Go, on CometBFT's own client) and the Python that drives it."""
