# SPDX-License-Identifier: Apache-2.0
"""All networks this app knows: imported ones first, then those that came with it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog

from node_manager.durable import make_private_folder, sync_folder, write_durably
from node_manager.layout import FOLDER_NAME, Layout
from node_manager.networks.answers import PERSON
from node_manager.networks.bundled import bundled_profiles
from node_manager.networks.errors import ProfileError, ProfileNotImported, ProfileUnknown
from node_manager.networks.profile import Origin, Profile
from node_manager.networks.reading import (
    CHAIN,
    parse_profile,
    read_answers,
    read_parts,
    write_answers,
)

log = structlog.get_logger(__name__)

LOCALNET = "localnet"
ANSWERS = "answers.json"


class Catalogue:
    """The profiles of this computer. Reads files when asked; keeps nothing in memory."""

    def __init__(self, layout: Layout, bundled: Path | None = None) -> None:
        self._layout = layout
        self._bundled = bundled or bundled_profiles()

    def profiles(self) -> list[Profile]:
        """Every readable profile: public networks by name, then those on this computer.

        One that cannot be read is left out and logged; `get` tells what is wrong with it.
        """
        found = []
        for identity in sorted(self._ids()):
            try:
                found.append(self.get(identity))
            except ProfileError as error:
                log.warning("profile left out", profile=identity, reason=str(error))
        return sorted(found, key=lambda profile: (profile.is_local, profile.display_name.lower()))

    def get(self, identity: str) -> Profile:
        """The profile `identity`, with the answers given to it.

        Raises:
            ProfileUnknown: there is none.
            ProfileInvalid: there is one, and it is wrong.
        """
        place = self._place(identity)
        if place is None:
            raise ProfileUnknown(name=identity, known=", ".join(sorted(self._ids())) or "none")
        folder, origin = place
        profile = parse_profile(
            read_parts(folder, identity), name=identity, origin=origin, identity=identity
        )
        at = self._imported(identity) or self._layout.profiles / identity
        answers = read_answers(at / ANSWERS)
        return replace(profile, answers=answers)

    def has(self, identity: str) -> bool:
        """Whether there is a profile of this name."""
        return self._place(identity) is not None

    def origin(self, identity: str) -> Origin | None:
        """Where the profile comes from, None when there is none."""
        place = self._place(identity)
        return None if place is None else place[1]

    def answer(self, identity: str, values: Mapping[str, str], *, said_by: str = PERSON) -> Profile:
        """Keep answers to what the profile lacks, and return it with them.

        Raises:
            ProfileUnknown: there is no such profile.
            ProfileInvalid: with every answer that is wrong; none is kept then.
            OSError: they could not be kept.
        """
        profile = self.get(identity).with_answers(values, said_by=said_by)
        make_private_folder(self._layout.profiles)
        folder = self._imported(identity) or self._layout.profiles / identity
        write_durably(make_private_folder(folder) / ANSWERS, write_answers(profile.answers))
        return profile

    def remove(self, identity: str) -> None:
        """Forget an imported profile and its answers. One that came with the app shows again.

        Raises:
            ProfileUnknown: there is no such profile.
            ProfileNotImported: it came with the app.
        """
        place = self._place(identity)
        if place is None:
            raise ProfileUnknown(name=identity, known=", ".join(sorted(self._ids())) or "none")
        if place[1] != "imported":
            raise ProfileNotImported(name=identity)
        shutil.rmtree(place[0])
        sync_folder(self._layout.profiles)

    def keep(self, identity: str, parts: Mapping[str, bytes]) -> None:
        """Write an imported profile durably and whole; answers given to it stay.

        Raises:
            OSError: it could not be written; the one before, if any, is still there.
        """
        make_private_folder(self._layout.profiles)
        folder = self._layout.profiles / identity
        new, old = self._beside(identity, "new"), self._beside(identity, "old")
        shutil.rmtree(new, ignore_errors=True)
        make_private_folder(new)
        for part, content in parts.items():
            write_durably(new / part, content)
        if (folder / ANSWERS).is_file():
            write_durably(new / ANSWERS, (folder / ANSWERS).read_bytes())
        if folder.is_dir():
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
        new.rename(folder)
        sync_folder(self._layout.profiles)
        shutil.rmtree(old, ignore_errors=True)

    def _beside(self, identity: str, suffix: str) -> Path:
        return self._layout.profiles / f".{identity}.{suffix}"

    def _imported(self, identity: str) -> Path | None:
        """The folder of an imported profile; a crash in `keep` leaves it beside its place."""
        for folder in (self._layout.profiles / identity, self._beside(identity, "old")):
            if (folder / CHAIN).is_file():
                return folder
        return None

    def _place(self, identity: str) -> tuple[Path, Origin] | None:
        if not FOLDER_NAME.fullmatch(identity):
            return None
        if identity == LOCALNET:
            written = self._layout.localnet / "profile"
            if (written / CHAIN).is_file():
                return written, "localnet"
        imported = self._imported(identity)
        if imported is not None:
            return imported, "imported"
        if (self._bundled / identity / CHAIN).is_file():
            return self._bundled / identity, "bundled"
        return None

    def _ids(self) -> set[str]:
        found = {path.parent.name for path in self._bundled.glob(f"*/{CHAIN}")}
        for path in self._layout.profiles.glob(f"*/{CHAIN}"):
            found.add(path.parent.name.removeprefix(".").removesuffix(".old"))
        found.add(LOCALNET)
        return {identity for identity in found if self._place(identity) is not None}
