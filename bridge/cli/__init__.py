# SPDX-License-Identifier: Apache-2.0
"""The commands: the same engine without a window."""
