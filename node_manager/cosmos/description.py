# SPDX-License-Identifier: Apache-2.0
"""What a validator says of itself on chain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Description:
    """The words of cosmos.staking.v1beta1.Description."""

    moniker: str = ""
    identity: str = ""
    website: str = ""
    security_contact: str = ""
    details: str = ""
