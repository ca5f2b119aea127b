# SPDX-License-Identifier: Apache-2.0
"""The portal's files: only ours, only from here, nothing that could run a foreign script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from yarl import URL

from bridge.orchestrator.portal.files import PAGES, policy, read_files
from node_manager.networks.bundled import resources

FOLDER = resources() / "portal"
FILES = read_files(FOLDER)
SCRIPTS = sorted(name for name in FILES if name.endswith(".js"))


def text(name: str) -> str:
    return FILES[name].content.decode()


@pytest.mark.parametrize("path", PAGES)
async def test_pages_come_with_the_policy(site: TestServer, path: str) -> None:
    async with ClientSession() as client, client.get(site.make_url(path)) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        told = answer.headers["Content-Security-Policy"]
    assert told == policy(15000)
    assert "default-src 'none'" in told
    assert "unsafe" not in told
    assert "connect-src 'self' http://127.0.0.1:15000 http://localhost:15000;" in told


async def test_an_unchanged_file_is_not_sent_again(site: TestServer) -> None:
    url = site.make_url("/portal/css/base.css")
    async with ClientSession() as client:
        async with client.get(url) as first:
            tag = first.headers["ETag"]
        async with client.get(url, headers={"If-None-Match": tag}) as second:
            assert (second.status, await second.read()) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/portal/../server.py",
        "/portal/..%2f..%2fnetworks%2flocalnet%2fchain.json",
        "/portal/%2e%2e/%2e%2e/pyproject.toml",
        "/portal//etc/passwd",
        "/portal/css",
        "/portal/js/nothing.js",
        "/portal/%00",
    ],
)
async def test_what_is_not_in_the_table_is_not_served(site: TestServer, path: str) -> None:
    url = URL(str(site.make_url("/")).rstrip("/") + path, encoded=True)
    async with ClientSession() as client, client.get(url) as answer:
        assert answer.status == 404


def test_pages_hold_no_script_or_style_of_their_own() -> None:
    for name in PAGES.values():
        page = text(name)
        assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
        assert "<style" not in page
        assert re.findall(r"\s(?:style|on\w+)=", page) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_make_no_html_from_text_and_name_no_other_site(name: str) -> None:
    script = text(name)
    for sink in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert sink not in script
    # An XML namespace is a name, and the app on this computer is allowed by the policy.
    script = script.replace("http://www.w3.org/2000/svg", "").replace("http://${this.address}", "")
    assert re.findall(r"https?://", script) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_import_leads_to_a_file_that_is_served(name: str) -> None:
    for target in re.findall(r'from "(\.[^"]+)"', text(name)):
        found = (FOLDER / Path(name).parent / target).resolve()
        assert found.relative_to(FOLDER.resolve()).as_posix() in FILES
