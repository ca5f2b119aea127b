# SPDX-License-Identifier: Apache-2.0
"""What packaging/docker says agrees with what the service has: figures, settings, commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bridge.device import DeviceKey
from bridge.orchestrator.providers.docker.settings import DockerSettings
from bridge.orchestrator.settings import Settings, load_settings
from tests.unit.bridge.orchestrator.conftest import client_of
from tests.unit.bridge.orchestrator.test_heartbeats import beat_of
from tests.unit.bridge.orchestrator.wallet import Wallet

FOLDER = Path(__file__).resolve().parents[4] / "packaging" / "docker"
PREFIX = "ONECLICK_ORCHESTRATOR_"


FIGURE = re.compile(r"(oneclick_orchestrator_\w+)(?:{([^}]*)})?")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')
Series = dict[str, list[dict[str, str]]]


@pytest.fixture
async def served(tmp_path: Path, alice: Wallet, device: DeviceKey) -> Series:
    """The labels of each series that a service exports after a taken and a refused heartbeat."""
    async with client_of(f"sqlite:///{tmp_path / 'orchestrator.sqlite'}") as client:
        assert (await client.beat(device, **beat_of(alice))).status == 200
        assert (await client.beat(device, wrong=1)).status == 422
        key = await client.orchestrator.operators.create("prometheus")
        text = (await client.get("/metrics", key)).body
    found: Series = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def asked_for(name: str) -> list[tuple[str, str]]:
    """Each expression of a file with the labels that its legend shows."""
    text = (FOLDER / name).read_text()
    if name.endswith(".yaml"):
        rules = yaml.safe_load(text)["groups"][0]["rules"]
        return [(rule["expr"], "") for rule in rules]
    panels = json.loads(text)["panels"]
    return [
        (target["expr"], target.get("legendFormat", ""))
        for panel in panels
        for target in panel["targets"]
    ]


@pytest.mark.parametrize("name", ["alerts.yaml", "grafana/dashboards/orchestrator.json"])
async def test_every_figure_and_label_that_is_watched_is_served(name: str, served: Series) -> None:
    figures = 0
    for expression, legend in asked_for(name):
        shown = set(re.findall(r"{{(\w+)}}", legend))
        shown |= set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", expression))))
        for figure, matchers in FIGURE.findall(expression):
            figures += 1
            assert figure in served, expression
            assert all(shown <= set(labels) for labels in served[figure]), expression
            for label, kind, value in MATCHER.findall(matchers):
                found = {labels.get(label) for labels in served[figure]}
                assert None not in found, (expression, label)
                # How many requests fail is another day's; every other word is there from the start.
                if (figure, label) != ("oneclick_orchestrator_requests_total", "status"):
                    words = value.split("|") if kind == "=~" else [value]
                    assert all(any(re.fullmatch(w, str(f)) for f in found) for w in words)
    assert figures > 3


def test_each_part_finds_the_next() -> None:
    """Prometheus the service, its key and its rules; Grafana Prometheus and the dashboard."""

    def read(name: str) -> Any:
        return yaml.safe_load((FOLDER / name).read_text())

    services = read("compose.yaml")["services"]
    mounts = {
        name: dict(mount.split(":")[:2][::-1] for mount in services[name]["volumes"])
        for name in ("prometheus", "grafana")
    }
    scraper = read("prometheus.yaml")
    (job,) = scraper["scrape_configs"]
    (rules,) = scraper["rule_files"]
    assert mounts["prometheus"][rules] == "./alerts.yaml"
    port = services["orchestrator"]["environment"][f"{PREFIX}PORT"]
    assert job["static_configs"] == [{"targets": [f"orchestrator:{port}"]}]
    secret = Path(job["authorization"]["credentials_file"])
    assert secret.parent == Path("/run/secrets")
    assert services["prometheus"]["secrets"] == [secret.name]
    assert f'job="{job["job_name"]}"' in (FOLDER / "alerts.yaml").read_text()

    (source,) = read("grafana/provisioning/datasources/prometheus.yaml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = read("grafana/provisioning/dashboards/orchestrator.yaml")["providers"]
    assert mounts["grafana"][provider["options"]["path"]] == "./grafana/dashboards"
    dashboard = json.loads((FOLDER / "grafana/dashboards/orchestrator.json").read_text())
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
    for one, other in (("prometheus", "orchestrator"), ("grafana", "prometheus")):
        assert set(services[one]["networks"]) & set(services[other]["networks"])


def test_the_dashboard_has_no_panel_without_a_figure() -> None:
    panels = json.loads((FOLDER / "grafana/dashboards/orchestrator.json").read_text())["panels"]
    assert len(panels) == len({panel["id"] for panel in panels})
    assert all(target["expr"] for panel in panels for target in panel["targets"])


def test_the_keys_file_is_private_by_its_folder() -> None:
    """Compose mounts it as it is, and Prometheus, who reads it, is no root."""
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    file = Path(compose["secrets"]["prometheus_key"]["file"])
    told = (FOLDER / "README.md").read_text()
    assert f"chmod 644 {file}" in told
    assert f"mkdir -m 700 {file.parent}" in told


@pytest.mark.parametrize("name", [".env.example", "compose.yaml"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(rf"^\s*{PREFIX}(\w+)\s*[=:]", (FOLDER / name).read_text(), re.M))
    known = {field.upper() for field in Settings.model_fields}
    known |= {f"DOCKER_{field.upper()}" for field in DockerSettings.model_fields}
    assert named
    assert named <= known


def test_the_example_can_be_used_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings(FOLDER / ".env.example")
    assert settings.network == "omniphi-testnet-2"
    assert settings.behind_tls_proxy
    settings.model_copy(update={"host": "0.0.0.0"}).check_exposure()


def test_prometheus_takes_the_rules() -> None:
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool (Debian package prometheus) is not installed")
    done = subprocess.run([promtool, "check", "rules", "alerts.yaml"], cwd=FOLDER,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
