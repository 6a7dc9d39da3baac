"""The last part of the pay page: what happened, and what the merchant was told of it."""

from collections.abc import Iterable
from datetime import datetime

from shipping_sandbox.oxapay_api.courier import Delivery
from shipping_sandbox.oxapay_api.invoice import Invoice, Transaction
from shipping_sandbox.oxapay_api.pay_page.markup import Html, tag


def log(invoice: Invoice, deliveries: list[Delivery]) -> Iterable[Html]:
    """The steps of the invoice, then its webhooks."""
    yield tag("h2", "What happened")
    steps = [(c.at, tag("li", _time(c.at), tag("span", c.status, class_="word"))) for c in invoice.changes]
    steps += [(tx.sent_at, tag("li", _time(tx.sent_at), tag("span", _sent(tx)))) for tx in invoice.txs]
    yield tag("ol", *(item for _, item in sorted(steps, key=lambda step: step[0])))
    yield tag("h2", "Webhooks")
    if not invoice.terms.callback_url:
        yield tag("p", "The merchant gave no callback address.", class_="hint")
    elif not deliveries:
        yield tag(
            "p",
            "None yet: the merchant is told when a payment is seen and when it is complete.",
            class_="hint",
        )
    else:
        yield tag("ol", *(tag("li", _time(d.created_at), tag("span", _delivered(d))) for d in deliveries))


def _sent(tx: Transaction) -> str:
    late = ", late" if tx.late else ""
    return f"{tx.amount:f} {tx.coin.symbol} {tx.status}{late}"


def _delivered(delivery: Delivery) -> str:
    tries = f" after {len(delivery.attempts)} attempts" if len(delivery.attempts) > 1 else ""
    match delivery.state:
        case "delivered":
            return f"{delivery.event}: delivered{tries}"
        case "lost":
            return f"{delivery.event}: lost, as you wished"
        case "held":
            return f"{delivery.event}: held back by a test"
        case "given_up":
            return f"{delivery.event}: given up{tries}, {_last_answer(delivery)}"
        case _ if delivery.attempts and delivery.next_at:
            return (
                f"{delivery.event}: {_last_answer(delivery)}, next attempt at {delivery.next_at:%H:%M:%S} UTC"
            )
        case _:
            return f"{delivery.event}: on its way"


def _last_answer(delivery: Delivery) -> str:
    last = delivery.attempts[-1]
    return last.error or f"HTTP {last.status} {last.answer[:40]!r}"


def _time(moment: datetime) -> Html:
    return tag("time", f"{moment:%H:%M:%S}", datetime=moment.isoformat(timespec="seconds"))
