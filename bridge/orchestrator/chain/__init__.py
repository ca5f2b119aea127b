# SPDX-License-Identifier: Apache-2.0
"""The chain as the orchestrator sees it."""
