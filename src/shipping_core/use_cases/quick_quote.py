"""Prices from two ZIPs and a weight, without an order."""

from __future__ import annotations

from attrs import frozen

from shipping_core.conversation import screens as sc
from shipping_core.domain.assembling import parcel_of
from shipping_core.domain.draft import Draft, Field, Side
from shipping_core.domain.ids import UserId
from shipping_core.domain.rating import by_price, tags
from shipping_core.domain.shipment import Rate
from shipping_core.errors import GatewayError, InvalidAddress
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.reader import Reader
from shipping_core.ports.shipping import Estimate
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.quote_rates import QuoteRates

WANTED = (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT, Field.LENGTH, Field.WIDTH, Field.HEIGHT)


def estimate_of(draft: Draft) -> Estimate:
    """What an estimate needs, from what is written and from what its ZIPs stand for.

    Raises:
        InvalidAddress: a ZIP is unknown, or the weight is missing.
    """
    from_city, from_state = _place(draft, Side.FROM)
    to_city, to_state = _place(draft, Side.TO)
    return Estimate(
        from_postal_code=draft.get(Field.FROM_ZIP),
        from_city=from_city,
        from_state=from_state,
        to_postal_code=draft.get(Field.TO_ZIP),
        to_city=to_city,
        to_state=to_state,
        parcel=parcel_of(draft),
    )


def _place(draft: Draft, side: Side) -> tuple[str, str]:
    entry = draft.entries.get(Field.of(side.value, "zip"))
    if entry is None or entry.place is None:
        raise InvalidAddress(f"{side.value}.zip", "not_a_zip")
    city = draft.get(Field.of(side.value, "city")) or entry.place.cities[0]
    return city, draft.get(Field.of(side.value, "state")) or entry.place.state


@frozen
class QuickQuote:
    """Tells what a parcel would cost; nothing is stored, and nothing can be bought from it."""

    reader: Reader
    quotes: QuoteRates
    notifier: Notifier
    facts: GatherFacts

    async def read(self, text: str, user_id: UserId) -> tuple[Draft, tuple[Rate, ...]]:
        """The draft in `text` and its prices, cheapest first.

        Raises:
            InvalidAddress: two known ZIPs and a weight are not all there.
            GatewayError: as the carriers answer.
        """
        draft = Draft().filled(self.reader.read(text, expecting=WANTED).found)
        return draft, by_price(await self.quotes.estimate(estimate_of(draft), user_id))

    async def __call__(self, user_id: UserId, text: str) -> None:
        """Answer a customer's quick question, or say how to ask it."""
        screen: sc.Screen
        note: sc.Note | None = None
        try:
            draft, rates = await self.read(text, user_id)
            screen = sc.QuickQuote(rates, tags(rates), draft)
        except InvalidAddress:
            screen = sc.QuoteUsage()
        except GatewayError:
            screen, note = sc.Remark(), sc.Note("unavailable")
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen), note)
