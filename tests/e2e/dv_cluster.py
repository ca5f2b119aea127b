# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.e2e.dv_cluster`: four operators on this computer, with a real charon.

`ONECLICK_CHARON` names the program. Each operator is an instance of ours with a data folder of
its own; the relay is charon's, the API is the tests' mock, the beacon node is charon's simulated
one. So is the validator client, unless `ONECLICK_VC_PRYSM` (or `…_LODESTAR`, `…_LIGHTHOUSE`, …)
names the program of a real one. Prints what happens, exits with 1 at the first thing that is
wrong.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from node_manager.events import Broadcast, Event
from node_manager.keys.protection import Passphrase
from node_manager.layout import Layout
from node_manager.obol.events import DvChanged
from node_manager.obol.manager import DvManager, DvPlan
from node_manager.obol.node import DvNode
from node_manager.obol.settings import read_settings
from node_manager.obol.status import DvStage
from tests.helpers.charon_relay import ClusterFailed, Relay, free_ports
from tests.helpers.dv_material import Cluster
from tests.helpers.obol_api import MockObolApi
from tests.helpers.real_client import BeaconManners, RealClient

OPERATORS = 4
THRESHOLD = 3
DUTY_SECONDS = 170.0
"""The simulated chain has duties of the sync committee in 32 of 128 slots; an older client, whose
attestations charon does not take, has no others."""

PASSPHRASE = "correct horse battery staple 42"
UNNAMED = "charon's simulated one, as no ONECLICK_VC_… names a real one"


@dataclass
class Operator:
    """One operator's instance of ours."""

    number: int
    root: Path
    layout: Layout
    manager: DvManager
    manners: BeaconManners | None = None
    stages: list[str] = field(default_factory=list)
    cluster_id: str = ""

    @property
    def node(self) -> DvNode:
        return self.manager.node(self.cluster_id)


