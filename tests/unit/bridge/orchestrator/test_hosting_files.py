# SPDX-License-Identifier: Apache-2.0
"""What packaging/docker says agrees with what the service has: figures, settings, commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bridge.orchestrator.api.metrics import Metrics
from bridge.orchestrator.db.database import Database
from bridge.orchestrator.db.migrate import migrate
from bridge.orchestrator.providers.docker.settings import DockerSettings
from bridge.orchestrator.settings import Settings, load_settings

FOLDER = Path(__file__).resolve().parents[4] / "packaging" / "docker"
PREFIX = "ONECLICK_ORCHESTRATOR_"


async def exported(tmp_path: Path) -> set[str]:
    database = Database(f"sqlite:///{tmp_path / 'o.sqlite'}")
    await migrate(database)
    text = (await Metrics().exposition(database)).decode()
    await database.close()
    families = list(text_string_to_metric_families(text))
    kinds = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {f"{one.name}{end}" for one in families for end in kinds[one.type]}


@pytest.mark.parametrize("name", ["alerts.yaml", "grafana/dashboards/orchestrator.json"])
async def test_every_figure_that_is_watched_is_exported(name: str, tmp_path: Path) -> None:
    text = (FOLDER / name).read_text()
    watched = set(re.findall(r"oneclick_orchestrator_\w+", text))
    assert watched
    assert watched <= await exported(tmp_path)


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
