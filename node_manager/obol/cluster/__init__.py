# SPDX-License-Identifier: Apache-2.0
"""What operators agree on: definition and lock, read, hashed, proved, and found at the Obol API."""
