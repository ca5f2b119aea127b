# SPDX-License-Identifier: Apache-2.0
"""The person's word on a cluster's addresses, given to a command: before the key ceremony."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

from node_manager.explanation import OneClickError
from node_manager.obol.node import DvNode
from node_manager.obol.status import ClusterFacts, DvStage


class NotConfirmed(OneClickError):
    """The ceremony waits for a word that nobody gives here."""

    code = "dv-not-confirmed"
    what = "No keys are made: the definition {hash} is not confirmed."
    why = "{reason}"
    todo = "Compare each address with what your group agreed, then run it with --confirm {hash}"


class Gate:
    """Asks once for each definition.

    Args:
        given: the definition hash of `--confirm`, empty for none.
    """

    def __init__(self, node: DvNode, given: str) -> None:
        self._node, self._given = node, given.lower()

    async def ask(self, ended: asyncio.Event) -> None:
        """Show the addresses and let the ceremony begin, or wait until `ended`.

        Raises:
            NotConfirmed: with the hash that waits; nothing was made.
        """
        cluster = self._node.status.cluster
        if cluster is None:
            raise AssertionError("the ceremony waits for a word on no definition")
        for line in addresses(cluster):
            print(line, flush=True)
        waits = cluster.definition_hash
        if self._given:
            if self._given != waits:
                raise NotConfirmed(
                    hash=waits, reason=f"--confirm names another one: {self._given[:70]}."
                )
        elif not sys.stdin.isatty():
            raise NotConfirmed(hash=waits, reason="There is no terminal to ask at.")
        elif not await _said_yes(ended):
            if ended.is_set():
                return
            raise NotConfirmed(hash=waits, reason="You did not say yes.")
        await self._node.confirm(waits)
        while self._node.status.stage is DvStage.CONFIRM and not ended.is_set():
            await asyncio.sleep(0.02)


def addresses(cluster: ClusterFacts) -> list[str]:
    """What a person compares, in lines."""
    lines = [
        "",
        f"The key ceremony of the cluster {cluster.name!r} on {cluster.network} waits for you.",
        "It binds the validators to these addresses for good:",
    ]
    for one in cluster.validators:
        lines.append(f"  validator {one.number}: rewards to    {one.fee_recipient}")
        lines.append(f"               withdrawal to {one.withdrawal}")
    return [*lines, f"  definition   {cluster.definition_hash}", ""]


async def _said_yes(ended: asyncio.Event) -> bool:
    """Whether `yes` was typed; a signal ends the asking."""
    print("Type yes if each of them is what your group agreed: ", end="", flush=True)
    typed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin, read)
    waiting = asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait({typed, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return typed.done() and typed.result().strip().lower() == "yes"
    finally:
        loop.remove_reader(sys.stdin)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
