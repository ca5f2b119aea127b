# SPDX-License-Identifier: Apache-2.0
"""Fields that several bodies share, with their limits."""

from __future__ import annotations

import base64
import binascii
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from bridge.web.names import camel

MAX_HEIGHT = 2**63 - 1


class Body(BaseModel):
    """Root of the answers."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True)


class Asked(BaseModel):
    """Root of what is sent to us; unknown names are refused."""

    model_config = ConfigDict(alias_generator=camel, populate_by_name=True, extra="forbid")


def _base64_of(size: int) -> AfterValidator:
    def check(text: str) -> str:
        try:
            raw = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        # The text is compared later, so only one way of writing the same bytes is taken.
        if len(raw) != size or base64.b64encode(raw).decode() != text:
            raise ValueError(f"is not base64 of {size} bytes")
        return text

    return AfterValidator(check)


def _clean(text: str) -> str:
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text):
        raise ValueError("has control characters")
    return text


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Key32 = Annotated[
    str,
    Field(min_length=44, max_length=44, pattern="^[A-Za-z0-9+/]{43}=$"),
    _base64_of(32),
]
WalletKey = Annotated[
    str,
    Field(min_length=44, max_length=44, pattern="^[A-Za-z0-9+/]{44}$"),
    _base64_of(33),
]
Signature = Annotated[
    str,
    Field(min_length=88, max_length=88, pattern="^[A-Za-z0-9+/]{86}==$"),
    _base64_of(64),
]
Text = AfterValidator(_clean)
Address = Annotated[str, Field(min_length=8, max_length=128, pattern="^[a-z0-9]+$")]
Height = Annotated[int, Field(ge=0, le=MAX_HEIGHT)]
Port = Annotated[int, Field(ge=1, le=65535)]
Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=19, decimal_places=18)]
Moment = Annotated[
    datetime,
    PlainSerializer(_moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
