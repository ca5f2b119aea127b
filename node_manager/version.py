# SPDX-License-Identifier: Apache-2.0
"""The version of this app, the only place that states it."""

VERSION = "0.1.0"
