"""Payment notices: verified, kept, answered; and only then worked off."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.domain.ids import Mode
from shipping_core.domain.policy import Rules
from shipping_core.errors import Conflict, GatewayError, StoreUnavailable
from shipping_core.ports.clock import Clock
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.payments import PaymentGateway
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.settle_invoice import SettleInvoice


@frozen
class TakeNotice:
    """A notice says which link to look at; whether money came is asked of the gateway."""

    payments: PaymentGateway
    inbox: NoticeInbox
    settle: SettleInvoice
    notifier: Notifier
    clock: Clock
    policy: Rules
    bell: Bell = field(factory=Bell)

    async def __call__(self, raw: bytes, signature: str | None) -> None:
        """Keep an authentic notice; when this returns it is stored.

        Raises:
            NoticeRefused: it is not the gateway's, or says nothing; nothing was written.
            StoreUnavailable: it is not kept; it will come again.
        """
        notice = self.payments.read_notice(raw, signature)
        if await self.inbox.put(notice, self.clock.now()):
            self.bell.ring()

    async def work_off(self) -> int:
        """Settle what was kept; how many notices are done now. What the gateway does not answer stays."""
        count = 0
        for notice in await self.inbox.pending():
            try:
                invoice = await self.settle(notice.track_id, await self._mode_of(notice.track_id))
            except (Conflict, GatewayError):
                continue
            except StoreUnavailable:
                raise
            except Exception as exc:  # noqa: BLE001 - one bad notice must not keep the others waiting
                await self.notifier.alarm(exc)
                continue
            await self.inbox.done(notice.digest, "unmatched" if invoice is None else invoice.state.value)
            count += 1
        return count

    async def _mode_of(self, track_id: str) -> Mode:
        """The mode of the invoice that owns the link, whatever ours is now; ours for nobody's link."""
        for mode in Mode:
            if await self.settle.invoices.by_track_id(track_id, mode) is not None:
                return mode
        return self.policy.now.mode
