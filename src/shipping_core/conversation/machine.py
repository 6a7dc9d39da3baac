"""The conversation, as a table of rules: (state, event) -> step.

A rule is pure: it takes where we are and what happened, and returns where we are next, with the
effects it wants. Every rule stands in this table; `docs/conversation.md` is drawn from it. The screen
follows from the state alone (`picture`), so that it can be shown again at any time.

The flow: text fills the draft. A whole draft without contradictions goes to the carriers (Pricing);
the prices come back (ChoosingRate); one is tapped (Confirming, which mints the order's id); Buy is
tapped (Buying). The order id is the Buy button's token: it can be used once, because an order is made once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, get_args

from attrs import evolve, field, frozen

from shipping_core.conversation import events as ev
from shipping_core.conversation import screens as sc
from shipping_core.conversation import states as st
from shipping_core.conversation.effects import (
    AskEstimate,
    AskPayment,
    AskPrices,
    Effect,
    OpenInvoice,
    PurchaseLabel,
    TakeAnswer,
)
from shipping_core.conversation.screens import Note, Screen
from shipping_core.domain.draft import STEPS, Draft, Entry, Field, Place, Side
from shipping_core.domain.ids import InvoiceId, OrderId
from shipping_core.domain.money import LIMIT_MINOR, Money, read_money
from shipping_core.domain.rating import by_price, tags
from shipping_core.domain.shipment import Address
from shipping_core.errors import UnexpectedEvent

S = TypeVar("S", bound=Any)

FIRST_OFFERS = 3
"""How many prices a card shows before `more`."""

READ_AS_MANY = 3
"""A message that names this many fields is more than the answer to one question."""


@frozen
class Here(Generic[S]):
    """Where we are: `version` numbers this step, `fresh` is an id nobody has used.

    `blank` is an order that begins; it has the customer's default sender.
    """

    state: S
    draft: Draft
    version: int
    now: dt.datetime
    fresh: str
    blank: Draft = field(factory=Draft)


@frozen
class Step:
    """Where we are next. `draft` is the whole draft from now on; `language` changes it when set.

    `beside` is told once, next to the card.
    """

    state: st.State
    draft: Draft
    effects: tuple[Effect, ...] = ()
    note: Note | None = None
    language: str = ""
    beside: Screen | None = None


Rule = Callable[[Any, Any], Step]
RULES: dict[tuple[type, type], Rule] = {}
STATES: tuple[type, ...] = get_args(st.State)
EVENTS: tuple[type, ...] = get_args(ev.Event)
WRITING = (st.Composing, st.Guided, st.FixingPart, st.FixingField, st.Reviewing)
MONEY = (st.ToppingUp, st.Invoicing, st.Paying)
OPEN = (*WRITING, st.Resuming, st.Pricing, st.ChoosingRate, st.Confirming)
CALM = (st.Idle, st.Bought, st.Waiting)
BEGINNING = (*CALM, *MONEY, st.Resuming)
"""Where the next text may begin an order."""
ANYWHERE_BUT_BUYING = tuple(s for s in STATES if s is not st.Buying)


def on(states: type | tuple[type, ...], event: type) -> Callable[[Rule], Rule]:
    """Register a rule for one event in these states; a second rule for a pair is refused."""

    def keep(rule: Rule) -> Rule:
        for state in states if isinstance(states, tuple) else (states,):
            if (state, event) in RULES:
                raise ValueError(f"two rules for {state.__name__} and {event.__name__}")
            RULES[state, event] = rule
        return rule

    return keep


def take(here: Here[st.State], event: ev.Event) -> Step:
    """The step that this event makes from here.

    Raises:
        UnexpectedEvent: no rule; nothing changes.
    """
    rule = RULES.get((type(here.state), type(event)))
    if rule is None:
        raise UnexpectedEvent(type(here.state).__name__, type(event).__name__)
    return rule(here, event)


# Ways onward, shared by several rules.


def _stay(here: Here[Any], note: Note | None = None) -> Step:
    return Step(here.state, here.draft, note=note)


def _unexpected(here: Here[Any], event: object) -> UnexpectedEvent:
    return UnexpectedEvent(type(here.state).__name__, type(event).__name__)


def _compose(here: Here[Any], draft: Draft, note: Note | None = None) -> Step:
    now = here.state if isinstance(here.state, st.Composing) else st.Composing()
    same = now.ticket and all(
        draft.get(f) == here.draft.get(f) for f in (Field.FROM_ZIP, Field.TO_ZIP, Field.WEIGHT)
    )
    if not draft.can_be_estimated or same or any(p.blocking for p in draft.problems()):
        return Step(now if same else st.Composing(), draft, note=note)
    return Step(st.Composing(ticket=here.version), draft, (AskEstimate(here.version, draft),), note)


def _note(event: ev.PricingFailed | ev.PurchaseRefused | ev.InvoiceRefused) -> Note:
    return Note(event.reason, {"detail": event.detail, **event.facts})


def _price(here: Here[Any], draft: Draft, note: Note | None = None, wish: st.Wish | None = None) -> Step:
    return Step(st.Pricing(here.version, wish), draft, (AskPrices(here.version, draft),), note)


def _onward(here: Here[Any], draft: Draft, note: Note | None = None, wish: st.Wish | None = None) -> Step:
    """To the prices when the draft is whole and does not contradict itself, else ask for the rest."""
    if draft.missing or any(p.blocking for p in draft.problems()):
        return _compose(here, draft, note)
    return _price(here, draft, note, wish)


def _next_step(draft: Draft, after: Field | None = None) -> Field | None:
    begin = STEPS.index(after) + 1 if after else 0
    return next((f for f in STEPS[begin:] if f in draft.steps and f not in draft.entries), None)


def _walk(draft: Draft, after: Field | None = None) -> Step:
    """To the next unanswered step, to the skipped-over ones after the last, then to the review."""
    nxt = _next_step(draft, after) or _next_step(draft)
    return Step(st.Guided(nxt) if nxt else st.Reviewing(), draft)


def _begin(here: Here[Any], draft: Draft, *, guided: bool) -> Step:
    if guided:
        return _walk(draft)
    return _compose(here, draft) if draft.missing else _onward(here, draft)


def _of_part(found: Mapping[Field, Entry], part: str) -> dict[Field, Entry]:
    return {f: e for f, e in found.items() if f.part == part}


def _address_entries(side: Side, address: Address, before: Draft) -> dict[Field, Entry]:
    part = side.value
    zip_field = Field.of(part, "zip")
    old_zip = before.entries.get(zip_field)
    same_zip = old_zip is not None and old_zip.value[:5] == address.postal_code[:5]
    values = {
        "street1": address.street1,
        "street2": address.street2,
        "city": address.city,
        "state": address.state,
    }
    found = {Field.of(part, what): Entry(value) for what, value in values.items()}
    place = old_zip.place if same_zip and old_zip else Place(address.state, (address.city,))
    found[zip_field] = Entry(address.postal_code, place=place)
    return found


# The menu and the ways into an order.


@on(ANYWHERE_BUT_BUYING, ev.Started)
def to_menu(here: Here[Any], _: ev.Started) -> Step:
    return Step(st.Idle(), here.draft)


@on(ANYWHERE_BUT_BUYING, ev.NewOrder)
def new_order(here: Here[Any], event: ev.NewOrder) -> Step:
    if isinstance(here.state, st.Composing) and event.guided:
        return _walk(here.draft)
    if here.draft.empty:
        return _begin(here, here.draft, guided=event.guided)
    return Step(st.Resuming(guided=event.guided), here.draft)


@on((st.Idle, st.Resuming), ev.DraftContinued)
def continue_draft(here: Here[Any], event: ev.DraftContinued) -> Step:
    if here.draft.empty:
        raise _unexpected(here, event)
    found = here.state.found if isinstance(here.state, st.Resuming) else {}
    return _onward(here, here.draft.filled(found))


@on((st.Idle, st.Resuming, st.Bought, st.Waiting), ev.DraftDropped)
def drop_draft(here: Here[Any], _: ev.DraftDropped) -> Step:
    state = here.state
    if not isinstance(state, st.Resuming):
        return _begin(here, here.blank, guided=False)
    draft = (here.blank if state.instead.empty else _with_sender(here, state.instead)).filled(state.found)
    if state.guided:
        return _walk(draft)
    return _onward(here, draft, wish=state.wish)


@on(CALM, ev.KeptUsed)
@on(CALM, ev.TextRead)
def first_text(here: Here[Any], event: ev.TextRead | ev.KeptUsed) -> Step:
    if not event.found:
        return Step(st.Idle(), here.draft, note=Note("nothing_found"))
    if not here.draft.empty:
        return Step(st.Resuming(event.found), here.draft)
    return _onward(here, here.draft.filled(event.found))


@on(st.Resuming, ev.KeptUsed)
@on(st.Resuming, ev.TextRead)
def text_while_deciding(here: Here[st.Resuming], event: ev.TextRead | ev.KeptUsed) -> Step:
    found = {**here.state.found, **event.found}
    return Step(evolve(here.state, found=found), here.draft, note=Note("choose_first"))


@on(tuple(s for s in ANYWHERE_BUT_BUYING if s is not st.Leaving), ev.OrderRepeated)
def repeat(here: Here[Any], event: ev.OrderRepeated) -> Step:
    wish = st.Wish(event.carrier_code, event.service_code) if event.carrier_code else None
    if not here.draft.empty:  # what is being written is not thrown away by a tap
        return Step(st.Resuming(instead=event.draft, wish=wish), here.draft)
    return _onward(here, _with_sender(here, event.draft), wish=wish)


def _with_sender(here: Here[Any], draft: Draft) -> Draft:
    """A draft that says nothing of its sender begins with the customer's own, as any other."""
    if any(draft.get(f) for f in Field if f.part == "from") or not here.blank.default_sender:
        return draft
    sender = {f: e for f, e in here.blank.entries.items() if f.part == "from"}
    return evolve(draft.filled(sender), default_sender=True)


