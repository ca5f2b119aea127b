# SPDX-License-Identifier: Apache-2.0
"""The web portal: its files, and what its pages ask beside the contract."""
