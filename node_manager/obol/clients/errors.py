# SPDX-License-Identifier: Apache-2.0
"""What keeps a validator client from its start."""

from __future__ import annotations

from node_manager.obol.errors import ObolError


class VcImportFailed(ObolError):
    """A validator client did not take the keystores."""

    code = "vc-import-failed"
    what = "{client} did not take the validator's key shares."
    why = "It said: {said}"
    todo = "Nothing is signed until it has them. Check its version, then start again."


class RecordNotCarried(ObolError):
    """A client without the record of the one before it could sign what contradicts it."""

    code = "vc-record-not-carried"
    what = "The record of what {before} signed did not reach {after}; {after} is not started."
    why = "{reason} Without that record {after} could sign what contradicts it and be slashed."
    todo = (
        "Let {before} stay the client. To change it, both programs must be on this computer:"
        " {before} hands the record out, {after} takes it."
    )
