# SPDX-License-Identifier: Apache-2.0
"""Failures around upgrades and signing, in the words of CometBFT 0.38 and Cosmos SDK 0.53."""

from __future__ import annotations

from node_manager.cosmos.known.kinds import PROGRESS, SAID, SIGNER_BACK, Effect, known

UPGRADES = (
    known(
        "upgrade-needed",
        Effect.HALTS,
        r'UPGRADE "(?P<name>[^"]+)" NEEDED at height:? ?(?P<height>\d+)',
        "The node waits at height {height} for the upgrade “{name}”.",
        "The network goes on with a newer program from this height; this one cannot.",
        "Let the app install the release for this upgrade and start the node with it. Blocks are"
        " missed until then; a long wait can jail the validator.",
    ),
    known(
        "upgrade-too-early",
        Effect.HALTS,
        r'BINARY UPDATED BEFORE TRIGGER! UPGRADE "(?P<name>[^"]+)"',
        "The node program is too new: the upgrade “{name}” has not happened yet.",
        "The network still runs the release before it.",
        "Start the node with the release before “{name}”; the app changes it at the height.",
    ),
    known(
        "app-version",
        Effect.HALTS,
        r"wrong app version|wrong Block\.Header\.Version",
        "The node program is not of the version that the chain's data and blocks need.",
        "The network or this node's data went through an upgrade that this program lacks.",
        "Install the network's present release and start again.",
    ),
    known(
        "halt-height",
        Effect.HALTS,
        r"halt per configuration height (?P<height>\d+) time (?P<time>\d+)",
        "The node stopped making blocks at height {height}, as its configuration says.",
        "halt-height or halt-time is set in app.toml.",
        "Remove the setting and start again. Blocks are missed until then.",
    ),
)

SIGNING = (
    known(
        "key-in-two-places",
        Effect.HINDERS,
        r"conflicting vote from ourselves",
        "A vote with this validator's key has come from somewhere else.",
        "The same key signs on a second machine. The network can slash and remove the validator"
        " for ever.",
        "Stop this node now, find the other machine, and let only one of them sign.",
    ),
    known(
        "signing-state-ahead",
        Effect.HINDERS,
        r"(?:failed|error) signing .*(?:height|round|step) regression\. Got (?P<got>\d+),"
        r" last (?:height )?(?P<last>\d+)",
        "Nothing is signed: the signing record is at {last}, the chain is at {got}.",
        "The key has signed at a later height before, on this chain or another. Signing below"
        " it could be signing twice.",
        "If the node still catches up, wait. Otherwise find out where the record came from;"
        " never lower it.",
        cleared_by=PROGRESS,
    ),
    known(
        "signature-refused",
        Effect.HINDERS,
        r"failed signing (?:vote|proposal)(?!.*endpoint connection timed out) " + SAID,
        "The signer refused to sign.",
        "It said: {said}",
        "Look at the signer's state on this page. A refusal keeps the key from signing twice.",
        level="error",
        cleared_by=PROGRESS,
    ),
    known(
        "data-for-other-chain",
        Effect.ENDS,
        r"can't get pubkey: .*this key signs for (?P<chain>\S+) only",
        "The node did not start: its data belong to another network.",
        "It asked for the key in that network's name, and this key signs for {chain} only.",
        "Reset the chain data on the Network page, so that the right ones are fetched. The key"
        " and the signing record stay.",
    ),
    known(
        "no-signer",
        Effect.ENDS,
        r"error with private validator socket client: can't get pubkey",
        "The node did not start: no signer connected to it within 3 s.",
        "The signer is not running, is locked, or waits at another address.",
        "Unlock the key if it is locked; the app starts the signer and the node again.",
        retry=True,
    ),
    known(
        "signer-socket-stale",
        Effect.ENDS,
        r"failed to start private validator: listen unix (?P<path>\S+): bind: address already",
        "The node did not start: an old socket file is in its way.",
        "{path} was left behind when the node was killed.",
        "Start again: the app removes it first.",
        retry=True,
    ),
    known(
        "signer-lost",
        Effect.HINDERS,
        r"SignerListener: (?:Ping timeout|Error accepting connection .*timeout)"
        r"|failed signing .*endpoint connection timed out",
        "The node has no signer and stands still.",
        "The connection between the node and the signer is gone.",
        "The app starts the signer again; a locked key must be unlocked. Blocks are missed"
        " until then.",
        level="error",
        cleared_by=SIGNER_BACK,
    ),
    known(
        "signing-state-broken",
        Effect.ENDS,
        r"Error reading PrivValidator state from (?P<path>[^:]+):",
        "The node did not start: its signing state {path} is damaged.",
        "The file was cut or changed, for example by a power cut.",
        "Restore it from a backup. Never replace it by an empty one: the key could sign twice.",
    ),
    known(
        "signing-state-missing",
        Effect.ENDS,
        r"open (?P<path>\S*priv_validator_state\.json): no such file or directory",
        "The node did not start: its signing state {path} is missing.",
        "The file was deleted or not copied along with the key.",
        "Restore it from a backup. Never make an empty one: the key could sign twice.",
    ),
)
