# SPDX-License-Identifier: Apache-2.0
"""What can go wrong on the way to a running distributed validator."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class ObolError(OneClickError):
    """Root of this package's errors."""

    code = "obol"


class EnrNotReadable(ObolError):
    """The text is no ENR, or its signature is not its key's."""

    code = "enr-not-readable"
    what = "This is not a valid ENR: {shown}"
    why = "{reason}"
    todo = "Copy the whole line again, from `enr:` to its end."


class EnrKeyMissing(ObolError):
    """There is no key file."""

    code = "enr-key-missing"
    what = "The key of this node's ENR is not at {path}."
    why = "Without it this node cannot take part in its cluster."
    todo = "Restore it from its backup. A new key makes a new ENR, which no cluster knows."


class EnrKeyDamaged(ObolError):
    """The key file does not hold a key."""

    code = "enr-key-damaged"
    what = "The file {path} does not hold a key."
    why = "{reason}"
    todo = "Restore the key from its backup."


class EnrKeyExists(ObolError):
    """A key is there already and is never replaced."""

    code = "enr-key-exists"
    what = "There is already an ENR key at {path}; it is kept."
    why = "A cluster that knows this ENR needs its key: replacing it loses the validator's share."
    todo = "Use the key that is there, or set up another distributed validator."


class EnrBackupDamaged(ObolError):
    """The file is no whole backup of an ENR key."""

    code = "enr-backup-damaged"
    what = "The backup {path} cannot be used."
    why = "{reason}"
    todo = "Use another copy of the backup."


class EnrBackupNewer(ObolError):
    """A later version of the app wrote it."""

    code = "enr-backup-newer"
    what = "The backup {path} was made by a later version of this app."
    why = "Its format is {version}; this app knows 1."
    todo = "Update the app, then try again."


class EnrBackupOther(ObolError):
    """The backup holds the key of another ENR."""

    code = "enr-backup-other"
    what = "The backup {path} holds another key."
    why = "It belongs to the ENR {found}, and this node has {expected}."
    todo = "Make a backup of this node's key."


class BackupFirst(ObolError):
    """The DKG does not begin before the key has a proven backup."""

    code = "enr-backup-first"
    what = "The key ceremony waits until the ENR key has a backup."
    why = "Whoever loses this key after the ceremony has lost this node's share for good."
    todo = "Make the encrypted backup now; the ceremony then begins by itself."


class DocumentNotUnderstood(ObolError):
    """A definition or a lock has a shape that is not the format's."""

    code = "cluster-document-not-understood"
    what = "The cluster {document} cannot be read."
    why = "{reason}"
    todo = "Fetch it again from where the cluster was made."


class VersionNotSupported(ObolError):
    """A definition of a version whose hashes are not known."""

    code = "cluster-version-not-supported"
    what = "The cluster {document} has the version {version}."
    why = "This app checks the versions v1.5.0 to v1.11.0."
    todo = "Update the app, or ask the cluster's creator for a definition of a current version."


class VerificationRefused(ObolError):
    """A check of the definition or lock failed; nothing is started with it."""

    code = "cluster-verification-refused"
    what = "The cluster {document} is refused: {check}."
    why = "{reason}"
    todo = "Nothing was started with it. Ask the cluster's creator; do not sign it again unread."


class ApiNoAnswer(ObolError):
    """The Obol API does not answer."""

    code = "obol-api-no-answer"
    what = "The Obol API at {address} does not answer."
    why = "{reason}"
    todo = "It is asked again by itself. Check the address and this computer's connection."


class ApiBusy(ObolError):
    """The API asks to come back later (429 or 503)."""

    code = "obol-api-busy"
    what = "The Obol API at {address} asks to wait."
    why = "It answered with HTTP {status}."
    todo = "It is asked again in {seconds:.0f} s by itself."


class ApiNotUnderstood(ObolError):
    """The API's answer has another shape."""

    code = "obol-api-not-understood"
    what = "The answer of {address} is not understood."
    why = "{reason}"
    todo = "Check that the address is that of an Obol API."


