# SPDX-License-Identifier: Apache-2.0
"""Settings that are refused; the old ones stay in force."""

from __future__ import annotations

from node_manager.explanation import OneClickError


class SettingRefused(OneClickError):
    """Root of the refusals."""

    code = "setting-refused"
    what = "The setting is not changed."
    todo = "Choose another value. The settings are as they were."


class PortHeld(SettingRefused):
    """Another program listens there."""

    code = "setting-port-held"
    what = "Port {port} is not taken."
    why = "It is in use by {holder}."
    todo = "Choose another port, or end that program. The settings are as they were."


class PortForbidden(SettingRefused):
    """The system does not give it."""

    code = "setting-port-forbidden"
    what = "Port {port} is not taken."
    why = "The system refuses it: {reason}."
    todo = "Choose a port from 1024 on. The settings are as they were."


class PortOfValidator(SettingRefused):
    """A validator of this computer has it."""

    code = "setting-port-of-validator"
    what = "Port {port} is not taken."
    why = "A validator of this computer uses it."
    todo = "Choose another port. The settings are as they were."


class PortShared(SettingRefused):
    """One port for two doors."""

    code = "setting-port-shared"
    what = "Port {port} is not taken."
    why = "The bridge and the orchestrator cannot share one port."
    todo = "Choose another port. The settings are as they were."


class OriginRefused(SettingRefused):
    """No browser names a website like this."""

    code = "setting-origin-refused"
    what = "“{origin}” is not taken as a website."
    why = (
        "A browser names a website by http:// or https://, its name in small letters, and its"
        " port where it is not the usual one; nothing follows."
    )
    todo = "Write it like https://portal.example. The settings are as they were."


class AddressRefused(SettingRefused):
    """Nothing can be sent there."""

    code = "setting-address-refused"
    what = "“{url}” is not taken as an address."
    why = "It does not begin with http:// or https:// and a name."
    todo = "Write it like https://portal.example. The settings are as they were."
