"""One customer's message in, one step of the conversation out.

A step is loaded, taken and saved under its version; a lost race is loaded and judged anew. Only then is
it shown, and its effects are started. They run beside the conversation and come back as events, so that
a slow carrier keeps nobody waiting. An input that was handled before changes nothing.

A session that was just saved here is not loaded again for the next step: if another process has moved it on
meanwhile, the save under its version tells. What changes nothing is never judged from memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence

from attrs import evolve, field, frozen

from shipping_core.conversation import events as ev
from shipping_core.conversation import states as st
from shipping_core.conversation.effects import Effect
from shipping_core.conversation.machine import BEGINNING, Here, Step, picture, take, unanswered
from shipping_core.conversation.screens import Note, Remark
from shipping_core.conversation.session import Session
from shipping_core.domain.assembling import draft_of
from shipping_core.domain.desk import Contact, as_part, default_word
from shipping_core.domain.draft import Draft, Entry, Field
from shipping_core.domain.ids import OrderId, UserId
from shipping_core.domain.invoice import Invoice
from shipping_core.domain.order import Order, OrderState
from shipping_core.errors import Conflict, GatewayError, NotFound, StoreUnavailable, UnexpectedEvent
from shipping_core.ports.clock import Clock, IdSource
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.orders import OrderRepository
from shipping_core.ports.outbox import Outbox
from shipping_core.ports.reader import Reader
from shipping_core.ports.sessions import SessionRepository
from shipping_core.ports.shelves import Shelf
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.keep_templates import placed
from shipping_core.use_cases.perform_effect import PerformEffect
from shipping_core.use_cases.send_label import SendLabel
from shipping_core.use_cases.welcome import Welcome

RACES = 8
"""How often a step is judged anew after losing a race, before it is given up as a fault."""

REMEMBERED = 1_000
"""How many sessions of the last customers are kept at hand."""

ASK_AGAIN_AFTER = dt.timedelta(minutes=2)
"""A wait older than this has lost its answer, as in a crash; the customer's next input asks once more."""

SEEN_AGAIN_AFTER = dt.timedelta(hours=1)
"""How old it may be when a customer was seen last."""

Makes = Callable[[Session], ev.Event]


@frozen
class Input:
    """Where an event came from: its number (to know it again), the sender's language, and their names."""

    update_id: int | None = None
    language: str = "en"
    name: str = ""
    username: str = ""


