# SPDX-License-Identifier: Apache-2.0
"""What a validator's figures were: an hour, a day and a week of them, in bounded files."""
