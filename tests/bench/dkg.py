# SPDX-License-Identifier: Apache-2.0
"""What we add to a key ceremony: before it (definition_to_dkg) and after it (lock_to_run).

Budgets: definition_to_dkg 2 s, because everybody else already waits in the ceremony; lock_to_run
2 s beyond the 6 s that charon's own key lock imposes, because duties begin at once.
With `ONECLICK_CHARON` four operators run the real program; without it one runs the stand-in.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from node_manager.obol.keys.enr import make_enr
from node_manager.obol.keys.key_lock import STALE_SECONDS
from node_manager.obol.status import DvStage
from tests.bench.report import Figure
from tests.e2e.dv_cluster import DvCluster
from tests.helpers import charon_standin
from tests.helpers.dv_locks import make_lock
from tests.helpers.dv_material import Cluster


def run(_: list[str]) -> list[Figure]:
    """Hold one ceremony and measure it."""
    root = Path(tempfile.mkdtemp(prefix="dkg-"))
    named = shutil.which(os.environ.get("ONECLICK_CHARON", "") or "nothing-named")
    try:
        times = asyncio.run(_real(Path(named), root) if named else _stand_in(root))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    what = "4 operators, real charon" if named else "1 operator, stand-in made of recordings"
    return [
        Figure(
            "definition_to_dkg",
            times["definition_to_dkg"],
            "s",
            conditions=f"{what}; last signature seen to `charon dkg` started; budget 2 s",
        ),
        Figure(
            "lock_to_run",
            times["lock_to_run"],
            "s",
            peer="charon's own key lock",
            peer_value=STALE_SECONDS,
            conditions=f"{what}; lock written to charon and client running; budget 8 s",
        ),
    ]


async def _real(program: Path, root: Path) -> dict[str, float]:
    cluster = DvCluster(program, root, lambda _: None)
    try:
        await cluster.set_up()
        await cluster.sign()
        await cluster.make_keys()
        await cluster.until("run", lambda: _running(cluster), 90, quiet=True)
    finally:
        await cluster.end()
    times = [one.node.times for one in cluster.operators]
    return {
        "definition_to_dkg": max(one["dkg"] - one["signed"] for one in times),
        "lock_to_run": max(one["charon"] - one["lock"] for one in times),
    }


async def _stand_in(root: Path) -> dict[str, float]:
    cluster = DvCluster(Path(), root, lambda _: None)
    keys = [bytes([number + 65]) * 32 for number in range(4)]
    enrs: list[str | None] = [make_enr(key).text for key in keys]
    signed = Cluster(enrs, threshold=3).sign_all()
    artefacts = root / "artefacts"
    make_lock(signed.raw(), keys).write(artefacts, 0)
    cluster.program = charon_standin.install(root / "program", {"artefacts": str(artefacts)})
    client = charon_standin.install(root / "client", {})
    try:
        await cluster.set_up_one(keys[0], "http://127.0.0.1:1", client)
        await cluster.operators[0].node.start()
        await asyncio.sleep(1)
        cluster.api.add(signed.raw())
        await cluster.until("run", lambda: _running(cluster), 60, quiet=True)
        times = cluster.operators[0].node.times
        return {
            "definition_to_dkg": times["dkg"] - times["signed"],
            "lock_to_run": max(times["charon"], times.get("vc", 0.0)) - times["lock"],
        }
    finally:
        await cluster.end()


def _running(cluster: DvCluster) -> bool:
    return all(one.node.status.stage is DvStage.RUNNING for one in cluster.operators)