@dataclass
class DvCluster:
    """The whole run; each step can be used alone.

    Attributes:
        client: at every operator instead of charon's simulated validator client.
    """

    program: Path
    root: Path
    say: Callable[[str], None] = print
    slot_seconds: float = 1.0
    network: str = "hoodi"
    runtime: str = ""
    client: RealClient | None = None
    operators: list[Operator] = field(default_factory=list)
    api: MockObolApi = field(default_factory=MockObolApi)
    figures: dict[str, float] = field(default_factory=dict)
    cluster: Cluster | None = None
    relay: Relay | None = None

    async def set_up(self, relay_url: str = "") -> None:
        """Relay, API and four operators with their ENRs and proven backups."""
        if not relay_url:
            self.relay = Relay(self.program, self.root / "relay")
            relay_url = await self.relay.start()
        await self.api.start()
        for number in range(OPERATORS):
            await self._add(number, relay_url)
        enrs: list[str | None] = [one.node.status.enr for one in self.operators]
        self.cluster = Cluster(
            enrs, network=self.network, threshold=THRESHOLD, name="four on one computer"
        )
        self.api.add(self.cluster.raw())
        self.say(f"{OPERATORS} operators have their ENR and a proven backup of its key")

    async def set_up_one(self, key: bytes, relay_url: str, client: Path) -> None:
        """Operator 0 alone, with a key and a validator client that are given."""
        await self.api.start()
        (self.root / "key").write_text(key.hex())
        await self._add(0, relay_url, key=self.root / "key", client=client)

    async def _add(
        self, number: int, relay_url: str, *, key: Path | None = None, client: Path | None = None
    ) -> None:
        root = self.root / f"operator{number}"
        layout = Layout(data=root / "data", cache=root / "cache")
        broadcast = Broadcast()
        operator = Operator(number, root, layout, DvManager(layout, broadcast))
        broadcast.subscribe(lambda event: self._hear(operator, event))
        p2p, vapi, monitoring, metrics = free_ports(4)
        root.mkdir(parents=True)
        if self.client is not None:
            operator.manners = BeaconManners(f"127.0.0.1:{vapi}")
            await operator.manners.start()
            client = self.client.behind(operator.manners, root)
        settings = read_settings(
            {
                "network": self.network,
                "charon": {
                    "operatorAddress": Cluster([None] * OPERATORS).addresses[number],
                    **self.charon_settings(),
                    "dkgSidecar": {
                        "apiEndpoint": self.api.url,
                        "initialRetryDelaySeconds": 0.5,
                        "maxRetryDelaySeconds": 1,
                    },
                    "p2pTcpAddress": f"127.0.0.1:{p2p}",
                    "validatorApiAddress": f"127.0.0.1:{vapi}",
                    "monitoringAddress": f"127.0.0.1:{monitoring}",
                    "p2pRelays": [relay_url],
                    "builderApi": False,
                    "nickname": f"op{number}",
                    "simnetBeaconMock": True,
                    "simnetValidatorMock": client is None,
                    "simnetSlotDurationSeconds": self.slot_seconds,
                },
                "runtime": self.runtime,
                "validatorClient": {**self.client_settings(client), "metricsPort": metrics},
            }
        )
        operator.cluster_id = await operator.manager.create(
            DvPlan(
                "Four on one computer",
                settings,
                key_source=key,
                backup=root / "enr-backup.json",
                backup_passphrase=Passphrase(PASSPHRASE),
            )
        )
        self.operators.append(operator)

    def charon_settings(self) -> dict[str, str]:
        """What runs charon."""
        return {"program": str(self.program)}

    def client_settings(self, program: Path | None) -> dict[str, str]:
        """What runs the validator client."""
        kind = self.client.kind if self.client is not None else "lighthouse"
        return {"kind": kind, "program": str(program or "")}

    def kill_charon(self, operator: Operator) -> None:
        """As a system short of memory does."""
        os.kill(operator.node.pids()["charon"], signal.SIGKILL)

    def _hear(self, operator: Operator, event: Event) -> None:
        if isinstance(event, DvChanged):
            status = event.status
            words = status.stage.value
            if not operator.stages or operator.stages[-1] != words:
                operator.stages.append(words)
                why = f": {status.reason}" if status.reason else ""
                self.say(f"  operator {operator.number} {words}{why}")

    async def until(
        self, words: str, right: Callable[[], bool], seconds: float, *, quiet: bool = False
    ) -> float:
        """Wait for something; the seconds that it took."""
        began = time.monotonic()
        while not right():
            if time.monotonic() - began > seconds:
                raise ClusterFailed(f"not within {seconds:.0f} s: {words}\n{self.portrait()}")
            failed = [one for one in self.operators if one.node.status.stage is DvStage.FAILED]
            if failed:
                raise ClusterFailed(f"{words}: {failed[0].node.status.reason}")
            await asyncio.sleep(0.05)
        took = time.monotonic() - began
        if not quiet:
            self.say(f"{words} ({took:.1f} s)")
        return took

    def portrait(self) -> str:
        """What every operator says of itself."""
        lines = []
        for one in self.operators:
            status = one.node.status
            note = status.ceremony.note if status.ceremony else ""
            lines.append(f"operator {one.number}: {status.stage} {status.reason or ''} {note}")
        return "\n".join(lines)

    async def sign(self, pause: float = 1.0) -> None:
        """Start everybody, then let the signatures appear one by one."""
        assert self.cluster is not None
        for one in self.operators:
            await one.node.start()
        await self.until(
            "every operator sees the invite, with what is missing from whom",
            lambda: all(self._missing(one) == OPERATORS for one in self.operators),
            15,
        )
        for number in range(OPERATORS):
            self.cluster.signed.add(number)
            self.api.add(self.cluster.raw())
            left = OPERATORS - number - 1
            if left:
                await self.until(
                    f"operator {number} signed; {left} still miss",
                    lambda left=left: all(self._missing(one) == left for one in self.operators),
                    15,
                )
                await asyncio.sleep(pause / 10)

    def _missing(self, operator: Operator) -> int:
        invites = operator.node.status.wait.invites
        return len(invites[0].missing) if invites else -1

    async def make_keys(self) -> None:
        """The ceremony, to four verified locks that are the same."""
        await self.until(
            "the key ceremony is held and its lock checked",
            lambda: all(one.node.record.verified_lock for one in self.operators),
            120,
        )
        locks = {one.node.record.verified_lock for one in self.operators}
        if len(locks) != 1:
            raise ClusterFailed("the operators have different locks")
        times = [one.node.times for one in self.operators]
        self.figures["definition_to_dkg"] = max(one["dkg"] - one["signed"] for one in times)

    async def run(self) -> None:
        """charon with its simulated beacon node and client, ready and successful."""
        await self.until(
            "charon is ready at every operator",
            lambda: all(one.node.status.stage is DvStage.RUNNING for one in self.operators),
            90,
        )
        times = [one.node.times for one in self.operators]
        self.figures["lock_to_run"] = max(one["charon"] - one["lock"] for one in times)
        await self.until(
            "duties succeed at every operator",
            lambda: all((self.succeeded(one) or 0) > 0 for one in self.operators),
            DUTY_SECONDS,
        )

    def succeeded(self, operator: Operator) -> int | None:
        """Duties that succeeded, as this operator's charon tells."""
        return operator.node.status.figures.duties_succeeded.value

    async def lose_one(self) -> None:
        """Kill one charon: ours brings it back. Then take it away for longer."""
        last, others = self.operators[-1], self.operators[:-1]
        self.kill_charon(last)
        await self.until(
            "a killed charon is noticed",
            lambda: last.node.status.stage is not DvStage.RUNNING,
            10,
        )
        self.figures["killed_to_ready"] = await self.until(
            "and is brought back, ready", lambda: last.node.status.stage is DvStage.RUNNING, 60
        )
        await last.node.stop()
        await self.until(
            "the others see that operator 3 is gone, and that nothing is to spare",
            lambda: all(
                {alert.explanation.code for alert in one.node.status.alerts}
                >= {"peer-gone", "cluster-no-spare"}
                for one in others
            ),
            90,
        )
        before = {one.number: self.succeeded(one) or 0 for one in others}
        await self.until(
            "duties go on with three of four",
            lambda: all((self.succeeded(one) or 0) > before[one.number] for one in others),
            DUTY_SECONDS,
        )
        await last.node.start()
        await self.until(
            "it is back and ready", lambda: last.node.status.stage is DvStage.RUNNING, 90
        )
        self.figures["back_seen_by_others"] = await self.until(
            "the others see it again",
            lambda: all(one.node.status.operators[-1].connected for one in others),
            90,
        )

    async def end(self) -> None:
        """Stop everything."""
        await asyncio.gather(
            *(one.manager.close(stop_nodes=True) for one in self.operators),
            return_exceptions=True,
        )
        for one in self.operators:
            if one.manners is not None:
                await one.manners.stop()
        await self.api.stop()
        if self.relay is not None:
            self.relay.stop()

    async def whole(self) -> None:
        """All of it, in order."""
        try:
            await self.set_up()
            await self.sign()
            await self.make_keys()
            await self.run()
            await self.lose_one()
        finally:
            await self.end()


def main() -> int:
    named = os.environ.get("ONECLICK_CHARON", "")
    if not named or shutil.which(named) is None:
        print("ONECLICK_CHARON does not name a charon program: nothing was tried.")
        return 2
    root = Path(tempfile.mkdtemp(prefix="dv-"))
    began = time.monotonic()

    def say(words: str) -> None:
        print(f"{time.monotonic() - began:7.1f}  {words}", flush=True)

    client = RealClient.named()
    say(f"validator client: {client.kind if client else UNNAMED}")
    cluster = DvCluster(Path(shutil.which(named) or named).absolute(), root, say, client=client)
    try:
        asyncio.run(cluster.whole())
    except ClusterFailed as error:
        say(f"FAILED {error}")
        say(f"kept for a look: {root}")
        return 1
    for name, value in cluster.figures.items():
        say(f"{name}: {value:.2f} s")
    shutil.rmtree(root, ignore_errors=True)
    say("everything as it must be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
