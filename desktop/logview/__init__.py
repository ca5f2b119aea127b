# SPDX-License-Identifier: Apache-2.0
"""Looking at log files of any length: an index in a thread, and a view of the rows in sight."""
