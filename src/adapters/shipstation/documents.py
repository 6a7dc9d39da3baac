"""The label's file, wherever V2 says it is. Our key goes to the partner's own host and nowhere else."""

from __future__ import annotations

import re

import httpx

from adapters.shipstation import wire_v2 as wire
from adapters.shipstation.client import Call, Client
from adapters.shipstation.limiter import Urgency
from adapters.shipstation.translate import PDF_START, pdf
from shipping_core.errors import GatewayRefused, GatewayUnavailable

_PARTNER_HOST = re.compile(r"(?:[a-z0-9-]+\.)+(?:shipstation|shipengine)\.com")


def inline(label: wire.Label) -> bytes | None:
    """The document when it came inside the answer, as V2 sends it on request."""
    place = _place(label)
    return pdf(place) if place.startswith("data:") else None


async def fetch(client: Client, label: wire.Label) -> bytes:
    """The PDF of a finished label.

    Raises:
        GatewayRefused: `no_document` when there is none, `unexpected_host` when it lies with a stranger.
        GatewayUnavailable: it could not be read, or what came is no PDF.
    """
    place = _place(label)
    if not place:
        raise GatewayRefused("document", "the label has no file", code="no_document")
    document = pdf(place) if place.startswith("data:") else await _downloaded(client, place)
    if document is None or not document.startswith(PDF_START):
        raise GatewayUnavailable("document", "not a PDF", code="unreadable")
    return document


async def _downloaded(client: Client, place: str) -> bytes:
    try:
        url = httpx.URL(place)
    except httpx.InvalidURL:
        raise GatewayRefused("document", "not an address", code="unexpected_host") from None
    own = client.origin
    if (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port):
        return await client.download(Call("document", "GET", place, urgency=Urgency.LOOKUP))
    if url.scheme == "https" and url.port is None and _PARTNER_HOST.fullmatch(url.host):
        return await client.download_elsewhere("document", place)
    raise GatewayRefused("document", "the file lies with a stranger", code="unexpected_host")


def _place(label: wire.Label) -> str:
    """A URL, or the file itself as a data URL; empty when there is neither."""
    download = label.label_download
    return (download.pdf or download.href or "") if download else ""