# Writing the order.


@on((*WRITING, st.Pricing, st.ChoosingRate, st.Confirming), ev.KeptUsed)
def use_kept(here: Here[Any], event: ev.KeptUsed) -> Step:
    draft = here.draft.filled(event.found)
    return _walk(draft, here.state.asking) if isinstance(here.state, st.Guided) else _onward(here, draft)


@on(st.Composing, ev.TextRead)
def fill(here: Here[st.Composing], event: ev.TextRead) -> Step:
    if not event.found:
        return _stay(here, Note("nothing_found"))
    return _onward(here, here.draft.filled(event.found))


@on((st.Reviewing, st.ChoosingRate, st.Confirming, st.Pricing), ev.TextRead)
def change(here: Here[Any], event: ev.TextRead) -> Step:
    if not event.found:
        return _stay(here, Note("nothing_found"))
    return _onward(here, here.draft.filled(event.found))


@on(st.Guided, ev.TextRead)
def answer_step(here: Here[st.Guided], event: ev.TextRead) -> Step:
    if len(event.found) >= READ_AS_MANY and here.state.asking in event.found:
        return _walk(here.draft.filled(event.found), here.state.asking)
    if event.answer is None:
        return _stay(here, Note(f"reason:{event.reason or 'empty'}"))
    return _walk(here.draft.filled({here.state.asking: event.answer}), here.state.asking)