@frozen
class Converse:
    """Everything a customer says or taps goes through here."""

    sessions: SessionRepository
    orders: OrderRepository
    reader: Reader
    notifier: Notifier
    perform: PerformEffect
    send_label: SendLabel
    welcome: Welcome
    facts: GatherFacts
    clock: Clock
    ids: IdSource
    outbox: Outbox
    bell: Bell = field(factory=Bell)
    contacts: Shelf[Contact] | None = None
    """Where default senders are; None knows of none."""
    _running: set[asyncio.Task[None]] = field(factory=set, init=False)
    _lately: OrderedDict[UserId, Session] = field(factory=OrderedDict, init=False)

    async def meet(self, user_id: UserId, source: Input) -> None:
        """Know somebody who has only looked around so far, and their language; for others nothing changes."""
        if await self.sessions.load(user_id) is not None:
            return
        language = await self.welcome(user_id, source.language)
        now = self.clock.now()
        session = Session.begin(user_id, now, language).after(st.Idle(), Draft(), now)
        with contextlib.suppress(Conflict):  # they have just said something else as well
            await self.sessions.save(session)

    async def say(self, user_id: UserId, text: str, source: Input | None = None) -> None:
        """The customer wrote this."""
        await self._take(user_id, lambda session: self._read(session, text), source or Input())

    async def do(self, user_id: UserId, event: ev.Customer, source: Input | None = None) -> None:
        """The customer gave a command."""
        if isinstance(event, ev.Started):
            await self.back(user_id)
        await self._take(user_id, lambda _: event, source or Input())

    async def back(self, user_id: UserId) -> None:
        """The customer can be reached again: what could not be brought to them may be now."""
        if await self.outbox.revive(user_id):
            self.bell.ring()

    async def tap(
        self, user_id: UserId, event: ev.Customer, version: int | None, source: Input | None = None
    ) -> None:
        """The customer tapped a button of the card that was shown as `version`.

        A stale button changes nothing and brings the present card. Buy is known by its order id instead.
        """

        def made(session: Session) -> ev.Event:
            if version is not None and version != session.version:
                raise UnexpectedEvent(f"version {session.version}", f"a button of version {version}")
            return event

        await self._take(user_id, made, source or Input())

    async def pick(self, user_id: UserId, text: str, version: int, source: Input | None = None) -> None:
        """The customer tapped an offered answer, instead of typing it."""

        def made(session: Session) -> ev.Event:
            if version != session.version:
                raise UnexpectedEvent(f"version {session.version}", f"a button of version {version}")
            return self._read(session, text)

        await self._take(user_id, made, source or Input())

    async def repeat(
        self, user_id: UserId, order_id: OrderId | None = None, source: Input | None = None
    ) -> None:
        """The same parcel again: of this order, or of the last one.

        Raises:
            NotFound: there is no such order, or it is somebody else's.
        """
        if order_id is None:
            order = next(iter(await self.orders.of_user(user_id, limit=1)), None)
        else:
            order = await self.orders.get(order_id)
        if order is None or order.user_id != user_id:
            raise NotFound("order", order_id or "last")
        rate = order.rate
        await self.write(user_id, draft_of(order.shipment), rate.carrier_code, rate.service_code, source)

    async def write(
        self,
        user_id: UserId,
        draft: Draft,
        carrier_code: str = "",
        service_code: str = "",
        source: Input | None = None,
    ) -> None:
        """The customer wants this order written, and the service, where one is named."""
        event = ev.OrderRepeated(placed(self.reader, draft), carrier_code, service_code)
        await self._take(user_id, lambda _: event, source or Input())

    async def put(self, user_id: UserId, found: Mapping[Field, Entry], source: Input | None = None) -> None:
        """The customer wants an address or a parcel they keep in this order, or in a new one."""
        event = ev.KeptUsed(placed(self.reader, Draft(found)).entries)
        await self._take(user_id, lambda _: event, source or Input())

    async def _blank(self, session: Session) -> Draft | None:
        """An order that may begin now, with the default sender in it; None where none may."""
        if self.contacts is None or not isinstance(session.state, BEGINNING):
            return None
        sender = await self.contacts.by_unique(default_word(session.user_id))
        return (
            placed(self.reader, Draft(as_part(sender.address, "from"), default_sender=True))
            if sender
            else Draft()
        )

    async def settled(self, order: Order) -> bool:
        """An order came to an end; whether the conversation was still waiting for it."""
        if order.state is OrderState.PARKED:
            return False
        event: ev.World = ev.PurchaseRefused(order.order_id, "refused", order.failure)
        if order.label is not None:
            event = ev.LabelBought(order.order_id)
        return await self._take(order.user_id, lambda _: event, None)

    async def paid(self, invoice: Invoice) -> bool:
        """A top-up was credited; whether the conversation was still waiting for it."""
        event = ev.PaymentLanded(invoice.invoice_id)
        return await self._take(invoice.user_id, lambda _: event, None)

    async def speak(self, user_id: UserId, language: str) -> None:
        """An operator chose this language for somebody; whoever is in no conversation hears nothing now."""
        await self._take(user_id, lambda _: ev.LanguageChosen(language), None)

    def ask_again(self, session: Session) -> None:
        """Ask once more what this session waits for."""
        self._perform(session.user_id, unanswered(session.state, session.draft))

    async def drain(self, timeout_s: float) -> int:
        """Wait for running effects, at most this long; how many were still running."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._running:  # an effect's outcome may start the next one
                    await asyncio.wait(set(self._running))
        return len(self._running)

    def _read(self, session: Session, text: str) -> ev.Event:
        match session.state:
            case st.Guided(asking):
                answer = self.reader.answer(text, asking)
                if not _says_more(text):
                    return ev.TextRead(answer=answer.entry, reason=answer.reason)
                expecting: tuple[Field, ...] = (asking, *session.draft.missing)
                reading = self.reader.read(text, expecting=expecting)
                return ev.TextRead(reading.found, reading.unread, answer.entry, answer.reason)
            case st.FixingField(asking):
                answer = self.reader.answer(text, asking)
                return ev.TextRead(answer=answer.entry, reason=answer.reason)
            case st.Asking() | st.Answering():
                return ev.TextRead(text=text)
            case st.FixingPart(part):
                expecting = tuple(f for f in Field if f.part == part)
            case _:
                expecting = session.draft.missing
        reading = self.reader.read(text, expecting=expecting)
        return ev.TextRead(reading.found, reading.unread, text=text)

    async def _take(self, user_id: UserId, makes: Makes, said: Input | None) -> bool:
        """Take one step; False when it was handled before or has no place here.

        What the customer has not `said` themself begins no conversation: they may have been erased.
        """
        source = said or Input()
        for _ in range(RACES):
            now = self.clock.now()
            known = self._lately.pop(user_id, None)
            stored = known or await self.sessions.load(user_id)
            if stored is None and said is None:
                return False
            if stored is None:
                stored = Session.begin(user_id, now, await self.welcome(user_id, source.language))
            session = stored.awake(now)
            if source.update_id is not None and session.has_handled(source.update_id):
                if known is not None:
                    continue
                return await self._seen_before(session, source.update_id)
            if known is None or now - known.last_updated >= SEEN_AGAIN_AFTER:
                await self._seen(user_id, source, now)
            blank = await self._blank(session)
            if blank is not None and session.draft.empty:
                session = evolve(session, draft=blank)
            here = Here(
                session.state, session.draft, session.version + 1, now, self.ids.new("ord"), blank or Draft()
            )
            try:
                event = makes(session)
            except UnexpectedEvent:
                if known is not None:
                    continue
                return await self._stale(session)
            has_place = True
            try:
                step = take(here, event)
            except UnexpectedEvent:
                if known is not None:
                    continue
                if source.update_id is None or isinstance(event, ev.PurchaseConfirmed):
                    return await self._no_place(session, event)
                # Remembered as handled, or it might find a place when it comes again.
                has_place, step = False, Step(session.state, session.draft, note=Note("stale"))
            after = session.after(
                step.state, step.draft, now, language=step.language, update_id=source.update_id
            )
            try:
                await self.sessions.save(after)
            except Conflict:
                continue
            self._remember(after)
            if step.language:
                await self.welcome.speak(user_id, step.language)
            await self._show(after, step)
            if step.state is session.state:
                self._ask_again(session, now)
            return has_place
        raise Conflict("session", user_id)

    async def _seen(self, user_id: UserId, source: Input, now: dt.datetime) -> None:
        if source.update_id is not None:
            await self.welcome.seen(user_id, now, source.name, source.username)

    def _remember(self, session: Session) -> None:
        self._lately[session.user_id] = session
        self._lately.move_to_end(session.user_id)
        if len(self._lately) > REMEMBERED:
            self._lately.popitem(last=False)

    async def _seen_before(self, session: Session, update_id: int) -> bool:
        """The newest input again: its step is kept, but a crash may have swallowed what it should show."""
        if session.handled[-1] == update_id:
            await self._show(session, Step(session.state, session.draft))
        return False

    async def _show(self, session: Session, step: Step) -> None:
        screen = picture(session.state, session.draft)
        await self.notifier.show(session.user_id, screen, await self.facts.of(session, screen), step.note)
        if step.beside is not None:
            facts = await self.facts.of(session, step.beside)
            await self.notifier.tell(session.user_id, step.beside, facts)
        self._perform(session.user_id, step.effects)

    def _ask_again(self, session: Session, now: dt.datetime) -> None:
        if now - session.last_updated >= ASK_AGAIN_AFTER:
            self.ask_again(session)

    def _perform(self, user_id: UserId, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._start(user_id, self._run(user_id, self.perform(user_id, effect)))

    async def _stale(self, session: Session, word: str = "stale") -> bool:
        await self._show(session, Step(session.state, session.draft, note=Note(word)))
        self._ask_again(session, self.clock.now())
        return False

    async def _no_place(self, session: Session, event: ev.Event) -> bool:
        """A late answer of the world is dropped; a customer's old button brings the present card."""
        if isinstance(event, ev.PurchaseConfirmed):
            return await self._bought_before(session, event.order_id)
        if isinstance(event, ev.Customer):
            return await self._stale(session)
        return False

    async def _bought_before(self, session: Session, order_id: OrderId) -> bool:
        """A second tap on Buy: here is what became of the first."""
        try:
            order = await self.orders.get(order_id)
        except NotFound:
            return await self._stale(session)
        if order.user_id != session.user_id:
            return await self._stale(session)
        if order.undecided:
            return await self._stale(session, "busy")
        if not order.label_good:
            return await self._stale(session)
        self._start(session.user_id, self._deliver(session.user_id, order_id))
        return await self._stale(session, "already_bought")

    async def _run(self, user_id: UserId, effect: Coroutine[None, None, ev.World | None]) -> None:
        event = await effect
        if event is None:
            return
        await self._take(user_id, lambda _: event, None)

    async def _deliver(self, user_id: UserId, order_id: OrderId) -> None:
        try:
            await self.send_label(user_id, order_id)
        except GatewayError:
            await self._remark(user_id, "label_later")
        except NotFound:
            return  # it has gone back to the carrier meanwhile

    async def _remark(self, user_id: UserId, word: str) -> None:
        screen = Remark()
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen), Note(word))

    def _start(self, user_id: UserId, work: Coroutine[None, None, None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except StoreUnavailable as exc:
                await self.notifier.alarm(exc)  # what is asked again later needs no apology now
            except Exception as exc:  # noqa: BLE001 - the last stop of work that nobody awaits
                await self.notifier.apologise(user_id, exc)

        task = asyncio.create_task(guarded())
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _says_more(text: str) -> bool:
    """Whether a text may hold more than the answer to one question."""
    return "\n" in text or "," in text or len(text.split()) > 5
