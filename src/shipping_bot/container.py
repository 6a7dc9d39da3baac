"""Who is made of what. Providers and nothing else."""

from __future__ import annotations

from dependency_injector import containers, providers

from adapters.http_admin.office import Office
from adapters.memory.database import Database
from adapters.memory.stores import MemoryStore
from adapters.oxapay.gateway import OxapayGateway
from adapters.oxapay.transport import http_client as oxapay_http
from adapters.reader import OfflineReader
from adapters.shipstation.gateway_v1 import ShipStationV1
from adapters.shipstation.gateway_v2 import ShipStationV2
from adapters.shipstation.transport import http_client
from adapters.system.clock import RandomIds, RandomSecrets, SystemClock
from adapters.telegram.addresses_counter import AddressesCounter
from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.bot import make_bot
from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.handlers import Desk, Handlers
from adapters.telegram.intake import PollingIntake, WebhookIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.notifier import TelegramNotifier
from adapters.telegram.outlet import ChatOutlet
from adapters.telegram.parcels_counter import ParcelsCounter
from adapters.telegram.phrases import back_again
from adapters.telegram.refund_counter import RefundCounter
from adapters.telegram.request import AiohttpRequest
from adapters.telegram.statement_counter import ContactCounter, HelpCounter, StatementCounter
from adapters.telegram.templates_counter import TemplatesCounter
from shipping_bot.settings import Settings
from shipping_bot.wiring import (
    SettingsReadiness,
    announcer,
    bot_token,
    bot_url,
    broadcast_pace,
    cursor_secret,
    first_print,
    oxapay_base,
    oxapay_callback,
    oxapay_key,
    oxapay_previous_keys,
    pace,
    payments_kind,
    policy_of,
    shipstation_plan,
    staff_of,
    telegram_base,
    worker_name,
)
from shipping_core.domain.access import ApiKey, Approval
from shipping_core.domain.alert import Alert
from shipping_core.domain.broadcast import Broadcast, Copy
from shipping_core.domain.desk import Contact, ParcelPreset, Template
from shipping_core.domain.policy import Standing
from shipping_core.domain.refund import Refund
from shipping_core.domain.seal import Seal
from shipping_core.use_cases.admission import Admission
from shipping_core.use_cases.asides import Asides
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.cancel_label import CancelLabel
from shipping_core.use_cases.change_settings import ChangeSettings
from shipping_core.use_cases.check_ledger import CheckLedger
from shipping_core.use_cases.consent import Consent
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.decide_parked import DecideParked
from shipping_core.use_cases.decide_refund import DecideRefund
from shipping_core.use_cases.deliver_letters import DeliverLetters
from shipping_core.use_cases.drive_refunds import DriveRefunds
from shipping_core.use_cases.forget_addresses import ForgetAddresses
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.keep_broadcasts import KeepBroadcasts
from shipping_core.use_cases.keep_contacts import KeepContacts
from shipping_core.use_cases.keep_keys import KeepKeys
from shipping_core.use_cases.keep_parcels import KeepParcels
from shipping_core.use_cases.keep_people import KeepPeople, Shelves
from shipping_core.use_cases.keep_templates import KeepTemplates
from shipping_core.use_cases.open_office import OpenOffice
from shipping_core.use_cases.perform_effect import PerformEffect
from shipping_core.use_cases.quick_quote import QuickQuote
from shipping_core.use_cases.quote_rates import QuoteRates
from shipping_core.use_cases.raise_alert import RaiseAlert
from shipping_core.use_cases.reconcile_orders import ReconcileOrders
from shipping_core.use_cases.refresh_statistics import RefreshStatistics
from shipping_core.use_cases.remind_operators import RemindOperators
from shipping_core.use_cases.remind_refunds import RemindRefunds
from shipping_core.use_cases.request_refunds import RequestRefunds
from shipping_core.use_cases.resolve_review import ResolveReview
from shipping_core.use_cases.resume_sessions import ResumeSessions
from shipping_core.use_cases.rulebook import Rulebook
from shipping_core.use_cases.sales_gate import SalesGate
from shipping_core.use_cases.seal_audit import SealAudit
from shipping_core.use_cases.send_broadcasts import SendBroadcasts
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.settle_invoice import SettleInvoice
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.settle_refund import SettleRefund
from shipping_core.use_cases.show_desk import ShowDesk
from shipping_core.use_cases.show_orders import ShowOrders
from shipping_core.use_cases.show_refunds import ShowRefunds
from shipping_core.use_cases.show_statement import ShowStatement
from shipping_core.use_cases.sweep_invoices import SweepInvoices
from shipping_core.use_cases.take_hint import TakeHint
from shipping_core.use_cases.take_notice import TakeNotice
from shipping_core.use_cases.take_on_alert import TakeOnAlert
from shipping_core.use_cases.throttle import Throttle
from shipping_core.use_cases.top_up import TopUp
from shipping_core.use_cases.watch_doors import WatchDoors
from shipping_core.use_cases.watch_orders import WatchOrders
from shipping_core.use_cases.watch_refunds import WatchRefunds
from shipping_core.use_cases.watch_wallets import WatchWallets
from shipping_core.use_cases.welcome import Welcome


