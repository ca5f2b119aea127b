# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the localnet."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class LocalnetError(OneClickError):
    """Root of the errors of the localnet."""

    code = "localnet"
    what = "The localnet has a problem."


class NoGoToolchain(LocalnetError):
    """There is no Go that can build the chain, and none could be fetched."""

    code = "localnet-no-go"
    what = "The localnet's program cannot be built: there is no Go {wanted} on this computer."
    why = "Fetching one from the Python package index failed as well: {detail}"
    todo = "Install Go {wanted}, or make the Python package index reachable, and try again."


class BuildFailed(LocalnetError):
    """The Go tool ended with an error."""

    code = "localnet-build"
    what = "Building the localnet's program failed at: {step}."
    why = "{detail}"
    todo = "The whole output is in {log}. Nothing half-built is kept; the next try begins anew."


class NoFreePort(LocalnetError):
    """No port near the wanted one is free."""

    code = "localnet-no-port"
    what = "There is no free port for the localnet's {service} between {first} and {last}."
    todo = "End the programs that hold these ports, or other local networks."


class NotRunning(LocalnetError):
    """The command needs a running localnet."""

    code = "localnet-not-running"
    what = "The localnet does not run."
    todo = "Start it with: oneclick-validator localnet up"


class RecordUnreadable(LocalnetError):
    """`network.json` is there and nobody can tell what it says."""

    code = "localnet-record"
    what = "The localnet's record {path} cannot be read."
    why = "{detail}"
    todo = "Remove the local chain with: oneclick-validator localnet down --forget"


class ProcessFailed(LocalnetError):
    """A process of the localnet ended or gave no sign of life."""

    code = "localnet-start"
    what = "{name} of the localnet does not do what it should."
    why = "{detail}"
    todo = "Its log is {log}."


class NoBlocks(LocalnetError):
    """The validators run and the chain stands still."""

    code = "localnet-no-blocks"
    what = "The localnet made no block for {seconds} seconds."
    why = "The last line of its log: {detail}"
    todo = "The whole log is {log}."


class AddressInvalid(LocalnetError):
    """Not an account address of the localnet."""

    code = "localnet-address"
    what = "{address} is not an account address of the localnet."
    why = "An account address begins with {prefix}1 and carries a checksum."
    todo = "Copy the whole address from the wallet."


class AmountInvalid(LocalnetError):
    """Nothing, or less than nothing, would be sent."""

    code = "localnet-amount"
    what = "{amount} is not an amount that can be sent."
    todo = "Name a whole number of {denom} above zero."


class TransactionFailed(LocalnetError):
    """The chain refused a transaction, before its block or in it."""

    code = "localnet-transaction"
    what = "The localnet refused the transaction: {purpose}."
    why = "{detail}"


class TransactionNotSeen(LocalnetError):
    """A transaction was sent and did not appear in a block in time."""

    code = "localnet-transaction-not-seen"
    what = "The transaction {tx} ({purpose}) was sent and is in no block after {seconds} seconds."
    todo = "Look whether the localnet makes blocks: oneclick-validator localnet status"


class UpgradeNotPassed(LocalnetError):
    """The vote ended and there is no plan."""

    code = "localnet-upgrade"
    what = "The upgrade {name} did not pass."
    why = "Proposal {proposal} ended as: {detail}"


class UpgradeTooEarly(LocalnetError):
    """The plan's height would come before the vote ends."""

    code = "localnet-upgrade-height"
    what = "Height {height} is too early for an upgrade: the vote ends at about {earliest}."
    todo = "Name a height from {earliest} on, or none at all."


class ReleaseUnknown(LocalnetError):
    """There is no such release of the localnet's program."""

    code = "localnet-release"
    what = "The localnet has no release {name}."
    why = "Its releases are: {known}."
