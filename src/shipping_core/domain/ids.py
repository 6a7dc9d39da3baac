"""Opaque, typed identifiers and the mode every document is pinned to."""

from __future__ import annotations

import enum
from typing import NewType

UserId = NewType("UserId", str)
OrderId = NewType("OrderId", str)
InvoiceId = NewType("InvoiceId", str)
QuoteId = NewType("QuoteId", str)
RateId = NewType("RateId", str)
RefundId = NewType("RefundId", str)


class Mode(enum.Enum):
    """Whether money and labels are real; fixed when a document is made, never changed after."""

    TEST = "test"
    PRODUCTION = "production"
