"""`shop()`: the whole core wired over memory adapters; and `Customer`, somebody who talks to it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from adapters.memory.balances import MemoryBalances
from adapters.memory.clock import MemoryClock, MemoryIds
from adapters.memory.database import Database
from adapters.memory.invoices import MemoryInbox, MemoryInvoices
from adapters.memory.notifier import MemoryNotifier, Shown
from adapters.memory.orders import MemoryOrders
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.payments import MemoryPayments
from adapters.memory.reader import MemoryReader
from adapters.memory.segments import MemorySegments
from adapters.memory.shelves import MemoryShelf
from adapters.memory.stores import MemoryDocuments, MemorySessions, MemoryStore, MemoryUnitOfWork, MemoryUsers
from builders import A_WHOLE_ORDER, ANN, NOW, PLACES, usd
from carriers import ScriptedShipping
from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.access import Act, Approval
from shipping_core.domain.broadcast import Broadcast, Copy, Segment
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance, Kind
from shipping_core.domain.order import Order
from shipping_core.domain.policy import Policy, Standing
from shipping_core.domain.refund import Refund
from shipping_core.ports.readiness import Readiness
from shipping_core.use_cases.admission import Admission
from shipping_core.use_cases.asides import Asides
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.cancel_label import CancelLabel
from shipping_core.use_cases.change_settings import ChangeSettings
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.converse import Converse, Input
from shipping_core.use_cases.decide_parked import DecideParked
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.deliver_letters import DeliverLetters
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.keep_contacts import KeepContacts
from shipping_core.use_cases.keep_parcels import KeepParcels
from shipping_core.use_cases.keep_people import KeepPeople, Shelves
from shipping_core.use_cases.keep_templates import KeepTemplates
from shipping_core.use_cases.perform_effect import PerformEffect
from shipping_core.use_cases.quick_quote import QuickQuote
from shipping_core.use_cases.quote_rates import QuoteRates
from shipping_core.use_cases.reconcile_orders import ReconcileOrders
from shipping_core.use_cases.remind_refunds import RemindRefunds
from shipping_core.use_cases.request_refunds import RequestRefunds
from shipping_core.use_cases.resolve_review import ResolveReview
from shipping_core.use_cases.resume_sessions import ResumeSessions
from shipping_core.use_cases.rulebook import Rulebook
from shipping_core.use_cases.sales_gate import SalesGate
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.settle_invoice import SettleInvoice
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.settle_refund import SettleRefund
from shipping_core.use_cases.show_desk import ShowDesk
from shipping_core.use_cases.show_orders import ShowOrders
from shipping_core.use_cases.show_refunds import ShowRefunds
from shipping_core.use_cases.show_statement import ShowStatement
from shipping_core.use_cases.sweep_invoices import SweepInvoices
from shipping_core.use_cases.take_notice import TakeNotice
from shipping_core.use_cases.top_up import TopUp
from shipping_core.use_cases.watch_orders import WatchOrders
from shipping_core.use_cases.watch_refunds import WatchRefunds
from shipping_core.use_cases.watch_wallets import WatchWallets
from shipping_core.use_cases.welcome import Welcome

_numbers = itertools.count(1)
OLA = UserId("900")
"""An operator, who is a customer as well."""


@define
class Ready(Readiness):
    """An installation with everything it needs, or with what a test says it lacks."""

    lacks: dict[Mode, list[str]] = field(factory=dict)

    def problems(self, mode: Mode) -> list[str]:
        return self.lacks.get(mode, [])


BACK_AGAIN = {"en": "We are back.", "ru": "Мы снова тут."}


@define
class Announced:
    """What is told to customers of maintenance."""

    keep: KeepBroadcasts
    database: Database

    async def __call__(self, texts: Mapping[str, str], by: str) -> Broadcast:
        return await self.keep.announced(texts, Segment(active_days=7), by=by)

    @property
    def notices(self) -> list[Mapping[str, str]]:
        """Those that are kept, oldest first."""
        kept: list[Broadcast] = list(self.database.scan("Broadcast"))
        return [broadcast.texts for broadcast in sorted(kept, key=lambda b: b.broadcast_id)]


@define
class Shop:
    """The whole core over memory adapters, and the hands that a test needs inside it."""

    database: Database
    clock: MemoryClock
    ids: MemoryIds
    shipping: ScriptedShipping
    notifier: MemoryNotifier
    policy: Policy
    rules: Rulebook
    balances: MemoryBalances
    orders: MemoryOrders
    sessions: MemorySessions
    users: MemoryUsers
    documents: MemoryDocuments
    settle: SettleOrder
    quotes: QuoteRates
    buy: BuyLabel
    facts: GatherFacts
    converse: Converse
    reconcile: ReconcileOrders
    send_label: SendLabel
    work: MemoryUnitOfWork
    invoices: MemoryInvoices
    outbox: MemoryOutbox
    inbox: MemoryInbox
    payments: MemoryPayments
    top_up_by_link: TopUp
    settle_invoice: SettleInvoice
    sweep: SweepInvoices
    notices: TakeNotice
    resolve_review: ResolveReview
    decide_parked: DecideParked
    watch_orders: WatchOrders
    watch_wallets: WatchWallets
    gate: SalesGate
    letters: DeliverLetters
    resume: ResumeSessions
    show_orders: ShowOrders
    quick_quote: QuickQuote
    admission: Admission
    consent: Consent
    settings: ChangeSettings
    ready: Ready
    announced: Announced
    people: KeepPeople
    refunds: MemoryShelf[Refund]
    request_refunds: RequestRefunds
    cancel_label: CancelLabel
    decide_refund: DecideRefund
    drive_refunds: DriveRefunds
    remind_refunds: RemindRefunds
    watch_refunds: WatchRefunds
    show_refunds: ShowRefunds
    desk: ShowDesk
    statement: ShowStatement
    _updates: itertools.count[int] = field(factory=lambda: itertools.count(1), init=False)

    def customer(self, user_id: UserId = ANN) -> Customer:
        """Somebody who talks to this shop."""
        return Customer(self, user_id)

    def next_update(self) -> int:
        """The number of one more input."""
        return next(self._updates)

    async def quiet(self) -> None:
        """Wait until every effect, and every effect of an effect, is over, and every letter brought."""
        while self.converse._running or await self.letters():
            assert await self.converse.drain(5) == 0, "an effect never ended"
            await asyncio.sleep(0)

    async def top_up(self, amount: str, user_id: UserId = ANN, mode: Mode = Mode.TEST) -> Balance:
        """Bring money in from outside."""
        key = f"topup:{mode.value}:{next(_numbers)}"
        return await self.balances.credit(
            user_id, usd(amount), key=key, mode=mode, kind=Kind.TOPUP, at=self.clock.now()
        )

    async def reconciled(self) -> list[Order]:
        """One round of reconciliation; what it means is told by letter."""
        settled = list(await self.reconcile())
        await self.quiet()
        return settled


def shop(
    *,
    welcome_credit: str = "100.00",
    mode: Mode = Mode.TEST,
    shipping: ScriptedShipping | None = None,
    settle_with: type[SettleOrder] = SettleOrder,
    buy_with: type[BuyLabel] = BuyLabel,
    **decisions: Any,
) -> Shop:
    """A shop whose new customers start with this much money; a negative control may break a part of it.

    `decisions` are what its owner has decided otherwise than usual, by the name in `Policy`.
    """
    database, clock, ids = Database(), MemoryClock(NOW), MemoryIds()
    gateway = shipping or ScriptedShipping()
    policy = Policy(mode, welcome_credit=usd(welcome_credit), **decisions)
    rules = Rulebook(policy, MemoryShelf(database, Standing), clock)
    notifier, reader = MemoryNotifier(), MemoryReader(PLACES)
    balances, orders, sessions = MemoryBalances(database), MemoryOrders(database), MemorySessions(database)
    users, documents = MemoryUsers(database), MemoryDocuments(database)
    work, bell = MemoryUnitOfWork(database), Bell()
    invoices, outbox, inbox = MemoryInvoices(database), MemoryOutbox(database), MemoryInbox(database)
    settle = settle_with(work, documents, clock, bell)
    gate = SalesGate()
    quotes = QuoteRates(gateway, clock, ids, rules, gate)
    admission = Admission(users, orders, rules, clock, frozenset({OLA}))
    buy = buy_with(orders, gateway, settle, clock, admission=admission)
    payments = MemoryPayments(clock)
    kept_contacts, kept_parcels = MemoryShelf(database, Contact), MemoryShelf(database, ParcelPreset)
    facts = GatherFacts(
        sessions, balances, orders, clock, rules, payments, kept_contacts, kept_parcels, users, admission
    )
    desk = ShowDesk(
        templates=KeepTemplates(MemoryShelf(database, Template), orders, sessions, reader, clock),
        contacts=KeepContacts(kept_contacts, orders, reader, work, clock),
        parcels=KeepParcels(kept_parcels, orders, reader, clock, gateway, rules),
        sessions=sessions,
        notifier=notifier,
        facts=facts,
    )
    settle_invoice = SettleInvoice(invoices, payments, work, notifier, clock, bell)
    top_up = TopUp(invoices, balances, payments, work, clock, rules, admission)
    sweep = SweepInvoices(invoices, settle_invoice, top_up, work, clock)
    send_label = SendLabel(orders, documents, gateway, notifier, facts, clock)
    refunds = MemoryShelf(database, Refund)
    requests = RequestRefunds(users, orders, refunds, work, rules, clock, ids, bell)
    drive = DriveRefunds(refunds, orders, gateway, SettleRefund(work, clock, bell), notifier)
    consent = Consent(MemoryShelf(database, Approval), work, rules, clock, ids)
    decide = DecideRefund(refunds, drive, consent)
    cancel_label = CancelLabel(requests, gateway, drive)
    show_refunds = ShowRefunds(requests, cancel_label, decide, notifier, facts)
    asides = Asides({"refund": show_refunds.answered, **desk.takers})
    converse = Converse(
        sessions=sessions,
        orders=orders,
        reader=reader,
        notifier=notifier,
        perform=PerformEffect(quotes, buy, notifier, top_up, sweep, asides),
        send_label=send_label,
        welcome=Welcome(users, balances, clock, rules),
        facts=facts,
        clock=clock,
        ids=ids,
        outbox=outbox,
        bell=bell,
        contacts=kept_contacts,
    )
    keep_broadcasts = KeepBroadcasts(
        MemoryShelf(database, Broadcast), MemoryShelf(database, Copy), users, MemorySegments(database), work,
        notifier, rules, clock, ids,
    )  # fmt: skip
    ready, announced = Ready(), Announced(keep_broadcasts, database)
    made = Shop(
        database=database,
        clock=clock,
        ids=ids,
        shipping=gateway,
        notifier=notifier,
        policy=policy,
        rules=rules,
        admission=admission,
        consent=consent,
        settings=ChangeSettings(
            MemoryShelf(database, Standing),
            work,
            rules,
            clock,
            consent,
            ready,
            announced,
            back_again=BACK_AGAIN,
            users=users,
        ),
        ready=ready,
        announced=announced,
        people=KeepPeople(
            users=users,
            balances=balances,
            sessions=sessions,
            shelves=Shelves(
                MemoryShelf(database, Template),
                MemoryShelf(database, Contact),
                MemoryShelf(database, ParcelPreset),
            ),
            personal_data=MemoryStore(database, clock).personal_data,
            lists=MemoryStore(database, clock).lists,
            unit_of_work=work,
            converse=converse,
            consent=consent,
            clock=clock,
            staff=admission.staff,
            bell=bell,
        ),
        balances=balances,
        orders=orders,
        sessions=sessions,
        users=users,
        documents=documents,
        settle=settle,
        quotes=quotes,
        buy=buy,
        facts=facts,
        converse=converse,
        reconcile=ReconcileOrders(orders, gateway, settle, buy, notifier, clock),
        send_label=send_label,
        work=work,
        invoices=invoices,
        outbox=outbox,
        inbox=inbox,
        payments=payments,
        top_up_by_link=top_up,
        settle_invoice=settle_invoice,
        sweep=sweep,
        notices=TakeNotice(payments, inbox, settle_invoice, notifier, clock, rules, bell),
        resolve_review=ResolveReview(invoices, work, clock, bell),
        decide_parked=DecideParked(orders, gateway, settle),
        watch_orders=WatchOrders(orders, gateway, settle, notifier, clock),
        watch_wallets=WatchWallets(gateway, gate, notifier, clock, rules),
        gate=gate,
        letters=DeliverLetters(outbox, orders, invoices, send_label, converse, notifier, facts, clock),
        resume=ResumeSessions(sessions, converse, clock),
        show_orders=ShowOrders(orders, gateway, notifier, facts, requests),
        quick_quote=QuickQuote(reader, quotes, notifier, facts),
        refunds=refunds,
        request_refunds=requests,
        cancel_label=cancel_label,
        decide_refund=decide,
        drive_refunds=drive,
        remind_refunds=RemindRefunds(requests, gateway, notifier),
        watch_refunds=WatchRefunds(refunds, orders, gateway, drive.settle, notifier, ids),
        show_refunds=show_refunds,
        desk=desk,
        statement=ShowStatement(balances, rules, notifier, facts),
    )
    consent.performers.update(
        {
            Act.PRODUCTION: made.settings.go_live,
            Act.CREDIT: made.people.adjust_as_granted,
            Act.OVERRIDE: decide.override_as_granted,
        }
    )
    return made


def _word(shown: Shown) -> str:
    if isinstance(shown.screen, sc.News):
        return shown.screen.word.value
    return shown.note.word if shown.note else ""


@define
class Customer:
    """Talks to a shop and looks at the card; every input waits until all its effects are over."""

    shop: Shop
    user_id: UserId = ANN

    async def says(self, text: str, *, update_id: int | None = None) -> Customer:
        """Write a message."""
        await self.shop.converse.say(self.user_id, text, self._input(update_id))
        await self.shop.quiet()
        return self

    async def does(self, event: ev.Customer, *, update_id: int | None = None) -> Customer:
        """Give a command."""
        await self.shop.converse.do(self.user_id, event, self._input(update_id))
        await self.shop.quiet()
        return self

    async def taps(
        self, event: ev.Customer, *, version: int | None = None, update_id: int | None = None
    ) -> Customer:
        """Tap a button of the present card, or of the card of another `version`."""
        at = self.card.facts.version if version is None else version
        await self.shop.converse.tap(self.user_id, event, at, self._input(update_id))
        await self.shop.quiet()
        return self

    async def buys(self) -> Customer:
        """Tap Buy on the confirmation that the card shows."""
        return await self.taps(ev.PurchaseConfirmed(self.confirmation.order_id))

    async def chooses(self, number: int = 0) -> Customer:
        """Tap the `number`th price of the card."""
        return await self.taps(ev.RateChosen(self.prices.rates[number].rate_id))

    async def orders(self) -> Customer:
        """Paste a whole order and choose the cheapest price: one tap from buying."""
        await self.says(A_WHOLE_ORDER)
        return await self.chooses()

    def _input(self, update_id: int | None) -> Input:
        return Input(self.shop.next_update() if update_id is None else update_id)

    @property
    def card(self) -> Shown:
        """What the card shows."""
        return self.shop.notifier.card(self.user_id)

    @property
    def screen(self) -> sc.Screen:
        """The screen on the card."""
        return self.card.screen

    @property
    def note(self) -> str:
        """The word of the card's note, or nothing."""
        return self.card.note.word if self.card.note else ""

    @property
    def prices(self) -> sc.RateList:
        """The card, which shows prices."""
        assert isinstance(self.screen, sc.RateList), self.screen
        return self.screen

    @property
    def confirmation(self) -> sc.ConfirmPurchase:
        """The card, which asks for the last word."""
        assert isinstance(self.screen, sc.ConfirmPurchase), self.screen
        return self.screen

    @property
    def labels(self) -> list[Order]:
        """The orders whose labels were sent to this customer, oldest first."""
        return [order for user_id, order, _ in self.shop.notifier.labels if user_id == self.user_id]

    @property
    def remarks(self) -> list[str]:
        """The words told beside the card, those of letters among them."""
        told = [shown for shown in self.shop.notifier.told if shown.user_id == self.user_id]
        return [_word(shown) for shown in told if shown.note or isinstance(shown.screen, sc.News)]

    @property
    def page(self) -> sc.Screen:
        """The last page told beside the card."""
        return [s.screen for s in self.shop.notifier.told if s.user_id == self.user_id][-1]

    async def is_asked(self, question: str, subject: str, answer: str) -> Customer:
        """Tap what asks a question beside the order, and answer it."""
        await self.does(ev.AsideAsked(question, subject))
        return await self.says(answer)

    async def bought(self) -> Order:
        """Paste a whole order, choose a price and buy it."""
        await self.orders()
        await self.buys()
        return (await self.all_orders())[0]

    async def session(self) -> Session:
        """The session as it is stored."""
        stored = await self.shop.sessions.load(self.user_id)
        assert stored is not None
        return stored

    async def state(self) -> st.State:
        """Where the conversation is stored to be."""
        return (await self.session()).state

    async def steps(self) -> int:
        """How many steps the session has taken."""
        stored = await self.session()
        return stored.version - stored.born

    async def balance(self) -> Balance:
        """This customer's money."""
        return await self.shop.balances.balance(self.user_id, self.shop.policy.mode)

    async def all_orders(self) -> list[Order]:
        """This customer's orders, newest first."""
        return list(await self.shop.orders.of_user(self.user_id, limit=100))
