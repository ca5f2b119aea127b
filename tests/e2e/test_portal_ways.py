# SPDX-License-Identifier: Apache-2.0
"""The portal's other ways: a pasted key, the cloud, and a commission that may change by now.

The network began two days ago by its own clock, so that its first validator is no newcomer.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import delete, update

from bridge.localnet import founding
from bridge.localnet.faucet import fund
from bridge.localnet.genesis import ChainRules
from bridge.localnet.network import down, up
from bridge.localnet.record import LocalnetInfo
from bridge.orchestrator.chain.profiles import chain_of
from bridge.orchestrator.db.tables import CloudNode, SetupRequest, WalletSession, WorkItem
from bridge.orchestrator.enums import CloudNodeStatus, ProviderName, SetupStatus, WorkState
from bridge.orchestrator.node_logs import LogReader
from bridge.orchestrator.portal.network import network_of
from bridge.orchestrator.providers.base import ProviderTrouble
from bridge.orchestrator.server import Orchestrator
from bridge.orchestrator.settings import Settings
from bridge.orchestrator.work.worker import Worker
from node_manager.layout import Layout
from tests.e2e.conftest import BUILD_SECONDS
from tests.helpers.app import free_port
from tests.helpers.browser import WalletPage, chromium, shots_folder
from tests.unit.bridge.orchestrator.cloud import Cloud
from tests.unit.bridge.orchestrator.wallet import Wallet

pytestmark = pytest.mark.timeout(BUILD_SECONDS)

OMNI = 10**6
COMPUTER: dict[str, Any] = {"viewport": {"width": 1180, "height": 760}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 800},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/143.0.0.0 Mobile Safari/537.36",
}
CHAIN_MS = 90_000


@pytest.fixture(scope="module")
def old_localnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalnetInfo]:
    """A network whose genesis is two days old."""
    root = tmp_path_factory.mktemp("old-localnet")
    layout = Layout(data=root / "data", cache=Layout.of_this_user().cache)
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
    usual = founding.apply_rules

    def apply_rules(genesis: str, rules: ChainRules) -> str:
        content = json.loads(usual(genesis, rules))
        content["genesis_time"] = began.strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps(content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONECLICK_LOCALNET", str(root / "network"))
        patch.setattr(founding, "apply_rules", apply_rules)
        try:
            yield asyncio.run(up(layout))
        finally:
            asyncio.run(down(layout, forget=True))


@pytest.fixture
async def orchestrator(old_localnet: LocalnetInfo, tmp_path: Path) -> AsyncIterator[Orchestrator]:
    """A service that takes requests for cloud validators; nobody works on them yet."""
    layout = old_localnet.layout
    port = free_port()
    settings = Settings(
        port=port,
        public_url=f"http://localhost:{port}",
        database_url=f"sqlite:///{tmp_path / 'orchestrator.sqlite'}",
        providers=[ProviderName.OMNIPHI_CLOUD, ProviderName.LOCAL],
        bridge_port=port + 1,
    )
    chain = chain_of(settings, layout)
    serving = Orchestrator(settings, chain, network_of(settings, chain, layout))
    await serving.start()
    yield serving
    await serving.stop()


def funded_wallet(localnet: LocalnetInfo, name: str) -> Wallet:
    return Wallet(f"{name} {localnet.record.created_at}")


def validator_wallet(localnet: LocalnetInfo) -> Wallet:
    """The wallet of the network's first validator, out of the test keyring."""
    told = subprocess.run(
        [
            str(localnet.posd), "keys", "export", "validator-0", "--unarmored-hex", "--unsafe",
            "--yes", "--keyring-backend", "test", "--home", str(localnet.faucet_home),
        ],
        input="y\n", capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    text = (told.stdout.split() or told.stderr.split())[-1]
    return Wallet.of_key(ec.derive_private_key(int(text, 16), ec.SECP256K1()))


class Site:
    """A page of the portal with a wallet."""

    def __init__(self, page: Page, context: BrowserContext, url: str) -> None:
        self.page, self.context, self.url, self._folder = page, context, url, shots_folder()

    async def shot(self, name: str) -> None:
        if self._folder is not None:
            await self.page.screenshot(path=self._folder / f"{name}.png", full_page=True)

    async def shot_everywhere(self, name: str) -> None:
        """On a computer and a phone, in light and dark."""
        for device, size in (("", COMPUTER["viewport"]), ("-phone", PHONE["viewport"])):
            await self.page.set_viewport_size(size)
            for scheme in ("light", "dark"):
                await self.page.emulate_media(color_scheme=scheme)
                await self.shot(f"{name}{device}-{scheme}")
            width = await self.page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name}{device} scrolls sideways"
        await self.page.set_viewport_size(COMPUTER["viewport"])

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    def heading(self, text: str) -> Any:
        return expect(self.page.get_by_role("heading", name=text, level=1))


