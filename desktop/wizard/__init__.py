# SPDX-License-Identifier: Apache-2.0
"""The first run: one decision a step, then the progress."""
