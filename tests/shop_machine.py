"""Anything that can happen to a shop, in any order, with a watcher that looks after every step."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar

from attrs import define, field
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from a_shop import Shop, shop
from adapters.memory.clock import MemoryClock
from builders import A_WHOLE_ORDER, ANN, BOB, WRITTEN, a_recipient, as_text, minutes
from carriers import ScriptedShipping
from invariants import Watcher
from shipping_core.conversation import events as ev
from shipping_core.conversation import states as st
from shipping_core.conversation.session import Session
from shipping_core.domain.draft import Field, Side
from shipping_core.domain.ids import OrderId, RateId, UserId
from shipping_core.domain.money import Money
from shipping_core.domain.order import OrderState
from shipping_core.domain.shipment import Label
from shipping_core.errors import GatewayRefused, GatewayUnavailable, NotFound, OutcomeUnknown
from shipping_core.ports.shipping import Bought, Prepared
from shipping_core.use_cases.converse import Input

USERS = (ANN, BOB)
LAG = minutes(10)
"""A carrier's look-up may be this late; giving up takes longer."""
TEXTS = (
    A_WHOLE_ORDER,
    as_text({f: v for f, v in WRITTEN.items() if f.part == "parcel"}),
    as_text({**WRITTEN, Field.TO_STREET1: "1 Doubtful St"}),
    as_text({Field.TO_STATE: "NY"}),
    "parcel.weight: 80 oz",
    "hello",
)
COMMANDS: tuple[ev.Customer, ...] = (
    ev.Started(),
    ev.NewOrder(),
    ev.NewOrder(guided=True),
    ev.CancelAsked(),
    ev.NotText("sticker"),
    ev.LanguageChosen("ru"),
)
BUTTONS: tuple[ev.Customer, ...] = (
    ev.DraftContinued(),
    ev.DraftDropped(),
    ev.FieldSkipped(),
    ev.SteppedBack(),
    ev.PartEdited("to"),
    ev.FieldEdited(Field.TO_NAME),
    ev.PricesAsked(),
    ev.SuggestionUsed(Side.TO),
    ev.AddressKept(Side.TO),
    ev.MoreAsked(),
    ev.CancelConfirmed(),
    ev.CancelDenied(),
)
ACCIDENTS = ("lost", "lost twice", "lost on the way", "refused", "not sent")
STUMBLES = (GatewayRefused("call"), GatewayUnavailable("call"), OutcomeUnknown("call"))
WHO = some.sampled_from(USERS)
NUMBER = some.integers(0, 40)


@define
class LaggingShipping(ScriptedShipping):
    """A carrier whose look-ups see a label only some minutes after it was made."""

    clock: MemoryClock | None = field(default=None, init=False)
    lag: dt.timedelta = field(default=minutes(0), init=False)
    _made_at: dict[str, dt.datetime] = field(factory=dict, init=False)

    def _now(self) -> dt.datetime:
        assert self.clock is not None
        return self.clock.now()

    async def buy(self, prepared: Prepared) -> Bought:
        self._made_at.setdefault(prepared.purchase.reference, self._now())
        return await ScriptedShipping.buy(self, prepared)

    async def find(self, prepared: Prepared) -> Sequence[Label]:
        found = await ScriptedShipping.find(self, prepared)
        made_at = self._made_at.get(prepared.purchase.reference)
        return found if made_at is None or self._now() - made_at >= self.lag else []