@asynccontextmanager
async def visit(
    orchestrator: Orchestrator, wallet: Wallet, device: dict[str, Any] = COMPUTER
) -> AsyncIterator[tuple[Site, WalletPage]]:
    async with chromium() as browser:
        context = await browser.new_context(**device)
        keplr = WalletPage(wallet, orchestrator.chain.address.chain_id)
        await keplr.install(context)
        page = await context.new_page()
        yield Site(page, context, f"http://localhost:{orchestrator.port}"), keplr


async def fill_details(page: Page) -> None:
    await page.get_by_label("Name").fill("crane")
    await page.get_by_label("You lock").fill("100")
    await page.get_by_role("button", name="Continue").click()


async def test_a_pasted_key_leads_on_where_no_app_answers(
    orchestrator: Orchestrator, old_localnet: LocalnetInfo
) -> None:
    wallet = funded_wallet(old_localnet, "paste")
    await fund(old_localnet.layout, wallet.address, 1_000 * OMNI)
    async with visit(orchestrator, wallet) as (site, _):
        page = site.page
        await page.goto(f"{site.url}/wizard")
        await site.press("Connect Keplr")
        await site.press("Continue")
        await site.press("Look for the app")
        await site.heading("This site does not reach your app.").to_be_visible()
        await site.shot("no-app")
        await site.press("Paste the public key instead")
        await page.get_by_label("Public key of the validator").fill("not a key")
        await site.press("Continue with this key")
        await expect(page.locator("#field-pubkey-fault")).to_contain_text("no ed25519 public key")
        key = base64.b64encode(os.urandom(32)).decode()
        printed = json.dumps({"@type": "/cosmos.crypto.ed25519.PubKey", "key": key})
        await page.get_by_label("Public key of the validator").fill(printed)
        await site.press("Continue with this key")
        await site.heading("Details of your validator").to_be_visible()
        await fill_details(page)
        await expect(page.locator(".rows")).to_contain_text("the key you pasted")
        await site.shot("sign-pasted")
        # A page that is loaded again asks nothing twice and keeps what was typed.
        await page.reload()
        await site.heading("Become a validator").to_be_visible()


