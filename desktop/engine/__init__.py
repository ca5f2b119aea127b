# SPDX-License-Identifier: Apache-2.0
"""The window's seam to the engine's thread: what it asks, and what it hears."""
