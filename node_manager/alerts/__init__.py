# SPDX-License-Identifier: Apache-2.0
"""What a person is called for: raised once, cleared by itself, silenced by kind."""
