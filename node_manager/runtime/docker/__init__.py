# SPDX-License-Identifier: Apache-2.0
"""Containers on a Docker engine: the other way to run a node."""
