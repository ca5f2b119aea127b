# SPDX-License-Identifier: Apache-2.0
"""What the window says, in the person's language."""
