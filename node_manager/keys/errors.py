# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a key: what happened, what is at risk, what to do."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class KeysError(OneClickError):
    """Root of the errors of key custody. No fact of any of them is a secret."""

    code = "keys"


class KeyMissing(KeysError):
    """The node has no key yet."""

    code = "key-missing"
    what = "This validator has no key: {path} does not exist."
    why = "The key was never made here, or the file was removed."
    todo = "Restore the key from a backup; make a new one only for a validator not on chain yet."


class KeyExists(KeysError):
    """The node has a key already; it is never replaced."""

    code = "key-exists"
    what = "This validator already has a key, {address}."
    why = "A key that is overwritten is lost, and its validator with it."
    todo = "Set up another validator for the other key. The key here is unchanged."


class KeyDamaged(KeysError):
    """The key file is not what was written."""

    code = "key-damaged"
    what = "The key file {path} is damaged."
    why = "{reason}"
    todo = "Restore the key from a backup into a new validator folder. Nothing was changed."


class KeyFromNewer(KeysError):
    """The key file was written by a newer version of this app."""

    code = "key-from-newer"
    what = "The key file {path} has format {version}, which this version cannot read."
    why = "A newer version of this app wrote it."
    todo = "Install the newer version again."


class KeyUnreadable(KeysError):
    """The operating system does not let the app read the key file."""

    code = "key-unreadable"
    what = "The key file {path} cannot be read."
    why = "{reason}"
    todo = "Give the file back to your user, readable by you alone."


class KeyNotWritten(KeysError):
    """The key file could not be written; the old one, if there was one, is still in place."""

    code = "key-not-written"
    what = "The key file {path} cannot be written."
    why = "{reason}"
    todo = "Make room on the disk or mend the folder's permissions. The previous key is unchanged."


class KeyBusy(KeysError):
    """Another process is changing the key file."""

    code = "key-busy"
    what = "The key file {path} is being changed by another process."
    why = "Two changes at once could lose the key, so the second one waits, and it waited too long."
    todo = "Try again in a moment."


class PassphraseWrong(KeysError):
    """The passphrase does not open the key."""

    code = "passphrase-wrong"
    what = "The passphrase does not open the key."
    why = "It is another one than the key was locked with."
    todo = "Try again; upper and lower case count. Nobody can recover a forgotten passphrase."


class PassphraseWeak(KeysError):
    """The passphrase is too easy to guess to guard a key."""

    code = "passphrase-weak"
    what = "This passphrase is too weak for a key: {words}."
    why = "Whoever gets a copy of the file can try passphrases for years. {hint}"
    todo = "Choose a longer one, for example five or six words that do not belong together."


class PassphraseUnusable(KeysError):
    """The text cannot be used as a passphrase at all."""

    code = "passphrase-unusable"
    what = "This text cannot be a passphrase."
    why = "{reason}"
    todo = "Type another one."


class OtherUnlockMode(KeysError):
    """The key is locked another way than the caller tries to open it."""

    code = "other-unlock-mode"
    what = "This key is unlocked by {mode}."
    why = "It was set up this way; there is no second way in."
    todo = "Unlock it by {mode}."


class KeyringInsecure(KeysError):
    """The only key store of this system would keep the secret in the open."""

    code = "keyring-insecure"
    what = "The system's keyring cannot guard the key: the only one here is {backend}."
    why = "It keeps secrets unprotected, or keeps none; the key would lie open on the disk."
    todo = "Unlock by a passphrase instead, or install a keyring such as GNOME Keyring or KWallet."


class KeyringUnavailable(KeysError):
    """There is a keyring, or should be one, and it does not answer."""

    code = "keyring-unavailable"
    what = "The system's keyring does not answer."
    why = "{reason}"
    todo = (
        "Log in to the desktop session in which the key was set up and unlock its keyring."
        " On a machine without a desktop, unlock by a passphrase."
    )


class KeyringEntryMissing(KeysError):
    """The keyring holds no wrapping key for this key."""

    code = "keyring-entry-missing"
    what = "The system's keyring holds no entry that opens this key ({account})."
    why = "The entry was removed, or the key file comes from another machine or user."
    todo = "Restore the key from a backup. Without the entry the key file cannot be opened."


class KeyringEntryWrong(KeysError):
    """The wrapping key in the keyring does not open this key."""

    code = "keyring-entry-wrong"
    what = "The entry in the system's keyring does not open this key ({account})."
    why = "The entry or the key file was replaced by another one."
    todo = "Restore the key from a backup."