@on(st.Guided, ev.FieldSkipped)
def skip_step(here: Here[st.Guided], event: ev.FieldSkipped) -> Step:
    if not here.state.asking.optional:
        raise _unexpected(here, event)
    return _walk(here.draft.skipped(here.state.asking), here.state.asking)


@on(st.Guided, ev.SteppedBack)
def step_back(here: Here[st.Guided], _: ev.SteppedBack) -> Step:
    index = STEPS.index(here.state.asking)
    if index == 0:
        return Step(st.Idle(), here.draft)
    return Step(st.Guided(STEPS[index - 1]), here.draft)


@on((st.Composing, st.Reviewing, st.ChoosingRate, st.Confirming, st.FixingPart, st.Guided), ev.PartEdited)
def edit_part(here: Here[Any], event: ev.PartEdited) -> Step:
    return Step(st.FixingPart(event.part), here.draft)


@on((st.Composing, st.Reviewing, st.ChoosingRate, st.Confirming, st.FixingPart), ev.FieldEdited)
def edit_field(here: Here[Any], event: ev.FieldEdited) -> Step:
    return Step(st.FixingField(event.field), here.draft)


@on(st.FixingPart, ev.TextRead)
def rewrite_part(here: Here[st.FixingPart], event: ev.TextRead) -> Step:
    found = _of_part(event.found, here.state.part)
    if not found:
        return _stay(here, Note("nothing_found"))
    return _onward(here, here.draft.filled(found))


@on(st.FixingField, ev.TextRead)
def rewrite_field(here: Here[st.FixingField], event: ev.TextRead) -> Step:
    if event.answer is None:
        return _stay(here, Note(f"reason:{event.reason or 'empty'}"))
    return _onward(here, here.draft.filled({here.state.asking: event.answer}))


