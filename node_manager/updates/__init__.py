# SPDX-License-Identifier: Apache-2.0
"""Whether there is a newer version of this app: asked, verified, told, fetched, never installed."""