class KdfOutOfBounds(KeysError):
    """The key derivation asked for is too weak, or costs more than any file may ask for."""

    code = "kdf-out-of-bounds"
    what = "The file asks for a key derivation that is refused."
    why = "{reason}"
    todo = "Use a file that this app has written. Nothing was opened."


class MemoryShort(KeysError):
    """Not enough memory to turn the passphrase into a key."""

    code = "memory-short"
    what = "There is not enough free memory to open the key: it takes {mebibytes} MiB for a moment."
    why = "Guessing a passphrase is made costly on purpose, and so is checking the right one."
    todo = "Close other programs and try again."


class RemovalNotConfirmed(KeysError):
    """A key is removed only by naming it."""

    code = "removal-not-confirmed"
    what = "The key was not removed."
    why = "The address given is not the address of this key, {address}."
    todo = "Type the address of the key to remove. A removed key is gone without a backup."


class OldMachineMayRun(KeysError):
    """Nobody said that the machine which had this key before is off."""

    code = "old-machine-may-run"
    what = "The key was not taken in."
    why = (
        "Two machines that sign with one key sign twice. The chain punishes that with a part of"
        " the stake and bars the key for ever."
    )
    todo = "Turn the other machine off, make sure that it stays off, and confirm it."


class ImportUnreadable(KeysError):
    """A file of another program cannot be taken in."""

    code = "import-unreadable"
    what = "{path} cannot be read as {kind}."
    why = "{reason}"
    todo = "Choose the file that the old validator's `config` or `data` folder holds."


class ImportKeyMismatch(KeysError):
    """The parts of a key file contradict each other."""

    code = "import-key-mismatch"
    what = "The key file {path} contradicts itself."
    why = "{reason}"
    todo = "Use an unchanged copy of the file. Nothing was taken in."


class ImportStateMismatch(KeysError):
    """The signing state is not the one of this key on this chain."""

    code = "import-state-mismatch"
    what = "The signing state {path} does not belong to this key."
    why = "{reason}"
    todo = "Take key and state from the same validator, copied after it was stopped."


class ImportStartMissing(KeysError):
    """Neither a signing state nor a height from which to sign."""

    code = "import-start-missing"
    what = "A key is only taken in with its signing state."
    why = (
        "Without it nobody knows what the key has signed, and it might sign the same height twice."
    )
    todo = (
        "Choose `priv_validator_state.json` beside the old validator's data. If it is lost, confirm"
        " a height from which to sign, above everything that the key can have signed."
    )


class BackupBesideKey(KeysError):
    """The backup would lie where it is lost together with the key."""

    code = "backup-beside-key"
    what = "The backup was not written to {path}."
    why = "That is the validator's own folder: whatever destroys the key destroys the backup too."
    todo = "Choose another place, best a USB stick or another computer."


class BackupExists(KeysError):
    """A file is never overwritten by a backup."""

    code = "backup-exists"
    what = "The backup was not written: {path} exists already."
    why = "It may be the only good backup of a key."
    todo = "Choose another name."


class BackupNotWritten(KeysError):
    """The backup could not be written or not be read back."""

    code = "backup-not-written"
    what = "The backup {path} could not be written."
    why = "{reason}"
    todo = "Choose another place and try again. There is no backup yet."


class BackupUnreadable(KeysError):
    """The backup cannot be read at all."""

    code = "backup-unreadable"
    what = "The backup {path} cannot be read."
    why = "{reason}"
    todo = "Check that the medium is plugged in and that the file is yours to read."


class BackupDamaged(KeysError):
    """The backup is not what was written."""

    code = "backup-damaged"
    what = "The file {path} is not a whole backup."
    why = "{reason}"
    todo = "Use another copy. If the validator still runs, make a new backup now."


class BackupFromNewer(KeysError):
    """The backup was written by a newer version of this app."""

    code = "backup-from-newer"
    what = "The backup {path} has format {version}, which this version cannot read."
    why = "A newer version of this app wrote it."
    todo = "Install the newer version and restore with it."


class BackupPassphraseWrong(KeysError):
    """The passphrase does not open the backup."""

    code = "backup-passphrase-wrong"
    what = "The passphrase does not open the backup {path}."
    why = "The file is whole; it was locked with another passphrase."
    todo = "Try again; a backup has a passphrase of its own. Nobody can recover a forgotten one."


class BackupOfOtherKey(KeysError):
    """The backup is good, but of another key or chain."""

    code = "backup-of-other-key"
    what = "The backup {path} is of another key: {found} on {found_chain}."
    why = "This validator has the key {expected} on {expected_chain}."
    todo = "Choose this validator's backup, or restore that one as a validator of its own."
