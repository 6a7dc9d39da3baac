"""Every port call has its two crash points, and every point that was asked for is died at."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import AsyncMock

import pytest

from shipping_core import ports
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from world.guards import NAMES, asynchronous, guarded
from world.sweep import passed

NEVER_PASSED = {
    "alerts.note",
    "answers.begin", "answers.finish", "answers.forget",
    "audit.kept", "audit.of", "audit.put",
    "balances.capture", "balances.debit", "balances.hold", "balances.journal", "balances.post",
    "balances.release", "balances.reverse", "balances.statement",
    "books.differences",
    "guesses.add", "guesses.of",
    "invoices.add", "invoices.in_review",
    "leases.release",
    "lists.count", "lists.page",
    "notifier.apologise",
    "operators.tell",
    "orders.add", "orders.begun_since", "orders.to_remind",
    "outbox.ended", "outbox.postpone", "outbox.put", "outbox.waiting",
    "personal_data.erase", "personal_data.forget_addresses",
    "segments.count", "segments.some",
    "shelf.add", "shelf.count", "shelf.remove", "shelf.save",
    "shipping.boxes", "shipping.estimate", "shipping.services",
    "statistics.refresh", "statistics.report",
    "users.get", "users.save", "users.speak",
}  # fmt: skip
"""Outside transactions nothing calls these in the scenarios: what writes money is called inside, the office
and pages beside an order move neither money nor labels, and a fault that needs an apology or a postponed
letter is met in the storms. A new method of a port has to be passed, or to be entered here."""

ASKED_FOR = {
    "purchase: confirm commit": "commit[order:reserved]",
    "purchase: shipment create": "shipping.prepare",
    "purchase: shipment stored, claim commit": "orders.save[purchasing]",
    "purchase: POST sent, POST answered": "shipping.buy",
    "purchase: record commit": "commit[order:purchased]",
    "purchase: document stored": "documents.put",
    "recovery: lookup": "shipping.find",
    "recovery: adopt": "tx.orders.save[purchased]",
    "recovery: release": "commit[order:failed]",
    "recovery: park": "commit[order:parked]",
    "recovery: late void": "shipping.void",
    "refund: request": "commit[refund:requested]",
    "refund: approve": "commit[refund:approved]",
    "refund: void sent, void answered": "shipping.void",
    "refund: credit commit": "commit[refund:processed]",
    "top-up: local invoice": "commit[invoice:opened]",
    "top-up: gateway create": "payments.create",
    "top-up: track id stored": "commit[invoice:linked]",
    "top-up: webhook stored": "inbox.put",
    "top-up: inquiry": "payments.inquire",
    "top-up: credit commit": "commit[invoice:credited]",
    "top-up: reversal commit": "commit[invoice:reversed]",
    "outbox: claim": "outbox.claim",
    "outbox: send": "notifier.deliver",
    "outbox: mark": "outbox.mark[sent]",
    "intake: handler done": "intake.update",
    "intake: update stored": "sessions.save",
    "poller: lease taken, renewed": "leases.take",
}
"""What the design names, of what is built so far, and the pair of points that it is here."""


def protocols() -> Iterator[type]:
    """Every port with an asynchronous method."""
    for module in pkgutil.iter_modules(ports.__path__):
        for _, found in inspect.getmembers(importlib.import_module(f"{ports.__name__}.{module.name}")):
            ours = inspect.isclass(found) and found.__module__ == f"{ports.__name__}.{module.name}"
            if ours and getattr(found, "_is_protocol", False) and asynchronous(found):
                yield found


class Recorder:
    """Notes what is passed."""

    def __init__(self) -> None:
        self.passed: list[str] = []

    async def before(self, point: str, sort: object) -> None:
        self.passed.append(f"{point}:before")

    async def after(self, point: str, sort: object, answer: object) -> None:
        self.passed.append(f"{point}:after")


def test_given_the_ports_when_listed_then_each_is_guarded() -> None:
    assert {p for p in protocols() if p not in {UnitOfWork, Transaction}} == set(NAMES)


@pytest.mark.parametrize("port", NAMES, ids=lambda p: p.__name__)
async def test_given_any_method_of_a_port_when_called_then_it_has_a_point_before_and_after(
    port: type,
) -> None:
    for method in asynchronous(port):
        recorder, inner = Recorder(), AsyncMock()
        guard: Any = guarded(port, inner, recorder)
        takes = inspect.signature(getattr(port, method)).parameters.values()
        named = {p.name: AsyncMock() for p in takes if p.kind is p.KEYWORD_ONLY}
        placed = [AsyncMock() for p in takes if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"]
        await getattr(guard, method)(*placed, **named)
        plain = [re.sub(r"\[.*\]", "", point) for point in recorder.passed]

        assert plain == [f"{NAMES[port][0]}.{method}:{when}" for when in ("before", "after")]
        getattr(inner, method).assert_awaited_once_with(*placed, **named)


def test_given_the_scenarios_when_told_then_they_pass_every_method_but_those_that_are_listed() -> None:
    every = {f"{name}.{method}" for port, (name, _) in NAMES.items() for method in asynchronous(port)}
    reached = {re.sub(r"\[.*\]", "", point.rpartition(":")[0]) for point in passed()}

    assert every - reached == NEVER_PASSED


@pytest.mark.parametrize("named", ASKED_FOR)
def test_given_a_point_of_the_design_when_swept_then_it_is_there_before_and_after(named: str) -> None:
    point = ASKED_FOR[named]

    assert {f"{point}:before", f"{point}:after"} <= set(passed())


def test_given_a_notice_that_is_stored_when_ok_is_about_to_be_said_then_there_is_a_point() -> None:
    assert "webhook.ok:before" in passed()
    assert "intake.acknowledged:after" in passed()
