# SPDX-License-Identifier: Apache-2.0
"""What the doors refuse, and why they may fail to open."""

from __future__ import annotations

from bridge.web.errors import Refusal
from node_manager.explanation import OneClickError


class BridgePortTaken(OneClickError):
    """Another program listens where portals look for this app."""

    code = "bridge-port-taken"
    what = "Port {port} for web portals is taken."
    why = "Program {holder} uses it."
    todo = "Stop it, then try again. Until then no website can find this app; validators run on."


class BridgeAlreadyOpen(OneClickError):
    """This same app already answers on the port."""

    code = "bridge-already-open"
    what = "One-Click Validator already answers on port {port}."
    why = "Another copy of this app runs ({holder})."
    todo = "Use the window of that copy, or end it first."


class ControlDoorTaken(OneClickError):
    """Another copy of the app holds the control door of this data folder."""

    code = "control-door-taken"
    what = "One-Click Validator already runs with this data folder."
    why = "It answers at {path}."
    todo = "Use that copy, or end it first."


class ControlDoorUnsafe(OneClickError):
    """The folder of the control socket could be used by someone else."""

    code = "control-door-unsafe"
    what = "The control socket cannot be made in {folder}."
    why = "{reason}"
    todo = "Make the folder yours and private, or choose another data folder."


class NotRunning(OneClickError):
    """No app answers on the control door."""

    code = "app-not-running"
    what = "One-Click Validator does not run with this data folder."
    why = "Nothing answers at {path}."
    todo = "Start it with: oneclick-validator up --headless"


class ControlRefused(OneClickError):
    """The running app refused or failed; its own words are in the facts."""

    code = "control-refused"
    what = "{title}"
    why = "{detail}"
    todo = "{todo}"


class ForeignHost(Refusal):
    """The Host header is not this computer's (DNS rebinding)."""

    status = 403
    code = "foreign-host"
    what = "This door only answers to localhost."
    why = "The request was addressed to another host name."


class ForeignOrigin(Refusal):
    """A page asks that nobody allowed."""

    status = 403
    code = "foreign-origin"
    what = "This website is not allowed to read from this app."
    why = "Its origin is neither paired nor on the list in Settings."
    todo = "Ask for pairing first; the app then asks its person."


class NotPaired(Refusal):
    """No valid token came with the request."""

    status = 403
    code = "not-paired"
    what = "This needs a pairing."
    why = "The request carries no valid token of a paired website."
    todo = "Ask for pairing first; the app then asks its person."


class ScopeMissing(Refusal):
    """The pairing does not cover this."""

    status = 403
    code = "scope-missing"
    what = "The pairing does not allow this."
    why = "It lacks the scope {scope}."
    todo = "Ask for pairing again with this scope."


class PairingUnknown(Refusal):
    """The pairing request is over, or never was."""

    status = 404
    code = "pairing-unknown"
    what = "There is no such pairing request."
    why = "It was answered, ran out, or was ended after wrong codes."
    todo = "Ask again."


class PairingRefused(Refusal):
    """The person said no."""

    status = 403
    code = "pairing-refused"
    what = "The pairing was refused in the app."


class PairingBusy(Refusal):
    """Too many websites wait for the person's answer."""

    status = 429
    code = "pairing-busy"
    what = "The app already asks about as many websites as it may."
    todo = "Answer them in the app, or try again in {seconds} s."


class PairingMustWait(Refusal):
    """The person refused this website not long ago."""

    status = 429
    code = "pairing-must-wait"
    what = "The pairing was refused in the app."
    why = "A website that was refused must wait before it may ask again."
    todo = "Try again in {seconds} s."


class PairingBlocked(Refusal):
    """The person does not want to be asked by this website."""

    status = 403
    code = "pairing-blocked"
    what = "This website may not ask to be paired."
    why = "Its person said so in the app."
    todo = "Let it ask again in the app's Settings, under Websites."


class WrongCode(Refusal):
    """The code is not the one that was given."""

    status = 403
    code = "wrong-code"
    what = "The code is wrong."


class WriteToControlOnly(Refusal):
    """The older contract's start and stop."""

    status = 501
    code = "not-offered"
    what = "Start and stop are not offered here."
    why = "They need a pairing and are at POST /v1/nodes/ID/start and /stop."


class StreamsFull(Refusal):
    """All places for live streams are taken."""

    status = 503
    code = "streams-full"
    what = "All {limit} live streams are in use."
    todo = "Close one, or read the figures one by one."
