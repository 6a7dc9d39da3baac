"""Carriers sell from prepaid wallets: pause what an almost empty one could not pay, and say so."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.domain.policy import Policy
from shipping_core.errors import GatewayError, OperatorNeeded
from shipping_core.ports.clock import Clock
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.use_cases.sales_gate import PAUSED_FOR, SalesGate


@frozen
class WatchWallets:
    """Closes the gate for carriers below the floor, and opens it when they are filled again."""

    shipping: ShippingGateway
    gate: SalesGate
    notifier: Notifier
    clock: Clock
    policy: Policy
    _low: set[str] = field(factory=set, init=False)

    async def __call__(self) -> None:
        """One look. A carrier that does not answer changes nothing."""
        if self.policy.wallet_floor.minor == 0:
            return
        try:
            wallets = await self.shipping.wallets(self.policy.mode)
        except GatewayError:
            return
        for wallet in wallets:
            code = wallet.carrier_code
            if wallet.balance < self.policy.wallet_floor:
                self.gate.pause(code, self.clock.now() + PAUSED_FOR)
                if code not in self._low:
                    self._low.add(code)
                    await self._say(f"the {code} wallet holds {wallet.balance}: its sales are paused")
            elif code in self._low:
                self._low.discard(code)
                self.gate.open(code)
                await self._say(f"the {code} wallet holds {wallet.balance}: its sales go on")

    async def _say(self, words: str) -> None:
        await self.notifier.alarm(OperatorNeeded(words))