@on(st.FixingField, ev.FieldSkipped)
def blank_field(here: Here[st.FixingField], event: ev.FieldSkipped) -> Step:
    if not here.state.asking.optional:
        raise _unexpected(here, event)
    return _onward(here, here.draft.skipped(here.state.asking))


@on((st.FixingPart, st.FixingField, st.Confirming), ev.SteppedBack)
def leave_fixing(here: Here[Any], _: ev.SteppedBack) -> Step:
    if isinstance(here.state, st.Confirming):
        return Step(here.state.choice, here.draft)
    return _onward(here, here.draft)


@on((st.Reviewing, st.Composing), ev.PricesAsked)
def ask_prices(here: Here[Any], _: ev.PricesAsked) -> Step:
    return _onward(here, here.draft)


# Prices.


@on(st.Composing, ev.EstimateArrived)
def show_estimate(here: Here[st.Composing], event: ev.EstimateArrived) -> Step:
    if event.ticket != here.state.ticket:
        raise _unexpected(here, event)
    return Step(evolve(here.state, estimate=event.rates), here.draft)


@on(st.Pricing, ev.QuoteArrived)
def show_prices(here: Here[st.Pricing], event: ev.QuoteArrived) -> Step:
    if event.ticket != here.state.ticket:
        raise _unexpected(here, event)
    choice = st.ChoosingRate(event.quote, event.checks)
    wish = here.state.wish
    if wish is None:
        return Step(choice, here.draft)
    again = next(
        (
            r
            for r in event.quote.rates
            if (r.carrier_code, r.service_code) == (wish.carrier_code, wish.service_code)
        ),
        None,
    )
    if again is None:
        return Step(choice, here.draft, note=Note("service_gone"))
    paid_for = wish.paid_for and wish.was is not None and again.price <= wish.was.price
    if paid_for and not choice.undecided(here.draft):
        return _buy(st.Confirming(choice, again, OrderId(here.fresh)), here.draft)
    if wish.was is not None:
        word = "price_changed" if again.price != wish.was.price else "price_same"
        return Step(
            choice, here.draft, note=Note(word, {"was": str(wish.was.price), "now": str(again.price)})
        )
    if choice.undecided(here.draft):
        return Step(choice, here.draft, note=Note("decide_address"))
    return Step(st.Confirming(choice, again, OrderId(here.fresh)), here.draft)


@on(st.Pricing, ev.PricingFailed)
def no_prices(here: Here[st.Pricing], event: ev.PricingFailed) -> Step:
    if event.ticket != here.state.ticket:
        raise _unexpected(here, event)
    fields = {f.value: f for f in Field}
    if event.reason == "bad_field" and event.detail in fields:
        note = Note("bad_field", {"detail": event.detail})
        wrong = fields[event.detail]
        return Step(
            st.FixingPart(wrong.part) if wrong is Field.BOX else st.FixingField(wrong), here.draft, note=note
        )
    return Step(st.Reviewing(), here.draft, note=_note(event))


@on((st.ChoosingRate, st.Confirming), ev.MoreAsked)
def more_prices(here: Here[Any], _: ev.MoreAsked) -> Step:
    choice = here.state.choice if isinstance(here.state, st.Confirming) else here.state
    return Step(evolve(choice, more=not choice.more), here.draft)


@on((st.ChoosingRate, st.Confirming), ev.SuggestionUsed)
def use_suggestion(here: Here[Any], event: ev.SuggestionUsed) -> Step:
    choice = here.state.choice if isinstance(here.state, st.Confirming) else here.state
    check = choice.checks.get(event.side)
    if check is None or check.suggestion is None:
        raise _unexpected(here, event)
    found = _address_entries(event.side, check.suggestion, here.draft)
    return _onward(here, here.draft.filled(found))


@on(st.ChoosingRate, ev.AddressKept)
def keep_address(here: Here[st.ChoosingRate], event: ev.AddressKept) -> Step:
    if event.side not in here.state.undecided(here.draft):
        raise _unexpected(here, event)
    return Step(here.state, here.draft.keeping(event.side))


@on(st.ChoosingRate, ev.RateChosen)
def choose(here: Here[st.ChoosingRate], event: ev.RateChosen) -> Step:
    rate = here.state.quote.rate(event.rate_id)
    if rate is None:
        raise _unexpected(here, event)
    if here.state.quote.expired(here.now):
        wish = st.Wish(rate.carrier_code, rate.service_code, rate)
        return _price(here, here.draft, Note("expired"), wish)
    if here.state.undecided(here.draft):
        return _stay(here, Note("decide_address"))
    return Step(st.Confirming(here.state, rate, OrderId(here.fresh)), here.draft)


