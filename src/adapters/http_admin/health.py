"""Whether the process lives, and whether it can work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK, HTTP_503_SERVICE_UNAVAILABLE

from adapters.http_admin.access import PUBLIC

log = logging.getLogger(__name__)

Ready = Callable[[], Awaitable[dict[str, str]]]
"""One word for each part of the system; `ok` is the good one."""

PATIENCE_S: Final = 5.0


def health_routes(ready: Ready, *, patience_s: float = PATIENCE_S) -> tuple[HTTPRouteHandler, ...]:
    """`/health/live` says 200 while the loop turns; `/health/ready` 200 only when every part is `ok`."""

    @get("/health/live", include_in_schema=False, opt={PUBLIC: True})
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @get("/health/ready", include_in_schema=False, opt={PUBLIC: True})
    async def is_ready() -> Response[dict[str, str]]:
        parts = await _ask(ready, patience_s)
        well = all(word == "ok" for word in parts.values())
        return Response(parts, status_code=HTTP_200_OK if well else HTTP_503_SERVICE_UNAVAILABLE)

    return live, is_ready


async def _ask(ready: Ready, patience_s: float) -> dict[str, str]:
    try:
        return await asyncio.wait_for(ready(), patience_s)
    except TimeoutError:
        return {"readiness": "no answer in time"}
    except Exception:
        log.exception("the readiness question failed")
        return {"readiness": "failed"}
