# SPDX-License-Identifier: Apache-2.0
"""A profile out of its files: every wrong field of all of them is found and named at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from node_manager.layout import folder_name
from node_manager.networks.answers import Answer
from node_manager.networks.chain import AssetList, Chain, Versions
from node_manager.networks.errors import FieldProblem, ProfileInvalid, ProfileUnreadable
from node_manager.networks.own import OwnPart
from node_manager.networks.profile import Origin, Profile

CHAIN = "chain.json"
OWN = "oneclick.json"
VERSIONS = "versions.json"
ASSETS = "assetlist.json"
PARTS = (CHAIN, OWN, VERSIONS, ASSETS)
"""Only the first is needed."""

MAX_PART_BYTES = 8 * 1024 * 1024
"""The largest assetlist.json of the chain registry has about 1 MB."""

Model = TypeVar("Model", bound=BaseModel)

_ANSWERS = TypeAdapter(tuple[Answer, ...])


def profile_id(chain_id: str) -> str:
    """The name under which a profile of this chain id is kept: "evmos_9001-2" is "evmos-9001-2"."""
    return folder_name(chain_id, otherwise="network")


def parse_profile(
    parts: Mapping[str, bytes], *, name: str, origin: Origin, identity: str | None = None
) -> Profile:
    """A profile out of the contents of its files.

    Args:
        parts: contents by file name (`PARTS`).
        name: the source, as a person knows it.
        identity: the profile's id; from its chain id when None.

    Raises:
        ProfileInvalid: with every field that is wrong, of all files.
    """
    problems: list[FieldProblem] = []
    chain = _parse(Chain, CHAIN, parts.get(CHAIN, b""), problems)
    own = _parse(OwnPart, OWN, parts[OWN], problems) if OWN in parts else OwnPart()
    versions = _parse(Versions, VERSIONS, parts[VERSIONS], problems) if VERSIONS in parts else None
    assets = _parse(AssetList, ASSETS, parts[ASSETS], problems) if ASSETS in parts else None
    if problems or chain is None or own is None:
        raise ProfileInvalid(name=name, problems=tuple(problems))
    return Profile(
        id=identity or profile_id(chain.chain_id),
        chain=chain,
        own=own,
        versions=versions or Versions(),
        assets=assets or AssetList(),
        origin=origin,
    )


def read_parts(folder: Path, name: str) -> dict[str, bytes]:
    """The contents of a profile's files in `folder`.

    Raises:
        ProfileUnreadable: there is no chain.json, or a file that cannot be read.
    """
    parts: dict[str, bytes] = {}
    for part in PARTS:
        path = folder / part
        try:
            if path.stat().st_size > MAX_PART_BYTES:
                raise ProfileUnreadable(name=name, reason=f"{part} is too large for a profile.")
            parts[part] = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            reason = f"{part} cannot be read: {error.strerror}."
            raise ProfileUnreadable(name=name, reason=reason) from error
    if CHAIN not in parts:
        raise ProfileUnreadable(name=name, reason=f"The folder holds no {CHAIN}.")
    return parts


def read_answers(path: Path) -> tuple[Answer, ...]:
    """The answers kept at `path`, none when there is no such file.

    Raises:
        ProfileInvalid: the file is there and cannot be understood.
    """
    try:
        return _ANSWERS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError) as error:
        problem = FieldProblem(path.name, "answers", "cannot be read")
        raise ProfileInvalid(name=path.parent.name, problems=(problem,)) from error


def write_answers(answers: tuple[Answer, ...]) -> bytes:
    """The answers as they are kept."""
    return _ANSWERS.dump_json(answers, indent=2) + b"\n"


def _parse(
    model: type[Model], file: str, content: bytes, problems: list[FieldProblem]
) -> Model | None:
    try:
        # Prices keep the digits they are written with.
        data = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        problems.append(FieldProblem(file, "the file", f"is no JSON ({error})"))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(
            FieldProblem(file, _path(found["loc"]), _wording(found["type"], found["msg"]))
            for found in error.errors(include_url=False, include_context=False)
        )
        return None


def _path(location: tuple[int | str, ...]) -> str:
    """ "peers.seeds[2].address" out of ("peers", "seeds", 2, "address")."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the file"


def _wording(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a field of this file"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    said = message[:1].lower() + message[1:]
    return f"is wrong: {said}"
