# SPDX-License-Identifier: Apache-2.0
"""The parts of the Settings page, a card each."""
