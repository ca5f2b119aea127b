# SPDX-License-Identifier: Apache-2.0
"""Pages of lists: the next one is named in the Link header (RFC 8288), the body stays a list."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime

from aiohttp import web

from bridge.orchestrator.setups import After
from bridge.web.errors import Invalid


def after_of(cursor: str) -> After | None:
    """Where the page of `cursor` begins, None for the first.

    Raises:
        Invalid: it is not a cursor of ours.
    """
    if not cursor:
        return None
    try:
        moment, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().split("|")
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError("no zone")
        return After(found, uuid.UUID(row_id))
    except (ValueError, binascii.Error) as error:
        raise not_ours() from error


def next_link(request: web.Request, after: After | None) -> dict[str, str]:
    """The header that names the next page; none after the last."""
    if after is None:
        return {}
    text = f"{after.created_at.isoformat()}|{after.id}"
    return link_to(request, base64.urlsafe_b64encode(text.encode()).decode())


def link_to(request: web.Request, cursor: str) -> dict[str, str]:
    """The header that names the page which begins at `cursor`."""
    url = request.rel_url.update_query(cursor=cursor)
    return {"Link": f'<{url}>; rel="next"'}


def not_ours() -> Invalid:
    """The refusal of a cursor that was not given out here."""
    fault = ("cursor", "is not a cursor that this service gave out")
    return Invalid(reason=": ".join(fault), faults=(fault,))
