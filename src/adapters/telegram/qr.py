"""A payment link as a picture that another device can scan."""

from __future__ import annotations

import io

import segno

from adapters.telegram.messages import Document, Message


def qr_photo(url: str, caption: Message) -> Document:
    """A PNG of some 400 points a side, dark on light with the quiet zone of ISO/IEC 18004."""
    drawn = io.BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(
        drawn,
        kind="png",
        scale=max(4, 400 // code.symbol_size()[0]),
        border=4,
        dark="#111827",
        light="#ffffff",
    )
    return Document("payment.png", drawn.getvalue(), caption, "image/png", photo=True)
