# SPDX-License-Identifier: Apache-2.0
"""Transactions a wallet signs, built with cosmpy's protos, which are imported when first needed.

The wallet signs SIGN_MODE_DIRECT: the bytes of body and auth info are what is shown and sent.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from node_manager.cosmos.description import Description

WHOLE = Decimal(10) ** 18
"""Rates are integers of 18 decimals in the protobuf (cosmossdk.io/math LegacyDec)."""


@dataclass(frozen=True, slots=True)
class Fee:
    """What a transaction may cost."""

    denom: str
    amount: int
    gas: int


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose signature the chain expects next."""

    pubkey: bytes
    account_number: int
    sequence: int


@dataclass(frozen=True, slots=True)
class SignDoc:
    """What the wallet signs (cosmos.tx.v1beta1.SignDoc)."""

    body: bytes
    auth_info: bytes
    chain_id: str
    account_number: int


def create_validator(
    description: Description,
    rates: tuple[Decimal, Decimal, Decimal],
    operator: str,
    consensus_pubkey: bytes,
    denom: str,
    amount: int,
) -> Any:
    """MsgCreateValidator; `rates` are commission, its limit and its greatest change a day."""
    p = _protos()
    return p.staking.MsgCreateValidator(
        description=_description(description),
        commission=p.staking_types.CommissionRates(
            rate=_whole(rates[0]), max_rate=_whole(rates[1]), max_change_rate=_whole(rates[2])
        ),
        min_self_delegation="1",
        validator_address=operator,
        pubkey=_any(p.ed25519.PubKey(key=consensus_pubkey), "/cosmos.crypto.ed25519.PubKey"),
        value=p.coin.Coin(denom=denom, amount=str(amount)),
    )


def edit_validator(description: Description, operator: str, rate: Decimal | None) -> Any:
    """MsgEditValidator; without `rate` the commission stays."""
    return _protos().staking.MsgEditValidator(
        description=_description(description),
        validator_address=operator,
        commission_rate="" if rate is None else _whole(rate),
    )


def unjail(operator: str) -> Any:
    """MsgUnjail."""
    return _protos().slashing.MsgUnjail(validator_addr=operator)


def delegate(delegator: str, operator: str, denom: str, amount: int) -> Any:
    """MsgDelegate."""
    p = _protos()
    return p.staking.MsgDelegate(
        delegator_address=delegator,
        validator_address=operator,
        amount=p.coin.Coin(denom=denom, amount=str(amount)),
    )


def withdraw(delegator: str, operator: str, *, commission: bool) -> list[Any]:
    """MsgWithdrawDelegatorReward, and MsgWithdrawValidatorCommission where it is wanted."""
    p = _protos()
    reward = p.distribution.MsgWithdrawDelegatorReward(
        delegator_address=delegator, validator_address=operator
    )
    if not commission:
        return [reward]
    return [reward, p.distribution.MsgWithdrawValidatorCommission(validator_address=operator)]


def sign_doc(
    messages: list[Any], signer: Signer, fee: Fee, chain_id: str, memo: str = ""
) -> SignDoc:
    """The document to be signed."""
    p = _protos()
    body = p.tx.TxBody(messages=[_any(one, _type_url(one)) for one in messages], memo=memo)
    return SignDoc(
        body.SerializeToString(deterministic=True),
        _auth_info(signer, fee),
        chain_id,
        signer.account_number,
    )


def simulation(messages: list[Any], signer: Signer) -> bytes:
    """A transaction with a signature of zeros, for the node to estimate its gas."""
    doc = sign_doc(messages, signer, Fee("", 0, 0), "")
    return signed(doc, bytes(64))


def signed(doc: SignDoc, signature: bytes) -> bytes:
    """The bytes to broadcast (cosmos.tx.v1beta1.TxRaw)."""
    raw = _protos().tx.TxRaw(
        body_bytes=doc.body, auth_info_bytes=doc.auth_info, signatures=[signature]
    )
    return bytes(raw.SerializeToString(deterministic=True))


def sign_bytes(doc: SignDoc) -> bytes:
    """The bytes whose hash a wallet signs."""
    p = _protos()
    document = p.tx.SignDoc(
        body_bytes=doc.body,
        auth_info_bytes=doc.auth_info,
        chain_id=doc.chain_id,
        account_number=doc.account_number,
    )
    return bytes(document.SerializeToString(deterministic=True))


def as_json(doc: SignDoc) -> dict[str, Any]:
    """The unsigned transaction as JSON, for a person to read, as the node's CLI prints it."""
    from google.protobuf.json_format import MessageToDict

    p = _protos()
    body = MessageToDict(p.tx.TxBody.FromString(doc.body), preserving_proto_field_name=True)
    auth = p.tx.AuthInfo.FromString(doc.auth_info)
    for message in body.get("messages", ()):
        _readable_rates(message)
    return {
        "body": body | {"memo": body.get("memo", "")},
        "auth_info": {
            "signer_infos": [],
            "fee": MessageToDict(auth.fee, preserving_proto_field_name=True),
        },
        "signatures": [],
    }


def _readable_rates(message: dict[str, Any]) -> None:
    for holder, names in (
        (message.get("commission", {}), ("rate", "max_rate", "max_change_rate")),
        (message, ("commission_rate",)),
    ):
        for name in names:
            if holder.get(name):
                holder[name] = format((Decimal(holder[name]) / WHOLE).normalize(), "f")


def _auth_info(signer: Signer, fee: Fee) -> bytes:
    p = _protos()
    coins = [p.coin.Coin(denom=fee.denom, amount=str(fee.amount))] if fee.denom else []
    mode = p.tx.ModeInfo(single=p.tx.ModeInfo.Single(mode=p.signing.SIGN_MODE_DIRECT))
    info = p.tx.SignerInfo(
        public_key=_any(p.secp256k1.PubKey(key=signer.pubkey), "/cosmos.crypto.secp256k1.PubKey"),
        mode_info=mode,
        sequence=signer.sequence,
    )
    auth = p.tx.AuthInfo(signer_infos=[info], fee=p.tx.Fee(amount=coins, gas_limit=fee.gas))
    return bytes(auth.SerializeToString(deterministic=True))


def _description(words: Description) -> Any:
    return _protos().staking_types.Description(
        moniker=words.moniker,
        identity=words.identity,
        website=words.website,
        security_contact=words.security_contact,
        details=words.details,
    )


def _whole(rate: Decimal) -> str:
    return str(int(rate * WHOLE))


def _type_url(message: Any) -> str:
    return f"/{message.DESCRIPTOR.full_name}"


def _any(message: Any, type_url: str) -> Any:
    return _protos().any.Any(type_url=type_url, value=message.SerializeToString(deterministic=True))


def b64(raw: bytes) -> str:
    """Base64 text of `raw`."""
    return base64.b64encode(raw).decode("ascii")


def _protos() -> Any:
    from bridge.orchestrator.chain import protos

    return protos
