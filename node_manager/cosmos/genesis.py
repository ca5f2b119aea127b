# SPDX-License-Identifier: Apache-2.0
"""The network's genesis: fetched, held against its published hash and against the chain id."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import shutil
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from node_manager.cosmos import errors
from node_manager.cosmos.rpc import Rpc
from node_manager.downloads.fetch import fetch_file
from node_manager.downloads.progress import OnProgress, Progress, ignore_progress
from node_manager.durable import make_private_folder, write_durably

log = structlog.get_logger(__name__)

LIMIT_BYTES = 2 * 1024**3
"""No known genesis comes near; a compressed one that grows past it is refused."""

RPC_SECONDS = 60.0
"""One answer holds up to 16 MB."""


class GenesisSource(Protocol):
    """What of a network's profile tells where its genesis is."""

    @property
    def chain_id(self) -> str:
        """The chain it must be of."""

    @property
    def genesis_url(self) -> str | None:
        """The published file, JSON or gzipped JSON."""

    @property
    def genesis_sha256(self) -> str | None:
        """Hex digest of the published file, compressed or not."""

    @property
    def rpc_urls(self) -> Sequence[str]:
        """Servers that can be asked where nothing is published."""


class Origin(BaseModel):
    """Where a genesis on disk came from, kept beside it.

    Attributes:
        published_sha256: the digest it was held against, empty when nothing is published.
        sha256: of the file as it lies there.
        at: Unix time.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    published_sha256: str
    sha256: str
    at: float


@dataclass(frozen=True, slots=True)
class Genesis:
    """A genesis on disk.

    Attributes:
        verified: whether it was held against a published hash.
        fetched: False when the right one was there already.
    """

    path: Path
    url: str
    sha256: str
    verified: bool
    fetched: bool


def _origin_path(destination: Path) -> Path:
    return destination.with_name(f"{destination.stem}.origin.json")


async def fetch_genesis(
    source: GenesisSource,
    destination: Path,
    *,
    partial_folder: Path,
    on_progress: OnProgress = ignore_progress,
) -> Genesis:
    """Bring the genesis of `source` to `destination`, unless the same lies there.

    A published file is authoritative, its hash checked. Without one an RPC server is asked;
    its JSON is good for joining, but has no published bytes to be held against.

    Raises:
        GenesisHash, GenesisChain, GenesisUnreadable, GenesisNowhere, DownloadError:
            `destination` is as it was before.
    """
    known = await asyncio.to_thread(_present, source, destination)
    if known is not None:
        return known
    make_private_folder(destination.parent)
    if source.genesis_url:
        url, data = await _published(source, source.genesis_url, partial_folder, on_progress)
    else:
        url, data = await _from_rpc(source, on_progress)
    await asyncio.to_thread(_check_chain, data, source.chain_id, url)
    origin = Origin(
        url=url,
        published_sha256=(source.genesis_sha256 or "").lower() if source.genesis_url else "",
        sha256=await asyncio.to_thread(_sha256, data),
        at=time.time(),
    )
    await asyncio.to_thread(_store, destination, data, origin)
    log.info("genesis fetched", url=url, sha256=origin.sha256, bytes=len(data))
    return Genesis(destination, url, origin.sha256, bool(origin.published_sha256), fetched=True)


def _present(source: GenesisSource, destination: Path) -> Genesis | None:
    try:
        origin = Origin.model_validate_json(_origin_path(destination).read_bytes())
        found = _sha256(destination.read_bytes())
    except (OSError, ValidationError):
        return None
    wanted = (source.genesis_sha256 or "").lower() if source.genesis_url else ""
    same = origin.sha256 == found and origin.published_sha256 == wanted
    if not same or (source.genesis_url and origin.url != source.genesis_url):
        return None
    return Genesis(destination, origin.url, found, bool(wanted), fetched=False)


def _store(destination: Path, data: bytes, origin: Origin) -> None:
    # The origin comes last: until it is there, the next call fetches again.
    _origin_path(destination).unlink(missing_ok=True)
    write_durably(destination, data)
    write_durably(_origin_path(destination), origin.model_dump_json(indent=2))


async def _published(
    source: GenesisSource, url: str, partial_folder: Path, on_progress: OnProgress
) -> tuple[str, bytes]:
    work = partial_folder / f"genesis-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    make_private_folder(work)
    file = work / "file"
    try:
        await fetch_file(
            url,
            file,
            None,
            partial_folder=partial_folder,
            on_progress=on_progress,
            limit_bytes=LIMIT_BYTES,
            durable=False,
        )
        raw = await asyncio.to_thread(file.read_bytes)
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    on_progress(Progress("verify", 0, len(raw)))
    data = await asyncio.to_thread(_unzip, raw, url) if raw[:2] == b"\x1f\x8b" else raw
    if source.genesis_sha256:
        await asyncio.to_thread(_check_hash, raw, data, source, url)
    on_progress(Progress("verify", len(raw), len(raw)))
    return url, data


def _unzip(raw: bytes, url: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
            data = file.read(LIMIT_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise errors.GenesisUnreadable(url=url, detail=f"It is not whole: {error}") from error
    if len(data) > LIMIT_BYTES:
        raise errors.GenesisUnreadable(url=url, detail="Unpacked it is larger than 2 GB.")
    return data


def _check_hash(raw: bytes, data: bytes, source: GenesisSource, url: str) -> None:
    expected = (source.genesis_sha256 or "").lower().removeprefix("sha256:")
    # A publisher of a .gz names the digest of either; each proves the whole content.
    found = _sha256(raw)
    if expected not in {found, _sha256(data)}:
        raise errors.GenesisHash(chain_id=source.chain_id, url=url, found=found, expected=expected)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _from_rpc(source: GenesisSource, on_progress: OnProgress) -> tuple[str, bytes]:
    detail = "The network's profile names neither a genesis file nor an RPC server."
    for url in source.rpc_urls:
        async with Rpc(url, timeout=RPC_SECONDS) as rpc:
            try:
                return rpc.url, await _chunks(rpc, on_progress)
            except errors.CosmosError as error:
                detail = str(error)
                log.info("no genesis from this server", url=rpc.url, detail=detail)
    raise errors.GenesisNowhere(chain_id=source.chain_id, detail=detail)


async def _chunks(rpc: Rpc, on_progress: OnProgress) -> bytes:
    """The genesis in parts; one part is the rule, and servers without parts have it whole."""
    try:
        first = await rpc.genesis_chunk(0)
    except errors.Refused:
        whole = json.dumps(await rpc.genesis(), separators=(",", ":")).encode()
        on_progress(Progress("download", len(whole), len(whole)))
        return whole
    data = bytearray(first.raw)
    for number in range(1, first.total):
        on_progress(Progress("download", len(data)))
        part = await rpc.genesis_chunk(number)
        if part.chunk != number or part.total != first.total:
            raise errors.AnswerNotUnderstood(
                source=rpc.url, detail=f"Part {number} of the genesis is another one."
            )
        data += part.raw
    on_progress(Progress("download", len(data), len(data)))
    return bytes(data)


def _check_chain(data: bytes, chain_id: str, url: str) -> None:
    try:
        genesis = json.loads(data)
    except ValueError as error:
        raise errors.GenesisUnreadable(url=url, detail=f"It is not JSON: {error}") from error
    if not isinstance(genesis, dict) or "app_state" not in genesis:
        raise errors.GenesisUnreadable(url=url, detail="It has no app_state.")
    if (found := genesis.get("chain_id")) != chain_id:
        raise errors.GenesisChain(found=found, chain_id=chain_id, url=url)