# The purchase.


@on(st.Confirming, ev.PurchaseConfirmed)
def buy(here: Here[st.Confirming], event: ev.PurchaseConfirmed) -> Step:
    state = here.state
    if event.order_id != state.order_id:
        raise _unexpected(here, event)
    rate = state.rate
    if state.choice.quote.expired(here.now):
        wish = st.Wish(rate.carrier_code, rate.service_code, rate)
        return _price(here, here.draft, Note("expired"), wish)
    return _buy(state, here.draft)


def _buy(confirming: st.Confirming, draft: Draft) -> Step:
    buying = st.Buying(confirming, draft)
    return Step(buying, Draft(), unanswered(buying, draft))


@on(st.Buying, ev.LabelBought)
def bought(here: Here[st.Buying], event: ev.LabelBought) -> Step:
    if event.order_id != here.state.confirming.order_id:
        raise _unexpected(here, event)
    return Step(st.Bought(event.order_id), here.draft)


@on(st.Buying, ev.PurchaseRefused)
def not_bought(here: Here[st.Buying], event: ev.PurchaseRefused) -> Step:
    confirming = here.state.confirming
    if event.order_id != confirming.order_id:
        raise _unexpected(here, event)
    note = _note(event)
    if event.reason == "funds":
        return Step(confirming, here.state.draft, note=note)
    if event.reason == "expired":
        rate = confirming.rate
        wish = st.Wish(rate.carrier_code, rate.service_code, rate)
        return _price(here, here.state.draft, note, wish)
    word = event.reason if event.reason in {"closed", *ev.SHUT} else "not_bought"
    return Step(st.Reviewing(), here.state.draft, note=Note(word, note.facts))


@on(st.Buying, ev.OutcomePending)
def outcome_pending(here: Here[st.Buying], event: ev.OutcomePending) -> Step:
    if event.order_id != here.state.confirming.order_id:
        raise _unexpected(here, event)
    return Step(st.Waiting(event.order_id, here.state.draft), here.draft)


@on(st.Waiting, ev.LabelBought)
def found_after_all(here: Here[st.Waiting], event: ev.LabelBought) -> Step:
    if event.order_id != here.state.order_id:
        raise _unexpected(here, event)
    return Step(st.Bought(event.order_id), here.draft)


@on(st.Waiting, ev.PurchaseRefused)
def not_found_after_all(here: Here[st.Waiting], event: ev.PurchaseRefused) -> Step:
    if event.order_id != here.state.order_id:
        raise _unexpected(here, event)
    draft = here.state.written if here.draft.empty else here.draft
    return Step(st.Idle(), draft, note=Note("not_bought", {"detail": event.detail}))


# Bringing money in.


@on((st.Idle, st.Bought, st.Waiting, st.Confirming, *MONEY), ev.TopUpAsked)
def ask_amount(here: Here[Any], _: ev.TopUpAsked) -> Step:
    return Step(st.ToppingUp(_confirming(here.state)), here.draft)


@on(st.ToppingUp, ev.AmountChosen)
def choose_amount(here: Here[st.ToppingUp], event: ev.AmountChosen) -> Step:
    if not 0 < event.minor <= LIMIT_MINOR:
        raise _unexpected(here, event)  # no button of ours: a session must not keep what no store could
    return _invoice(here, here.state.confirming, Money(event.minor))


@on(st.ToppingUp, ev.TextRead)
def read_amount(here: Here[st.ToppingUp], event: ev.TextRead) -> Step:
    amount = read_money(event.text)
    if amount is None and here.state.confirming is None and len(event.found) >= READ_AS_MANY:
        return first_text(here, event)  # somebody would rather order first
    if amount is None:
        return _stay(here, Note("topup_amount"))
    return _invoice(here, here.state.confirming, amount)


@on(st.Confirming, ev.TopUpAndBuy)
def top_up_and_buy(here: Here[st.Confirming], event: ev.TopUpAndBuy) -> Step:
    if event.order_id != here.state.order_id:
        raise _unexpected(here, event)
    return _invoice(here, here.state, None)


