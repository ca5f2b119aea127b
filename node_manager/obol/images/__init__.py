# SPDX-License-Identifier: Apache-2.0
"""Container images of charon and of clients: where they come from, and what a name stood for."""
