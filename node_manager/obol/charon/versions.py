# SPDX-License-Identifier: Apache-2.0
"""Versions of charon: a ceremony needs the same MAJOR.MINOR at every operator."""

from __future__ import annotations

import re
from dataclasses import dataclass

from node_manager.explanation import Explanation
from node_manager.obol.errors import VersionUnknown

_VERSION = re.compile(r"v(\d+)\.(\d+)(?:\.(\d+))?([-+].*)?")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of charon; `patch` is None where only two numbers are told."""

    major: int
    minor: int
    patch: int | None

    def same_line(self, other: Version) -> bool:
        """Whether both can take part in one ceremony: MAJOR.MINOR are equal."""
        return (self.major, self.minor) == (other.major, other.minor)

    def __str__(self) -> str:
        patch = "" if self.patch is None else f".{self.patch}"
        return f"v{self.major}.{self.minor}{patch}"


def read_version(text: str) -> Version:
    """A version as charon prints it: `v1.10.3`, or `v1.10 [git_commit_hash=…]`.

    Raises:
        VersionUnknown: it is none.
    """
    found = _VERSION.match(text.strip())
    if found is None:
        raise VersionUnknown(version=text[:40])
    major, minor, patch, _ = found.groups()
    return Version(int(major), int(minor), None if patch is None else int(patch))


def is_version(text: str) -> bool:
    """Whether charon prints versions so."""
    return _VERSION.match(text.strip()) is not None


def version_warning(ours: str, peers: dict[str, str]) -> Explanation | None:
    """What to say before a ceremony when peers are known to run another MAJOR.MINOR."""
    own = read_version(ours)
    others = {
        name: version for name, version in peers.items() if not own.same_line(read_version(version))
    }
    if not others:
        return None
    listed = ", ".join(f"{name} {version}" for name, version in others.items())
    return Explanation(
        "charon-versions-differ",
        "The operators run different versions of charon.",
        "This node has {ours}, others: {listed}. A key ceremony needs the same first two numbers.",
        "Agree on one version before the ceremony begins.",
        {"ours": str(own), "listed": listed},
    )


def ceremony_note(ours: str) -> str:
    """What to tell the other operators before the ceremony, as nobody can ask their nodes."""
    version = read_version(ours)
    return (
        f"This node runs charon {ours}. Every operator needs a version"
        f" v{version.major}.{version.minor} for the key ceremony."
    )
