"""Orders to be written again: kept, found, changed field by field, forgotten."""

from __future__ import annotations

from attrs import field, frozen

from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.assembling import draft_of
from shipping_core.domain.desk import Template, free_name, name_of
from shipping_core.domain.draft import Draft, Field
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.order import Order
from shipping_core.domain.shipment import Rate
from shipping_core.errors import InvalidAddress, NotFound
from shipping_core.ports.clock import Clock
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.reader import Reader
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.own_things import OwnThings

NAMELESS = "📦"
"""The name of a template in which nobody is named yet, in any language."""
CLEARS = "-"
"""As an answer: leave the field empty."""


@frozen
class KeepTemplates:
    """A customer's templates. Nobody else's is found, and the order in progress is only read."""

    templates: Shelf[Template]
    orders: OrderRepository
    sessions: SessionRepository
    reader: Reader
    clock: Clock
    own: OwnThings[Template] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "own", OwnThings(self.templates, "template"))

    async def from_order(self, user_id: UserId, order_id: OrderId) -> Template:
        """The one of this order, made now unless it was; it prefers the service that was bought.

        Raises:
            NotFound: no such order or template, or somebody else's; here as below.
            InvalidInput: the name is another template's; here as below.
            TooMany: 50 are kept already; here as below.
        """
        order = await own_order(self.orders, user_id, order_id)
        return await self._keep(user_id, f"tpl_{_bare(order_id)}", draft_known(order), order.rate)

    async def from_draft(self, user_id: UserId) -> Template:
        """The one of the order being written, with the service that is chosen; once for each step of it."""
        session = await self.sessions.load(user_id)
        if session is None or session.draft.empty:
            raise NotFound("draft", user_id)
        template_id = f"tpl_{user_id}v{session.version}"
        return await self._keep(user_id, template_id, session.draft, _chosen(session))

    async def empty(self, user_id: UserId, template_id: str, name: str) -> Template:
        """A new one to be filled in; `template_id` is new, or of the same wish before."""
        return await self.own.keep(self._new(user_id, template_id, name_of(name), Draft(), None))

    async def rename(self, user_id: UserId, template_id: str, name: str) -> Template:
        """Under another name."""
        wanted, now = name_of(name), self.clock.now()
        return await self.own.change(user_id, template_id, lambda t: t.changed(now, name=wanted))

    async def fill(self, user_id: UserId, template_id: str, which: Field, text: str) -> Template:
        """With this field as the reader understands `text`; a dash leaves it empty.

        Raises:
            InvalidAddress: the text says nothing that this field can be; `reason` is the reader's.
        """
        answer = self.reader.answer(text, which)
        entry, clears, now = answer.entry, text.strip() == CLEARS, self.clock.now()
        if entry is None and not clears:
            raise InvalidAddress(which.value, answer.reason or "empty")

        def change(template: Template) -> Template:
            draft = template.draft
            if entry is not None and not clears:
                draft = draft.filled({which: entry})
            else:
                draft = draft.skipped(which) if which.optional else draft.without([which])
            return template.changed(now, draft=draft)

        return await self.own.change(user_id, template_id, change)

    async def prefer(self, user_id: UserId, template_id: str) -> Template:
        """With the service that was chosen last."""
        rate = await self.last_chosen(user_id)
        if rate is None:
            raise NotFound("rate", user_id)
        return await self._served(user_id, template_id, rate)

    async def forget_service(self, user_id: UserId, template_id: str) -> Template:
        """Without a preferred service: its prices are offered."""
        return await self._served(user_id, template_id, None)

    async def _served(self, user_id: UserId, template_id: str, rate: Rate | None) -> Template:
        now, names = self.clock.now(), ("carrier_code", "service_code", "service")
        facts = dict(zip(names, _service(rate), strict=True))
        return await self.own.change(user_id, template_id, lambda t: t.changed(now, **facts))

    async def last_chosen(self, user_id: UserId) -> Rate | None:
        """The rate chosen in the order in progress, else that of the last order."""
        session = await self.sessions.load(user_id)
        chosen = _chosen(session) if session else None
        last = next(iter(await self.orders.of_user(user_id, limit=1)), None)
        return chosen or (last.rate if last else None)

    async def _keep(self, user_id: UserId, template_id: str, draft: Draft, rate: Rate | None) -> Template:
        wanted = next((draft.get(f) for f in (Field.TO_NAME, Field.FROM_NAME) if draft.get(f)), NAMELESS)
        name = free_name(user_id, wanted, await self.own.words(user_id))
        return await self.own.keep(self._new(user_id, template_id, name, draft, rate))

    def _new(self, user_id: UserId, template_id: str, name: str, draft: Draft, rate: Rate | None) -> Template:
        now = self.clock.now()
        return Template(template_id, user_id, name, Draft(draft.entries), now, now, 1, *_service(rate))


async def own_order(orders: OrderRepository, user_id: UserId, order_id: OrderId) -> Order:
    """The order.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    order = await orders.get(order_id)
    if order.user_id != user_id:
        raise NotFound("order", order_id)
    return order


def placed(reader: Reader, draft: Draft) -> Draft:
    """The same, with what its ZIPs stand for where that is not known."""
    unknown = [f for f in (Field.FROM_ZIP, Field.TO_ZIP) if draft.get(f) and not draft.entries[f].place]
    zips = {f: reader.answer(draft.get(f), f).entry for f in unknown}
    return draft.filled({f: entry for f, entry in zips.items() if entry is not None})


def draft_known(order: Order) -> Draft:
    """What is known of an order, as a draft; what was forgotten of it is missing."""
    draft = draft_of(order.shipment)
    return draft.without(f for f in draft.entries if not (draft.get(f) or f.optional))


def _bare(order_id: OrderId) -> str:
    return order_id.removeprefix("ord_")


def _service(rate: Rate | None) -> tuple[str, str, str]:
    return (rate.carrier_code, rate.service_code, rate.full_name) if rate else ("", "", "")


def _chosen(session: Session) -> Rate | None:
    state = session.state
    if isinstance(state, st.Asking | st.Answering):
        state = state.back
    confirming = state if isinstance(state, st.Confirming) else getattr(state, "confirming", None)
    return confirming.rate if confirming else None
