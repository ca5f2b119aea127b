# SPDX-License-Identifier: Apache-2.0
"""The system's Chromium with a wallet in its pages; nothing is left running behind it."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from bridge.orchestrator.auth.adr36 import sign_bytes as text_bytes
from bridge.orchestrator.chain.messages import SignDoc, sign_bytes
from tests.unit.bridge.orchestrator.wallet import CHAIN, Wallet

CHROMIUM = Path("/usr/bin/chromium")
WALLET_SCRIPT = Path(__file__).with_name("keplr_page.js")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
)


def shots_folder() -> Path | None:
    """Where pictures of pages are kept: the folder ONECLICK_SHOTS names; without it there are none.

    A picture of a whole page takes a busy machine up to a second.
    """
    named = os.environ.get("ONECLICK_SHOTS")
    if not named:
        return None
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A headless Chromium; the test is skipped where the system has none."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        # Without a bus of its own every start would leave a D-Bus and a keyring daemon behind.
        environment = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": "disabled:"}
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *flags], env=environment
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class WalletPage:
    """The part of the wallet outside the page: it has the key and sees what it signs.

    Attributes:
        refuses: what the person refuses next, such as "direct".
        asked: every call of the pages, in order.
        suggested: the chain as the site described it.
    """

    wallet: Wallet
    chain_id: str
    refuses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    suggested: dict[str, Any] | None = None
    signed: list[SignDoc] = field(default_factory=list)

    async def install(self, context: BrowserContext) -> None:
        """Put the wallet into every page of `context`."""
        await context.expose_function("testWallet", self.answer)
        await context.add_init_script(path=WALLET_SCRIPT)

    def answer(self, text: str) -> str:
        """What the page's call comes to."""
        given = json.loads(text)
        act = given["act"]
        self.asked.append(act)
        if act in self.refuses:
            return json.dumps({"error": "Request rejected"})
        match act:
            case "suggest":
                self.suggested = given["chain"]
                return json.dumps({})
            case "enable" if given["chainId"] == self.chain_id:
                return json.dumps({})
            case "key" if given["chainId"] == self.chain_id:
                raw = CHAIN.account_bytes(self.wallet.address)
                told = {"raw": base64.b64encode(raw).decode(), "address": self.wallet.address}
                return json.dumps({**told, "pubKey": self.wallet.public_text})
            case "arbitrary" if given["signer"] == self.wallet.address:
                signature = self.wallet.sign(text_bytes(given["signer"], given["data"]))
            case "direct" if given["signer"] == self.wallet.address:
                signature = self._sign(given)
            case _:
                return json.dumps({"error": f"There is no chain or account for {act}"})
        return json.dumps(
            {
                "pubKey": self.wallet.public_text,
                "signature": base64.b64encode(signature).decode(),
            }
        )

    def _sign(self, given: dict[str, str]) -> bytes:
        if given["docChainId"] != self.chain_id or given["chainId"] != self.chain_id:
            raise AssertionError(f"another chain: {given}")
        doc = SignDoc(
            base64.b64decode(given["bodyBytes"]),
            base64.b64decode(given["authInfoBytes"]),
            given["docChainId"],
            int(given["accountNumber"]),
        )
        self.signed.append(doc)
        return self.wallet.sign(sign_bytes(doc))
