# SPDX-License-Identifier: Apache-2.0
"""Refusals that an HTTP answer carries, each with its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from node_manager.explanation import OneClickError


class Refusal(OneClickError):
    """Root of what is answered with a status of 400 or more.

    Attributes:
        status: the HTTP status.
        headers: sent with the answer.
        faults: the fields that are wrong, by name, for a form to show.
    """

    status: ClassVar[int] = 400

    def __init__(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        faults: tuple[tuple[str, str], ...] = (),
        **facts: object,
    ) -> None:
        super().__init__(**facts)
        self.headers = dict(headers or {})
        self.faults = faults


class Malformed(Refusal):
    """The body is not what its content type says."""

    code = "malformed-request"
    what = "The request cannot be read."
    why = "{reason}"


class Invalid(Refusal):
    """A field has a value that is not allowed."""

    status = 422
    code = "invalid-field"
    what = "The request has a value that is not allowed."
    why = "{reason}"


class NotJson(Refusal):
    """A change was asked for without a JSON content type (a plain form can do that)."""

    status = 415
    code = "not-json"
    what = "A change needs the content type application/json."
    why = "The request came as {content_type}."


class TooLarge(Refusal):
    """The body is over the limit."""

    status = 413
    code = "body-too-large"
    what = "The body is larger than {limit} bytes."


class TooSlow(Refusal):
    """The body did not arrive in time."""

    status = 408
    code = "body-too-slow"
    what = "The body did not arrive within {seconds} s."


class TooMany(Refusal):
    """A limit of requests is used up."""

    status = 429
    code = "too-many-requests"
    what = "Too many requests."
    why = "{reason}"
    todo = "Try again in {seconds} s."


class NoSuchThing(Refusal):
    """Nothing has this name."""

    status = 404
    code = "not-found"
    what = "{thing} is not known here."


class WrongMethod(Refusal):
    """The path exists, the method does not."""

    status = 405
    code = "method-not-allowed"
    what = "This path does not answer to {method}."


class Failed(Refusal):
    """A defect of ours; the log has the details, the answer does not."""

    status = 500
    code = "internal-error"
    what = "The request failed inside the program."
    todo = "The program's log has the details."