def _invoice(here: Here[Any], confirming: st.Confirming | None, amount: Money | None) -> Step:
    state = st.Invoicing(InvoiceId(f"inv_{here.fresh.partition('_')[2]}"), amount, confirming)
    return Step(state, here.draft, unanswered(state, here.draft))


@on(st.Invoicing, ev.InvoiceOpened)
def show_link(here: Here[st.Invoicing], event: ev.InvoiceOpened) -> Step:
    if event.invoice_id != here.state.invoice_id:
        raise _unexpected(here, event)
    paying = st.Paying(event.invoice_id, event.amount, event.url, event.expires_at, here.state.confirming)
    return Step(paying, here.draft, beside=sc.PaymentQr(event.amount, event.url))


@on(st.Invoicing, ev.InvoiceRefused)
def no_link(here: Here[st.Invoicing], event: ev.InvoiceRefused) -> Step:
    if event.invoice_id != here.state.invoice_id:
        raise _unexpected(here, event)
    words = {"amount": "topup_amount", "many": "topup_many", **{word: word for word in ev.SHUT}}
    note = Note(words.get(event.reason, "payments_away"), _note(event).facts)
    return Step(st.ToppingUp(here.state.confirming), here.draft, note=note)


@on(st.Paying, ev.PaidSaid)
def paid_said(here: Here[st.Paying], _: ev.PaidSaid) -> Step:
    return Step(here.state, here.draft, (AskPayment(here.state.invoice_id),))


@on(st.Paying, ev.PaymentAwaited)
def not_paid_yet(here: Here[st.Paying], event: ev.PaymentAwaited) -> Step:
    if event.invoice_id != here.state.invoice_id:
        raise _unexpected(here, event)
    word = "payment_seen" if event.seen else "payments_away" if event.away else "not_paid_yet"
    return _stay(here, Note(word))


@on((st.Paying, st.Invoicing), ev.PaymentLanded)
def money_is_there(here: Here[Any], event: ev.PaymentLanded) -> Step:
    """The purchase that waited goes on; at a price that is too old, new ones are asked for first."""
    if event.invoice_id != here.state.invoice_id:
        raise _unexpected(here, event)
    confirming = here.state.confirming
    if confirming is None:
        return Step(st.Idle(), here.draft, note=Note("paid"))
    if confirming.choice.quote.expired(here.now):
        rate = confirming.rate
        wish = st.Wish(rate.carrier_code, rate.service_code, rate, paid_for=True)
        return _price(here, here.draft, Note("paid"), wish)
    return evolve(_buy(confirming, here.draft), note=Note("paid"))


@on(MONEY, ev.SteppedBack)
def leave_money(here: Here[Any], _: ev.SteppedBack) -> Step:
    """Back to where the money was wanted; a link that was made can still be paid."""
    return Step(_confirming(here.state) or st.Idle(), here.draft)


@on(MONEY, ev.CancelAsked)
def leave_order(here: Here[Any], event: ev.CancelAsked) -> Step:
    confirming = _confirming(here.state)
    return Step(st.Leaving(confirming), here.draft) if confirming else nothing_to_cancel(here, event)


@on(MONEY, ev.KeptUsed)
@on((st.Invoicing, st.Paying), ev.TextRead)
def text_while_paying(here: Here[Any], event: ev.TextRead | ev.KeptUsed) -> Step:
    """An order that is written meanwhile is not lost; anything else does not disturb."""
    if _confirming(here.state) is None and event.found:
        return first_text(here, event)
    return _stay(here, Note("choose_first"))


def _confirming(state: st.State) -> st.Confirming | None:
    return state if isinstance(state, st.Confirming) else getattr(state, "confirming", None)


# Questions beside the order, which is there afterwards as it was.


@on(tuple(s for s in ANYWHERE_BUT_BUYING if s not in {st.Asking, st.Answering}), ev.AsideAsked)
def ask_aside(here: Here[Any], event: ev.AsideAsked) -> Step:
    return Step(st.Asking(event.question, event.subject, here.state), here.draft)


@on((st.Asking, st.Answering), ev.AsideAsked)
def ask_other_aside(here: Here[Any], event: ev.AsideAsked) -> Step:
    return Step(st.Asking(event.question, event.subject, here.state.back, here.state.missed), here.draft)


@on(st.Asking, ev.TextRead)
def answer_aside(here: Here[st.Asking], event: ev.TextRead) -> Step:
    state = here.state
    answering = st.Answering(state.question, state.subject, event.text, state.back, state.missed)
    return Step(answering, here.draft, unanswered(answering, here.draft))


