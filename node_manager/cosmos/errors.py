# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a node program, its home and its answers."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class CosmosError(OneClickError):
    """Root of this package's errors."""

    code = "cosmos"


class ProgramTimeout(CosmosError):
    """A command did not end in time."""

    code = "program-timeout"
    what = "The node program did not finish `{command}` within {seconds} s."
    why = "The computer may be busy or the disk slow."
    todo = "Try again. If it happens again, look at the load of this computer."


class ProgramFailed(CosmosError):
    """A command ended with an error."""

    code = "program-failed"
    what = "The node program could not do `{command}`."
    why = "It ended with code {exit_code} and said: {said}"
    todo = "Try again. If it happens again, keep these lines for whoever helps."


class AnswerNotUnderstood(CosmosError):
    """A command, an RPC or a REST server said something else than expected."""

    code = "answer-not-understood"
    what = "{source} gave an answer that is not understood."
    why = "{detail}"
    todo = "Check that the address and the program version belong to this network."


class NoAnswer(CosmosError):
    """Nothing answers at this address."""

    code = "no-answer"
    what = "{source} does not answer."
    why = "{detail}"
    todo = "Check that it runs and can be reached from this computer."


class Refused(CosmosError):
    """The server answered with an error."""

    code = "request-refused"
    what = "{source} refused the request {request}."
    why = "It said: {said} (code {answer_code})"
    todo = "Try again in a moment. A node that has just started answers after its first block."


class NotFound(Refused):
    """The server has no such thing."""

    code = "request-not-found"
    what = "{source} does not know what was asked for ({request})."
    why = "It said: {said}"
    todo = "Check the address or hash. Something very new is found after the next block."


class NotOffered(Refused):
    """The server does not know this request: the chain lacks the module, or it is turned off."""

    code = "request-not-offered"
    what = "{source} does not offer {request}."
    why = "The chain lacks this part, or the server's operator turned it off."
    todo = "Use another server of this network, or do without this figure."


class HomeIncomplete(CosmosError):
    """The node's home lacks files that must not be made anew."""

    code = "home-incomplete"
    what = "The node's home {home} lacks {missing}."
    why = (
        "It holds chain data, so this file is not made anew: a new signing state could sign twice."
    )
    todo = "Restore the file from a backup, or set the node up again in an empty folder."


class ConfigUnreadable(CosmosError):
    """A configuration file is not TOML."""

    code = "config-unreadable"
    what = "The file {path} cannot be read."
    why = "{detail}"
    todo = "Undo the last change to it, or remove the file: it is made anew."


class PeerMalformed(CosmosError):
    """A peer address is not `id@host:port`."""

    code = "peer-malformed"
    what = "The peer address {peer} is not complete."
    why = "It must read id@host:port with an id of 40 hex digits. The node does not start with it."
    todo = "Correct it in the network's profile."


class GenesisHash(CosmosError):
    """The published genesis file is not the one its publisher named."""

    code = "genesis-hash"
    what = "The genesis file of {chain_id} is not the expected one."
    why = "{url} has the SHA-256 {found}, the network's profile says {expected}."
    todo = "Do not start. Ask the network's publishers which of the two is right."


class GenesisChain(CosmosError):
    """The genesis is of another chain."""

    code = "genesis-chain"
    what = "The genesis file is of {found}, not of {chain_id}."
    why = "It came from {url}."
    todo = "Correct the genesis address or the chain id in the network's profile."


class GenesisUnreadable(CosmosError):
    """The genesis is not JSON, or lacks what a genesis has."""

    code = "genesis-unreadable"
    what = "The genesis file from {url} cannot be read."
    why = "{detail}"
    todo = "Try again later, or correct the genesis address in the network's profile."


class GenesisNowhere(CosmosError):
    """The profile names no source of a genesis, or none answers."""

    code = "genesis-nowhere"
    what = "No genesis of {chain_id} can be fetched."
    why = "{detail}"
    todo = "Add a genesis address or an RPC server to the network's profile, or try again later."


class StateSyncDisagreement(CosmosError):
    """Two servers name different blocks at one height."""

    code = "state-sync-disagreement"
    what = "The state sync servers disagree about block {height}."
    why = "{first} says {first_hash}, {second} says {second_hash}."
    todo = "Do not use state sync with these servers. Ask the network which one is right."


class StateSyncServers(CosmosError):
    """State sync needs two servers."""

    code = "state-sync-servers"
    what = "State sync needs two RPC servers of {chain_id} that answer."
    why = "{detail}"
    todo = "Add servers to the network's profile, or join without state sync."
