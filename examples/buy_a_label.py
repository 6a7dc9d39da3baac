"""Quote, buy and save a shipping label with the core alone: no account, no network, only memory.

Run it from anywhere; it writes `label.pdf` where it is run and prints the price and the tracking number.
"""

import asyncio
from decimal import Decimal
from pathlib import Path

from adapters.memory import balances, clock, database, orders, shipping, stores
from shipping_core.domain import ids, ledger, money, policy, shipment
from shipping_core.use_cases import buy_label, quote_rates, settle_order


async def main() -> tuple[str, bytes]:
    db, time, carriers = database.Database(), clock.MemoryClock(), shipping.MemoryShipping()
    files, mode = stores.MemoryDocuments(db), ids.Mode.TEST
    me, order_id = ids.UserId("me"), ids.OrderId("ord_1")
    ask = quote_rates.QuoteRates(carriers, time, clock.MemoryIds(), policy.Policy(mode))
    settle = settle_order.SettleOrder(stores.MemoryUnitOfWork(db), files, time)
    buy = buy_label.BuyLabel(orders.MemoryOrders(db), carriers, settle, time)

    jane = shipment.Address("Jane Doe", "215 Clayton St", "San Francisco", "CA", "94117")
    john = shipment.Address("John Smith", "123 Main St", "Los Angeles", "CA", "90012")
    box = shipment.Parcel(shipment.Weight(Decimal(35), "oz"))
    purse, paid, why = balances.MemoryBalances(db), money.Money.parse("20.00"), ledger.Kind.TOPUP
    await purse.credit(me, paid, key="topup:1", mode=mode, kind=why, at=time.now())
    quote = await ask(me, shipment.Shipment(jane, john, box))
    sold = await buy(user_id=me, order_id=order_id, quote=quote, rate_id=quote.rates[0].rate_id)
    return f"{sold.charged}, {sold.label and sold.label.tracking_number}", await files.get(order_id) or b""


told, pdf = asyncio.run(main())
Path("label.pdf").write_bytes(pdf)
print(told)
