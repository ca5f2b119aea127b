# SPDX-License-Identifier: Apache-2.0
"""Which image runs: what a tag stood for first, and nothing else until the person says so."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from bridge.cli.dv_words import lines
from node_manager.obol.images.errors import ImageChanged, ImagePinsUnreadable
from node_manager.obol.images.pins import pinned
from node_manager.obol.images.sources import client_image, image_for, with_digest
from node_manager.obol.settings import ClientKind
from node_manager.obol.standing import Standing
from tests.helpers import dv_samples

TAG = "makers/charon:v1.10.3"
OLD, NEW = (f"makers/charon@sha256:{digit * 64}" for digit in "ab")


class Registry:
    """A Docker client's images, and what a registry would give; the boundary we do not own."""

    def __init__(self) -> None:
        self.here: dict[str, str] = {}
        self.serves: dict[str, str] = {}
        self.pulled: list[str] = []
        self.images = self

    def get(self, name: str) -> Any:
        known = {**self.here, **{one: one for one in self.here.values()}}
        if name not in known:
            raise ImageNotFound(name)
        identity = known[name]
        digests = [identity] if "@" in identity else []
        return SimpleNamespace(id=f"sha256:{identity[-64:]}", attrs={"RepoDigests": digests})

    def pull(self, name: str) -> None:
        self.pulled.append(name)
        if name in self.serves:
            self.here[name] = self.serves[name]
        elif name in self.serves.values():
            self.here[name] = name
        else:
            raise APIError(f"not found: {name}")


def registry(identity: str) -> Registry:
    one = Registry()
    one.serves[TAG] = identity
    return one


def test_the_first_pull_pins_the_digest_and_later_starts_run_it(tmp_path: Path) -> None:
    client: Any = registry(OLD)
    assert image_for(client, tmp_path, "charon", TAG) == OLD
    assert pinned(tmp_path)["charon"].identity == OLD
    assert image_for(client, tmp_path, "charon", TAG) == OLD
    assert client.pulled == [TAG]


def test_a_pin_tells_digest_and_time_and_one_of_an_earlier_version_no_time(
    tmp_path: Path,
) -> None:
    began = time.time()
    image_for(registry(OLD), tmp_path, "charon", TAG)  # type: ignore[arg-type]
    one = pinned(tmp_path)["charon"]
    assert one.digest == f"sha256:{'a' * 64}"
    assert one.pinned_at is not None and began <= one.pinned_at <= time.time()
    early = {"charon": {"reference": TAG, "identity": OLD}}
    (tmp_path / "images.json").write_text(json.dumps(early))
    assert image_for(registry(OLD), tmp_path, "charon", TAG) == OLD  # type: ignore[arg-type]
    assert pinned(tmp_path)["charon"].pinned_at is None


def test_status_tells_the_images_in_words_and_as_json(tmp_path: Path) -> None:
    status = replace(dv_samples.running(), images=dv_samples.contained().images)
    told = "\n".join(lines(status))
    assert "charon: obolnetwork/charon:v1.10.3" in told and dv_samples.DIGESTS[0] in told
    assert f"{dv_samples.DIGESTS[1]}, pinned at an unknown time" in told
    row = json.loads(json.dumps(Standing(status, {}).as_json()))["images"][0]
    assert (row["name"], row["digest"]) == ("charon", dv_samples.DIGESTS[0])


def test_a_tag_that_moved_does_not_change_what_runs(tmp_path: Path) -> None:
    client: Any = registry(OLD)
    image_for(client, tmp_path, "charon", TAG)
    client.here[TAG + "-old"] = OLD
    client.here[TAG] = NEW
    assert image_for(client, tmp_path, "charon", TAG) == OLD


def test_what_was_removed_is_fetched_again_by_its_digest(tmp_path: Path) -> None:
    first: Any = registry(OLD)
    image_for(first, tmp_path, "charon", TAG)
    again: Any = registry(OLD)
    assert image_for(again, tmp_path, "charon", TAG) == OLD
    assert again.pulled == [OLD]


def test_another_image_under_the_name_is_refused_until_it_is_named(tmp_path: Path) -> None:
    image_for(registry(OLD), tmp_path, "charon", TAG)  # type: ignore[arg-type]
    moved: Any = registry(NEW)
    with pytest.raises(ImageChanged, match=NEW):
        image_for(moved, tmp_path, "charon", TAG)
    assert pinned(tmp_path)["charon"].identity == OLD
    assert image_for(moved, tmp_path, "charon", NEW) == NEW
    assert pinned(tmp_path)["charon"].identity == NEW


def test_another_tag_is_another_choice(tmp_path: Path) -> None:
    client: Any = registry(OLD)
    client.serves["makers/charon:v1.10.4"] = NEW
    image_for(client, tmp_path, "charon", TAG)
    assert image_for(client, tmp_path, "charon", "makers/charon:v1.10.4") == NEW


def test_an_image_that_came_from_no_registry_is_known_by_its_id(tmp_path: Path) -> None:
    client: Any = Registry()
    client.here["own:1"] = "c" * 64
    assert image_for(client, tmp_path, "charon", "own:1") == f"sha256:{'c' * 64}"


def test_pins_that_cannot_be_read_start_nothing(tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text("{")
    with pytest.raises(ImagePinsUnreadable):
        image_for(registry(OLD), tmp_path, "charon", TAG)  # type: ignore[arg-type]


def test_a_known_digest_takes_the_place_of_the_tag() -> None:
    digest = f"sha256:{'a' * 64}"
    assert with_digest(TAG, digest) == OLD
    assert with_digest("host:5000/makers/charon:v1", digest) == f"host:5000/makers/charon@{digest}"
    assert with_digest(TAG, "") == TAG


@pytest.mark.parametrize("kind", ClientKind.__args__)  # type: ignore[attr-defined]
def test_every_client_has_an_image(kind: str) -> None:
    assert ":" in client_image(kind).image
