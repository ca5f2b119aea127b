# SPDX-License-Identifier: Apache-2.0
"""Who runs cloud validators: one interface, several providers."""