async def test_a_phone_says_that_the_app_is_elsewhere_and_takes_its_key(
    orchestrator: Orchestrator, old_localnet: LocalnetInfo
) -> None:
    wallet = funded_wallet(old_localnet, "phone")
    await fund(old_localnet.layout, wallet.address, 1_000 * OMNI)
    async with visit(orchestrator, wallet, PHONE) as (site, _):
        page = site.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        async def fits(name: str) -> None:
            await site.shot(f"phone-{name}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["viewport"]["width"], f"{name} scrolls sideways"

        await page.goto(f"{site.url}/wizard")
        await site.press("Connect Keplr")
        await site.press("Continue")
        await site.heading("The app runs on another device.").to_be_visible()
        main = page.get_by_role("main")
        await expect(main).to_contain_text("Only a browser on the app’s own computer reaches it")
        await expect(page.get_by_role("button", name="Look for the app")).to_have_count(0)
        await fits("elsewhere")
        await site.press("Continue with this key")
        await expect(page.locator("#field-pubkey-fault")).to_contain_text("This is needed.")
        key = base64.b64encode(os.urandom(32)).decode()
        await page.get_by_label("Public key of the validator").fill(key)
        await site.press("Continue with this key")
        await site.heading("Details of your validator").to_be_visible()
        await fits("details")
        await fill_details(page)
        await expect(page.locator(".rows")).to_contain_text("the key you pasted")
        await fits("sign")
        assert [url for url in asked if not url.startswith(f"{site.url}/")] == []


async def describe_a_cloud_validator(site: Site) -> None:
    """Go through the wizard up to the request, with the wallet connected."""
    await site.page.goto(f"{site.url}/wizard")
    await site.page.get_by_label("In the cloud").check()
    await site.press("Connect Keplr")
    await site.press("Continue")
    await fill_details(site.page)


async def test_a_cloud_validator_is_asked_for_with_the_wallets_consent(
    orchestrator: Orchestrator, old_localnet: LocalnetInfo
) -> None:
    wallet = funded_wallet(old_localnet, "cloud")
    await fund(old_localnet.layout, wallet.address, 1_000 * OMNI)
    async with visit(orchestrator, wallet) as (site, keplr):
        page = site.page
        await describe_a_cloud_validator(site)
        keplr.refuses = {"arbitrary"}
        await site.press("Sign in with Keplr and ask for the node")
        await expect(page.get_by_role("alert")).to_contain_text("You refused in Keplr.")
        keplr.refuses = set()
        await site.press("Try again")
        await expect(page.locator(".tasks")).to_contain_text("waits for the request")
        await site.shot("cloud-pending")

        # The worker's part, done by hand: its key arrives, the page goes on by itself.
        key = base64.b64encode(os.urandom(32)).decode()
        await provisioned(orchestrator, wallet.address, key)
        await expect(page.get_by_role("button", name="Continue")).to_be_enabled(timeout=20_000)
        await site.shot("cloud-ready")
        await site.press("Continue")
        await expect(page.locator(".rows")).to_contain_text("the key your cloud node made.")
        await site.press("Sign with Keplr")
        await site.heading("“crane” is on its way.").to_be_visible(timeout=CHAIN_MS)
        await expect(page.locator(".tasks")).to_contain_text("with 100 OMNI", timeout=CHAIN_MS)
        await page.get_by_role("link", name="Go to the dashboard").click()
        await expect(page.locator("#cloud-card")).to_contain_text("crane")
        await expect(page.locator(".tiles")).to_contain_text("100 OMNI", timeout=CHAIN_MS)
        # Its node was never made, so it signs nothing: where to look is said.
        look = page.locator(".next")
        await expect(look).to_contain_text("Look at its node under In the cloud.", timeout=CHAIN_MS)
        await site.shot_everywhere("cloud-dashboard")
        # What the service refuses is told in its words.
        await site.press("Redeploy with the same key")
        await expect(page.locator("#cloud-card").get_by_role("alert")).to_contain_text(
            "This does not fit the state"
        )
        await the_log_is_followed(site, keplr, orchestrator, wallet.address)


async def test_who_gives_a_cloud_validator_up_reads_what_is_still_to_be_removed(
    orchestrator: Orchestrator, old_localnet: LocalnetInfo
) -> None:
    wallet = funded_wallet(old_localnet, "given up")
    await fund(old_localnet.layout, wallet.address, 1_000 * OMNI)
    async with visit(orchestrator, wallet) as (site, _keplr):
        page = site.page
        await describe_a_cloud_validator(site)
        await site.press("Sign in with Keplr and ask for the node")
        await expect(page.locator(".tasks")).to_contain_text("waits for the request")
        await site.press("Give it up")
        refused = page.get_by_role("alert")
        await expect(refused).to_contain_text("What was made for it is still to be removed, since")
        async with orchestrator.database.sessions.begin() as session:
            await session.execute(update(WorkItem).values(last_error="The chain is silent."))
        await page.goto(f"{site.url}/dashboard")
        card = page.locator("#cloud-card")
        await expect(card).to_contain_text("The chain is silent.", timeout=20_000)
        for act in ("Stop. Blocks will be missed", "Redeploy with the same key"):
            await expect(card.get_by_role("button", name=act)).to_be_disabled()
        async with orchestrator.database.sessions.begin() as session:
            await session.execute(update(WorkItem).values(state=WorkState.DONE))
        await expect(card).to_be_hidden(timeout=20_000)


async def the_log_is_followed(
    site: Site, keplr: WalletPage, orchestrator: Orchestrator, wallet: str
) -> None:
    """The owner reads on while the node writes; the worker and its provider are stood in for."""
    writing = Writing()
    worker = Worker(
        orchestrator.database, orchestrator.chain, {},
        logs=LogReader(orchestrator.database, {ProviderName.OMNIPHI_CLOUD: writing}),
    )  # fmt: skip
    page = site.page
    log, summary = page.locator("pre.log"), page.get_by_text("Log of the node")
    await expect(summary).to_be_hidden()  # there is no node yet
    await node_made(orchestrator, wallet)
    await expect(summary).to_be_visible(timeout=20_000)
    worker.start()
    try:
        # The session of this tab has ended meanwhile, as the service sees it.
        async with orchestrator.database.sessions.begin() as session:
            await session.execute(delete(WalletSession))
        await summary.click()
        await page.get_by_role("button", name="Sign in again").click()
        await expect(log).to_contain_text("block 120", timeout=20_000)
        assert keplr.asked.count("arbitrary") == 3
        await expect(log).not_to_contain_text("block 20\n")
        await expect(log.locator(".bad")).to_contain_text("ERROR <b>no peer</b> module")
        await page.get_by_role("button", name="Show 1,000 lines").click()
        await expect(log).to_contain_text("block 1\n", timeout=20_000)
        # Whoever scrolls up reads on undisturbed, until they ask for the newest.
        await log.evaluate("element => { element.scrollTop = 0; }")
        writing.lines.append(told(121, "info"))
        await expect(page.locator(".log-of-node .t3")).to_contain_text("122 lines", timeout=20_000)
        await expect(log).not_to_contain_text("block 121")
        await page.get_by_role("button", name="Go to the newest line").click()
        await expect(log).to_contain_text("block 121")
        writing.lines.append(told(122, "info"))
        await expect(log).to_contain_text("block 122", timeout=20_000)
        await site.shot_everywhere("cloud-log")
        # A provider that is away is told; what was read stays.
        writing.trouble = "Docker does not answer."
        card = page.locator(".log-of-node").get_by_role("alert")
        await expect(card).to_contain_text("Docker does not answer.", timeout=20_000)
        await expect(log).to_contain_text("block 122")
    finally:
        await worker.stop()


def told(number: int, level: str, words: str = "") -> str:
    """As the node writes it."""
    message = words or f"block {number}"
    return json.dumps({"level": level, "time": "2026-05-04T10:00:00Z", "message": message})


class Writing(Cloud):
    """A provider whose node writes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [told(number, "info") for number in range(1, 121)]
        self.lines.append(told(0, "error", "<b>no peer</b> module"))
        self.trouble = ""

    async def logs(self, node_id: uuid.UUID, lines: int) -> list[str]:
        if self.trouble:
            raise ProviderTrouble(reason=self.trouble)
        return self.lines[-lines:]


async def node_made(orchestrator: Orchestrator, wallet: str) -> None:
    found = (await orchestrator.setups.page(1, None, wallet=wallet))[0].request
    async with orchestrator.database.sessions.begin() as session:
        session.add(
            CloudNode(
                setup_request_id=found.id,
                provider=ProviderName.OMNIPHI_CLOUD,
                status=CloudNodeStatus.SYNCED,
            )
        )


async def provisioned(orchestrator: Orchestrator, wallet: str, key: str) -> uuid.UUID:
    """Bring the wallet's setup request to where the chain's transaction is due."""
    found = (await orchestrator.setups.page(1, None, wallet=wallet))[0].request
    async with orchestrator.database.sessions.begin() as session:
        row = await session.get(SetupRequest, found.id)
        assert row is not None
        row.status, row.consensus_pubkey = SetupStatus.READY_FOR_CHAIN_TX, key
    return found.id


async def test_the_commission_of_an_old_validator_changes(
    orchestrator: Orchestrator, old_localnet: LocalnetInfo
) -> None:
    wallet = validator_wallet(old_localnet)
    async with visit(orchestrator, wallet) as (site, _):
        page = site.page
        await page.goto(f"{site.url}/dashboard")
        await site.press("Connect Keplr")
        tiles = page.locator(".tiles")
        await expect(tiles).to_contain_text("Commission", timeout=CHAIN_MS)
        before = (await orchestrator.chain.rest.validators())[0].commission.commission_rates.rate
        await site.press("Edit profile and commission…")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Commission", exact=True).fill("10.5")
        await dialog.get_by_role("button", name="Continue").click()
        await expect(dialog.locator(".rows")).to_contain_text("10.5 % commission", timeout=CHAIN_MS)
        await site.shot("edit-commission")
        await dialog.get_by_role("button", name="Sign with Keplr").click()
        await expect(dialog.locator(".done")).to_be_visible(timeout=CHAIN_MS)
        await dialog.get_by_role("button", name="Close").click()
        await expect(tiles).to_contain_text("10.5 %", timeout=CHAIN_MS)
        operator = orchestrator.chain.addresses.operator(wallet.address)
        now = (await orchestrator.chain.rest.validator(operator)).commission.commission_rates.rate
        assert f"{now:f}".startswith("0.105")
        assert now != before
