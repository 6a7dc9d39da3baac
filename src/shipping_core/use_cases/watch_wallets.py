"""Carriers sell from prepaid wallets: pause what an almost empty one could not pay, and say so."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from shipping_core.domain.alert import AlertKind
from shipping_core.domain.money import Money
from shipping_core.domain.policy import Rules
from shipping_core.errors import GatewayError, OperatorNeeded
from shipping_core.ports.clock import Clock
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.shipping import ShippingGateway, Wallet
from shipping_core.use_cases.sales_gate import PAUSED_FOR, SalesGate


@frozen
class WatchWallets:
    """Closes the gate for carriers below the floor, and opens it when they are filled again."""

    shipping: ShippingGateway
    gate: SalesGate
    notifier: Notifier
    clock: Clock
    policy: Rules
    _low: set[str] = field(factory=set, init=False)

    async def __call__(self) -> None:
        """One look. A carrier that does not answer changes nothing."""
        if self.policy.now.wallet_floor.minor == 0:
            return
        try:
            wallets = await self.shipping.wallets(self.policy.now.mode)
        except GatewayError:
            return
        for code, lowest in _lowest(wallets).items():
            if lowest < self.policy.now.wallet_floor:
                self.gate.pause(code, self.clock.now() + PAUSED_FOR)
                if code not in self._low:
                    self._low.add(code)
                    await self._say(f"the {code} wallet holds {lowest}: its sales are paused", code)
            elif code in self._low:
                self._low.discard(code)
                self.gate.open(code)
                await self._say(f"the {code} wallet holds {lowest}: its sales go on", f"{code}:filled")

    async def _say(self, words: str, which: str) -> None:
        await self.notifier.alarm(OperatorNeeded(words, AlertKind.WALLET_LOW, f"wallet:{which}"))


def _lowest(wallets: Sequence[Wallet]) -> dict[str, Money]:
    """By carrier what its poorest account holds: nobody knows which one the next label is paid from."""
    found: dict[str, Money] = {}
    for wallet in wallets:
        found[wallet.carrier_code] = min(wallet.balance, found.get(wallet.carrier_code, wallet.balance))
    return found
