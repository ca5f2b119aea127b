# SPDX-License-Identifier: Apache-2.0
"""Why the orchestrator does not start or refuses a request."""

from __future__ import annotations

from bridge.web.errors import Refusal
from node_manager.explanation import OneClickError


class SettingsWrong(OneClickError):
    """A setting has a value that is not allowed."""

    code = "orchestrator-settings-wrong"
    what = "The settings of the orchestrator cannot be used."
    why = "{reason}"
    todo = "Correct them in the environment or in the settings file, then start again."


class PlainHttpInPublic(OneClickError):
    """Tokens would cross a network in the clear."""

    code = "plain-http-in-public"
    what = "The orchestrator does not serve plain HTTP on {host}."
    why = "Others could read the tokens of wallets and operators on their way."
    todo = (
        "Set a certificate and key (TLS_CERTIFICATE, TLS_KEY), or BEHIND_TLS_PROXY=true where a "
        "proxy does it, or ALLOW_PLAIN_HTTP=true to take the risk."
    )


class OrchestratorPortTaken(OneClickError):
    """Another program listens there."""

    code = "orchestrator-port-taken"
    what = "Port {port} of the orchestrator is taken."
    why = "Program {holder} uses it."
    todo = "Stop it, or choose another port in Settings."


class DatabaseAddressWrong(OneClickError):
    """The database URL cannot be used."""

    code = "database-address-wrong"
    what = "The address of the database cannot be used."
    why = "{reason}"
    todo = "Use sqlite:////path/file.sqlite or postgresql://user:password@host/name."


class DatabaseUnreachable(OneClickError):
    """The database does not answer."""

    code = "database-unreachable"
    what = "The database {address} does not answer."
    why = "{reason}"
    todo = "Check that it runs and that the address is right."


class DatabaseTooNew(OneClickError):
    """A later version made the tables."""

    code = "database-too-new"
    what = "The database was made by a later version of this program."
    why = "Its tables are of revision {revision}, which this version does not know."
    todo = "Use the later version, or restore a copy of the database of before."


class DatabaseBusy(Refusal):
    """The database cannot take the write now."""

    status = 503
    code = "database-busy"
    what = "The database does not take the change now."
    todo = "Try again in a few seconds."


class ServiceEnding(Refusal):
    """This instance closes and takes no more work."""

    status = 503
    code = "service-ending"
    what = "This instance of the service is ending."
    todo = "Try again in a few seconds."


class Unauthenticated(Refusal):
    """No valid proof of who is asking."""

    status = 401
    code = "unauthenticated"
    what = "This needs the consent of the wallet."
    why = "{reason}"
    todo = "Ask for a nonce at POST /api/v1/auth/nonce and sign it with the wallet."


class OperatorKeyNeeded(Unauthenticated):
    """No key that holds came with it."""

    code = "operator-key-needed"
    what = "This needs the key of an operator."
    todo = "Send it as Authorization: Bearer KEY; orchestrator key create NAME makes one."


class NotOwner(Refusal):
    """Another wallet asks."""

    status = 403
    code = "not-owner"
    what = "This belongs to another wallet."
    todo = "Sign in with the wallet that made the setup request."


class NotOperator(Refusal):
    """An operator's key is needed."""

    status = 403
    code = "not-operator"
    what = "This is for operators of the service."
    todo = "Use the key of an operator: orchestrator key create NAME makes one."


class SignatureWrong(Refusal):
    """The wallet's signature does not fit."""

    status = 401
    code = "signature-wrong"
    what = "The signature of the wallet does not fit."
    why = "{reason}"
    todo = "Ask for a new nonce and sign it again."


class DeviceSignatureWrong(Refusal):
    """The heartbeat is not signed as it should be."""

    status = 401
    code = "device-signature-wrong"
    what = "The heartbeat is not signed by its device."
    why = "{reason}"
    todo = "Check the clock of the device, and update the app there."


class OtherDevice(Refusal):
    """Another device is pinned to the consensus key."""

    status = 403
    code = "other-device"
    what = "Another device sends the heartbeats of this validator."
    why = "Its key was pinned at the first heartbeat."
    todo = "The wallet that owns the validator can bind this device instead."


class HeartbeatRepeated(Refusal):
    """This heartbeat or a later one was already taken."""

    status = 409
    code = "heartbeat-repeated"
    what = "This heartbeat is not newer than the last one."
    todo = "Send the next one; the state it would have told is known."


class ProviderNotOffered(Refusal):
    """The contract knows the provider, this service does not offer it."""

    status = 422
    code = "provider-not-offered"
    what = "The provider {provider} is not offered here."
    why = "Offered are: {offered}."
    todo = "Choose one of them."


class WrongMode(Refusal):
    """The act is for the other run mode."""

    code = "wrong-mode"
    what = "This is for {needed} validators."
    why = "The setup request is for a {mode} validator."
    todo = "A local validator is run by its own app; a cloud validator makes its own key."


class WrongStatus(Refusal):
    """The act does not fit the state."""

    status = 409
    code = "wrong-status"
    what = "This does not fit the state of the setup request."
    why = "It is {state}."
    todo = "Look at its status, and try again when that allows it."


class KeyReused(Refusal):
    """The same idempotency key came with another body."""

    status = 422
    code = "idempotency-key-reused"
    what = "This idempotency key was used for another request."
    todo = "Use a new key for a new request; the earlier request stands."


class LogsNotRead(Refusal):
    """The log of a cloud node cannot be told now."""

    status = 503
    code = "logs-not-read"
    what = "The node's log cannot be read now."
    why = "{reason}"
    todo = "Try again in a few seconds."


class ChainUnavailable(Refusal):
    """No endpoint of the chain answers."""

    status = 503
    code = "chain-unavailable"
    what = "The chain does not answer."
    why = "{reason}"
    todo = "Try again later."


class ChainRefused(Refusal):
    """The chain answered, and not with yes."""

    status = 422
    code = "chain-refused"
    what = "The chain refuses the transaction."
    why = "{reason}"
