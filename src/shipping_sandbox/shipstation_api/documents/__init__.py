"""The printable label: PDF and ZPL."""

from shipping_sandbox.shipstation_api.documents.pdf import render_pdf
from shipping_sandbox.shipstation_api.documents.zpl import render_zpl

__all__ = ["render_pdf", "render_zpl"]
