# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import email.utils
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_manager.obol.cluster.api import ObolApi, retry_after
from node_manager.obol.cluster.waiting import InviteWatch, PollState
from node_manager.obol.errors import ApiBusy, ApiNoAnswer, ApiNotUnderstood
from node_manager.obol.keys.enr import make_enr
from node_manager.obol.settings import DkgSidecar
from tests.helpers.dv_material import Cluster
from tests.helpers.obol_api import Fault, MockObolApi

ENRS: list[str | None] = [make_enr(bytes([n + 65]) * 32).text for n in range(3)]


def cluster(number: int = 0, **settings: object) -> Cluster:
    one = Cluster(ENRS, threshold=2, name=f"cluster {number}", **settings)  # type: ignore[arg-type]
    return one.sign_all()


def watch_of(api: ObolApi, folder: Path, **settings: object) -> InviteWatch:
    return InviteWatch(
        api,
        DkgSidecar.model_validate(settings),
        operator=cluster().addresses[0].lower(),
        enr=str(ENRS[0]),
        network="hoodi",
        state=folder / "wait.json",
        now=lambda: 1000.0,
        uniform=lambda low, high: (low + high) / 2,
    )


@pytest.mark.parametrize("first_page", [0, 1])
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
async def test_every_definition_is_found_once_however_pages_count(first_page, limit) -> None:
    async with MockObolApi(first_page=first_page) as mock:
        for number in range(5):
            mock.add(cluster(number).raw())
        async with ObolApi(mock.url, page_limit=limit) as api:
            found = await api.definitions_of(cluster().addresses[1])
    names = [one.definition.name for one in found if one.definition]
    assert sorted(names) == [f"cluster {number}" for number in range(5)]


async def test_a_bare_list_is_read_too() -> None:
    async with MockObolApi(wrapped=False) as mock:
        mock.add(cluster().raw())
        async with ObolApi(mock.url) as api:
            assert len(await api.definitions_of(cluster().addresses[0])) == 1


async def test_an_operator_whom_nobody_invited_has_no_definitions() -> None:
    async with MockObolApi() as mock:
        mock.faults.append(Fault(404, '{"message":"no definitions"}'))
        async with ObolApi(mock.url) as api:
            assert await api.definitions_of("0x" + "9" * 40) == []


async def test_no_lock_yet_is_not_an_error_and_an_error_is_not_no_lock() -> None:
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        assert await api.lock("0x" + "1" * 64) is None
        for fault in (Fault(500), Fault(403), Fault(200, "<html>"), Fault(200, "[1]")):
            mock.faults.append(fault)
            with pytest.raises((ApiNoAnswer, ApiNotUnderstood)):
                await api.lock("0x" + "1" * 64)


async def test_a_slow_answer_is_no_answer() -> None:
    async with MockObolApi() as mock, ObolApi(mock.url, seconds=0.1) as api:
        mock.faults.append(Fault(answers=True, delay=1))
        with pytest.raises(ApiNoAnswer, match="too long"):
            await api.definitions_of("0x" + "9" * 40)


async def test_being_asked_to_wait_is_told_with_the_seconds() -> None:
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.faults.append(Fault(429, headers={"Retry-After": "77"}))
        with pytest.raises(ApiBusy) as caught:
            await api.definitions_of("0x" + "9" * 40)
        assert caught.value.facts["seconds"] == 77


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("5", 5.0),
        ("99999", 3600.0),
        ("", 60.0),
        ("soon", 60.0),
        (email.utils.formatdate(1030, usegmt=True), 30.0),
        (email.utils.formatdate(900, usegmt=True), 0.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(told: str, seconds: float) -> None:
    assert retry_after(httpx.Headers({"retry-after": told}), now=1000.0) == seconds


async def test_an_invite_tells_what_is_missing_from_whom(tmp_path) -> None:
    one = cluster()
    one.signed = {0, 2}
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.add(one.raw())
        asked, _ = await watch_of(api, tmp_path).ask(PollState(delay=5))
    (invite,) = asked.invites
    assert not invite.ready
    (missing,) = invite.missing
    assert one.addresses[1] in missing and "the ENR" in missing
    assert [operator.ours for operator in invite.operators] == [True, False, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "mainnet"}, "It is for mainnet"),
        ({"enrs": [ENRS[1], ENRS[0], ENRS[2]]}, "another ENR"),
    ],
)
async def test_an_invite_that_is_not_ours_says_why(tmp_path, change, words) -> None:
    one = cluster()
    for name, value in change.items():
        setattr(one, name, value)
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.add(one.raw())
        asked, _ = await watch_of(api, tmp_path).ask(PollState(delay=5))
    assert asked.ready is None
    assert words in asked.invites[0].trouble


async def test_the_target_narrows_the_wait_to_one_cluster(tmp_path) -> None:
    first, second = cluster(1).raw(), cluster(2).raw()
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.add(first)
        mock.add(second)
        watch = watch_of(api, tmp_path, targetConfigHash=second["config_hash"])
        asked, _ = await watch.ask(PollState(delay=5))
    assert asked.ready is not None and asked.ready.config_hash == second["config_hash"]
    assert len(asked.invites) == 2


async def test_intervals_grow_to_their_limit_and_begin_anew_after_progress(tmp_path) -> None:
    one = cluster()
    one.signed = set()
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.add(one.raw())
        watch = watch_of(api, tmp_path)
        state = PollState(delay=5)
        pauses = []
        for number in range(14):
            if number == 12:
                one.signed = {1}
                mock.add(one.raw())
            asked, state = await watch.ask(state)
            pauses.append(round(asked.next_at - 1000.0, 2))
    assert pauses[:5] == [5, 7.5, 11.25, 16.88, 25.31]
    assert max(pauses) == 300 and pauses[11] == 300
    assert pauses[12:] == [5, 7.5]


@given(st.floats(0.8, 1.2), st.floats(1, 400))
def test_no_interval_is_longer_than_the_limit(chance: float, delay: float) -> None:
    settings = DkgSidecar()
    assert min(delay * chance, settings.max_retry_delay_seconds) <= 300


async def test_retry_after_wins_over_the_interval(tmp_path) -> None:
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        mock.faults.append(Fault(503, headers={"Retry-After": "900"}))
        asked, _ = await watch_of(api, tmp_path).ask(PollState(delay=5))
    assert asked.next_at == 1900
    assert asked.trouble is not None and asked.trouble.code == "obol-api-busy"


async def test_a_restart_goes_on_with_the_wait(tmp_path) -> None:
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        (tmp_path / "wait.json").write_text(PollState(delay=100, next_at=1000.2).model_dump_json())
        rounds = watch_of(api, tmp_path).rounds()
        first = await asyncio.wait_for(anext(rounds), 5)
        await rounds.aclose()  # type: ignore[attr-defined]
    assert first.next_at == 1100
    assert PollState.model_validate_json((tmp_path / "wait.json").read_text()).delay == 150


async def test_a_press_of_the_button_ends_the_interval(tmp_path) -> None:
    async with MockObolApi() as mock, ObolApi(mock.url) as api:
        watch = watch_of(api, tmp_path, initialRetryDelaySeconds=300)
        rounds = watch.rounds()
        await anext(rounds)
        second = asyncio.ensure_future(anext(rounds))
        await asyncio.sleep(0.05)
        assert not second.done()
        watch.hurry()
        await asyncio.wait_for(second, 5)
        await rounds.aclose()  # type: ignore[attr-defined]
