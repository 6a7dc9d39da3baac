"""Who is made of what. Providers and nothing else."""

from __future__ import annotations

from dependency_injector import containers, providers

from adapters.memory.balances import MemoryBalances
from adapters.memory.database import Database
from adapters.memory.orders import MemoryOrders
from adapters.memory.stores import MemoryDocuments, MemorySessions, MemoryUnitOfWork, MemoryUsers
from adapters.reader import OfflineReader
from adapters.shipstation.gateway_v1 import ShipStationV1
from adapters.shipstation.gateway_v2 import ShipStationV2
from adapters.shipstation.transport import http_client
from adapters.system.clock import RandomIds, SystemClock
from adapters.telegram.alerts import AdminAlerts
from adapters.telegram.bot import make_bot
from adapters.telegram.calls import HttpBotCalls
from adapters.telegram.handlers import Desk, Handlers
from adapters.telegram.intake import PollingIntake, WebhookIntake
from adapters.telegram.lanes import UserLanes
from adapters.telegram.notifier import TelegramNotifier
from adapters.telegram.outlet import ChatOutlet
from adapters.telegram.request import AiohttpRequest
from shipping_bot.settings import Settings
from shipping_bot.wiring import bot_token, bot_url, pace, shipstation_plan, telegram_base
from shipping_core.domain.policy import Policy
from shipping_core.use_cases.buy_label import BuyLabel
from shipping_core.use_cases.converse import Converse
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.perform_effect import PerformEffect
from shipping_core.use_cases.quick_quote import QuickQuote
from shipping_core.use_cases.quote_rates import QuoteRates
from shipping_core.use_cases.reconcile_orders import ReconcileOrders
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.settle_order import SettleOrder
from shipping_core.use_cases.show_orders import ShowOrders
from shipping_core.use_cases.welcome import Welcome


class Container(containers.DeclarativeContainer):
    """The whole product; `settings` is its only input."""

    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    policy = providers.Singleton(
        Policy, mode=settings.provided.mode, welcome_credit=settings.provided.welcome
    )

    database = providers.Singleton(Database)
    orders = providers.Singleton(MemoryOrders, view=database)
    balances = providers.Singleton(MemoryBalances, view=database)
    sessions = providers.Singleton(MemorySessions, view=database)
    users = providers.Singleton(MemoryUsers, view=database)
    documents = providers.Singleton(MemoryDocuments, view=database)
    unit_of_work = providers.Singleton(MemoryUnitOfWork, database=database)

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

    telegram_request = providers.Singleton(AiohttpRequest)
    bot = providers.Singleton(
        make_bot,
        token=providers.Callable(bot_token, settings),
        base_url=providers.Callable(telegram_base, settings),
        request=telegram_request,
    )
    calls = providers.Singleton(HttpBotCalls, providers.Callable(bot_url, settings), request=telegram_request)
    outlet = providers.Singleton(ChatOutlet, calls, limits=providers.Callable(pace, settings))
    alerts = providers.Singleton(AdminAlerts, outlet, settings.provided.admins, clock)
    notifier = providers.Singleton(TelegramNotifier, outlet=outlet, alerts=alerts, ids=ids)

    facts = providers.Singleton(
        GatherFacts, sessions=sessions, balances=balances, orders=orders, clock=clock, policy=policy
    )
    quotes = providers.Singleton(QuoteRates, shipping=shipping, clock=clock, ids=ids, policy=policy)
    settle = providers.Singleton(SettleOrder, unit_of_work=unit_of_work, documents=documents, clock=clock)
    buy_label = providers.Singleton(BuyLabel, orders=orders, shipping=shipping, settle=settle, clock=clock)
    reconcile = providers.Singleton(
        ReconcileOrders, orders=orders, shipping=shipping, settle=settle, clock=clock
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
    converse = providers.Singleton(
        Converse,
        sessions=sessions,
        orders=orders,
        reader=reader,
        notifier=notifier,
        perform=providers.Singleton(PerformEffect, quotes=quotes, buy=buy_label, notifier=notifier),
        send_label=send_label,
        welcome=providers.Singleton(Welcome, users=users, balances=balances, clock=clock, policy=policy),
        facts=facts,
        clock=clock,
        ids=ids,
    )
    quick_quote = providers.Singleton(
        QuickQuote, reader=reader, quotes=quotes, notifier=notifier, facts=facts
    )
    handlers = providers.Singleton(
        Handlers,
        desk=providers.Singleton(
            Desk,
            converse=converse,
            orders=providers.Singleton(
                ShowOrders, orders=orders, shipping=shipping, notifier=notifier, facts=facts
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
    polling = providers.Singleton(PollingIntake, calls, lanes, handlers.provided.handle, bot=bot)
    webhook = providers.Singleton(WebhookIntake, calls, lanes, handlers.provided.handle, bot=bot)