@on(st.Answering, ev.AnswerTaken)
def aside_answered(here: Here[st.Answering], event: ev.AnswerTaken) -> Step:
    if (event.question, event.subject) != (here.state.question, here.state.subject):
        raise _unexpected(here, event)
    return _leave(here)


@on(st.Answering, ev.AnswerRefused)
def answer_refused(here: Here[st.Answering], event: ev.AnswerRefused) -> Step:
    state = here.state
    if (event.question, event.subject) != (state.question, state.subject):
        raise _unexpected(here, event)
    asking = st.Asking(state.question, state.subject, state.back, state.missed)
    return Step(asking, here.draft, note=Note(event.word, event.facts))


@on(st.Asking, ev.SteppedBack)
def leave_aside(here: Here[st.Asking], _: ev.SteppedBack) -> Step:
    return _leave(here)


@on((st.Asking, st.Answering), ev.KeptUsed)
def use_kept_instead(here: Here[Any], event: ev.KeptUsed) -> Step:
    return take(evolve(here, state=here.state.back), event)


@on((st.Asking, st.Answering), ev.CancelAsked)
def cancel_aside(here: Here[Any], _: ev.CancelAsked) -> Step:
    return _leave(here)


@on(st.Answering, ev.TextRead)
def text_while_answering(here: Here[st.Answering], _: ev.TextRead) -> Step:
    return _stay(here, Note("moment"))


for _answer in (
    ev.QuoteArrived, ev.PricingFailed, ev.EstimateArrived, ev.LabelBought, ev.PurchaseRefused,
    ev.InvoiceOpened, ev.InvoiceRefused, ev.PaymentLanded, ev.PaymentAwaited,
):  # fmt: skip

    @on((st.Asking, st.Answering), _answer)
    def meanwhile(here: Here[Any], event: Any) -> Step:
        """The world goes on with what was interrupted; only a purchase that begins ends the question."""
        step = take(evolve(here, state=here.state.back), event)
        if isinstance(step.state, st.Buying):
            return step
        missed = step.note or here.state.missed
        return evolve(step, state=evolve(here.state, back=step.state, missed=missed), note=None)


def _leave(here: Here[Any]) -> Step:
    """To what the question has interrupted; a label that was told of is not told of again."""
    back: st.State = here.state.back
    if isinstance(back, st.Bought):
        return Step(st.Idle(), here.draft)
    step = _go_back(here, back)
    return evolve(step, note=here.state.missed)


def _go_back(here: Here[Any], back: st.State) -> Step:
    """To what was interrupted; what it waits for is asked for once more."""
    if isinstance(back, st.Pricing):
        return _price(here, here.draft, wish=back.wish)
    return Step(back, here.draft, unanswered(back, here.draft))


# Giving up, and what may happen anywhere.


@on(OPEN, ev.CancelAsked)
def ask_cancel(here: Here[Any], _: ev.CancelAsked) -> Step:
    return Step(st.Leaving(here.state), here.draft)


@on((st.Idle, st.Bought, st.Waiting), ev.CancelAsked)
def nothing_to_cancel(here: Here[Any], _: ev.CancelAsked) -> Step:
    if here.draft.empty:
        return Step(st.Idle(), here.draft, note=Note("nothing_to_cancel"))
    return Step(st.Leaving(st.Composing()), here.draft)


@on(st.Leaving, ev.CancelConfirmed)
def cancel(_here: Here[st.Leaving], _: ev.CancelConfirmed) -> Step:
    return Step(st.Idle(), Draft(), note=Note("cancelled"))


@on(st.Leaving, ev.CancelDenied)
def go_on(here: Here[st.Leaving], _: ev.CancelDenied) -> Step:
    return _go_back(here, here.state.back)


@on(st.Leaving, ev.CancelAsked)
def still_leaving(here: Here[st.Leaving], _: ev.CancelAsked) -> Step:
    return _stay(here)


@on(st.Leaving, ev.KeptUsed)
@on(st.Leaving, ev.TextRead)
def text_while_leaving(here: Here[st.Leaving], _: object) -> Step:
    return _stay(here, Note("choose_first"))


@on(ANYWHERE_BUT_BUYING, ev.NotText)
def not_text(here: Here[Any], event: ev.NotText) -> Step:
    return _stay(here, Note("not_text", {"kind": event.kind}))


