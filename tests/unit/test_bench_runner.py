# SPDX-License-Identifier: Apache-2.0
"""The bench runner finds its benches and prints figures as agreed."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.bench.__main__ import main, names
from tests.bench.report import Figure


def test_a_figure_is_one_json_line_with_the_agreed_fields() -> None:
    line = json.loads(Figure("x", 150.0, "MB/s", "curl", 100.0, conditions="here").line())
    assert line == {
        "figure": "x",
        "value": 150.0,
        "unit": "MB/s",
        "peer": "curl",
        "peer_value": 100.0,
        "ratio": 1.5,
        "conditions": "here",
    }


def test_without_a_peer_its_fields_are_null() -> None:
    line = json.loads(Figure("x", 1.0, "ms").line())
    assert line["peer"] is line["peer_value"] is line["ratio"] is None


def test_the_benches_are_known_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "download" in names()
    assert main(["nothing"]) == 2
    assert "download" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("curl") is None, reason="its peer is curl")
def test_a_bench_runs_and_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "--megabytes", "2", "--runs", "1"]) == 0
    figures = [json.loads(line)["figure"] for line in capsys.readouterr().out.splitlines()]
    assert figures == ["download_throughput", "unpack_throughput"]
