# SPDX-License-Identifier: Apache-2.0
"""Running other programs: processes that outlive the app, their supervision and their logs."""
