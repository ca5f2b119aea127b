# SPDX-License-Identifier: Apache-2.0
"""What the pages of a distributed validator are made of."""
