# SPDX-License-Identifier: Apache-2.0
"""charon the program: releases, command lines, log, health, and why it ends."""
