# SPDX-License-Identifier: Apache-2.0
"""The service behind the portal: setup requests, heartbeats, cloud validators."""
