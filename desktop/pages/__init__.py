# SPDX-License-Identifier: Apache-2.0
"""The pages of the window; each is imported when it is first opened."""
