# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a network's profile."""

from __future__ import annotations

from dataclasses import dataclass

from node_manager.explanation import OneClickError


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of a profile and what is wrong with it.

    Attributes:
        file: "chain.json", "oneclick.json" or another part of the profile; empty for an answer.
        field: the path of the field, such as "peers.seeds[2].address".
    """

    file: str
    field: str
    problem: str

    def __str__(self) -> str:
        if not self.file:
            return f"the answer {self.field} {self.problem}"
        return f"the field {self.field} of {self.file} {self.problem}"


class ProfileError(OneClickError):
    """Root of the errors of profiles."""

    code = "profile"
    what = "The network profile {name} cannot be used."


class ProfileInvalid(ProfileError):
    """A profile with fields that are wrong: all of them, in `problems`."""

    code = "profile-invalid"
    what = "The network profile {name} cannot be used."
    why = "Wrong in it: {list}."
    todo = "Correct these fields and import it again. Nothing was changed."

    def __init__(self, **facts: object) -> None:
        problems = facts.get("problems", ())
        self.problems: tuple[FieldProblem, ...] = (
            tuple(part for part in problems if isinstance(part, FieldProblem))
            if isinstance(problems, (tuple, list))
            else ()
        )
        facts.setdefault("list", "; ".join(str(problem) for problem in self.problems))
        super().__init__(**facts)


class ProfileUnreadable(ProfileError):
    """A source that gives no profile."""

    code = "profile-unreadable"
    what = "There is no network profile to read at {name}."
    why = "{reason}"
    todo = (
        "Choose a chain.json, a folder that holds one, or the address of one,"
        " such as a chain's folder in the chain registry."
    )


class ProfileExists(ProfileError):
    """An import that would replace a profile nobody said to replace."""

    code = "profile-exists"
    what = "There is a network profile {name} already."
    why = "It is {origin}, and replacing it changes what validators of this network rely on."
    todo = "Compare the two, then import it again and choose to replace it."


class ProfileUnknown(ProfileError):
    """No profile of this name."""

    code = "profile-unknown"
    what = "There is no network {name}."
    why = "Known here: {known}."
    todo = "Choose one of these, or import the network's profile."


class ProfileNotImported(ProfileError):
    """A profile that came with the app cannot be removed."""

    code = "profile-not-imported"
    what = "The network profile {name} is not removed."
    why = "It came with the app."
    todo = "Choose another network where you need one."


class NoProgramForPlatform(ProfileError):
    """The network publishes no program for this computer."""

    code = "no-program-for-platform"
    what = "{name} has no program for this computer ({target})."
    why = "Its profile has programs for: {available}."
    todo = "Run the validator in Docker, use another computer, or enter an address for {target}."
