"""An invoice as the API and its webhooks write it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from shipping_sandbox.oxapay_api.coins import tidy
from shipping_sandbox.oxapay_api.invoice import FEE, Invoice, Transaction
from shipping_sandbox.oxapay_api.settings import Shape

Json = dict[str, Any]
_CONVERTED_TO = "USDT"


def seconds(moment: datetime) -> int:
    """Whole Unix seconds."""
    return int(moment.timestamp())


def payment(invoice: Invoice) -> Json:
    """As `GET /payment/{track_id}` and the history give it."""
    terms = invoice.terms
    return {
        "track_id": invoice.track_id,
        "type": "invoice",
        "amount": terms.amount,
        "currency": terms.currency,
        "status": invoice.status,
        "mixed_payment": terms.mixed_payment,
        "callback_url": terms.callback_url,
        "description": terms.description,
        "email": terms.email,
        "fee_paid_by_payer": terms.fee_paid_by_payer,
        "lifetime": terms.lifetime,
        "order_id": terms.order_id,
        "under_paid_coverage": terms.under_paid_coverage,
        "return_url": terms.return_url,
        "thanks_message": terms.thanks_message,
        "expired_at": seconds(invoice.expires_at),
        "date": seconds(invoice.created_at),
        "txs": [_transaction(invoice, tx) for tx in invoice.txs],
    }


def _transaction(invoice: Invoice, tx: Transaction) -> Json:
    final, converted = tx.confirmed_at is not None, _is_converted(invoice, tx)
    return {
        **_common(tx),
        "amount": tx.amount,
        "auto_convert": {
            "processed": converted,
            "amount": tidy(tx.usd) if converted else 0,
            "currency": _CONVERTED_TO if converted else None,
        },
        "auto_withdrawal": {"processed": invoice.terms.auto_withdrawal and final},
    }


def webhook(invoice: Invoice, status: str, shape: Shape, now: datetime) -> Json:
    """The body of a callback that tells `status`, in V1's or the legacy API's field names."""
    return _v1(invoice, status, now) if shape == "v1" else _legacy(invoice, status, now)


def _v1(invoice: Invoice, status: str, now: datetime) -> Json:
    terms = invoice.terms
    return {
        "track_id": invoice.track_id,
        "status": status.capitalize(),
        "type": "invoice",
        "module_name": "api",
        "amount": terms.amount,
        "value": terms.amount,
        "sent_value": invoice.in_currency(invoice.sent_usd),
        "currency": terms.currency,
        "order_id": terms.order_id,
        "email": terms.email,
        "note": "",
        "fee_paid_by_payer": terms.fee_paid_by_payer,
        "under_paid_coverage": terms.under_paid_coverage,
        "description": terms.description,
        "date": seconds(now),
        "txs": [_told_transaction(invoice, tx) for tx in invoice.txs],
    }


def _told_transaction(invoice: Invoice, tx: Transaction) -> Json:
    value, converted = invoice.in_currency(tx.usd), _is_converted(invoice, tx)
    return {
        **_common(tx),
        "sent_amount": tx.amount,
        "received_amount": tidy(tx.amount * (1 - FEE)),
        "value": value,
        "sent_value": value,
        "sender_address": tx.sender_address,
        "memo": "",
        "rate": tidy(tx.coin.usd / invoice.terms.unit_usd),
        "auto_convert_amount": tidy(tx.usd) if converted else 0,
        "auto_convert_currency": _CONVERTED_TO if converted else "",
    }


def _common(tx: Transaction) -> Json:
    return {
        "status": tx.status,
        "tx_hash": tx.tx_hash,
        "currency": tx.coin.symbol,
        "network": tx.network.name,
        "address": tx.address,
        "confirmations": tx.network.confirmations if tx.confirmed_at else 1,
        "date": seconds(tx.sent_at),
    }


def _is_converted(invoice: Invoice, tx: Transaction) -> bool:
    wanted = invoice.terms.to_currency == _CONVERTED_TO != tx.coin.symbol
    return wanted and tx.confirmed_at is not None


def _legacy(invoice: Invoice, status: str, now: datetime) -> Json:
    terms, tx = invoice.terms, invoice.txs[-1] if invoice.txs else None
    return {
        "status": "Confirming" if status == "paying" else status.capitalize(),
        "trackId": invoice.track_id,
        "orderId": terms.order_id,
        "amount": _text(terms.amount),
        "currency": terms.currency,
        "payAmount": _text(tx.amount) if tx else "",
        "payCurrency": tx.coin.symbol if tx else "",
        "network": tx.network.code if tx else "",
        "address": tx.address if tx else "",
        "senderAddress": tx.sender_address if tx else "",
        "txID": tx.tx_hash if tx else "",
        "price": _text(tidy(tx.coin.usd / terms.unit_usd)) if tx else "",
        "email": terms.email,
        "description": terms.description,
        "date": str(seconds(now)),
        "payDate": str(seconds(tx.sent_at)) if tx else "",
        "type": "payment",
        "feePaidByPayer": str(terms.fee_paid_by_payer),
        "underPaidCover": _text(terms.under_paid_coverage),
        "autoConvertAmount": "0",
    }


def _text(number: Decimal) -> str:
    return f"{number:f}"