class Container(containers.DeclarativeContainer):
    """The whole product; `settings` is its only input."""

    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    base_policy = providers.Singleton(policy_of, settings)
    worker = providers.Singleton(worker_name, ids)
    """This process's own name among others on the same store."""

    database = providers.Singleton(Database)
    store = providers.Singleton(MemoryStore, database=database, clock=clock)
    """Everything that is kept; `lifecycle` puts an open MongoDB in its place."""
    orders = store.provided.orders
    balances = store.provided.balances
    sessions = store.provided.sessions
    users = store.provided.users
    documents = store.provided.files
    invoices = store.provided.invoices
    inbox = store.provided.inbox
    outbox = store.provided.outbox
    leases = store.provided.leases
    segments = store.provided.segments
    unit_of_work = store.provided.unit_of_work
    policy = providers.Singleton(
        Rulebook, base=base_policy, shelf=store.provided.shelf.call(Standing), clock=clock
    )
    """What counts now; every process reads it again each second."""
    statistics = store.provided.statistics
    letters_bell = providers.Singleton(Bell)
    notices_bell = providers.Singleton(Bell)
    broadcasts_bell = providers.Singleton(Bell)

    shipstation = providers.Singleton(shipstation_plan, settings)
    shipping_http = providers.Singleton(http_client, base_url=shipstation.provided.base_url)
    shipping = providers.Selector(
        shipstation.provided.version,
        v1=providers.Singleton(
            ShipStationV1,
            shipping_http,
            api_key=shipstation.provided.api_key,
            api_secret=shipstation.provided.api_secret,
            clock=clock,
            per_minute=shipstation.provided.per_minute,
        ),
        v2=providers.Singleton(
            ShipStationV2,
            shipping_http,
            api_key=shipstation.provided.api_key,
            test_api_key=shipstation.provided.test_api_key,
            shipper_phone=settings.provided.shipper_phone,
            clock=clock,
            per_minute=shipstation.provided.per_minute,
            test_per_minute=shipstation.provided.test_per_minute,
        ),
    )
    reader = providers.Singleton(OfflineReader)

    listening_on = providers.Object("")
    """Our own web server's address, once it listens."""
    payments_http = providers.Singleton(oxapay_http, base_url=providers.Callable(oxapay_base, settings))
    payments = providers.Selector(
        providers.Callable(payments_kind, settings),
        none=providers.Object(None),
        oxapay=providers.Singleton(
            OxapayGateway,
            payments_http,
            merchant_key=providers.Callable(oxapay_key, settings),
            previous_keys=providers.Callable(oxapay_previous_keys, settings),
            callback_url=providers.Callable(oxapay_callback, settings, listening_on),
            clock=clock,
        ),
    )

    telegram_request = providers.Singleton(AiohttpRequest)
    bot = providers.Singleton(
        make_bot,
        token=providers.Callable(bot_token, settings),
        base_url=providers.Callable(telegram_base, settings),
        request=telegram_request,
    )
    calls = providers.Singleton(HttpBotCalls, providers.Callable(bot_url, settings), request=telegram_request)
    outlet = providers.Singleton(ChatOutlet, calls, limits=providers.Callable(pace, settings))
    operators = providers.Singleton(AdminAlerts, outlet, settings.provided.admins)
    alert = providers.Singleton(RaiseAlert, alerts=store.provided.alerts, operators=operators, clock=clock)
    notifier = providers.Singleton(TelegramNotifier, outlet=outlet, alert=alert, ids=ids)
    watch_doors = providers.Singleton(WatchDoors, alert=alert, clock=clock)
    seal_audit = providers.Singleton(
        SealAudit,
        audit=store.provided.audit,
        seals=store.provided.shelf.call(Seal),
        lists=store.provided.lists,
        clock=clock,
        alert=alert,
    )
    check_ledger = providers.Singleton(
        CheckLedger, books=store.provided.books, leases=leases, alert=alert, worker=worker
    )
    remind_operators = providers.Singleton(
        RemindOperators,
        refunds=store.provided.shelf.call(Refund),
        orders=orders,
        invoices=invoices,
        alert=alert,
        clock=clock,
    )

    staff = providers.Callable(staff_of, settings)
    admission = providers.Singleton(
        Admission, users=users, orders=orders, policy=policy, clock=clock, staff=staff
    )
    facts = providers.Singleton(
        GatherFacts,
        sessions=sessions,
        balances=balances,
        orders=orders,
        clock=clock,
        policy=policy,
        payments=payments,
        contacts=store.provided.shelf.call(Contact),
        parcels=store.provided.shelf.call(ParcelPreset),
        users=users,
        admission=admission,
    )
    gate = providers.Singleton(SalesGate)
    quotes = providers.Singleton(
        QuoteRates, shipping=shipping, clock=clock, ids=ids, policy=policy, gate=gate
    )
    settle = providers.Singleton(
        SettleOrder, unit_of_work=unit_of_work, documents=documents, clock=clock, bell=letters_bell
    )
    buy_label = providers.Singleton(
        BuyLabel,
        orders=orders,
        shipping=shipping,
        settle=settle,
        clock=clock,
        worker=worker,
        admission=admission,
    )
    reconcile = providers.Singleton(
        ReconcileOrders,
        orders=orders,
        shipping=shipping,
        settle=settle,
        buy=buy_label,
        notifier=notifier,
        clock=clock,
    )
    watch_orders = providers.Singleton(
        WatchOrders, orders=orders, shipping=shipping, settle=settle, notifier=notifier, clock=clock
    )
    watch_wallets = providers.Singleton(
        WatchWallets, shipping=shipping, gate=gate, notifier=notifier, clock=clock, policy=policy
    )
    refresh_statistics = providers.Singleton(RefreshStatistics, statistics=statistics)
    decide_parked = providers.Singleton(DecideParked, orders=orders, shipping=shipping, settle=settle)

    open_office = providers.Singleton(
        OpenOffice,
        keys=store.provided.shelf.call(ApiKey),
        guesses=store.provided.guesses,
        clock=clock,
        first_print=providers.Callable(first_print, settings),
    )
    keep_keys = providers.Singleton(
        KeepKeys,
        keys=store.provided.shelf.call(ApiKey),
        unit_of_work=unit_of_work,
        clock=clock,
        ids=ids,
        secrets=providers.Singleton(RandomSecrets),
    )
    carrier_bell = providers.Singleton(Bell)
    take_hint = providers.Singleton(TakeHint, answers=store.provided.answers, clock=clock, bell=carrier_bell)

    settle_invoice = providers.Singleton(
        SettleInvoice,
        invoices=invoices,
        payments=payments,
        unit_of_work=unit_of_work,
        notifier=notifier,
        clock=clock,
        bell=letters_bell,
    )
    top_up = providers.Singleton(
        TopUp,
        invoices=invoices,
        balances=balances,
        payments=payments,
        unit_of_work=unit_of_work,
        clock=clock,
        policy=policy,
        admission=admission,
    )
    sweep = providers.Singleton(
        SweepInvoices,
        invoices=invoices,
        settle=settle_invoice,
        top_up=top_up,
        unit_of_work=unit_of_work,
        clock=clock,
    )
    notices = providers.Singleton(
        TakeNotice,
        payments=payments,
        inbox=inbox,
        settle=settle_invoice,
        notifier=notifier,
        clock=clock,
        policy=policy,
        bell=notices_bell,
    )
    resolve_review = providers.Singleton(
        ResolveReview, invoices=invoices, unit_of_work=unit_of_work, clock=clock, bell=letters_bell
    )
    send_label = providers.Singleton(
        SendLabel,
        orders=orders,
        documents=documents,
        shipping=shipping,
        notifier=notifier,
        facts=facts,
        clock=clock,
    )
    refunds = store.provided.shelf.call(Refund)
    consent = providers.Singleton(
        Consent,
        approvals=store.provided.shelf.call(Approval),
        unit_of_work=unit_of_work,
        policy=policy,
        clock=clock,
        ids=ids,
    )
    request_refunds = providers.Singleton(
        RequestRefunds,
        users=users,
        orders=orders,
        refunds=refunds,
        unit_of_work=unit_of_work,
        policy=policy,
        clock=clock,
        ids=ids,
        bell=letters_bell,
    )
    settle_refund = providers.Singleton(
        SettleRefund, unit_of_work=unit_of_work, clock=clock, bell=letters_bell
    )
    drive_refunds = providers.Singleton(
        DriveRefunds,
        refunds=refunds,
        orders=orders,
        shipping=shipping,
        settle=settle_refund,
        notifier=notifier,
    )
    watch_refunds = providers.Singleton(
        WatchRefunds,
        refunds=refunds,
        orders=orders,
        shipping=shipping,
        settle=settle_refund,
        notifier=notifier,
        ids=ids,
    )
    decide_refund = providers.Singleton(DecideRefund, refunds=refunds, drive=drive_refunds, consent=consent)
    cancel_label = providers.Singleton(
        CancelLabel, requests=request_refunds, shipping=shipping, drive=drive_refunds
    )
    remind_refunds = providers.Singleton(
        RemindRefunds, requests=request_refunds, shipping=shipping, notifier=notifier
    )
    show_refunds = providers.Singleton(
        ShowRefunds,
        requests=request_refunds,
        cancel_label=cancel_label,
        decide=decide_refund,
        notifier=notifier,
        facts=facts,
    )
    templates = providers.Singleton(
        KeepTemplates,
        templates=store.provided.shelf.call(Template),
        orders=orders,
        sessions=sessions,
        reader=reader,
        clock=clock,
    )
    contacts = providers.Singleton(
        KeepContacts,
        contacts=store.provided.shelf.call(Contact),
        orders=orders,
        reader=reader,
        unit_of_work=unit_of_work,
        clock=clock,
    )
    parcels = providers.Singleton(
        KeepParcels,
        presets=store.provided.shelf.call(ParcelPreset),
        orders=orders,
        reader=reader,
        clock=clock,
        shipping=shipping,
        policy=policy,
    )
    show_desk = providers.Singleton(
        ShowDesk,
        templates=templates,
        contacts=contacts,
        parcels=parcels,
        sessions=sessions,
        notifier=notifier,
        facts=facts,
    )
    show_statement = providers.Singleton(
        ShowStatement, balances=balances, policy=policy, notifier=notifier, facts=facts
    )
    asides = providers.Singleton(
        Asides,
        takers=providers.Dict(
            refund=show_refunds.provided.answered,
            template_new=show_desk.provided.takers["template_new"],
            template_name=show_desk.provided.takers["template_name"],
            template_field=show_desk.provided.takers["template_field"],
            contact_new=show_desk.provided.takers["contact_new"],
            contact_name=show_desk.provided.takers["contact_name"],
            contact_address=show_desk.provided.takers["contact_address"],
            parcel_new=show_desk.provided.takers["parcel_new"],
            parcel_name=show_desk.provided.takers["parcel_name"],
        ),
    )
    converse = providers.Singleton(
        Converse,
        sessions=sessions,
        orders=orders,
        reader=reader,
        notifier=notifier,
        perform=providers.Singleton(
            PerformEffect,
            quotes=quotes,
            buy=buy_label,
            notifier=notifier,
            top_up=providers.Selector(
                providers.Callable(payments_kind, settings), none=providers.Object(None), oxapay=top_up
            ),
            sweep=providers.Selector(
                providers.Callable(payments_kind, settings), none=providers.Object(None), oxapay=sweep
            ),
            asides=asides,
        ),
        send_label=send_label,
        welcome=providers.Singleton(Welcome, users=users, balances=balances, clock=clock, policy=policy),
        facts=facts,
        clock=clock,
        ids=ids,
        outbox=outbox,
        bell=letters_bell,
        contacts=store.provided.shelf.call(Contact),
    )
    readiness = providers.Singleton(SettingsReadiness, settings)
    people = providers.Singleton(
        KeepPeople,
        users=users,
        balances=balances,
        sessions=sessions,
        shelves=providers.Singleton(
            Shelves,
            templates=store.provided.shelf.call(Template),
            contacts=store.provided.shelf.call(Contact),
            presets=store.provided.shelf.call(ParcelPreset),
        ),
        personal_data=store.provided.personal_data,
        lists=store.provided.lists,
        unit_of_work=unit_of_work,
        converse=converse,
        consent=consent,
        clock=clock,
        staff=staff,
        bell=letters_bell,
    )
    forget = providers.Singleton(ForgetAddresses, personal_data=store.provided.personal_data, clock=clock)
    letters = providers.Singleton(
        DeliverLetters,
        outbox=outbox,
        orders=orders,
        invoices=invoices,
        send_label=send_label,
        converse=converse,
        notifier=notifier,
        facts=facts,
        clock=clock,
        worker=worker,
    )
    resume = providers.Singleton(ResumeSessions, sessions=sessions, converse=converse, clock=clock)
    keep_broadcasts = providers.Singleton(
        KeepBroadcasts,
        broadcasts=store.provided.shelf.call(Broadcast),
        copies=store.provided.shelf.call(Copy),
        users=users,
        segments=segments,
        unit_of_work=unit_of_work,
        notifier=notifier,
        policy=policy,
        clock=clock,
        ids=ids,
        bell=broadcasts_bell,
    )
    send_broadcasts = providers.Singleton(
        SendBroadcasts,
        broadcasts=store.provided.shelf.call(Broadcast),
        copies=store.provided.shelf.call(Copy),
        segments=segments,
        leases=leases,
        unit_of_work=unit_of_work,
        notifier=notifier,
        policy=policy,
        clock=clock,
        throttle=providers.Singleton(Throttle, clock, providers.Callable(broadcast_pace, settings)),
        worker=worker,
    )
    change_settings = providers.Singleton(
        ChangeSettings,
        shelf=store.provided.shelf.call(Standing),
        unit_of_work=unit_of_work,
        rulebook=policy,
        clock=clock,
        consent=consent,
        readiness=readiness,
        announce=providers.Singleton(announcer, keep_broadcasts),
        bell=broadcasts_bell,
        back_again=providers.Callable(back_again),
        users=users,
    )
    take_on_alert = providers.Singleton(
        TakeOnAlert, alerts=store.provided.shelf.call(Alert), unit_of_work=unit_of_work, clock=clock
    )
    office = providers.Singleton(
        Office,
        open_office=open_office,
        keep_keys=keep_keys,
        decide_parked=decide_parked,
        resolve_review=resolve_review,
        request_refunds=request_refunds,
        decide_refund=decide_refund,
        people=people,
        settings=change_settings,
        consent=consent,
        keep_broadcasts=keep_broadcasts,
        users=users,
        sessions=sessions,
        take_on_alert=take_on_alert,
        orders=orders,
        invoices=invoices,
        refunds=store.provided.shelf.call(Refund),
        keys=store.provided.shelf.call(ApiKey),
        audit=store.provided.audit,
        lists=store.provided.lists,
        statistics=statistics,
        answers=store.provided.answers,
        clock=clock,
        policy=policy,
        cursor_secret=providers.Callable(cursor_secret, settings),
        per_minute=settings.provided.admin.requests_per_minute,
        trusted_proxies=settings.provided.http.proxies,
    )
    quick_quote = providers.Singleton(
        QuickQuote, reader=reader, quotes=quotes, notifier=notifier, facts=facts
    )
    counters = providers.Dict(
        refund=providers.Singleton(RefundCounter, show_refunds),
        templates=providers.Singleton(TemplatesCounter, desk=show_desk, converse=converse, ids=ids),
        addresses=providers.Singleton(AddressesCounter, desk=show_desk, converse=converse, ids=ids),
        parcels=providers.Singleton(ParcelsCounter, desk=show_desk, converse=converse, ids=ids),
        statement=providers.Singleton(StatementCounter, statement=show_statement),
        contact=providers.Singleton(ContactCounter, desk=show_desk),
        help=providers.Singleton(HelpCounter, desk=show_desk),
    )
    handlers = providers.Singleton(
        Handlers,
        counters=counters,
        desk=providers.Singleton(
            Desk,
            converse=converse,
            orders=providers.Singleton(
                ShowOrders,
                orders=orders,
                shipping=shipping,
                notifier=notifier,
                facts=facts,
                requests=request_refunds,
            ),
            send_label=send_label,
            quick_quote=quick_quote,
            facts=facts,
        ),
        outlet=outlet,
        notifier=notifier,
        default_language=settings.provided.default_language,
    )
    lanes = providers.Singleton(UserLanes, on_flood=handlers.provided.flooded)
    polling = providers.Factory(PollingIntake, calls, lanes, handlers.provided.handle, bot=bot)
    webhook = providers.Singleton(WebhookIntake, calls, lanes, handlers.provided.handle, bot=bot)
