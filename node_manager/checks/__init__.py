# SPDX-License-Identifier: Apache-2.0
"""Checks of this computer before a node starts (preflight) and of everything later (doctor)."""
