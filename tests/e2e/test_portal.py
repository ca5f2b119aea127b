# SPDX-License-Identifier: Apache-2.0
"""The portal in a real Chromium, on a real orchestrator, app and network; the wallet's key is real.

The portal's own page counts as public there, so that the browser's question about programs on
this computer comes as it does on a website.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from bridge.localnet.faucet import fund
from bridge.localnet.record import LocalnetInfo
from node_manager.keys.consensus import ConsensusPublicKey
from node_manager.layout import Layout
from node_manager.runtime.logfiles import tail
from tests.helpers.app import HeadlessApp, eventually
from tests.helpers.browser import WalletPage, chromium, shots_folder
from tests.helpers.operator import newest_height, voted_since
from tests.unit.bridge.orchestrator.wallet import Wallet

OMNI = 10**6
FUNDS = 20_000 * OMNI
WIDE = {"width": 1180, "height": 760}
PHONE = {"width": 390, "height": 800}
CHAIN_MS = 90_000
"""A few blocks, and the 5 s between two readings of the chain, on a busy machine."""


@pytest.fixture
def app(localnet: LocalnetInfo, tmp_path: Path) -> Iterator[HeadlessApp]:
    layout = Layout(tmp_path / "data", localnet.layout.cache)
    running = HeadlessApp(layout, localnet.layout.localnet, moniker="heron")
    running.start()
    yield running
    running.clean_up()
    print(running.told())
    print("\n".join(tail(layout.logs / "app.log", 30)))
    print("\n".join(tail(layout.logs / "orchestrator.log", 30)))


@dataclass
class Portal:
    """A page of the portal and what stands around it."""

    page: Page
    context: BrowserContext
    url: str
    wallet: WalletPage
    folder: Path | None
    faults: list[str]
    shots: int = 0

    async def shot(self, name: str) -> None:
        """Keep a picture of the whole page, where pictures are asked for."""
        if self.folder is None:
            return
        self.shots += 1
        path = self.folder / f"{self.shots:02}-{name}.png"
        await self.page.screenshot(path=path, full_page=True)

    async def shot_everywhere(self, name: str) -> None:
        """Look at the page on a phone; keep pictures of both widths, in light and dark."""
        await self.shot(name)
        if self.folder is not None:
            await self.page.emulate_media(color_scheme="dark")
            await self.shot(f"{name}-dark")
        await self.page.set_viewport_size(PHONE)
        await self.shot(f"{name}-phone-dark")
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{name} scrolls sideways on a phone"
        await self.page.set_viewport_size(WIDE)
        await self.page.emulate_media(color_scheme="light")

    def heading(self, text: str) -> Any:
        return expect(self.page.get_by_role("heading", name=text, level=1))

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
async def portal(app: HeadlessApp, localnet: LocalnetInfo, tmp_path: Path) -> AsyncIterator[Portal]:
    await app.until("running", 300)
    port = app.settings.orchestrator.port
    wallet = WalletPage(Wallet(str(tmp_path)), localnet.chain_id)
    async with chromium(f"--ip-address-space-overrides=127.0.0.1:{port}=public") as browser:
        context = await browser.new_context(viewport=WIDE)
        await wallet.install(context)
        page = await context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security" in message.text else None
            ),
        )
        outside: list[str] = []
        page.on("request", lambda request: outside.append(request.url))
        yield Portal(page, context, f"http://localhost:{port}", wallet, shots_folder(), faults)
        assert faults == []
        own = (f"http://localhost:{port}/", f"{app.bridge}/")
        assert [url for url in outside if not url.startswith(own)] == []


async def jail_words(localnet: LocalnetInfo) -> re.Pattern[str]:
    """What the review has to say about being offline, by the chain's own parameters."""
    async with httpx.AsyncClient(base_url=localnet.rest_url) as client:
        params = (await client.get("/cosmos/slashing/v1beta1/params")).json()["params"]
    window = int(params["signed_blocks_window"])
    jailed_at = window - round(window * float(params["min_signed_per_window"])) + 1
    share = float(params["slash_fraction_downtime"]) * 100
    return re.compile(
        rf"Missing {jailed_at} of {window} blocks \(about \d+ s offline\) costs {share:g}\s%"
    )


