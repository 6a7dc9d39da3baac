"""Building keyboards: buttons that know the version of the card they stand on."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from adapters.telegram import buttons
from adapters.telegram.messages import Button
from shipping_core.conversation import events as ev
from shipping_core.domain.ids import OrderId

Rows = list[list[Button]]


@frozen
class Keys:
    """Makes the buttons of one card."""

    version: int

    def step(self, text: str, event: ev.Customer) -> Button:
        """A step of the conversation."""
        return Button(text, buttons.step(event, self.version))

    def offered(self, text: str, answer: str) -> Button:
        """An answer to pick instead of typing it."""
        return Button(text, buttons.offered(answer, self.version))

    def order(self, text: str, action: str, order_id: OrderId | None) -> Button:
        """Something about one order."""
        return Button(text, buttons.about_order(action, order_id))

    def page(self, text: str, number: int) -> Button:
        """A page of the list of orders."""
        return Button(text, buttons.orders_page(number))

    def counter(self, text: str, name: str, action: str, subject: str = "") -> Button:
        """Something for a counter."""
        return Button(text, buttons.at_counter(name, action, subject))

    @staticmethod
    def rows(rows: Iterable[list[Button]]) -> tuple[tuple[Button, ...], ...]:
        """The rows that have something in them."""
        return tuple(tuple(row) for row in rows if row)
