# SPDX-License-Identifier: Apache-2.0
"""Errors of the engine's public face."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class UnknownNode(OneClickError, KeyError):
    """No validator of this id is managed here."""

    code = "unknown-node"
    what = "There is no validator “{node_id}” on this computer."
    todo = "`oneclick-validator status` lists those that are."


class MonikerRefused(OneClickError):
    """The chain would refuse this name."""

    code = "moniker-refused"
    what = "The name “{moniker}” cannot be used."
    why = "{reason}"
    todo = "Choose a name of 1 to 70 bytes on one line."


class PassphraseNeeded(OneClickError):
    """The key is locked and only the person can open it."""

    code = "passphrase-needed"
    what = "The key is locked."
    why = "It is protected by a passphrase, which this app does not store."
    todo = "Enter the passphrase; until then the validator does not sign."


class BusyNode(OneClickError):
    """The act does not fit the node's present state."""

    code = "busy-node"
    what = "{act} is not possible now."
    why = "The validator is {state}."
    todo = "Stop it first. Blocks are missed while it is stopped."


class KeyKept(OneClickError):
    """A validator with an unsaved key is not removed."""

    code = "key-kept"
    what = "The validator is not removed."
    why = "Its key has no verified backup and would be lost for ever."
    todo = "Back the key up first, or confirm that the key may be lost."


class AnotherInstance(OneClickError):
    """The data folder is in use by another instance of this app."""

    code = "another-instance"
    what = "The app already runs."
    why = "Another instance (process {pid}) uses the folder {folder}."
    todo = "Use that one, or end it first."


class NodeSilent(OneClickError):
    """The node's process lives and does not answer."""

    code = "node-silent"
    what = "The node does not answer."
    why = "Its process lives, and nothing came from port {port} for {seconds} s."
    todo = "Look at its log. The app goes on asking."


class SignerFailed(OneClickError):
    """The signer cannot be started."""

    code = "signer-failed"
    what = "The signer has not started, so nothing is signed."
    why = "{reason}"
    todo = "Look at signer.log. Nothing is signed twice meanwhile."


class UpgradeUnknown(OneClickError):
    """The chain asks for a release that the profile does not have."""

    code = "upgrade-unknown"
    what = "The network has upgraded to “{name}” at height {height}."
    why = "The profile of {network} names no program for this upgrade."
    todo = "Import the network's newer profile; the validator goes on from there."


class FactsMissing(OneClickError):
    """The profile leaves something open that only the network's team can say."""

    code = "facts-missing"
    what = "The profile of {network} does not say enough to join it."
    why = "Missing: {questions}"
    todo = "Ask the network's team and answer it here, or import a fuller profile ({fields})."


class LocalNetworkNotStarted(OneClickError):
    """The local network has never run here, so nothing of it is known."""

    code = "local-network-not-started"
    what = "{network} has not been started on this computer."
    why = "Its program, its genesis and its peers are made at its first start."
    todo = "Start it with: oneclick-validator localnet up. Then try again."


class UpgradeAgain(OneClickError):
    """The release of an upgrade does not contain that upgrade."""

    code = "upgrade-again"
    what = "The program for the upgrade “{name}” does not contain it."
    why = "It stopped at height {height} for the same upgrade again."
    todo = "Import the network's newer profile, or ask its team for the right program."


class FileTrouble(OneClickError):
    """The disk refused."""

    code = "file-trouble"
    what = "A file cannot be read or written."
    why = "{reason}"
    todo = "Look at the disk and the rights of the data folder, then start again."


class PointerUnreadable(OneClickError):
    """The file that says where the data folder was moved to is damaged."""

    code = "pointer-unreadable"
    what = "Where the data folder lies is not known."
    why = "{path} cannot be read: {reason}"
    todo = "Name the folder with --data, or restore the file. Nothing was started."


class RepairUnconfirmed(OneClickError):
    """The person has not said that no other machine signs with the key."""

    code = "repair-unconfirmed"
    what = "The signing record is not repaired."
    why = (
        "It must be sure that no other computer signs with this key, now or later: two of them"
        " sign twice, and the chain punishes that for ever."
    )
    todo = "Switch the validator off everywhere else, then confirm it."


class RecordIsWhole(OneClickError):
    """There is nothing to repair."""

    code = "record-is-whole"
    what = "The signing record needs no repair."
    why = "It is whole, and the network shows nothing newer of this key than height {height}."
    todo = "Start the validator."


class SignsElsewhere(OneClickError):
    """The chain shows a signature of our key that our signer did not make."""

    code = "signs-elsewhere"
    what = "Another computer signs with this validator's key, so this one was stopped."
    why = (
        "The chain has a signature of this key at height {height}; the record of this computer"
        " ends at {recorded}."
    )
    todo = (
        "Find the other machine and switch it off for good, then start here again. Both at once"
        " sign twice: the chain takes a part of the stake and bars the validator for ever."
    )


class VoteNotOurs(SignsElsewhere):
    """A block holds a vote of our key that our signer, which ran then, did not make."""

    why = (
        "The vote of this key for the block {height} is not one that the signer of this computer"
        " made, and it ran at that time."
    )


class Interrupted(OneClickError):
    """A rare act was ended by another wish of the person."""

    code = "interrupted"
    what = "{act} was interrupted."
    why = "The validator was stopped meanwhile."
    todo = "Begin it again. Nothing is half done."


class StateSyncNotOffered(OneClickError):
    """A snapshot is believed only when two servers name the same block."""

    code = "state-sync-not-offered"
    what = "State sync is not offered for {network}."
    why = "Its profile names {count} servers for it; two are needed to hold against each other."
    todo = "Go on without it: the node reads every block from the first."
