# SPDX-License-Identifier: Apache-2.0
"""What the bridge and the orchestrator share as HTTP servers: routes, problems, limits."""
