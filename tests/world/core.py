"""The whole core of one process, every port behind its guard; `Parts` says of what it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from adapters.memory.outbox import MemoryLeases
from adapters.memory.reader import MemoryReader
from adapters.memory.stores import MemoryDocuments, MemoryUsers
from builders import PLACES
from shipping_core.domain.access import Approval
from shipping_core.domain.refund import Refund
from shipping_core.ports.balances import BalanceLedger
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.documents import LabelDocuments
from shipping_core.ports.inbox import NoticeInbox
from shipping_core.ports.invoices import InvoiceRepository
from shipping_core.ports.leases import Leases
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.ports.payments import PaymentGateway
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.shipping import ShippingGateway
from shipping_core.ports.unit_of_work import UnitOfWork
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.cancel_label import CancelLabel
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.decide_parked import DecideParked
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.deliver_letters import DeliverLetters
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.perform_effect import PerformEffect
from shipping_core.use_cases.quote_rates import QuoteRates
from shipping_core.use_cases.reconcile_orders import ReconcileOrders
from shipping_core.use_cases.request_refunds import RequestRefunds
from shipping_core.use_cases.resolve_review import ResolveReview
from shipping_core.use_cases.resume_sessions import ResumeSessions
from shipping_core.use_cases.sales_gate import SalesGate
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.settle_invoice import SettleInvoice
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.settle_refund import SettleRefund
from shipping_core.use_cases.sweep_invoices import SweepInvoices
from shipping_core.use_cases.take_notice import TakeNotice
from shipping_core.use_cases.top_up import TopUp
from shipping_core.use_cases.watch_orders import WatchOrders
from shipping_core.use_cases.watch_refunds import WatchRefunds
from shipping_core.use_cases.watch_wallets import WatchWallets
from shipping_core.use_cases.welcome import Welcome
from world.carrier import WorldCarrier
from world.gateway import WorldGateway
from world.guards import GuardedUnitOfWork, guarded
from world.store import Adapters, WorldDatabase, WorldUnitOfWork
from world.telegram import Telegram

if TYPE_CHECKING:
    from world.simulation import World
    from world.worker import Worker


@frozen(kw_only=True)
class Parts:
    """What a world is made of; a control or a removed rule puts a broken part in."""

    adapters: Adapters = field(factory=Adapters)
    database: type[WorldDatabase] = WorldDatabase
    work: type[WorldUnitOfWork] = WorldUnitOfWork
    carrier: type[WorldCarrier] = WorldCarrier
    gateway: type[WorldGateway] = WorldGateway
    telegram: type[Telegram] = Telegram
    settle: type[SettleOrder] = SettleOrder
    buy: type[BuyLabel] = BuyLabel
    reconcile: type[ReconcileOrders] = ReconcileOrders
    watch: type[WatchOrders] = WatchOrders
    decide: type[DecideParked] = DecideParked
    top_up: type[TopUp] = TopUp
    settle_invoice: type[SettleInvoice] = SettleInvoice
    sweep: type[SweepInvoices] = SweepInvoices
    notices: type[TakeNotice] = TakeNotice
    review: type[ResolveReview] = ResolveReview
    letters: type[DeliverLetters] = DeliverLetters
    resume: type[ResumeSessions] = ResumeSessions
    converse: type[Converse] = Converse
    settle_refund: type[SettleRefund] = SettleRefund
    drive: type[DriveRefunds] = DriveRefunds


@define
class Core:
    """The use cases of one process."""

    orders: OrderRepository
    invoices: InvoiceRepository
    leases: Leases
    buy: BuyLabel
    converse: Converse
    reconcile: ReconcileOrders
    watch_orders: WatchOrders
    watch_refunds: WatchRefunds
    watch_wallets: WatchWallets
    decide_parked: DecideParked
    top_up: TopUp
    sweep: SweepInvoices
    notices: TakeNotice
    resolve_review: ResolveReview
    letters: DeliverLetters
    resume: ResumeSessions
    requests: RequestRefunds
    cancel_label: CancelLabel
    decide_refund: DecideRefund
    drive_refunds: DriveRefunds
    letters_bell: Bell
    notices_bell: Bell


def core(world: World, worker: Worker) -> Core:
    """Wire one process, as the container does."""
    parts, database, adapters = world.parts, world.database, world.parts.adapters
    clock: Clock = world.clock
    ids: IdSource = world.ids
    policy = world.policy

    def guard(port: type[Any], inner: Any) -> Any:
        return guarded(port, inner, worker)

    orders: OrderRepository = guard(OrderRepository, adapters.orders(database))
    balances: BalanceLedger = guard(BalanceLedger, adapters.balances(database))
    invoices: InvoiceRepository = guard(InvoiceRepository, adapters.invoices(database))
    sessions: SessionRepository = guard(SessionRepository, adapters.sessions(database))
    users: UserRepository = guard(UserRepository, MemoryUsers(database))
    documents: LabelDocuments = guard(LabelDocuments, MemoryDocuments(database))
    outbox: Outbox = guard(Outbox, adapters.outbox(database))
    inbox: NoticeInbox = guard(NoticeInbox, adapters.inbox(database))
    leases: Leases = guard(Leases, MemoryLeases(database, world.clock))
    shipping: ShippingGateway = guard(ShippingGateway, world.carrier)
    payments: PaymentGateway = guard(PaymentGateway, world.gateway)
    notifier: Notifier = guard(Notifier, world.telegram)
    work: UnitOfWork = GuardedUnitOfWork(parts.work(database, adapters), worker, world.reruns)
    reader = MemoryReader(PLACES)

    bell, notices_bell, gate = Bell(), Bell(), SalesGate()
    settle = parts.settle(work, documents, clock, bell)
    quotes = QuoteRates(shipping, clock, ids, policy, gate)
    buy = parts.buy(orders, shipping, settle, clock, worker.name)
    facts = GatherFacts(sessions, balances, orders, clock, policy, payments)
    settle_invoice = parts.settle_invoice(invoices, payments, work, notifier, clock, bell)
    top_up = parts.top_up(invoices, balances, payments, work, clock, policy)
    sweep = parts.sweep(invoices, settle_invoice, top_up, work, clock)
    send_label = SendLabel(orders, documents, shipping, notifier, facts, clock)
    refunds: Shelf[Refund] = guard(Shelf, adapters.shelf(database, Refund))
    approvals: Shelf[Approval] = guard(Shelf, adapters.shelf(database, Approval))
    requests = RequestRefunds(users, orders, refunds, work, policy, clock, ids, bell)
    drive = parts.drive(refunds, orders, shipping, parts.settle_refund(work, clock, bell), notifier)
    converse = parts.converse(
        sessions=sessions,
        orders=orders,
        reader=reader,
        notifier=notifier,
        perform=PerformEffect(quotes, buy, notifier, top_up, sweep),
        send_label=send_label,
        welcome=Welcome(users, balances, clock, policy),
        facts=facts,
        clock=clock,
        ids=ids,
        outbox=outbox,
        bell=bell,
    )
    return Core(
        orders=orders,
        invoices=invoices,
        leases=leases,
        buy=buy,
        converse=converse,
        reconcile=parts.reconcile(orders, shipping, settle, buy, notifier, clock),
        watch_orders=parts.watch(orders, shipping, settle, notifier, clock),
        watch_refunds=WatchRefunds(refunds, orders, shipping, drive.settle, notifier, ids),
        watch_wallets=WatchWallets(shipping, gate, notifier, clock, policy),
        decide_parked=parts.decide(orders, shipping, settle),
        top_up=top_up,
        sweep=sweep,
        notices=parts.notices(payments, inbox, settle_invoice, notifier, clock, policy, notices_bell),
        resolve_review=parts.review(invoices, work, clock, bell),
        letters=parts.letters(
            outbox, orders, invoices, send_label, converse, notifier, facts, clock, worker.name
        ),
        resume=parts.resume(sessions, converse, clock),
        requests=requests,
        cancel_label=CancelLabel(requests, shipping, drive),
        decide_refund=DecideRefund(refunds, drive, Consent(approvals, work, policy, clock, ids)),
        drive_refunds=drive,
        letters_bell=bell,
        notices_bell=notices_bell,
    )
