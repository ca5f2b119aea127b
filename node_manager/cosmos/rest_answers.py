# SPDX-License-Identifier: Apache-2.0
"""Answers of the Cosmos SDK's REST gateway (0.50 and later), typed; amounts are base units."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from node_manager.cosmos.description import Description
from node_manager.cosmos.encoding import UnixTime


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


def _duration(value: object) -> float:
    """Seconds of a protobuf duration in JSON, as "600s"."""
    if isinstance(value, str) and value.endswith("s"):
        return float(value[:-1])
    raise ValueError("not a duration")


Seconds = Annotated[float, BeforeValidator(_duration)]

BONDED = "BOND_STATUS_BONDED"
UNBONDING = "BOND_STATUS_UNBONDING"
UNBONDED = "BOND_STATUS_UNBONDED"


class StakingParams(_Answer):
    """Parameters of x/staking."""

    unbonding_time: Seconds
    max_validators: int
    bond_denom: str
    min_commission_rate: Decimal = Decimal(0)


class StakingPool(_Answer):
    """Tokens bonded and not."""

    bonded_tokens: int
    not_bonded_tokens: int


class AnyKey(_Answer):
    """A public key as protobuf Any."""

    type: str = Field(default="", validation_alias=AliasChoices("@type", "type"))
    key: str = Field(default="", validation_alias=AliasChoices("key", "value"))

    @property
    def raw(self) -> bytes:
        """The key's bytes."""
        return base64.b64decode(self.key)


class CommissionRates(_Answer):
    """Shares, 0 to 1."""

    rate: Decimal
    max_rate: Decimal
    max_change_rate: Decimal


class ValidatorCommission(_Answer):
    """The rates and when they were changed last."""

    commission_rates: CommissionRates
    update_time: UnixTime = 0.0


class Validator(_Answer):
    """A validator of x/staking, in the set or not."""

    operator_address: str
    consensus_pubkey: AnyKey
    jailed: bool = False
    status: str
    tokens: int
    delegator_shares: Decimal = Decimal(0)
    description: Description = Description()
    unbonding_height: int = 0
    unbonding_time: UnixTime = 0.0
    commission: ValidatorCommission
    min_self_delegation: int = 0


class SetMember(_Answer):
    """A member of the active set, `address` with the prefix of consensus addresses."""

    address: str
    pub_key: AnyKey
    voting_power: int


class SlashingParams(_Answer):
    """Parameters of x/slashing."""

    signed_blocks_window: int
    min_signed_per_window: Decimal
    downtime_jail_duration: Seconds
    slash_fraction_double_sign: Decimal
    slash_fraction_downtime: Decimal

    @property
    def may_miss(self) -> int:
        """Blocks of the window that may be missed without jail (rounded as x/slashing does)."""
        must_sign = (self.signed_blocks_window * self.min_signed_per_window).to_integral_value()
        return self.signed_blocks_window - int(must_sign)


class SigningInfo(_Answer):
    """A validator's signing in the window; `jailed_until` 0.0 for never jailed."""

    address: str
    start_height: int = 0
    index_offset: int = 0
    jailed_until: UnixTime = 0.0
    tombstoned: bool = False
    missed_blocks_counter: int = 0


class Coin(_Answer):
    """An amount of a denom; rewards have fractions of a base unit."""

    denom: str
    amount: Decimal


class Account(_Answer):
    """What a transaction of this account needs."""

    address: str
    account_number: int = 0
    sequence: int = 0


class NodeConfig(_Answer):
    """What the answering node was configured with."""

    minimum_gas_price: str = ""
    pruning_keep_recent: str = ""
    pruning_interval: str = ""
    halt_height: int = 0


class BaseFee(_Answer):
    """Prices of Omniphi's feemarket, in base units a gas."""

    base_fee: Decimal
    min_gas_price: Decimal | None = None
    effective_gas_price: Decimal | None = None


class LatestBlock(_Answer):
    """Height and time of the newest block of the answering node.

    Attributes:
        voters: consensus addresses, base64, of whose votes for the block before it the block
            holds one; x/slashing counts the others as missed. None where it was not told.
    """

    chain_id: str
    height: int
    time: UnixTime
    voters: frozenset[str] | None = None
