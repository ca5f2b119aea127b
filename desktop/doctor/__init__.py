# SPDX-License-Identifier: Apache-2.0
"""The doctor's findings as a person sees them, and what can be done about them."""