async def on_chain(localnet: LocalnetInfo, operator: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=localnet.rest_url) as client:
        answer = await client.get(f"/cosmos/staking/v1beta1/validators/{operator}")
    return dict(answer.json()["validator"])


async def allow(portal: Portal, app: HeadlessApp) -> None:
    """Allow in the app what the page shows: the codes have to be the same."""
    code = await portal.page.locator(".codes").get_attribute("data-code")
    assert code is not None
    assert code in app.run("pairings", "list").stdout
    app.run("pairings", "allow", code)


async def test_from_a_wallet_to_a_validator_into_jail_and_back(
    portal: Portal, app: HeadlessApp, localnet: LocalnetInfo
) -> None:
    page, wallet = portal.page, portal.wallet

    # The first page, and a wallet that is empty on this chain.
    await page.goto(f"{portal.url}/")
    await portal.heading("Run a validator of").to_be_visible()
    await portal.shot_everywhere("landing")
    await page.get_by_role("main").get_by_role("link", name="Become a validator").click()
    wallet.refuses = {"enable"}
    await portal.press("Connect Keplr")
    await expect(page.get_by_role("alert")).to_contain_text("You refused in Keplr.")
    wallet.refuses = set()
    await portal.press("Connect Keplr")
    await expect(page.get_by_role("main")).to_contain_text("The account is empty on this chain.")
    await portal.shot("wallet-empty")
    assert wallet.suggested is not None
    assert wallet.suggested["stakeCurrency"]["coinMinimalDenom"] == "omniphi"
    await fund(localnet.layout, wallet.wallet.address, FUNDS)
    await page.reload()
    await expect(page.get_by_role("main")).to_contain_text("20,000 OMNI")
    await portal.shot_everywhere("wallet")
    await portal.press("Continue")

    # The browser's question gets no Allow: that is told apart from an app that is not there.
    await portal.press("Look for the app")
    await portal.heading("Your browser does not let this site reach the app.").to_be_visible()
    await portal.shot_everywhere("browser-refused")
    await portal.context.grant_permissions(["local-network-access"])
    await portal.press("Try again")
    await portal.heading("We found your app.").to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("heron")
    await portal.shot_everywhere("found")
    await allow(portal, app)
    await portal.heading("Your app is paired.").to_be_visible()
    await expect(page.get_by_role("main")).to_contain_text("not registered")
    await portal.shot("paired")
    await portal.press("Continue")

    # Values that the chain would refuse are told at their fields.
    await portal.heading("Details of your validator").to_be_visible()
    await expect(page.get_by_label("Name")).to_have_value("heron")
    await page.get_by_label("Name").fill("n" * 71)
    await page.get_by_label("You lock").fill("20001")
    await page.get_by_label("Commission", exact=True).fill("4")
    await portal.press("Continue")
    await expect(page.locator("#field-moniker-fault")).to_have_text("71 bytes; the chain takes 70.")
    await expect(page.locator("#field-amount-fault")).to_have_text("Your wallet has 20,000 OMNI.")
    await portal.shot_everywhere("details-wrong")
    await page.get_by_label("Name").fill("heron")
    await page.get_by_label("You lock").fill("1,000")
    await portal.press("Continue")
    await expect(page.locator("#field-commissionRate-fault")).to_contain_text("no less than 5 %")
    await page.get_by_label("Commission", exact=True).fill("10")
    await page.get_by_label("Website").fill("https://heron.example")
    await portal.press("Continue")

    # The review says what is signed; a refusal in the wallet sends nothing.
    await portal.heading("Create validator “heron”").to_be_visible()
    review = page.locator(".rows")
    for words in ("1,000 OMNI", "10 % commission", "Never above 20 %", "It is the same."):
        await expect(review).to_contain_text(words)
    await expect(page.get_by_role("main")).to_contain_text(await jail_words(localnet))
    await portal.shot_everywhere("sign")
    await page.get_by_text("Show the exact message").click()
    document = json.loads(await page.locator("pre").inner_text())
    assert document["body"]["messages"][0]["@type"].endswith("MsgCreateValidator")
    wallet.refuses = {"direct"}
    await portal.press("Sign with Keplr")
    await expect(page.get_by_role("alert")).to_contain_text("Nothing was signed or sent.")
    wallet.refuses = set()
    await portal.press("Sign with Keplr")
    await portal.heading("“heron” is on its way.").to_be_visible(timeout=CHAIN_MS)
    await portal.shot("on-its-way")
    await portal.heading("“heron” is active.").to_be_visible(timeout=CHAIN_MS)
    await portal.shot_everywhere("active")

    # The chain says the same: in the set, with our key, and signing.
    pubkey = str(app.status()["consensusPubkey"]["key"])
    operator = re.search(r"omnivaloper1\w+", await page.get_by_role("main").inner_text())
    assert operator is not None
    seen = await on_chain(localnet, operator.group())
    assert seen["status"] == "BOND_STATUS_BONDED"
    assert seen["tokens"] == str(1_000 * OMNI)
    assert seen["consensus_pubkey"]["key"] == pubkey
    address = ConsensusPublicKey.from_base64(pubkey).address
    await eventually("a signature", lambda: voted_since(localnet.rpc_url, address, 0), 30)

    # The dashboard: figures, and more stake.
    await page.get_by_role("link", name="Go to the dashboard").click()
    await expect(page.locator(".sentence")).to_contain_text("Signing.", timeout=CHAIN_MS)
    await expect(page.locator("#app-card")).to_contain_text("registered", timeout=CHAIN_MS)
    await expect(page.locator(".tiles")).to_contain_text("up ", timeout=CHAIN_MS)
    await portal.shot_everywhere("dashboard")
    await portal.press("Delegate…")
    await page.get_by_role("dialog").get_by_label("You lock").fill("500.5")
    await sign_in_dialog(portal, "The stake is raised.")
    assert (await on_chain(localnet, operator.group()))["tokens"] == str(1_500_500_000)

    # Stopped from here, once the app allows that too, until the chain jails it; meanwhile the
    # profile is changed and the earnings are taken.
    await portal.press("Allow start and stop…")
    await expect(page.locator(".codes")).to_be_visible()
    await portal.shot("ask-control")
    await allow(portal, app)
    await portal.press("Stop. Blocks will be missed")
    sentence = page.locator(".sentence")
    await expect(sentence).to_contain_text("The last block is not signed.", timeout=CHAIN_MS)
    await portal.press("Edit profile and commission…")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Commission", exact=True).fill("11")
    await dialog.get_by_role("button", name="Continue").click()
    # A rule of the chain (x/staking): the commission stays for its first day.
    await expect(dialog.get_by_role("alert").last).to_contain_text("once in 24h", timeout=CHAIN_MS)
    await portal.shot("edit-commission-refused")
    await dialog.get_by_label("Commission", exact=True).fill("10")
    await dialog.get_by_label("Name").fill("grey heron")
    await sign_in_dialog(portal, "The profile is changed.")
    assert (await on_chain(localnet, operator.group()))["description"]["moniker"] == "grey heron"
    await portal.press("Withdraw…")
    await sign_in_dialog(portal, "Rewards and commission are in your wallet.")
    await expect(page.locator(".sentence")).to_contain_text("Jailed.", timeout=CHAIN_MS)
    await expect(page.locator("#next-unjail")).to_be_disabled()
    await portal.shot_everywhere("jailed")
    await portal.press("Start")
    await expect(page.locator("#app-card")).to_contain_text("in step", timeout=CHAIN_MS)

    # Back: offered when the jail is over and the node can sign.
    await expect(page.locator("#next-unjail")).to_be_enabled(timeout=CHAIN_MS)
    await portal.shot("may-come-back")
    mark = await newest_height(localnet.rpc_url)
    await portal.press("Unjail…")
    await sign_in_dialog(portal, "The validator is out of jail.")
    await expect(page.locator(".sentence")).to_contain_text("Signing", timeout=CHAIN_MS)
    await portal.shot_everywhere("back")
    await eventually("a signature again", lambda: voted_since(localnet.rpc_url, address, mark), 30)
    assert wallet.asked.count("direct") == 1 + 1 + 4, "one refusal, five transactions"


async def sign_in_dialog(portal: Portal, done: str) -> None:
    """From the filled form to the block."""
    dialog = portal.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Continue").click()
    await expect(dialog.locator(".rows")).to_be_visible(timeout=CHAIN_MS)
    await portal.shot("dialog")
    await dialog.get_by_role("button", name="Sign with Keplr").click()
    await expect(dialog.locator(".done")).to_contain_text(done, timeout=CHAIN_MS)
    await dialog.get_by_role("button", name="Close").click()
