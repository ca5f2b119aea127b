# SPDX-License-Identifier: Apache-2.0
"""The doors of this computer: localhost for web portals, a private one for our commands."""
