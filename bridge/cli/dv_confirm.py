# SPDX-License-Identifier: Apache-2.0
"""The person's word on a cluster's addresses, given to a command: before the key ceremony."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import suppress

from node_manager.explanation import OneClickError
from node_manager.obol.node import DvNode
from node_manager.obol.status import ClusterFacts


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
        self._confirmed = ""

    async def ask(self, ended: asyncio.Event) -> None:
        """Show the addresses and let the ceremony begin, or wait until `ended`.

        Raises:
            NotConfirmed: with the hash that waits; nothing was made.
        """
        cluster = self._node.status.cluster
        if cluster is None:
            raise AssertionError("the ceremony waits for a word on no definition")
        waits = cluster.definition_hash
        if waits == self._confirmed:  # the ceremony is about to begin
            await asyncio.sleep(0)
            return
        for line in addresses(cluster):
            print(line, flush=True)
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
        self._confirmed = waits


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
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        line = sys.stdin.readline()
        with suppress(RuntimeError):  # the command has ended meanwhile
            loop.call_soon_threadsafe(typed.put_nowait, line)

    # a thread that nobody waits for: a person who types nothing must not keep the command alive
    threading.Thread(target=read, daemon=True).start()
    answer = asyncio.create_task(typed.get())
    signalled = asyncio.create_task(ended.wait())
    await asyncio.wait({answer, signalled}, return_when=asyncio.FIRST_COMPLETED)
    said = answer.done() and answer.result().strip().lower() == "yes"
    answer.cancel()
    signalled.cancel()
    return said
