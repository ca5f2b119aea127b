# SPDX-License-Identifier: Apache-2.0
"""A validator's transactions without a portal: what is wanted, the file out, the file in."""
