# SPDX-License-Identifier: Apache-2.0
"""The key ceremony: charon's DKG, its progress and what it leaves behind."""