class ShopMachine(RuleBasedStateMachine):
    """Two customers, their devices, a carrier with accidents, a clock that jumps, a process that dies."""

    carrier: type[LaggingShipping] = LaggingShipping
    ever_seen: ClassVar[set[OrderState]] = set()
    """Every state an order was seen in, over all stories: a blind machine would prove nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.shipping = self.carrier()
        self.shop = self.open()
        self.shipping.clock = self.shop.clock
        self.shipping.suggestions["1 Doubtful St"] = a_recipient(street1="1 Certain St")
        self.watcher = Watcher(self.shop, USERS)
        self.dying = False
        self.rounds: set[asyncio.Task[None]] = set()
        """Rounds of the background job that wait for a slow carrier."""
        self.past: list[tuple[UserId, ev.Customer | str, int | None, int]] = []

    def open(self) -> Shop:
        """The shop under watch; a negative control opens a broken one."""
        return shop(welcome_credit="40.00", shipping=self.shipping)

    # What customers do.

    @rule(user=WHO, text=some.sampled_from(TEXTS))
    def say(self, user: UserId, text: str) -> None:
        self._input(user, text, None)

    @rule(user=WHO, event=some.sampled_from(COMMANDS))
    def command(self, user: UserId, event: ev.Customer) -> None:
        self._input(user, event, None)

    @rule(user=WHO, event=some.sampled_from(BUTTONS), behind=some.sampled_from((0, 0, 0, 1, 2, -1)))
    def tap(self, user: UserId, event: ev.Customer, behind: int) -> None:
        self._input(user, event, self._session(user).version - behind)

    @rule(user=WHO, number=NUMBER, behind=some.sampled_from((0, 0, 1)))
    def tap_a_price(self, user: UserId, number: int, behind: int) -> None:
        """Of the own card, or a forged one."""
        state = self._session(user).state
        rates = [r.rate_id for r in state.quote.rates] if isinstance(state, st.ChoosingRate) else []
        known = [*rates, RateId("forged")]
        self._input(user, ev.RateChosen(known[number % len(known)]), self._session(user).version - behind)

    @rule(user=WHO, number=NUMBER, times=some.integers(1, 3))
    def tap_buy(self, user: UserId, number: int, times: int) -> None:
        """Any Buy button that was ever shown to anybody, some of them several times at once."""
        known = [*self.watcher._prices, OrderId("ord_forged")]
        event = ev.PurchaseConfirmed(known[number % len(known)])
        self._run(*(self._send(user, event, None, self._next()) for _ in range(times)))

    @rule(user=WHO)
    def go_on(self, user: UserId) -> None:
        """What most people do next."""
        session = self._session(user)
        match session.state:
            case st.ChoosingRate() as choice if choice.undecided(session.draft):
                self._input(user, ev.AddressKept(Side.TO), session.version)
            case st.ChoosingRate(quote):
                self._input(user, ev.RateChosen(quote.rates[0].rate_id), session.version)
            case st.Confirming(_, _, order_id):
                self._input(user, ev.PurchaseConfirmed(order_id), None)
            case st.Resuming():
                self._input(user, ev.DraftDropped(), session.version)
            case _:
                self._input(user, A_WHOLE_ORDER, None)

    @rule(user=WHO)
    def order_and_buy(self, user: UserId) -> None:
        """Straight through, as far as it goes."""
        for _ in range(5):
            self.go_on(user)
            if isinstance(self._session(user).state, st.Buying | st.Bought | st.Waiting):
                break

    @rule(user=WHO, accident=some.sampled_from(ACCIDENTS))
    def buy_by_accident(self, user: UserId, accident: str) -> None:
        """Straight into an accident."""
        self.purchase_accident(accident)
        self.order_and_buy(user)

    @rule(user=WHO, where=some.sampled_from(("prepare", "buy")))
    def buy_slowly(self, user: UserId, where: str) -> None:
        """Straight to a carrier that does not answer for now."""
        self.carrier_slows_down(where)
        self.order_and_buy(user)

    @rule(user=WHO)
    def look_up_before_the_answer(self, user: UserId) -> None:
        """A purchase so slow that it is looked up, in vain, before it is answered."""
        self.buy_slowly(user, "buy")
        self.time_passes(1.1)
        self.shipping.errors["find"] = [GatewayUnavailable("find")] * 2
        self.reconcile(1)

    @rule(user=WHO, number=NUMBER)
    def repeat(self, user: UserId, number: int) -> None:
        """The last order again, or anybody's."""
        known: list[OrderId | None] = [None, *self.watcher._prices]
        source = Input(self._next())
        self._run(self.shop.converse.repeat(user, known[number % len(known)], source))

    @precondition(lambda self: self.past)
    @rule(number=NUMBER)
    def redeliver(self, number: int) -> None:
        """An input that came before comes once more."""
        user, what, version, update_id = self.past[-1 - number % len(self.past)]
        before = self._session(user)
        self._run(self._send(user, what, version, update_id))
        if before.has_handled(update_id):
            assert self._session(user) == before, "a redelivered input had a second effect"

    @rule(user=WHO, cents=some.integers(1, 2000))
    def top_up(self, user: UserId, cents: int) -> None:
        """Money comes in."""
        self._run(self.shop.top_up(str(Money(cents).amount), user))

    # What the world does.

    @rule(by=some.sampled_from((0.5, 1.1, 5, 10, 16, 31, 60)))
    def time_passes(self, by: float) -> None:
        self.shop.clock.advance(minutes(by))

    @rule(rounds=some.integers(1, 4))
    def reconcile(self, rounds: int) -> None:
        """The background job runs."""
        for _ in range(rounds):
            self._run(self._reconcile())

    @rule()
    def an_hour_in_the_dark(self) -> None:
        """No look-up is answered for longer than anybody waits."""
        self.shipping.errors["find"] = [GatewayUnavailable("find")] * 6
        for _ in range(2):
            self.shop.clock.advance(minutes(31))
            self._run(self._reconcile())

    @rule(accident=some.sampled_from(ACCIDENTS))
    def purchase_accident(self, accident: str) -> None:
        """The next purchase goes wrong."""
        self.shipping.lost_answers_buy = accident != "lost on the way"
        self.shipping.double_labels = 1 if accident == "lost twice" else 0
        errors = {"refused": GatewayRefused("buy", code="no"), "not sent": GatewayUnavailable("buy")}
        self.shipping.accidents = [errors.get(accident, OutcomeUnknown("buy", "read timeout"))]

    @rule(
        operation=some.sampled_from(("rates", "prepare", "find", "void", "document", "check_address")),
        error=some.sampled_from(STUMBLES),
        times=some.integers(1, 6),
    )
    def other_accident(self, operation: str, error: Exception, times: int) -> None:
        """The next calls of something else go wrong."""
        if isinstance(error, OutcomeUnknown) and operation in {"rates", "find", "document", "check_address"}:
            error = GatewayUnavailable(operation)
        self.shipping.errors[operation] = [error] * times

    @rule(cents=some.sampled_from((None, 0, 1, 500, 5000)), dearer=some.integers(0, 300))
    def prices_change(self, cents: int | None, dearer: int) -> None:
        """What the carrier takes, and what it asks next time."""
        self.shipping.actual_cost = None if cents is None else Money(cents)
        self.shipping.dearer_cents = dearer

    @rule(by=some.sampled_from((0, 2, 10)))
    def look_ups_lag(self, by: int) -> None:
        """A label is seen some minutes late."""
        self.shipping.lag = minutes(by)
        assert self.shipping.lag <= LAG

    @rule(where=some.sampled_from(("prepare", "buy")))
    def carrier_slows_down(self, where: str) -> None:
        """Purchases are not answered for now, or what comes before them."""
        self.shipping.slow = self.shipping.slow or asyncio.Event()
        self.shipping.slow_at = where

    @rule()
    def carrier_answers(self) -> None:
        """All waiting purchases are answered."""
        if self.shipping.slow is not None:
            self.shipping.slow.set()
            self.shipping.slow = None
        self._run()

    @rule()
    def process_dies(self) -> None:
        """Everything that was running is gone; what is stored stays."""
        self._run(self._die())

    @rule(user=WHO)
    def go_on_and_die(self, user: UserId) -> None:
        """The step is stored, and the process is gone before it could do anything about it."""
        self.dying = True
        self.go_on(user)
        self.dying = False

    # The machinery.

    @invariant()
    def all_is_well(self) -> None:
        """The watcher looks."""
        self.loop.run_until_complete(self.watcher.check())
        for user in USERS:
            for order in self.loop.run_until_complete(self.shop.orders.of_user(user, limit=1000)):
                self.ever_seen.add(order.state)

    def teardown(self) -> None:
        """The faults stop, time passes, and everything comes to rest."""
        try:
            self.carrier_answers()
            self.shipping.accidents, self.shipping.errors, self.shipping.lag = [], {}, minutes(0)
            for _ in range(5):
                self.shop.clock.advance(minutes(15))
                self._run(self._reconcile())
            self.loop.run_until_complete(self.watcher.check_at_rest())
        finally:
            self.loop.run_until_complete(self._die())
            self.loop.close()

    def _input(self, user: UserId, what: ev.Customer | str, version: int | None) -> None:
        update_id = self._next()
        self.past.append((user, what, version, update_id))
        self._run(self._send(user, what, version, update_id))

    async def _send(self, user: UserId, what: ev.Customer | str, version: int | None, update_id: int) -> None:
        source = Input(update_id)
        if isinstance(what, str):
            await self.shop.converse.say(user, what, source)
        elif isinstance(what, COMMAND_TYPES):
            await self.shop.converse.do(user, what, source)
        else:
            await self.shop.converse.tap(user, what, version, source)

    async def _reconcile(self) -> None:
        job = asyncio.create_task(self._one_round())
        self.rounds.add(job)
        job.add_done_callback(self.rounds.discard)
        for _ in range(300):
            if job.done():
                await job
                return
            await asyncio.sleep(0)

    async def _one_round(self) -> None:
        await self.shop.reconcile()
        await self.shop.resume()
        while await self.shop.letters():
            pass

    async def _die(self) -> None:
        tasks = [*self.shop.converse._running, *self.rounds]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run(self, *acts: Coroutine[Any, Any, object]) -> None:
        async def all_of_it() -> None:
            for answer in await asyncio.gather(*acts, return_exceptions=True):
                if isinstance(answer, BaseException) and not isinstance(answer, NotFound):
                    raise answer
            if self.dying:
                await self._die()
            for _ in range(300):  # whatever still runs then waits for a slow carrier
                if not self.shop.converse._running and not await self.shop.letters():
                    return
                await asyncio.sleep(0)

        with contextlib.suppress(NotFound):
            self.loop.run_until_complete(all_of_it())

    def _session(self, user: UserId) -> Session:
        loaded = self.loop.run_until_complete(self.shop.sessions.load(user))
        return loaded or Session.begin(user, self.shop.clock.now(), "en")

    def _next(self) -> int:
        return self.shop.next_update()


COMMAND_TYPES = tuple({type(event) for event in COMMANDS})
