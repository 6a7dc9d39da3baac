"""The address book: addresses under nicknames, one of them perhaps the default sender."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from shipping_core.domain.desk import Contact, default_word, free_name, lacking, name_of, part_of, whole
from shipping_core.domain.draft import Draft, Entry, Field, Side
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.reader import Reader
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.use_cases.keep_templates import draft_known, own_order
from shipping_core.use_cases.own_things import OwnThings


@frozen
class KeepContacts:
    """A customer's addresses. Nobody else's is found."""

    contacts: Shelf[Contact]
    orders: OrderRepository
    reader: Reader
    unit_of_work: UnitOfWork
    clock: Clock
    own: OwnThings[Contact] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "own", OwnThings(self.contacts, "contact"))

    async def from_order(self, user_id: UserId, order_id: OrderId, side: Side) -> Contact:
        """The sender or the recipient of this order; the same address is kept once.

        Raises:
            NotFound: no such order or contact, or somebody else's; here as below.
            InvalidAddress: the address is not whole, as in `whole`; here as below.
            InvalidInput: the nickname is another's; here as below.
            TooMany: 50 are kept already; here as below.
        """
        order = await own_order(self.orders, user_id, order_id)
        address = whole(part_of(draft_known(order), side.value), side.value)
        same = (c for c in await self.own.all(user_id) if _values(c.address) == _values(address))
        known = next(same, None)
        contact_id = f"con_{order_id.removeprefix('ord_')}-{side.value}"
        return known or await self._keep(user_id, contact_id, address)

    async def write(self, user_id: UserId, contact_id: str, text: str) -> Contact:
        """A new one, as the reader finds it in one text; `contact_id` is new, or of the same wish before."""
        return await self._keep(user_id, contact_id, self._read(text))

    async def rewrite(self, user_id: UserId, contact_id: str, text: str) -> Contact:
        """With the address that the reader finds in one text."""
        address, now = self._read(text), self.clock.now()
        return await self.own.change(user_id, contact_id, lambda c: c.changed(now, address=address))

    async def rename(self, user_id: UserId, contact_id: str, nickname: str) -> Contact:
        """Under another nickname."""
        wanted, now = name_of(nickname), self.clock.now()
        return await self.own.change(user_id, contact_id, lambda c: c.changed(now, nickname=wanted))

    async def make_default(self, user_id: UserId, contact_id: str) -> Contact:
        """New orders begin with it as their sender, and with the one before no more: both, or neither."""
        now = self.clock.now()

        async def body(tx: Transaction) -> Contact:
            shelf = tx.shelf(Contact)
            chosen = self.own.owned(user_id, await shelf.get(contact_id))
            if chosen.default_sender:
                return chosen
            before = await shelf.by_unique(default_word(user_id))
            if before is not None:
                await shelf.save(before.changed(now, default_sender=False))
            after = chosen.changed(now, default_sender=True)
            await shelf.save(after)
            return after

        return await self.unit_of_work.run(body)

    async def forget_default(self, user_id: UserId, contact_id: str) -> Contact:
        """New orders begin without it."""
        now = self.clock.now()
        return await self.own.change(user_id, contact_id, lambda c: c.changed(now, default_sender=False))

    def _read(self, text: str) -> dict[str, Entry]:
        """The address in a text, on whichever side the text puts it."""
        expecting = tuple(f for f in Field if f.part == Side.FROM.value)
        draft = Draft(self.reader.read(text, expecting=expecting).found)
        sides = (part_of(draft, side.value) for side in Side)
        return whole(min(sides, key=lambda address: len(lacking(address, Side.FROM.value))), "from")

    async def _keep(self, user_id: UserId, contact_id: str, address: dict[str, Entry]) -> Contact:
        now = self.clock.now()
        nickname = free_name(user_id, address["name"].value, await self.own.words(user_id))
        return await self.own.keep(Contact(contact_id, user_id, nickname, address, now, now))


def _values(address: Mapping[str, Entry]) -> dict[str, str]:
    return {what: entry.value for what, entry in address.items()}
