"""Collect what a screen shows besides its own data."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation import screens as sc
from shipping_core.conversation.session import Session
from shipping_core.domain.assembling import shipment_of
from shipping_core.domain.desk import MOST_KEPT, Contact, ParcelPreset, last_used_first
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance
from shipping_core.domain.money import Money
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import Rules, to_top_up, topup_limits
from shipping_core.domain.user import Limits, User
from shipping_core.errors import GatewayError, NotFound, SalesClosed
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.payments import PaymentGateway
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.admission import Admission

RECENT = 5
"""How many of the last orders are looked at for a twin."""
OFFERED = 6
"""How many kept addresses or parcels are offered where one is asked for."""


@frozen
class GatherFacts:
    """Balance, language, time: read only where the screen wants them."""

    sessions: SessionRepository
    balances: BalanceLedger
    orders: OrderRepository
    clock: Clock
    policy: Rules
    payments: PaymentGateway | None = None
    contacts: Shelf[Contact] | None = None
    parcels: Shelf[ParcelPreset] | None = None
    users: UserRepository | None = None
    """Whose languages and limits count; None knows nobody."""
    admission: Admission | None = None
    """Says who may order now; None lets everybody."""

    async def __call__(self, user_id: UserId, screen: sc.Screen) -> sc.Facts:
        """The facts for a page beside the order."""
        session = await self.sessions.load(user_id)
        if session is None:
            user = await self._user(user_id)
            session = Session.begin(user_id, self.clock.now(), user.language if user else "en")
        return await self.of(session, screen)

    async def of(self, session: Session, screen: sc.Screen) -> sc.Facts:
        """The facts for this session's card."""
        wants_balance = getattr(screen, "wants_balance", False)
        order = await self._order(session.user_id, screen)
        mode = self._mode(screen, order)
        balance = await self.balances.balance(session.user_id, mode) if wants_balance else None
        least, most = topup_limits(self.policy.now, await self._limits(session.user_id, screen))
        return sc.Facts(
            version=session.version,
            language=session.language,
            now=self.clock.now(),
            mode=mode,
            balance=balance,
            last_order=order,
            twin=await self._twin(session.user_id, screen),
            to_top_up=self._missing(screen, balance),
            coins=await self._coins(screen),
            can_top_up=self.payments is not None,
            offers=tuple(offer for offer in self.policy.now.topup_offers if least <= offer <= most),
            least=least,
            most=most,
            contact=self.policy.now.contact,
            refund_after=self.policy.now.refunds.least_age,
            shut=await self._shut(session.user_id, screen),
            contacts=await self._contacts(session.user_id, screen),
            parcels=await self._parcels(session.user_id, screen),
        )

    async def _limits(self, user_id: UserId, screen: sc.Screen) -> Limits:
        user = await self._user(user_id) if isinstance(screen, sc.TopUpAmounts | sc.ConfirmPurchase) else None
        return user.limits if user is not None else Limits()

    async def _shut(self, user_id: UserId, screen: sc.Screen) -> sc.Note | None:
        """Said where an order begins, not only once it is written."""
        if self.admission is None or not isinstance(screen, sc.Menu | sc.OrderCard):
            return None
        try:
            await self.admission.check(user_id)
        except SalesClosed as exc:
            return sc.Note(exc.reason, exc.facts)
        return None

    async def _user(self, user_id: UserId) -> User | None:
        try:
            return None if self.users is None else await self.users.get(user_id)
        except NotFound:
            return None

    def _mode(self, screen: sc.Screen, order: Order | None) -> Mode:
        match screen:
            case sc.News() if screen.mode is not None:
                return screen.mode
            case sc.Purchased() | sc.PurchasePending() if order is not None:
                return order.mode
            case _:
                return self.policy.now.mode

    async def _contacts(self, user_id: UserId, screen: sc.Screen) -> tuple[Contact, ...]:
        """The default sender first, where a sender is asked for, then those changed last."""
        if self.contacts is None or not isinstance(screen, sc.AskPart) or screen.part == "parcel":
            return ()
        kept = await self.contacts.find({"user_id": user_id}, limit=MOST_KEPT)
        newest = list(kept)[::-1]
        newest.sort(key=lambda contact: not (contact.default_sender and screen.part == "from"))
        return tuple(newest[:OFFERED])

    async def _parcels(self, user_id: UserId, screen: sc.Screen) -> tuple[ParcelPreset, ...]:
        if self.parcels is None or not isinstance(screen, sc.AskPart) or screen.part != "parcel":
            return ()
        kept = await self.parcels.find({"user_id": user_id}, limit=MOST_KEPT)
        return tuple(last_used_first(kept)[:OFFERED])

    def _missing(self, screen: sc.Screen, balance: Balance | None) -> Money | None:
        if not isinstance(screen, sc.ConfirmPurchase) or balance is None:
            return None
        return to_top_up(screen.rate.price, balance.available, self.policy.now)

    async def _coins(self, screen: sc.Screen) -> tuple[str, ...]:
        if not isinstance(screen, sc.TopUpAmounts) or self.payments is None:
            return ()
        try:
            return tuple(await self.payments.currencies(self.policy.now.mode))
        except GatewayError:
            return ()  # which coins there are is said on the payment page as well

    async def _order(self, user_id: UserId, screen: sc.Screen) -> Order | None:
        match screen:
            case sc.Purchased(order_id) | sc.PurchasePending(order_id):
                return await self.orders.get(order_id)
            case sc.Menu() | sc.AskPart("parcel"):
                return next(iter(await self.orders.of_user(user_id, limit=1)), None)
            case _:
                return None

    async def _twin(self, user_id: UserId, screen: sc.Screen) -> Order | None:
        if not isinstance(screen, sc.ConfirmPurchase):
            return None
        same, since = shipment_of(screen.draft), self.clock.now() - self.policy.now.twin_within
        recent = await self.orders.of_user(user_id, limit=RECENT)
        good = [o for o in recent if o.label and o.state is not OrderState.VOIDED]
        return next((o for o in good if o.shipment == same and o.created_at > since), None)
