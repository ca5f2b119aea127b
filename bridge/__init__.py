# SPDX-License-Identifier: Apache-2.0
"""The doors: the HTTP bridge on localhost:15000, the heartbeat, the orchestrator, the commands."""
