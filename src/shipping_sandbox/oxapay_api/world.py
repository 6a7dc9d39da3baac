"""The whole state of the emulated service; one object, no global."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from shipping_sandbox.kit.accidents import FaultBook
from shipping_sandbox.kit.clock import Clock, running_numbers
from shipping_sandbox.kit.limits import Windows
from shipping_sandbox.oxapay_api.agenda import Agenda
from shipping_sandbox.oxapay_api.courier import Courier
from shipping_sandbox.oxapay_api.faults import Fault
from shipping_sandbox.oxapay_api.invoice import Invoice, Merchant
from shipping_sandbox.oxapay_api.settings import Settings


class World:
    """Merchants' invoices, their webhooks, faults and clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.settings = Settings()
        self.faults: FaultBook[Fault] = FaultBook()
        self.windows = Windows()
        self.calls: Counter[str] = Counter()
        self.invoices: dict[str, Invoice] = {}
        self.agenda = Agenda(self.clock)
        self.courier = Courier(self.clock, self.agenda)
        self._ids: Iterator[int] = running_numbers(self.clock)

    def next_track_id(self) -> str:
        """Digits no invoice has, across restarts too."""
        return str(next(self._ids))

    def merchant(self, key: str) -> Merchant | None:
        """Who has this key; None if nobody has."""
        if not key or (self.settings.keys is not None and key not in self.settings.keys):
            return None
        return Merchant(key=key, number=str(int(hashlib.sha256(key.encode()).hexdigest()[:12], 16))[:8])

    def change(self, settings: Settings) -> None:
        """Live by these settings from now on."""
        self.settings = settings
        self.windows.forget()
        self.courier.timeout_s = settings.webhook_timeout_s
        self.courier.hurry(settings.speed)

    def reset(self) -> None:
        """Forget everything but the running numbers."""
        self.close()
        self.clock.offset_s = 0.0
        self.change(Settings())
        self.faults.orders.clear()
        self.calls.clear()
        self.invoices = {}

    def close(self) -> None:
        """Let nothing happen any more."""
        self.agenda.clear()
        self.courier.stop()
