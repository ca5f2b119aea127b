# SPDX-License-Identifier: Apache-2.0
"""The engine: profiles, downloads, supervision, keys and signing. No Qt, no HTTP server."""
