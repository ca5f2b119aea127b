# SPDX-License-Identifier: Apache-2.0
"""Work that outlives a request: a queue in the database."""