class LockExists(ObolError):
    """A second DKG of a cluster that has a lock is never started."""

    code = "cluster-lock-exists"
    what = "This cluster already has its lock ({where}); no second key ceremony is started."
    why = "A second ceremony would make other keys for validators that may hold funds."
    todo = "Run the cluster with its lock. If this node lost its files, restore their backup."


class DefinitionChanged(ObolError):
    """Another definition lies where the agreed one was."""

    code = "cluster-definition-changed"
    what = "The cluster definition {path} is another one than was checked."
    why = "It was changed after the check. Keys made for it could send the money elsewhere."
    todo = "No keys were made. Start again: the definition is checked and confirmed anew."


class DefinitionNotShown(ObolError):
    """A confirmation of another definition than the one that waits for it."""

    code = "cluster-definition-not-shown"
    what = "The definition {given} is not the one that waits for your word."
    why = "What is shown is {shown}."
    todo = "Compare the addresses that are shown now, then confirm them."


class LockLost(ObolError):
    """The ceremony of this cluster was held here, and its lock is gone."""

    code = "cluster-lock-lost"
    what = "The lock of this cluster was made on this computer and is no longer at {path}."
    why = "A second ceremony would make other keys for validators that may hold funds."
    todo = "Remove it here, then restore the backup of its key shares. No keys are made anew."


class RestoreNotVouched(ObolError):
    """Nobody said that the other computer is off."""

    code = "cluster-restore-not-vouched"
    what = "The backup {path} is not restored."
    why = "Two computers with the keys of one node sign against each other and can be slashed."
    todo = "Switch the other computer's charon and validator client off for good, then say so."


class EnrInUse(ObolError):
    """A second validator with the key of one that is here."""

    code = "enr-in-use"
    what = "This ENR key belongs to {name}, which is on this computer already."
    why = "Two charons with one key would sign against each other."
    todo = "Use that one. To put it back from a backup, remove it first."


class EnrKeyOther(ObolError):
    """The key file holds another key than the one that this node was made with."""

    code = "enr-key-other"
    what = "The file {path} holds the key of another ENR."
    why = "It is that of {found}, and this node is {expected}. The backup is of this node's key."
    todo = "Restore this node's key from its backup, or set the other up as one of its own."


class EnrKeyRunning(ObolError):
    """A charon that runs elsewhere on this computer uses the key."""

    code = "enr-key-running"
    what = "The ENR key {path} is not taken over: a charon runs with it."
    why = "Its lock was refreshed a moment ago. Two charons with one key sign against each other."
    todo = "End that charon for good, wait ten seconds, then take the key over."


class RestoredWaits(ObolError):
    """Key shares that came from a backup do not sign at once."""

    code = "dv-restored-waits"
    what = "The restored key shares wait before they sign."
    why = (
        "What they signed on the computer before is not recorded here. After two epochs"
        " (13 minutes) nothing that is signed here can contradict it."
    )
    todo = "It goes on by itself. Keep the other computer off."


class DkgFailed(ObolError):
    """The ceremony ended without a lock."""

    code = "dkg-failed"
    what = "The key ceremony did not come to an end: {first}"
    why = "{why_words}"
    todo = "{todo_words}"


class ArtefactsWrong(ObolError):
    """What the ceremony wrote does not fit together."""

    code = "dkg-artefacts-wrong"
    what = "What the key ceremony wrote does not fit together: {check}."
    why = "{reason}"
    todo = "The validator is not started. Do not deposit; repeat the ceremony with all operators."


class KeystoreRefused(ObolError):
    """A keystore of EIP-2335 cannot be opened."""

    code = "keystore-refused"
    what = "The keystore {path} does not open."
    why = "{reason}"
    todo = "Restore the folder of the distributed validator from its backup."


