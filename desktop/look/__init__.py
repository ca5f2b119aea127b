# SPDX-License-Identifier: Apache-2.0
"""How the window looks: colours, type, style sheet, icons."""
