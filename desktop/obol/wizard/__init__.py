# SPDX-License-Identifier: Apache-2.0
"""The first run of a distributed validator: one decision a step."""
