"""What customers were shown and operators told, remembered."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.conversation.screens import Facts, LabelCaption, Note, Screen
from shipping_core.domain.alert import Alert
from shipping_core.domain.ids import UserId
from shipping_core.domain.letter import Delivery
from shipping_core.domain.order import Order
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.operators import Operators


@frozen
class Shown:
    """One screen, as it was handed over."""

    user_id: UserId
    screen: Screen
    facts: Facts
    note: Note | None


@frozen
class MemoryNotifier(Notifier):
    """Keeps everything that was shown, told and sent, in order; `deliveries` are how the next ones end."""

    deliveries: list[Delivery] = field(factory=list)

    shown: list[Shown] = field(factory=list, init=False)
    told: list[Shown] = field(factory=list, init=False)
    labels: list[tuple[UserId, Order, bytes]] = field(factory=list, init=False)
    alarms: list[Exception] = field(factory=list, init=False)
    apologies: list[tuple[UserId, Exception]] = field(factory=list, init=False)

    async def show(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        self.shown.append(Shown(user_id, screen, facts, note))

    async def tell(self, user_id: UserId, screen: Screen, facts: Facts, note: Note | None = None) -> None:
        self.told.append(Shown(user_id, screen, facts, note))

    async def send_label(self, user_id: UserId, order: Order, document: bytes, facts: Facts) -> None:  # noqa: ARG002
        self.labels.append((user_id, order, document))

    async def deliver(
        self, user_id: UserId, screen: Screen, facts: Facts, document: bytes | None = None
    ) -> Delivery:
        delivery = self.deliveries.pop(0) if self.deliveries else Delivery.ARRIVED
        if delivery is Delivery.ARRIVED and document is not None and isinstance(screen, LabelCaption):
            self.labels.append((user_id, screen.order, document))
        elif delivery is Delivery.ARRIVED:
            self.told.append(Shown(user_id, screen, facts, None))
        return delivery

    async def alarm(self, error: Exception) -> None:
        self.alarms.append(error)

    async def apologise(self, user_id: UserId, error: Exception) -> None:
        self.apologies.append((user_id, error))

    def card(self, user_id: UserId) -> Shown:
        """What the user's card shows now.

        Raises:
            LookupError: nothing was shown to this user.
        """
        for shown in reversed(self.shown):
            if shown.user_id == user_id:
                return shown
        raise LookupError(user_id)


@frozen
class MemoryOperators(Operators):
    """Keeps every alert that was told, in order."""

    told: list[Alert] = field(factory=list, init=False)

    async def tell(self, alert: Alert) -> None:
        self.told.append(alert)
