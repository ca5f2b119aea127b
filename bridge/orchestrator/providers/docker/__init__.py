# SPDX-License-Identifier: Apache-2.0
"""Cloud validators as containers on a Docker engine."""
