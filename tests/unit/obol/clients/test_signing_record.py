# SPDX-License-Identifier: Apache-2.0
"""The record of what was signed: who holds it, and by which commands it goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from node_manager.obol.clients.errors import RecordNotCarried
from node_manager.obol.clients.kinds import CLIENTS, client_of
from node_manager.obol.clients.signing_record import COMMANDS, carry_record, holder, take_record
from node_manager.obol.folder import ClusterFolder
from node_manager.obol.settings import DvSettings, read_settings

FILE = Path("/x/slashing_protection.json")
WANTED = {
    "lighthouse": (
        "account validator slashing-protection {act} /x/slashing_protection.json"
        " --datadir={data} --network=hoodi",
    )
    * 2,
    "teku": (
        "slashing-protection export --data-path={data} --to=/x/slashing_protection.json",
        "slashing-protection import --data-path={data} --from=/x/slashing_protection.json",
    ),
    "nimbus": (
        "slashingdb {act} /x/slashing_protection.json --data-dir={data}"
        " --validators-dir={data}/validators",
    )
    * 2,
    "lodestar": (
        "validator slashing-protection {act} --network=hoodi --dataDir={data}"
        " --file=/x/slashing_protection.json",
    )
    * 2,
    "prysm": (
        "slashing-protection-history export --accept-terms-of-use --hoodi --datadir={data}"
        " --slashing-protection-export-dir=/x",
        "slashing-protection-history import --accept-terms-of-use --hoodi --datadir={data}"
        " --slashing-protection-json-file=/x/slashing_protection.json",
    ),
}


LODESTAR_UNSIGNED = {
    "metadata": {
        "interchange_format_version": "5",
        "genesis_validators_root": "0x"
        "9143aa7c615a7f7115e2b6aac319c03529df8242ae705fba9df39b79c59fa8b1",
    },
    "data": [],
}
"""What a real Lodestar 1.23 exports whose record is empty."""


def settings(kind: str, program: str = "") -> DvSettings:
    return read_settings(
        {
            "charon": {"operatorAddress": "0x" + "12" * 20},
            "validatorClient": {"kind": kind, "program": program},
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> ClusterFolder:
    return ClusterFolder(tmp_path)


def program(folder: ClusterFolder, name: str, wrote: Any = None, code: int = 0) -> Path:
    """A program that notes its arguments, and exports `wrote` to the file that is asked for."""
    file = folder.root / name
    text = json.dumps(json.dumps(wrote))
    file.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(folder.root / 'calls')!r}, 'a').write(' '.join(sys.argv) + '\\n')\n"
        "words = [w.partition('=')[2] or w for w in sys.argv if w.endswith('protection.json')]\n"
        f"if {wrote is not None} and 'export' in sys.argv: open(words[0], 'w').write({text})\n"
        f"sys.exit({code} and 'it is locked')\n"
    )
    file.chmod(0o755)
    return file


def interchange(
    version: str = "5",
    keys: int = 1,
    slots: tuple[int, ...] = (7, 81952),
    votes: tuple[tuple[int, int], ...] = ((2290, 3007), (2500, 2600)),
) -> dict[str, Any]:
    """As in EIP-3076's example."""
    signed = {
        "signed_blocks": [{"slot": str(slot), "signing_root": "0x4ff6"} for slot in slots],
        "signed_attestations": [
            {"source_epoch": str(source), "target_epoch": str(target)} for source, target in votes
        ],
    }
    return {
        "metadata": {"interchange_format_version": version, "genesis_validators_root": "0x00"},
        "data": [{"pubkey": f"0xB{key}", **signed} for key in range(keys)],
    }


@pytest.mark.parametrize("kind", sorted(CLIENTS))
def test_each_client_has_its_own_commands(folder: ClusterFolder, kind: str) -> None:
    client = client_of(folder, settings(kind))
    for act, wanted in zip(("export", "import"), WANTED[kind], strict=True):
        make = COMMANDS[kind].export if act == "export" else COMMANDS[kind].take
        assert " ".join(make(client, FILE)) == wanted.format(act=act, data=client.data)


def test_the_first_client_takes_the_record_and_no_other_after_it(folder: ClusterFolder) -> None:
    assert holder(folder) == ""
    take_record(folder, "teku")
    take_record(folder, "teku")
    with pytest.raises(RecordNotCarried, match="teku to prysm"):
        take_record(folder, "prysm")
    assert holder(folder) == "teku"


async def test_the_record_goes_over_a_file_and_the_other_holds_it(folder: ClusterFolder) -> None:
    take_record(folder, "teku")
    before = settings("teku", str(program(folder, "old", interchange())))
    after = settings("lighthouse", str(program(folder, "new", interchange())))
    file = await carry_record(folder, before, after)
    assert file is not None and json.loads(file.read_text()) == interchange()
    assert file.parent.stat().st_mode & 0o077 == 0
    export, take, again = (folder.root / "calls").read_text().splitlines()
    assert f"old slashing-protection export --data-path={folder.client / 'teku'}" in export
    assert f"slashing-protection import {file}" in take
    assert "new account validator slashing-protection export" in again
    assert holder(folder) == "lighthouse"