class BeaconTrouble(ObolError):
    """No beacon node that was named can be used."""

    code = "beacon-node-trouble"
    what = "No beacon node can be used: {first}"
    why = "Charon ends at once without a beacon node of its network."
    todo = "Name a beacon node of {network} that runs and has synced, or wait until it has."


class PortInTheWay(ObolError):
    """A port that charon or its client needs is taken."""

    code = "dv-port-taken"
    what = "Port {port} ({service}) is taken by {holder}."
    why = "Charon would not notice another charon on its peer port, and ends on the others."
    todo = "End that program, or choose another address in the settings of this validator."


class RunRefused(ObolError):
    """Charon ended with a reason for which starting it again cannot help."""

    code = "charon-refused"
    what = "{first}"
    why = "{why_words}"
    todo = "{todo_words}"


class ProgramMissing(ObolError):
    """A program that is needed is not installed."""

    code = "dv-program-missing"
    what = "The program {program} is not on this computer."
    why = "{reason}"
    todo = "Install {program}, or name its file in the settings of this validator."


class ChecksumsNotUnderstood(ObolError):
    """The published checksums do not name the archive."""

    code = "charon-checksums"
    what = "The published checksums of charon {version} do not name {file}."
    why = "Without a checksum a download cannot be verified, so nothing is installed."
    todo = "Try again later, or choose another version."


class VersionUnknown(ObolError):
    """A version that is none."""

    code = "charon-version"
    what = "{version} is not a version of charon."
    why = "Versions look like v1.10.3."
    todo = "Name another version."


class PlatformWithoutCharon(ObolError):
    """There are releases for Linux only."""

    code = "charon-platform"
    what = "There is no charon for {target}."
    why = "Its releases are for Linux on amd64 and arm64."
    todo = "Run this validator on Linux, or with Docker."


class ClusterUnknown(ObolError):
    """No distributed validator of this id."""

    code = "cluster-unknown"
    what = "There is no distributed validator {cluster_id} on this computer."
    todo = "`oneclick-validator dv status` lists those that there are."


class ClusterNotNamed(ObolError):
    """None of this computer's was meant, or more than one could be."""

    code = "cluster-not-named"
    what = "{found}"
    why = "One is needed to go on."
    todo = "{way}"


class ClusterRecordUnreadable(ObolError):
    """`cluster.json` is damaged."""

    code = "cluster-record-unreadable"
    what = "The record of the distributed validator in {folder} cannot be read."
    why = "{reason}"
    todo = "Restore cluster.json from a copy, or set the validator up again with the same ENR key."


class ClusterInUse(ObolError):
    """Another process of this app manages it."""

    code = "cluster-in-use"
    what = "Another run of this app already looks after {cluster_id}."
    why = "Two at once would start charon twice with one key."
    todo = "Use that one, or end it first."


class SettingRefused(ObolError):
    """A setting cannot be what was given."""

    code = "dv-setting-refused"
    what = "The setting {name} cannot be {given}."
    why = "{reason}"
    todo = "Correct it, then try again."


class EnrNotInCluster(ObolError):
    """The cluster was made with another ENR than this node's."""

    code = "enr-not-in-cluster"
    what = "This node's ENR is not in the cluster {cluster}."
    why = "This node has {ours}. The cluster has: {theirs}."
    todo = "Restore the key of the ENR in the cluster from its backup."


class ClusterBackupRefused(ObolError):
    """The file is no whole backup of a distributed validator's files."""

    code = "cluster-backup-refused"
    what = "The backup {path} cannot be used."
    why = "{reason}"
    todo = "Use another copy of the backup."


class StillRunning(ObolError):
    """Something that needs a stopped validator."""

    code = "cluster-running"
    what = "{act} is not possible while the distributed validator is {stage}."
    why = "Its files are in use."
    todo = "Stop it first."


class NoBackup(ObolError):
    """The only copy of a key would go."""

    code = "cluster-key-kept"
    what = "The distributed validator is kept."
    why = "There is no proven backup of its files, and nobody can make its key shares again."
    todo = "Make a backup first, or say that the keys may be lost."
