# SPDX-License-Identifier: Apache-2.0
"""One validator on this computer, from its plan to its status."""
