# SPDX-License-Identifier: Apache-2.0
"""What the portal and a wallet have to know of the network that is served.

Form of `wallet`: Keplr's ChainInfo (docs.keplr.app, "Suggest chain").
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.orchestrator.api.fields import Body
from bridge.orchestrator.chain.client import ChainAddress
from bridge.orchestrator.enums import ProviderName
from bridge.orchestrator.settings import Settings
from node_manager.explanation import OneClickError
from node_manager.layout import Layout
from node_manager.networks.catalogue import Catalogue
from node_manager.networks.profile import Profile

COSMOS_COIN_TYPE = 118
"""SLIP-44 number of chains that name none."""


class NetworkBody(Body):
    """GET /api/v1/portal/network.

    Attributes:
        decimals: between base and shown amounts, null when nobody says.
        wallet: for `experimentalSuggestChain`, null when too little is known for it.
        cloud_providers: who runs cloud validators here; none means local ones only.
    """

    network: str
    chain_id: str
    display_name: str
    is_local: bool
    bech32_prefix: str
    denom: str
    display_denom: str
    decimals: int | None
    bridge_port: int
    cloud_providers: list[ProviderName]
    wallet: dict[str, Any] | None


def network_of(settings: Settings, chain: ChainAddress, layout: Layout) -> NetworkBody:
    """The network of the settings. Blocks for the disk."""
    try:
        profile: Profile | None = Catalogue(layout).get(settings.network)
    except OneClickError:
        profile = None
    if profile is not None and profile.chain_id != chain.chain_id:
        profile = None
    return NetworkBody(
        network=settings.network,
        chain_id=chain.chain_id,
        display_name=profile.display_name if profile else chain.chain_id,
        is_local=profile.is_local if profile else False,
        bech32_prefix=chain.bech32_prefix,
        denom=chain.denom,
        display_denom=profile.display_denom if profile else chain.denom,
        decimals=profile.decimals if profile else None,
        bridge_port=settings.bridge_port,
        cloud_providers=[one for one in settings.providers if one is not ProviderName.LOCAL],
        wallet=_wallet(settings, chain, profile) if profile else None,
    )


def _wallet(settings: Settings, chain: ChainAddress, profile: Profile) -> dict[str, Any] | None:
    rpc = next(iter(settings.rpc_urls or profile.rpc_urls), "")
    rest = next(iter(chain.rest_urls), "")
    price = chain.min_gas_price
    if not (rpc and rest and profile.decimals is not None and price is not None):
        return None
    prefix = chain.bech32_prefix
    coin = {
        "coinDenom": profile.display_denom,
        "coinMinimalDenom": chain.denom,
        "coinDecimals": profile.decimals,
    }
    coin_type = profile.chain.slip44
    return {
        "chainId": chain.chain_id,
        "chainName": profile.display_name,
        "rpc": rpc,
        "rest": rest,
        "bip44": {"coinType": COSMOS_COIN_TYPE if coin_type is None else coin_type},
        "bech32Config": {
            "bech32PrefixAccAddr": prefix,
            "bech32PrefixAccPub": f"{prefix}pub",
            "bech32PrefixValAddr": profile.validator_prefix,
            "bech32PrefixValPub": f"{profile.validator_prefix}pub",
            "bech32PrefixConsAddr": profile.consensus_prefix,
            "bech32PrefixConsPub": f"{profile.consensus_prefix}pub",
        },
        "currencies": [coin],
        "feeCurrencies": [coin | {"gasPriceStep": _steps(price)}],
        "stakeCurrency": coin,
    }


def _steps(price: Decimal) -> dict[str, float]:
    """What a wallet offers; the transactions built here carry their own fee."""
    return {"low": float(price), "average": float(price), "high": float(price * 2)}
