# SPDX-License-Identifier: Apache-2.0
"""Parts and dialogs of the Keys page."""
