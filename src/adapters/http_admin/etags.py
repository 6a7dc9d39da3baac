"""Versions as ETags: what was read is what is changed."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request

from adapters.http_admin.problems import Refusal


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}


def version_of(request: Request[Any, Any, Any]) -> int:
    """The version that the caller has read and means to change: the ETag in `If-Match`.

    Raises:
        Refusal: 428 without the header, 412 for an ETag that is none of ours.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise Refusal(status_code=428, detail="Send the ETag of what you have read in the header If-Match.")
    if not re.fullmatch(r'"[0-9]{1,9}"', given):
        raise Refusal(status_code=412, detail="If-Match is no ETag of ours: read it again.")
    return int(given.strip('"'))