@on(STATES, ev.LanguageChosen)
def language(here: Here[Any], event: ev.LanguageChosen) -> Step:
    return Step(here.state, here.draft, language=event.language)


for _event in (ev.Started, ev.NewOrder, ev.TextRead, ev.NotText, ev.CancelAsked):

    @on(st.Buying, _event)
    def busy(here: Here[st.Buying], _: object) -> Step:
        return _stay(here, Note("busy"))


# What a state waits for.


def unanswered(state: st.State, draft: Draft) -> tuple[Effect, ...]:
    """What this state waits for, to be asked once more where a crash swallowed the answer.

    The ticket and the order id make that safe: a second answer finds no place, and an order is sold once.
    """
    match state:
        case st.Pricing(ticket):
            return (AskPrices(ticket, draft),)
        case st.Buying(confirming, written):
            kept = tuple(side.value for side in Side if side in written.kept)
            quote, rate_id = confirming.choice.quote, confirming.rate.rate_id
            return (PurchaseLabel(confirming.order_id, quote, rate_id, kept),)
        case st.Invoicing(invoice_id, amount, confirming):
            price = confirming.rate.price if confirming else None
            order_id = confirming.order_id if confirming else None
            return (OpenInvoice(invoice_id, amount, price, order_id),)
        case st.Answering(question, subject, text):
            return (TakeAnswer(question, subject, text),)
        case _:
            return ()


# The screen of each state.


def picture(state: st.State, draft: Draft) -> Screen:
    """What this state looks like; the same for the same state, whenever it is shown."""
    return _PICTURES[type(state)](state, draft)


def _rates(state: st.ChoosingRate, draft: Draft) -> sc.RateList:
    ordered = by_price(state.quote.rates)
    tagged = tags(ordered)
    notable = [r for r in ordered if r.rate_id in tagged]
    others = [r for r in ordered if r.rate_id not in tagged][: max(0, FIRST_OFFERS - len(notable))]
    shown = ordered if state.more else by_price((*notable, *others))
    return sc.RateList(
        draft,
        shown,
        tagged,
        state.quote.expires_at,
        hidden=len(ordered) - len(shown),
        problems=draft.problems(),
        doubts={s: state.checks[s] for s in state.undecided(draft)},
    )


def _confirm(state: st.Confirming, draft: Draft) -> sc.ConfirmPurchase:
    quote = state.choice.quote
    check = state.choice.checks.get(Side.TO)
    residential = check.residential if check else None
    return sc.ConfirmPurchase(draft, state.rate, state.order_id, quote.expires_at, draft.kept, residential)


def _ask(state: st.Guided, draft: Draft) -> sc.AskField:
    return sc.AskField(state.asking, STEPS.index(state.asking) + 1, len(STEPS), draft.get(state.asking))


def _price_of(state: st.ToppingUp | st.Paying) -> Money | None:
    return state.confirming.rate.price if state.confirming else None


_PICTURES: dict[type, Callable[[Any, Draft], Screen]] = {
    st.Idle: lambda _, draft: sc.Menu(has_draft=not draft.empty),
    st.Resuming: lambda _, draft: sc.ResumeOrNew(draft),
    st.Composing: lambda s, draft: sc.OrderCard(draft, draft.missing, draft.problems(), s.estimate),
    st.Guided: _ask,
    st.FixingPart: lambda s, draft: sc.AskPart(s.part, draft),
    st.FixingField: lambda s, draft: sc.AskField(s.asking, 0, 0, draft.get(s.asking)),
    st.Reviewing: lambda _, draft: sc.Review(draft, draft.problems()),
    st.Pricing: lambda _, draft: sc.Working("prices", draft),
    st.ChoosingRate: _rates,
    st.Confirming: _confirm,
    st.Buying: lambda s, _: sc.Working("purchase", s.draft),
    st.Bought: lambda s, _: sc.Purchased(s.order_id),
    st.Waiting: lambda s, _: sc.PurchasePending(s.order_id),
    st.ToppingUp: lambda s, _: sc.TopUpAmounts(_price_of(s)),
    st.Invoicing: lambda _, draft: sc.Working("link", draft),
    st.Paying: lambda s, _: sc.PaymentLink(s.amount, s.url, s.expires_at, _price_of(s)),
    st.Leaving: lambda _, draft: sc.ConfirmCancel(draft),
    st.Asking: lambda s, _: sc.AskAside(s.question, s.subject),
    st.Answering: lambda s, _: sc.AskAside(s.question, s.subject),
}
