# SPDX-License-Identifier: Apache-2.0
"""Every endpoint against everybody: nobody, another wallet, the owner, an operator."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bridge.device import DeviceKey
from bridge.orchestrator.db.columns import now
from bridge.orchestrator.db.tables import CloudNode, NodeLog, WalletSession
from bridge.web.routes import Route
from node_manager.layout import Layout
from tests.unit.bridge.orchestrator.conftest import V1, Client, client_of
from tests.unit.bridge.orchestrator.test_heartbeats import KEY, beat_of
from tests.unit.bridge.orchestrator.test_setups import deployed, wish_of
from tests.unit.bridge.orchestrator.wallet import Wallet

WHO = ("nobody", "other", "owner", "operator")


@dataclass(frozen=True, slots=True)
class Act:
    """One endpoint and what each of WHO gets."""

    method: str
    path: str
    body: object
    expected: tuple[int, int, int, int]


ACTS = [
    Act("GET", V1 + "/setup-requests/{id}", None, (200, 200, 200, 200)),
    Act("GET", V1 + "/by-wallet/{wallet}", None, (200, 200, 200, 200)),
    Act("GET", V1 + "/heartbeat/{key}", None, (200, 200, 200, 200)),
    Act("GET", "/api/v1/health", None, (200, 200, 200, 200)),
    Act("GET", "/livez", None, (200, 200, 200, 200)),
    Act("GET", "/readyz", None, (200, 200, 200, 200)),
    Act("GET", "/openapi.json", None, (200, 200, 200, 200)),
    Act("GET", "/docs", None, (200, 200, 200, 200)),
    Act("POST", "/api/v1/auth/nonce", {"walletAddress": "{wallet}"}, (201, 201, 201, 201)),
    Act("POST", V1 + "/setup-requests", "wish", (401, 403, 201, 201)),
    Act("POST", V1 + "/setup-requests/{id}/cancel", {}, (401, 403, 200, 200)),
    Act("POST", V1 + "/setup-requests/{local}/consensus-pubkey", "key", (401, 403, 200, 403)),
    Act("POST", V1 + "/stop", {"setupRequestId": "{id}"}, (401, 403, 200, 403)),
    Act("POST", V1 + "/redeploy", {"setupRequestId": "{id}"}, (401, 403, 200, 403)),
    Act("POST", V1 + "/heartbeat", "beat", (401, 401, 401, 401)),
    Act("POST", V1 + "/heartbeat/{key}/device", "device", (401, 403, 200, 403)),
    Act("GET", "/api/v1/operator/setup-requests", None, (401, 403, 403, 200)),
    Act("GET", "/api/v1/operator/audit", None, (401, 403, 403, 200)),
    Act("GET", "/metrics", None, (401, 403, 403, 200)),
    Act("GET", V1 + "/setup-requests/{id}/logs", None, (401, 403, 200, 200)),
    Act("DELETE", "/api/v1/auth/session", None, (401, 200, 200, 403)),
    # What these need is the wallet's signature in the body; here it is empty.
    Act("POST", "/api/v1/auth/session", {}, (422, 422, 422, 422)),
    Act("POST", V1 + "/transactions", {}, (422, 422, 422, 422)),
    Act("POST", V1 + "/transactions/broadcast", {}, (422, 422, 422, 422)),
    # Open to all; 503 because this service has no chain to ask.
    Act("GET", V1 + "/transactions/{hash}", None, (503, 503, 503, 503)),
    Act("GET", "/api/v1/portal/wallets/{wallet}", None, (503, 503, 503, 503)),
    Act("GET", "/api/v1/portal/wallets/{wallet}/events", None, (200, 200, 200, 200)),
    Act("GET", "/api/v1/portal/network", None, (200, 200, 200, 200)),
    Act("GET", "/docs/start.js", None, (200, 200, 200, 200)),
    Act("GET", "/docs/{style}", None, (200, 200, 200, 200)),
    Act("GET", "/", None, (200, 200, 200, 200)),
    Act("GET", "/wizard", None, (200, 200, 200, 200)),
    Act("GET", "/dashboard", None, (200, 200, 200, 200)),
    Act("GET", "/portal/{mark}", None, (200, 200, 200, 200)),
]
_PLACE = re.compile(r"{[^}]+}")


class Scene:
    """Alice owns a cloud and a local validator; Mallory owns nothing; Anna operates."""

    def __init__(self, client: Client, alice: Wallet, device: DeviceKey) -> None:
        self.client = client
        self.alice = alice
        self.device = device
        self.names: dict[str, str] = {}
        self.tokens: dict[str, str] = {}

    async def prepare(self, mallory: Wallet) -> None:
        client = self.client
        owner = await client.sign_in(self.alice)
        self.tokens = {
            "nobody": "",
            "other": await client.sign_in(mallory),
            "owner": owner,
            "operator": await client.orchestrator.operators.create("anna"),
        }
        cloud = await client.post(f"{V1}/setup-requests", wish_of(self.alice), owner)
        local = await client.post(
            f"{V1}/setup-requests", wish_of(self.alice, runMode="local"), owner
        )
        self.names = {
            "id": cloud.body["setupRequest"]["id"],
            "local": local.body["setupRequest"]["id"],
            "wallet": self.alice.address,
            "key": KEY,
            "hash": "A" * 64,
            "style": "swagger-ui.css",
            "mark": "mark.svg",
        }
        await deployed(client, self.names["id"])
        await self._log_read()
        await client.beat(self.device, **beat_of(self.alice))

    async def _log_read(self) -> None:
        """As a worker leaves it; new for the length of a test."""
        async with self.client.orchestrator.database.sessions.begin() as session:
            node = await session.scalar(select(CloudNode.id))
            session.add(NodeLog(node_id=node, lines=["block 1"], read_at=now() + timedelta(1)))

    async def ask(self, act: Act, who: str) -> int:
        path = act.path.format(**self.names)
        if act.method != "POST":
            # The answer's head alone: one of them is a stream without an end.
            headers = {"Authorization": f"Bearer {token}"} if (token := self.tokens[who]) else {}
            url = self.client.url + path
            async with self.client.session.request(act.method, url, headers=headers) as answer:
                return answer.status
        body: object = act.body
        if isinstance(body, str):
            body = {
                "wish": wish_of(self.alice),
                "key": {"consensusPubkey": KEY},
                "beat": beat_of(self.alice),
                "device": {"deviceKey": KEY},
            }[body]
        elif isinstance(body, dict):
            body = {name: value.format(**self.names) for name, value in body.items()}
        return (await self.client.post(path, body, self.tokens[who])).status


@pytest.fixture
async def client(database_url: str, layout: Layout) -> AsyncIterator[Client]:
    """With everything it can serve: the portal, too."""
    async with client_of(database_url, layout) as made:
        yield made


@pytest.fixture
async def scene(client: Client, alice: Wallet, mallory: Wallet, device: DeviceKey) -> Scene:
    made = Scene(client, alice, device)
    await made.prepare(mallory)
    return made


@pytest.mark.parametrize("act", ACTS, ids=lambda act: f"{act.method} {act.path}")
async def test_everybody_gets_what_is_theirs(scene: Scene, act: Act) -> None:
    # The owner comes last but one: what they change must not decide the answers before.
    found = {who: await scene.ask(act, who) for who in ("nobody", "other")}
    if act.path.endswith("/cancel"):
        found["owner"] = await scene.ask(act, "owner")
        scene.names["id"] = scene.names["local"]
        found["operator"] = await scene.ask(act, "operator")
    else:
        found["operator"] = await scene.ask(act, "operator")
        found["owner"] = await scene.ask(act, "owner")
    assert tuple(found[who] for who in WHO) == act.expected


async def test_no_endpoint_is_left_out(client: Client) -> None:
    """None of those that are served, and none of those that the document names."""
    acts = {shape_of(act) for act in ACTS}
    assert acts == answered_by(client)
    paths = (await client.get("/openapi.json")).body["paths"]
    named = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert {(method, _PLACE.sub("{}", path)) for method, path in named} <= acts


def test_the_document_says_who_may(client: Client) -> None:
    """`needs` of a route is what the OpenAPI document tells of it."""
    served = {shape_of(route): route for route in client.orchestrator.routes()}
    for act in ACTS:
        nobody, _, owner, operator = act.expected
        needs = served[shape_of(act)].needs
        if needs == ("device",):
            continue  # not a caller's: the signature is the heartbeat's own
        assert bool(needs) is (nobody == 401), act
        if needs:
            assert ("wallet" in needs) is (owner < 300), act
            assert ("operator" in needs) is (operator < 300), act


async def test_the_portals_figures_are_in_the_document(client: Client) -> None:
    described = set((await client.get("/openapi.json")).body["paths"])
    figures = {r.path for r in client.orchestrator.routes() if r.path.startswith("/api/v1/portal")}
    assert figures
    assert figures <= described


def answered_by(client: Client) -> set[tuple[str, str]]:
    """What the running application routes, whoever added it."""
    runner = client.orchestrator._runner
    assert runner is not None
    found = set()
    for route in runner.app.router.routes():
        assert route.resource is not None
        found.add((route.method, _PLACE.sub("{}", route.resource.canonical)))
    return found


def shape_of(one: Act | Route) -> tuple[str, str]:
    """Method and path without the names of its places."""
    return one.method, _PLACE.sub("{}", one.path)


async def test_a_session_ends(scene: Scene) -> None:
    owner = scene.tokens["owner"]
    async with scene.client.orchestrator.database.sessions.begin() as session:
        await session.execute(update(WalletSession).values(expires_at=now()))
    assert (await scene.client.post(f"{V1}/setup-requests", {}, owner)).status == 401


async def test_signing_out_ends_a_session(scene: Scene) -> None:
    owner = scene.tokens["owner"]
    headers = {"Authorization": f"Bearer {owner}"}
    url = f"{scene.client.url}/api/v1/auth/session"
    async with scene.client.session.delete(url, headers=headers) as response:
        assert response.status == 200
    assert (await scene.client.post(f"{V1}/setup-requests", {}, owner)).status == 401


async def test_an_operator_s_route_asks_for_a_key_not_for_a_wallet(scene: Scene) -> None:
    found = await scene.client.get("/api/v1/operator/audit")
    assert (found.status, found.body["code"]) == (401, "operator-key-needed")
    assert "orchestrator key create" in found.body["todo"]
    assert found.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_key_no_longer_holds(scene: Scene) -> None:
    assert await scene.client.orchestrator.operators.revoke("anna")
    found = await scene.client.get("/api/v1/operator/audit", scene.tokens["operator"])
    assert found.status == 401


async def session_for(client: Client, wallet: Wallet, signer: Wallet, **changes: str) -> int:
    asked = await client.post("/api/v1/auth/nonce", {"walletAddress": wallet.address})
    body = {
        "walletAddress": wallet.address,
        "nonce": asked.body["nonce"],
        "pubKey": signer.public_text,
        "signature": signer.sign_text(asked.body["message"]),
        **changes,
    }
    return (await client.post("/api/v1/auth/session", body)).status


async def test_another_wallet_s_signature_gives_no_session(
    client: Client, alice: Wallet, mallory: Wallet
) -> None:
    assert await session_for(client, alice, alice) == 201
    assert await session_for(client, alice, mallory) == 401
    assert await session_for(client, alice, alice, pubKey=mallory.public_text) == 401
    assert await session_for(client, alice, alice, nonce="x" * 32) == 401
    junk = base64.b64encode(b"\x00" * 64).decode()
    assert await session_for(client, alice, alice, signature=junk) == 401


async def test_a_nonce_is_used_once(client: Client, alice: Wallet) -> None:
    asked = await client.post("/api/v1/auth/nonce", {"walletAddress": alice.address})
    body = {
        "walletAddress": alice.address,
        "nonce": asked.body["nonce"],
        "pubKey": alice.public_text,
        "signature": alice.sign_text(asked.body["message"]),
    }
    assert (await client.post("/api/v1/auth/session", body)).status == 201
    assert (await client.post("/api/v1/auth/session", body)).status == 401


async def test_what_is_signed_names_the_service_and_the_wallet(
    client: Client, alice: Wallet
) -> None:
    asked = await client.post("/api/v1/auth/nonce", {"walletAddress": alice.address})
    assert client.orchestrator.settings.public_url in asked.body["message"]
    assert alice.address in asked.body["message"]
    assert "moves no funds" in asked.body["message"]
