# SPDX-License-Identifier: Apache-2.0
"""Programs and files from the network: fetched, checked, unpacked and installed whole."""
