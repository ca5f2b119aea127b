# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between this app and a Docker engine."""

from __future__ import annotations

from node_manager.runtime.errors import RuntimeTrouble


class DockerTrouble(RuntimeTrouble):
    """Root of the errors of this package; `passing` tells whether waiting may mend it."""

    code = "docker"
    what = "Docker could not do it."
    why = "{reason}"
    passing = False


class EngineAbsent(DockerTrouble):
    """No engine runs at the address."""

    code = "docker-engine-absent"
    what = "Docker does not run on this computer."
    why = "Nothing answers at {address}."
    todo = "Install Docker or start it, then try again."
    passing = True


class EngineDenied(DockerTrouble):
    """This user may not use the engine."""

    code = "docker-engine-denied"
    what = "This user may not use Docker."
    why = "{address} belongs to another user or group."
    todo = "Add this user to the group docker, or use rootless Docker; log in again after that."


class EngineSilent(DockerTrouble):
    """The engine was there and does not answer any more."""

    code = "docker-engine-silent"
    what = "Docker does not answer any more."
    why = "{reason}"
    todo = "It may be restarting. It is asked again."
    passing = True


class EngineRefused(DockerTrouble):
    """The engine answered with an error that has no name of its own here."""

    code = "docker-engine-refused"
    what = "Docker refuses: {reason}."
    why = "The engine at {address} said so."
    todo = "Mend the cause; meanwhile it is tried again."
    passing = True


class ImageMissing(DockerTrouble):
    """The engine does not have the image."""

    code = "docker-image-missing"
    what = "The image {image} is not on this Docker engine."
    why = "It was not built here, or it was removed."
    todo = "Build it with: python3 packaging/docker/image.py"


class HostPortTaken(DockerTrouble):
    """A published port is used already."""

    code = "docker-port-taken"
    what = "The container does not start: a port it publishes is taken."
    why = "{reason}"
    todo = "End the program that has it, or choose another port."
    passing = True


class ContainerMissing(DockerTrouble):
    """There is no such container."""

    code = "docker-container-missing"
    what = "The container {container} is gone."
    why = "Somebody removed it."
    todo = "Deploy the validator again: its key and signing state are in its volume."
    passing = True


class ContainerNotRunning(DockerTrouble):
    """The container is there and does not run."""

    code = "docker-container-not-running"
    what = "The container {container} does not run."
    why = "It is {state}."
    passing = True


class VolumeInUse(DockerTrouble):
    """Another container has the volume."""

    code = "docker-volume-in-use"
    what = "No second container is started on the volume {volume}."
    why = "The container {holder} has it; two of them could sign twice."
    todo = "Remove that container first, and never start it again."


class NotAStaticProgram(DockerTrouble):
    """A program that needs libraries cannot be alone in an image."""

    code = "docker-program-not-static"
    what = "The program {path} cannot run in a container of its own."
    why = "It is not a static program for Linux."
    todo = "Use a static release of the program for Linux."