async def test_nothing_is_carried_where_nothing_was_signed(folder: ClusterFolder) -> None:
    assert await carry_record(folder, settings("teku"), settings("prysm")) is None
    assert holder(folder) == ""


@pytest.mark.parametrize(
    ("wrote", "why"),
    [
        ({"odd": 1}, "no interchange file"),
        (interchange("4"), "format 4"),
        (interchange(keys=0), "0 keys"),
    ],
)
async def test_what_is_no_record_is_not_given_to_the_other(
    folder: ClusterFolder, wrote: Any, why: str
) -> None:
    take_record(folder, "teku")
    before = settings("teku", str(program(folder, "old", wrote)))
    with pytest.raises(RecordNotCarried, match=why):
        await carry_record(
            folder, before, settings("lighthouse", str(program(folder, "new", interchange())))
        )
    assert len((folder.root / "calls").read_text().splitlines()) == 1
    assert holder(folder) == "teku"


@pytest.mark.parametrize(
    ("tells", "why"),
    [
        (None, "no interchange file"),
        (interchange(keys=0), "0 keys"),
        (interchange(slots=(7, 81951)), "the slot 81952"),
        (interchange(slots=()), "the slot 81952"),
        (interchange(votes=((2500, 3006),)), "the target 3007"),
        (interchange(votes=((2499, 3007),)), "the source 2500"),
        (interchange(keys=1, votes=()), "the source 2500 of the key 0xb0"),
    ],
)
async def test_a_client_that_did_not_take_all_of_it_does_not_hold_it(
    folder: ClusterFolder, tells: Any, why: str
) -> None:
    """It ended well, and could sign what contradicts what was signed."""
    take_record(folder, "teku")
    before = settings("teku", str(program(folder, "old", interchange())))
    with pytest.raises(RecordNotCarried, match=why):
        await carry_record(
            folder, before, settings("lighthouse", str(program(folder, "new", tells)))
        )
    assert holder(folder) == "teku"


@pytest.mark.parametrize("ran", [True, False])
async def test_a_lodestar_that_ran_and_signed_nothing_gives_way(
    folder: ClusterFolder, ran: bool
) -> None:
    """As with a validator that is not active yet: a real one then exports no key."""
    take_record(folder, "lodestar")
    if ran:
        (folder.client / "lodestar" / "validator-db").mkdir(parents=True)
    before = settings("lodestar", str(program(folder, "old", LODESTAR_UNSIGNED)))
    after = settings("teku", str(program(folder, "new", interchange())))
    if ran:
        await carry_record(folder, before, after)
    else:
        with pytest.raises(RecordNotCarried, match="no record in its folder"):
            await carry_record(folder, before, after)
        assert not (folder.root / "calls").exists()
    assert holder(folder) == ("teku" if ran else "lodestar")


async def test_a_key_that_the_next_client_does_not_know_keeps_the_client(
    folder: ClusterFolder,
) -> None:
    take_record(folder, "teku")
    before = settings("teku", str(program(folder, "old", interchange(keys=2))))
    with pytest.raises(RecordNotCarried, match="the key 0xb1"):
        await carry_record(
            folder, before, settings("lighthouse", str(program(folder, "new", interchange())))
        )
    assert holder(folder) == "teku"


async def test_a_client_that_keeps_only_the_highest_has_taken_it_all(
    folder: ClusterFolder,
) -> None:
    take_record(folder, "teku")
    before = settings("teku", str(program(folder, "old", interchange())))
    least = interchange(slots=(81952,), votes=((2500, 3007),))
    await carry_record(folder, before, settings("lighthouse", str(program(folder, "new", least))))
    assert holder(folder) == "lighthouse"


async def test_a_program_that_is_gone_or_refuses_is_named(folder: ClusterFolder) -> None:
    take_record(folder, "teku")
    after = settings("lighthouse", str(program(folder, "new", interchange())))
    with pytest.raises(RecordNotCarried, match="no-such-teku is not on this computer"):
        await carry_record(folder, settings("teku", "no-such-teku"), after)
    broken = settings("teku", str(program(folder, "old", code=1)))
    with pytest.raises(RecordNotCarried, match="it is locked"):
        await carry_record(folder, broken, after)


async def test_nimbus_does_it_by_the_program_beside_its_own(folder: ClusterFolder) -> None:
    take_record(folder, "nimbus")
    own = program(folder, "nimbus_validator_client", code=1)
    program(folder, "nimbus_beacon_node", interchange())
    await carry_record(
        folder,
        settings("nimbus", str(own)),
        settings("teku", str(program(folder, "new", interchange()))),
    )
    assert "nimbus_beacon_node slashingdb export" in (folder.root / "calls").read_text()
