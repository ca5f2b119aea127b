# SPDX-License-Identifier: Apache-2.0
"""Which chain is served: what the settings say wins over the profile."""

from __future__ import annotations

import re
from decimal import Decimal

from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.settings import Settings
from node_manager.explanation import OneClickError
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile


def chain_of(settings: Settings, layout: Layout) -> ChainAddress:
    """The chain of the settings. Blocks for the disk."""
    profile = _profile(settings, layout)
    if profile is None:
        return ChainAddress(settings.chain_id, settings.bech32_prefix, rest_urls=settings.rest_urls)
    return ChainAddress(
        chain_id=settings.chain_id or profile.chain_id,
        bech32_prefix=profile.bech32_prefix,
        denom=profile.denom,
        min_gas_price=_price(profile.min_gas_price),
        rest_urls=settings.rest_urls or profile.rest_urls,
    )


def _profile(settings: Settings, layout: Layout) -> Profile | None:
    try:
        return Catalogue(layout).get(settings.network)
    except OneClickError:
        return None


def _price(text: str | None) -> Decimal | None:
    found = re.match(r"\d+(?:\.\d+)?", text or "")
    return None if found is None else Decimal(found.group())
