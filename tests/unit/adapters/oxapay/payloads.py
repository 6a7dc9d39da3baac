"""Oxapay's answers and notices, as its pages of 2025 show them (docs.oxapay.com), with invented values.

The notice follows a sandbox delivery that a third party recorded in February 2026.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

KEY = "CANARY-MERCHANT-KEY-0001"
TRACK_ID = "190000001"
CREATED = {
    "track_id": TRACK_ID,
    "payment_url": f"https://pay.oxapay.com/12345678/{TRACK_ID}",
    "expired_at": 1930003600,
    "date": 1930000000,
}
EDGE_PAGE = b"<!doctype html><html><title>Bad gateway</title></html>"


def envelope(data: Any, status: Any = 200, **error: str) -> bytes:
    """The wrapping of every answer."""
    body = {"data": data, "message": "said", "error": error, "status": status, "version": "1.0.0"}
    return json.dumps(body).encode()


def refusal(status: Any = 400, kind: str = "invalid_request", message: str = "out of range") -> bytes:
    """An error envelope."""
    return envelope({}, status, type=kind, key="lifetime", message=message)


def a_tx(**changes: Any) -> dict[str, Any]:
    """A finished transaction, as the inquiry tells it."""
    tx = {
        "tx_hash": "0xabc123",
        "amount": 25.01,
        "currency": "USDT",
        "network": "Tron Network",
        "address": "TXexample",
        "status": "confirmed",
        "confirmations": 20,
        "auto_convert": {"processed": False, "amount": 0, "currency": None},
        "auto_withdrawal": {"processed": False},
        "date": 1930000420,
    }
    return {**tx, **changes}


def a_payment(*txs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the inquiry says of one link."""
    payment = {
        "track_id": TRACK_ID,
        "type": "invoice",
        "amount": 25,
        "currency": "USD",
        "status": "paid",
        "email": "canary@example.com",
        "order_id": "inv_7f3a",
        "lifetime": 60,
        "fee_paid_by_payer": 0,
        "under_paid_coverage": 0,
        "expired_at": 1930003600,
        "date": 1930000000,
        "txs": list(txs),
    }
    return {**payment, **changes}


def a_notice(**changes: Any) -> dict[str, Any]:
    """A V1 notice."""
    return {
        "track_id": TRACK_ID,
        "status": "Paid",
        "type": "invoice",
        "module_name": "api",
        "amount": 25,
        "value": 25,
        "sent_value": "25.01",
        "currency": "USD",
        "order_id": "inv_7f3a",
        "email": "canary@example.com",
        "note": "",
        "description": "wallet top-up",
        "date": "1930000500",
        "txs": [{"status": "confirmed", "tx_hash": "0xabc123", "sent_value": 25.01}],
        **changes,
    }


def a_legacy_notice(**changes: Any) -> dict[str, Any]:
    """A notice of the API before V1."""
    return {
        "status": "Confirming",
        "trackId": "190000002",
        "orderId": "inv_9c10",
        "amount": "10",
        "currency": "USD",
        "txID": "abc123",
        "type": "payment",
        **changes,
    }


def signed(body: bytes, key: str = KEY) -> str:
    """The header that goes with these bytes."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()
