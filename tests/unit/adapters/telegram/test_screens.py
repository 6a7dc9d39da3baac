"""Every screen can be sent: well-formed, escaped, short enough, in both languages, whatever is in it."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import get_args

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.telegram import buttons, html_text, pages, phrases
from adapters.telegram.asides import QUESTIONS
from adapters.telegram.commands import commands
from adapters.telegram.messages import DATA_LIMIT_BYTES, Message, keyboard
from adapters.telegram.screens import render
from adapters.telegram.texts import LANGUAGES, Texts
from builders import (
    NOW,
    a_contact,
    a_draft,
    a_label,
    a_link,
    a_preset,
    a_quote,
    a_rate,
    a_recipient,
    a_shipment,
    a_template,
    an_address,
    an_invoice,
    an_order,
    minutes,
    usd,
)
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import refund_screens as rs
from shipping_core.conversation import screens as sc
from shipping_core.domain.address_check import AddressCheck, Verdict
from shipping_core.domain.assembling import draft_of
from shipping_core.domain.desk import NAME_LIMIT, part_of
from shipping_core.domain.draft import STEPS, Draft, Entry, Field, Place, Side
from shipping_core.domain.ids import Mode, OrderId, RateId, RefundId
from shipping_core.domain.ledger import WELCOME, Balance, Kind, StatementLine, Transfer
from shipping_core.domain.letter import Word
from shipping_core.domain.order import Order, OrderState
from shipping_core.domain.policy import RefundRules
from shipping_core.domain.rating import Tag
from shipping_core.domain.refund import Asked, RefundState, eligibility
from shipping_core.domain.refund import Verdict as RefundVerdict
from shipping_core.domain.shipment import (
    Address,
    CarrierBox,
    Parcel,
    Rate,
    Size,
    Tracking,
    TrackingEvent,
    Weight,
)
from shipping_core.ports.reader import Answer
from shipping_core.use_cases.gather_facts import OFFERED
from shipping_core.use_cases.request_refunds import wish

TAGS = ("b", "i", "u", "code")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = (
    "<b>bold</b>",
    "</b><a href='https://example.com'>free</a>",
    "&lt;i&gt; &amp &#60;",
    "a & b < c > d \"e\" 'f'",
    "👩‍👩‍👧‍👦" * 5,
    "😀" * 60,
    "\u202e00.0$ rof yuB\u202c",
    f"turned{BIDI}round",
    "שלום עולם مرحبا",
    "one\ntwo\r\nthree\u2028four",
    "{price} {0} {} %s %(n)s",
    "W" * 60,
)
VALUES = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=60)
WEIGHTS = st.sampled_from(["35 oz", "8 oz", "1200 g", "2400 oz"]) | VALUES
LENGTHS = st.sampled_from(["10 in", "25.5 cm", "108 in"]) | VALUES
UNSEEN = BIDI + "\u200b"
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Shrinking what is five values wide takes minutes, and the assertion names the culprit anyway."""
EVERY_LANGUAGE = pytest.mark.parametrize("language", sorted(LANGUAGES))
EVERY_MODE = pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.value)
REASONS = re.findall(r"\w+", (Answer.__doc__ or "").partition("one of")[2])
NOTE_FACTS = {"detail": "4.10 USD", "was": "7.42 USD", "now": "8.05 USD", "kind": "sticker"}
NOTES = [sc.Note(word, NOTE_FACTS) for word in sorted(sc.NOTES)]
NOTES += [sc.Note(f"reason:{word}") for word in (*REASONS, "")]
ASKED = (Field.FROM_NAME, Field.FROM_STATE, Field.TO_PHONE, Field.LENGTH)
ABOUT_ORDERS = {Word.BOUGHT, Word.NOT_BOUGHT, Word.PARKED}
TRACKING_STATUSES = ("unknown", "label_created", "accepted", "in_transit", "delivered", "exception")


def plain(markup: str) -> str:
    """What Telegram shows for `markup`; stricter than Telegram, since we write all of it ourselves."""
    text: list[str] = []
    stack: list[str] = []
    for piece in re.split(r"(<[^<>]*>)", markup):
        if not piece.startswith("<"):
            assert not re.search(r"[<>]|&(?!(?:lt|gt|amp|quot|#x27);)", piece), f"not escaped: {piece!r}"
            text.append(html.unescape(piece))
        elif piece.startswith("</"):
            assert stack, f"unexpected end tag in {markup!r}"
            assert piece == f"</{stack.pop()}>", f"unmatched end tag in {markup!r}"
        else:
            assert piece[1:-1] in TAGS, f"unknown tag {piece!r}"
            stack.append(piece[1:-1])
    assert not stack, f"unclosed {stack} in {markup!r}"
    return "".join(text)


def one_line(value: str) -> str:
    """A value as it may appear on a line of ours."""
    return "".join(c for c in " ".join(value.split()) if c not in UNSEEN and unicodedata.category(c) != "Cc")


def check_sendable(message: Message, *, limit: int = html_text.MESSAGE_LIMIT) -> None:
    """Telegram would take it."""
    shown = plain(message.html)
    assert shown.strip()
    assert html_text.units(shown) <= limit
    assert not set(BIDI) & set(shown)
    keys = [button for row in message.buttons for button in row]
    assert len(keys) <= 100
    assert all(1 <= len(row) <= 8 for row in message.buttons)
    for button in keys:
        assert button.text.strip()
        assert not set(BIDI + "\n") & set(button.text)
        assert len(button.data.encode()) <= DATA_LIMIT_BYTES
        assert button.url or not isinstance(buttons.read(button.data), buttons.Unreadable)
    assert len(json.dumps(keyboard(message.buttons), ensure_ascii=False).encode()) <= 10_000


BOXES = VALUES.map(lambda name: f"stamps_com|medium_flat_rate_box|USPS|{name}") | VALUES


@st.composite
def entries(draw: st.DrawFn, which: Field) -> Entry:
    kinds = {"weight": WEIGHTS, "length": LENGTHS, "width": LENGTHS, "height": LENGTHS, "box": BOXES}
    value = draw(kinds.get(which.what, VALUES))
    place = draw(st.none() | st.builds(Place, VALUES, st.tuples(VALUES))) if which.what == "zip" else None
    sure = 1.0 if which is Field.BOX else draw(st.sampled_from([0.2, 1.0]))
    return Entry(value, sure, place)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    chosen = draw(st.sets(st.sampled_from(Field), min_size=1))
    kept = draw(st.sets(st.sampled_from(Side)))
    return Draft(
        {which: draw(entries(which)) for which in sorted(chosen, key=list(Field).index)}, frozenset(kept)
    )


ADDRESSES = st.builds(Address, VALUES, VALUES, VALUES, VALUES, VALUES, VALUES | st.just(""))


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    return a_rate(
        draw(st.sampled_from(["0.01", "7.42", "9999999.99"])),
        carrier=draw(VALUES),
        service=draw(VALUES),
        delivery_date=draw(st.none() | st.just(dt.date(2031, 4, 11))),
        delivery_days=draw(st.none() | st.integers(0, 30)),
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    label = a_label(tracking_number=draw(VALUES))
    return an_order(
        "ord_0123456789abcdef0123",
        shipment=a_shipment(sender=draw(ADDRESSES), recipient=draw(ADDRESSES)),
        rate=draw(rates()),
        state=draw(st.sampled_from(OrderState)),
        label=draw(st.none() | st.just(label)),
        mode=draw(st.sampled_from(Mode)),
    )


def every_screen(draft: Draft, order: Order, rate: Rate, address: Address) -> Iterator[sc.Screen]:
    """Each kind of screen about the same draft, order, rate and address; some in several shapes."""
    offers = tuple(evolve(rate, rate_id=RateId(f"v1-{n:040}")) for n in range(120))
    named = {
        offers[0].rate_id: Tag.CHEAPEST,
        offers[1].rate_id: Tag.FASTEST,
        offers[-1].rate_id: Tag.BEST_VALUE,
    }
    doubts = {Side.FROM: AddressCheck(Verdict.SUGGESTION, address), Side.TO: AddressCheck(Verdict.FAILED)}
    events = tuple(TrackingEvent(NOW, address.name, address.city) for _ in range(20))
    yield from (sc.Menu(has_draft=True), sc.Menu(has_draft=False), sc.ResumeOrNew(draft))
    yield from (
        sc.OrderCard(draft, draft.missing, draft.problems(), offers[:3]),
        sc.OrderCard(Draft(), (), ()),
    )
    yield from (sc.AskField(f, n, len(STEPS), draft.get(f)) for n, f in enumerate(ASKED))
    yield from (sc.AskPart(part, draft) for part in buttons.PARTS)
    yield from (
        sc.Review(draft, draft.problems()),
        sc.Working("prices", draft),
        sc.Working("purchase", draft),
        sc.Working("link", draft),
    )
    yield sc.RateList(draft, offers, named, NOW, 0, draft.problems(), doubts)
    yield sc.RateList(draft, offers[:3], named, NOW, 117, draft.problems(), {})
    yield sc.ConfirmPurchase(draft, rate, order.order_id, NOW, draft.kept)
    yield from (sc.Purchased(order.order_id), sc.PurchasePending(order.order_id), sc.ConfirmCancel(draft))
    yield from (sc.OrderList((order,) * 5, 3, has_more=True), sc.OrderList((), 0, has_more=False))
    yield sc.OrderDetails(order)
    yield from (sc.TrackingPage(order, Tracking(s, "", events[:8], NOW.date())) for s in TRACKING_STATUSES)
    yield from (sc.QuickQuote(offers[:9], named, draft), sc.QuickQuote((), {}, draft), sc.QuoteUsage())
    yield from (sc.Help(), sc.Languages(), sc.LabelCaption(order))
    yield sc.Announcement("<b>We are back</b> &amp; well.")
    yield from money_screens(order)
    yield from refund_screens(order)
    yield from desk_screens(draft, order, rate)


def refund_screens(order: Order) -> Iterator[sc.Screen]:
    """Each kind of screen about refunds, in every state, and as full as it may be."""
    order = evolve(order, label=order.label or a_label(), charged=order.price)
    rules, words = RefundRules(), order.shipment.recipient.name
    judged = eligibility(order, rules, NOW)
    every = [evolve(judged, verdict=verdict) for verdict in RefundVerdict]
    refund = evolve(
        wish(order, RefundId("ref_0123456789abcdef0123"), NOW, "customer"),
        note=words,
        amount=usd("0.01"),
        amount_reason=words,
        decided_by="eve",
        decided_why=words,
        decided_at=NOW,
        ended_at=NOW,
        void_answer=words,
    )
    refunds = tuple(evolve(refund, state=state) for state in RefundState)
    yield from (rs.RefundOffer(j) for j in every)
    yield from (rs.RefundOffer(judged, refund), sc.OrderDetails(order, judged, refund))
    yield from (sc.OrderDetails(order, j) for j in every)
    yield rs.RefundDesk(tuple(every[:6]), 1, has_more=True, any_before=True)
    yield rs.RefundDesk((), 0, has_more=False, any_before=False)
    fresh = evolve(judged, verdict=RefundVerdict.FRESH)
    yield rs.RefundsAsked(tuple(Asked(words, order, refused=fresh) for _ in range(50)))
    yield rs.RefundsAsked(
        (Asked(words), Asked(words, order, refund), *(Asked(words, order, refused=j) for j in every))
    )
    yield from (
        rs.RefundList(refunds[:6], (order,) * 6, 2, has_more=True),
        rs.RefundList((), (), 0, has_more=False),
    )
    yield from (rs.RefundDetails(r, order) for r in refunds)
    yield sc.AskAside("refund", "")
    facts = {
        "amount": "9.10 USD",
        "note": words,
        "reason": words,
        "why": words,
        "until": "2031-05-05T12:00:00+00:00",
    }
    for word in (w for w in Word if w.value.startswith("refund_")):
        yield sc.News(word, order, None, facts, refund.refund_id)
        yield sc.News(word, order, None, {**facts, "note": "", "why": ""})


def money_screens(order: Order) -> Iterator[sc.Screen]:
    """Each kind of screen about bringing money in, and every letter."""
    invoice = an_invoice(links=(a_link(),), mode=order.mode)
    yield from (sc.TopUpAmounts(), sc.TopUpAmounts(usd("7.42")), sc.Working("link", Draft()))
    for expires_at in (NOW + minutes(59), NOW - minutes(1)):
        yield sc.PaymentLink(usd("25.00"), a_link().url, expires_at, usd("7.42"))
    yield sc.PaymentQr(usd("25.00"), a_link().url)
    yield sc.AskAside("forgotten", "")
    for word in Word:
        facts = {"amount": "9.10 USD", "reason": "underpaid"}
        yield sc.News(word, order) if word in ABOUT_ORDERS else sc.News(word, None, invoice, facts)
    yield from (sc.News(Word.IN_REVIEW, None, invoice, {"reason": r}) for r in ("late", "unknown_status"))


def desk_screens(draft: Draft, order: Order, rate: Rate) -> Iterator[sc.Screen]:
    """Each page of what a customer keeps, and of their statement."""
    words = next((e.value for e in draft.entries.values()), "Mum")
    template = a_template(name=words[:NAME_LIMIT], draft=draft)
    preferring = evolve(template, carrier_code="usps", service_code="gone", service=rate.service)
    contact, parcel = a_contact(nickname=words[:NAME_LIMIT]), a_preset(name=words[:NAME_LIMIT])
    yield from (
        ds.TemplateList((template,) * 8, 1, has_more=True, draft=True),
        ds.TemplateList((template,) * 8, 1, has_more=True, draft=True, changing=True),
        ds.TemplateList((), 0, False, False),
    )
    yield from (
        ds.TemplateDetails(template),
        ds.TemplateDetails(preferring, rate),
        ds.TemplateFields(template),
    )
    yield from (ds.ContactList((contact,) * 8, 1, has_more=True), ds.ContactList((), 0, has_more=False))
    yield from (ds.ContactDetails(contact), ds.ContactDetails(evolve(contact, default_sender=True)))
    last = part_of(draft, "parcel")
    yield ds.ParcelList((parcel,) * 8, 1, True, last, changing=True)
    yield from (ds.ParcelList((parcel,) * 8, 1, True, last), ds.ParcelList((), 0, has_more=False))
    yield ds.ParcelDetails(parcel)
    box = CarrierBox(rate.carrier, rate.carrier_code, "medium_flat_rate_box", rate.service)
    yield from (ds.BoxList((box,) * 8), ds.BoxList(()))
    yield from (ds.ConfirmForget(thing) for thing in (template, contact, parcel))
    lines = tuple(a_line(kind) for kind in Kind)
    yield from (
        ds.Statement(order.mode, lines, 1, has_more=True),
        ds.Statement(order.mode, (), 0, has_more=False),
    )
    yield ds.ContactUs()
    yield from (sc.AskAside(question, SUBJECT) for question in (*QUESTIONS, "forged"))
    yield sc.AskAside("template_field", "forged")


def a_line(kind: Kind, amount: str = "7.42") -> StatementLine:
    """A movement of this kind."""
    moved = Transfer(
        f"{kind.value}:1", kind, "a", "b", usd("7.42"), Mode.TEST, NOW, order_id=OrderId("ord_1")
    )
    return StatementLine(moved, usd(amount), usd("12.30"))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("lost <parcel>", "changed by us: lost <parcel> · −$2.50"),
        ("x" * 500, f"changed by us: {'x' * 119}… · −$2.50"),
        (WELCOME, "a gift to welcome you · −$2.50"),
        ("", "changed by us · −$2.50"),
    ],
    ids=["why", "long", "welcome", "unknown"],
)
def test_given_money_moved_by_hand_when_the_statement_is_read_then_it_says_why(
    reason: str, words: str
) -> None:
    line = a_line(Kind.ADJUSTMENT, "-2.50")
    line = evolve(line, transfer=evolve(line.transfer, reason=reason))
    page = render(ds.Statement(Mode.TEST, (line,), 0, has_more=False), some_facts())

    assert words in plain(page.html)


SUBJECT = "tpl_0123456789abcdef0123:parcel.weight"


def some_facts(language: str = "en", mode: Mode = Mode.TEST, order: Order | None = None) -> sc.Facts:
    return sc.Facts(
        version=999_999_999,
        language=language,
        now=NOW,
        mode=mode,
        balance=Balance(usd("12.30"), usd("7.42")),
        last_order=order,
        to_top_up=usd("4.18"),
        coins=tuple(f"COIN{n}" for n in range(40)),
        can_top_up=True,
        offers=(usd("10.00"), usd("25.00"), usd("1000.00")),
        least=usd("1.00"),
        most=usd("1000.00"),
        contact="@the_shop",
        contacts=tuple(a_contact(nickname=word[:NAME_LIMIT]) for word in HOSTILE[:OFFERED]),
        parcels=tuple(a_preset(name=word[:NAME_LIMIT]) for word in HOSTILE[:OFFERED]),
    )


def texts_of(screen: sc.Screen) -> list[str]:
    """The buttons of a screen."""
    return [button.text for row in render(screen, some_facts()).buttons for button in row]


@pytest.mark.parametrize("reason", ["fraud suspicion", "fraud suspicion."])
def test_given_a_block_when_its_letter_is_read_then_the_reason_ends_as_a_sentence(reason: str) -> None:
    letter = sc.News(Word.BLOCKED, facts={"reason": reason})

    assert "any more: fraud suspicion. Your balance" in render(letter, some_facts()).html


def test_given_a_metric_parcel_when_a_russian_reads_it_then_its_units_are_russian() -> None:
    metric = Parcel(Weight(Decimal(1200), "g"), Size(Decimal(30), Decimal(20), Decimal("10.5"), "cm"))
    order = an_order(label=a_label(), shipment=a_shipment(parcel=metric))
    draft = draft_of(order.shipment)
    preset = a_preset(entries=part_of(draft, "parcel"))
    screens = (
        sc.OrderDetails(order),
        sc.Review(draft, ()),
        sc.AskPart("parcel", draft),
        ds.ParcelDetails(preset),
    )
    pages = [render(screen, some_facts("ru", order=order)).html for screen in screens]

    assert ["1,2 кг, 30×20×10,5 см" in page for page in pages] == [True] * 4


@pytest.mark.parametrize(
    ("name", "russian"),
    [("1.2 kg, 30×20×10.5 cm", "📦 1,2 кг, 30×20×10,5 см"), ("Box v1.2 kg", "📦 Box v1.2 kg")],
    ids=["by-itself", "own"],
)
def test_given_a_parcel_named_by_itself_when_a_russian_reads_it_then_its_units_are_russian(
    name: str, russian: str
) -> None:
    metric = Parcel(Weight(Decimal(1200), "g"), Size(Decimal(30), Decimal(20), Decimal("10.5"), "cm"))
    entries = part_of(draft_of(a_shipment(parcel=metric)), "parcel")
    page = render(ds.ParcelList((a_preset(name=name, entries=entries),), 0, has_more=False), some_facts("ru"))

    assert page.buttons[0][0].text == russian


@EVERY_MODE
@EVERY_LANGUAGE
@settings(max_examples=20, deadline=None, phases=PHASES)
@given(draft=drafts(), order=orders(), rate=rates(), address=ADDRESSES, note=st.sampled_from(NOTES))
def test_given_hostile_words_when_any_screen_is_shown_then_telegram_would_take_it(
    language: str, mode: Mode, draft: Draft, order: Order, rate: Rate, address: Address, note: sc.Note
) -> None:
    facts = some_facts(language, mode, order)
    for screen in every_screen(draft, order, rate, address):
        limit = html_text.CAPTION_LIMIT if isinstance(screen, sc.LabelCaption) else html_text.MESSAGE_LIMIT
        check_sendable(render(screen, facts), limit=limit)
        check_sendable(render(screen, facts, note))


def test_given_the_screens_of_these_tests_when_counted_then_none_is_left_out() -> None:
    shown = {type(s) for s in every_screen(a_draft(), an_order(), a_rate(), an_address())}

    assert shown | {sc.Remark} == set(get_args(sc.Screen))


@given(draft=drafts())
@settings(deadline=None)
def test_given_words_that_look_like_markup_when_reviewed_then_they_are_shown_as_they_were_written(
    draft: Draft,
) -> None:
    shown = plain(render(sc.Review(draft, ()), some_facts()).html)
    written = [e.value for f, e in draft.entries.items() if f.part != "parcel"]

    assert all(one_line(value) in shown for value in written)


def test_given_a_value_with_line_breaks_when_shown_then_it_cannot_forge_a_line_of_ours() -> None:
    honest = render(sc.Review(a_draft(), ()), some_facts()).html
    forged = a_draft({Field.TO_NAME: "John\n\nPrice held until 23:59\nBuy for $0.01"})

    assert len(render(sc.Review(forged, ()), some_facts()).html.splitlines()) == len(honest.splitlines())


@EVERY_LANGUAGE
@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.word)
def test_given_every_note_when_said_then_it_is_a_sentence_without_holes(note: sc.Note, language: str) -> None:
    said = phrases.note(Texts(language), note)

    assert re.fullmatch(r"[A-ZА-ЯЁ].+[.!]", said)
    assert not re.search(r"[{}]|\bUSD\b|  ", said)
    assert bool(re.search(r"[а-яё]", said)) is (language == "ru")


@EVERY_LANGUAGE
def test_given_every_reason_of_a_reader_when_said_then_each_has_a_sentence_of_its_own(language: str) -> None:
    t = Texts(language)
    unknown = phrases.reason(t, "some word nobody knows")
    said = {phrases.reason(t, word) for word in REASONS}

    assert len(REASONS) == 12
    assert len(said - {unknown}) == len(REASONS)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (sc.Note("funds", {"detail": "4.10 USD"}), "$4.10"),
        (sc.Note("price_changed", {"was": "7.42 USD", "now": "8.05 USD"}), "was $7.42 and is now $8.05"),
        (sc.Note("bad_field", {"detail": "to.zip"}), "To, ZIP code"),
        (sc.Note("bad_field", {"detail": "unheard-of"}), "Something in the order"),
        (sc.Note("lacks", {"detail": "from.city from.zip"}), "Still missing: city, ZIP code."),
        (
            sc.Note("lacks", {"detail": "parcel.weight parcel.length parcel.width parcel.height"}),
            "Still missing: weight, size, for example 10x8x6 in. Please",
        ),
        (sc.Note("lacks"), "Something is missing."),
        (sc.Note("not_text", {"kind": "edited"}), "as a new one"),
        (sc.Note("not_text", {"kind": "sticker"}), "text only"),
    ],
    ids=[
        "shortfall",
        "both-prices",
        "known-field",
        "unknown-field",
        "two-fields",
        "all-sides",
        "unknown-lack",
        "edited",
        "sticker",
    ],
)
def test_given_a_note_with_facts_when_said_then_it_names_them(note: sc.Note, words: str) -> None:
    assert words in phrases.note(Texts(), note)


@pytest.mark.parametrize("screen", [sc.Remark(), sc.QuoteUsage()], ids=["alone", "with-a-screen"])
def test_given_a_note_when_shown_then_it_stands_first(screen: sc.Screen) -> None:
    shown = plain(render(screen, some_facts(), sc.Note("busy")).html)

    assert shown.startswith("The label is being bought right now.")


TESTED = [
    sc.Menu(has_draft=False),
    sc.ResumeOrNew(a_draft()),
    sc.OrderCard(Draft(), (), ()),
    sc.OrderCard(a_draft(), (), ()),
    sc.AskField(Field.FROM_NAME, 1, len(STEPS)),
    sc.AskPart("from", a_draft()),
    sc.Review(a_draft(), ()),
    sc.Working("prices", a_draft()),
    sc.ConfirmCancel(a_draft()),
    sc.OrderDetails(an_order(label=a_label())),
    sc.TrackingPage(an_order(label=a_label()), Tracking("accepted", "", (), NOW.date())),
    sc.QuickQuote((a_rate(),), {}, a_draft()),
    sc.Help(),
    sc.RateList(a_draft(), (a_rate(),), {}, NOW, 0, (), {}),
    sc.ConfirmPurchase(a_draft(), a_rate(), OrderId("ord_1"), NOW, frozenset()),
    sc.Purchased(OrderId("ord_1")),
    sc.LabelCaption(an_order(label=a_label())),
    sc.TopUpAmounts(),
    sc.PaymentLink(usd("25.00"), a_link().url, NOW),
    sc.News(Word.CREDITED, None, an_invoice()),
]


@pytest.mark.parametrize("screen", TESTED, ids=lambda screen: type(screen).__name__)
def test_given_test_mode_when_money_or_a_label_is_shown_then_it_says_so(screen: sc.Screen) -> None:
    order = an_order(label=a_label())

    assert render(screen, some_facts(mode=Mode.TEST, order=order)).html.count("Test mode:") == 1


@pytest.mark.parametrize("mode", Mode)
def test_given_an_order_of_another_mode_when_looked_at_then_its_own_is_said(mode: Mode) -> None:
    (other,) = set(Mode) - {mode}
    order = an_order(label=a_label(), mode=mode)
    looked_at = (sc.OrderDetails(order), sc.TrackingPage(order, Tracking("accepted", "", (), None)))
    shown = [render(page, some_facts(mode=other)).html for page in looked_at]

    assert ["Test mode:" in html for html in shown] == [mode is Mode.TEST] * 2


@pytest.mark.parametrize(
    "screen", [sc.Menu(has_draft=False), sc.OrderCard(Draft(), (), ())], ids=["menu", "new"]
)
@pytest.mark.parametrize(
    ("shut", "words"),
    [
        (sc.Note("maintenance", {"en": "Back at <5>."}), "We are working on the shop"),
        (
            sc.Note("blocked", {"why": "too many <chargebacks>"}),
            "the moment: too many <chargebacks>. Your balance",
        ),
        (sc.Note("blocked"), "at the moment. Your balance"),
    ],
    ids=["maintenance", "blocked", "blocked-why-unknown"],
)
def test_given_a_closed_door_when_an_order_could_begin_then_it_is_said_once_and_first(
    screen: sc.Screen, shut: sc.Note, words: str
) -> None:
    facts = evolve(some_facts(), shut=shut)
    page = plain(render(screen, facts).html)
    noted = plain(render(screen, facts, shut).html)

    assert words in page.split("\n\n")[0]
    assert noted.count(words) == 1


@pytest.mark.parametrize("mode", Mode)
def test_given_a_letter_of_another_mode_when_shown_then_what_it_speaks_of_is_marked_and_not_today(
    mode: Mode,
) -> None:
    (other,) = set(Mode) - {mode}
    letters = [
        sc.News(Word.REFUND_PROCESSED, an_order(label=a_label(), mode=mode), None, {"amount": "9.42 USD"}),
        sc.News(Word.CREDITED, None, an_invoice(mode=mode)),
        sc.News(Word.BALANCE_CHANGED, facts={"amount": "+1.00 USD", "reason": "x", "mode": mode.value}),
    ]
    shown = [render(letter, some_facts(mode=other)).html for letter in letters]

    assert ["Test mode" in html for html in shown] == [mode is Mode.TEST] * 3


def test_given_labels_asked_back_when_told_and_listed_then_number_and_recipient_are_there() -> None:
    order = an_order("ord_0123456789abcdef0123", label=a_label(), charged=usd("7.42"))
    refund = wish(order, RefundId("ref_1"), NOW, "customer")
    told = plain(render(rs.RefundsAsked((Asked(order.order_id, order, refund),)), some_facts()).html)
    listed = plain(render(rs.RefundList((refund,), (order,), 0, has_more=False), some_facts()).html)

    assert f"{order.order_id} · {order.shipment.recipient.name}" in told
    assert order.shipment.recipient.name in listed


def test_given_nothing_to_ask_back_when_the_desk_is_open_then_no_number_is_to_be_tapped() -> None:
    page = render(rs.RefundDesk((), 0, has_more=False, any_before=False), some_facts())

    assert "Tap a number" not in page.html


@pytest.mark.parametrize("state", RefundState)
def test_given_a_label_being_given_back_when_its_order_is_looked_at_then_it_is_offered_no_more(
    state: RefundState,
) -> None:
    order = an_order(label=a_label(), state=OrderState.PURCHASED, charged=usd("7.42"))
    refund = evolve(wish(order, RefundId("ref_1"), NOW, "customer"), state=state)
    leaves = state in {
        RefundState.APPROVED, RefundState.VOIDING, RefundState.VOID_OK, RefundState.VOID_UNKNOWN
    }  # fmt: skip

    assert ("Send label" in texts_of(sc.OrderDetails(order, None, refund))) != leaves


@pytest.mark.parametrize("state", [OrderState.PURCHASED, OrderState.VOID_REQUESTED, OrderState.VOIDED])
@pytest.mark.parametrize("word", [Word.REFUND_REFUSED, Word.REFUND_APPROVED])
def test_given_a_letter_about_a_refund_when_shown_then_only_a_good_label_is_offered(
    state: OrderState, word: Word
) -> None:
    order = an_order(label=a_label(), state=state)
    good = state is OrderState.PURCHASED and word is Word.REFUND_REFUSED

    assert ("Send label" in texts_of(sc.News(word, order))) == good
    assert ("Send label" in texts_of(sc.OrderDetails(order))) == (state is OrderState.PURCHASED)


@pytest.mark.parametrize("mode", Mode)
def test_given_refunds_of_a_test_when_listed_in_production_then_each_line_says_so(mode: Mode) -> None:
    order = an_order(label=a_label(), mode=mode, state=OrderState.PURCHASED, charged=usd("7.42"))
    refund = wish(order, RefundId("ref_1"), NOW, "customer")
    judged = eligibility(order, RefundRules(), NOW)
    pages: list[sc.Screen] = [
        rs.RefundDesk((judged,), 0, has_more=False, any_before=True),
        rs.RefundList((refund,), (order,), 0, has_more=False),
        rs.RefundsAsked((Asked("ord_1", order, refund),)),
        rs.RefundsAsked((Asked("ord_1", order, refused=judged),)),
    ]
    shown = [render(page, some_facts(mode=Mode.PRODUCTION)).html for page in pages]

    assert ["🧪" in html for html in shown] == [mode is Mode.TEST] * 4


@EVERY_LANGUAGE
def test_given_production_mode_when_any_screen_is_shown_then_no_test_is_spoken_of(language: str) -> None:
    order = an_order(label=a_label(), mode=Mode.PRODUCTION)
    facts = some_facts(language, Mode.PRODUCTION, order)
    shown = [render(s, facts).html for s in every_screen(a_draft(), order, a_rate(), an_address())]

    assert not any("🧪" in text for text in shown)


def test_given_orders_when_listed_then_each_line_says_day_person_price_and_state() -> None:
    bought = an_order(
        label=a_label(), state=OrderState.PURCHASED, shipment=a_shipment(recipient=a_recipient())
    )
    shown = plain(render(sc.OrderList((bought,), 0, has_more=False), some_facts()).html)

    assert "1. Mon, Apr 7 · John Smith, Los Angeles CA · $7.42 · label bought" in shown.splitlines()


def test_given_scans_when_tracking_is_shown_then_each_line_says_when_where_and_what() -> None:
    scans = (TrackingEvent(NOW, "Arrived at facility", "Oakland CA"), TrackingEvent(NOW, "Accepted"))
    order = an_order(mode=Mode.PRODUCTION)
    screen = sc.TrackingPage(order, Tracking("in_transit", "", scans, dt.date(2031, 4, 11)))
    shown = plain(render(screen, some_facts()).html).splitlines()

    assert shown[1:] == [
        "On its way",
        "Expected: Fri, Apr 11",
        "Mon, Apr 7 12:00 UTC · Oakland CA · Arrived at facility",
        "Mon, Apr 7 12:00 UTC · Accepted",
    ]


def test_given_more_prices_than_a_keyboard_holds_when_shown_then_the_best_are_and_it_says_so() -> None:
    offers = tuple(a_rate(f"{n}.00", rate_id=RateId(f"rate-{n}")) for n in range(1, 121))
    screen = sc.RateList(a_draft(), offers, {RateId("rate-120"): Tag.FASTEST}, NOW, 0, (), {})
    message = render(screen, some_facts())
    priced = [b.text for row in message.buttons for b in row if b.text.startswith("$")]

    assert "Shown: 31 best prices." in message.html
    assert len(priced) == 31
    assert "fastest" in priced[-1]


def test_given_prices_when_shown_then_a_button_says_price_service_day_and_tag() -> None:
    quote = a_quote()
    rate = quote.rates[0]
    screen = sc.RateList(a_draft(), quote.rates, {rate.rate_id: Tag.CHEAPEST}, quote.expires_at, 0, (), {})
    first = render(screen, some_facts()).buttons[0][0]

    assert first.text == "$7.42  USPS Ground Advantage · Fri, Apr 11 · cheapest"


def test_given_a_carrier_that_repeats_its_name_when_shown_then_it_is_said_once() -> None:
    screen = sc.QuickQuote((a_rate(service="USPS Ground Advantage"),), {}, a_draft())

    assert "USPS USPS" not in render(screen, some_facts()).html


@pytest.mark.parametrize(
    ("entries", "line"),
    [
        ({Field.WEIGHT: "35 oz"}, "2 lb 3 oz"),
        ({Field.WEIGHT: "1200 g", Field.LENGTH: "25 cm"}, "1.2 kg, 25 cm × ? × ?"),
        ({Field.WEIGHT: "heavy"}, "heavy"),
        ({}, "—"),
    ],
    ids=["weight-only", "half-a-size", "unreadable", "nothing"],
)
def test_given_a_parcel_in_any_state_when_shown_then_what_is_known_is_there(
    entries: dict[Field, str], line: str
) -> None:
    draft = Draft({which: Entry(value) for which, value in entries.items()})

    assert f"Parcel  {line}" in plain(render(sc.Review(draft, ()), some_facts()).html).splitlines()


def test_given_a_doubtful_field_when_shown_then_it_is_marked_and_has_a_button_to_mend_it() -> None:
    draft = a_draft().filled({Field.TO_CITY: Entry("Los Angelos", 0.3)})
    message = render(sc.Review(draft, ()), some_facts())
    fixes = [b.text for row in message.buttons for b in row if b.text.startswith("⚠️")]

    assert "<u>Los Angelos</u>(?)" in message.html
    assert fixes == ["⚠️ To: city"]


@pytest.mark.parametrize("number", [0, 7], ids=["single-question", "step"])
def test_given_a_question_when_shown_then_steps_are_counted_only_on_the_way_step_by_step(number: int) -> None:
    shown = render(sc.AskField(Field.FROM_PHONE, number, 18), some_facts()).html

    assert ("Step 7 of 18" in shown) is bool(number)
    assert "You may skip this." in shown


def test_given_a_language_we_do_not_speak_when_a_screen_is_shown_then_it_is_english() -> None:
    assert render(sc.Help(), some_facts("xx")) == render(sc.Help(), some_facts("en"))


def test_given_the_help_when_read_then_every_command_it_names_is_one_we_have() -> None:
    named = set(re.findall(r"/(\w+) ·", render(sc.Help(), some_facts()).html))

    assert named <= commands("en").keys()
    assert named >= {
        "new",
        "orders",
        "refund",
        "quote",
        "templates",
        "addresses",
        "parcels",
        "statement",
        "contact",
        "cancel",
    }


def test_given_a_label_without_a_carriers_number_when_captioned_then_no_empty_line_is_shown() -> None:
    lines = pages.bought_lines(Texts(), an_order(label=a_label(tracking_number=""))).splitlines()

    assert len(lines) == 2


def test_given_a_twin_when_the_purchase_is_confirmed_then_it_warns_and_the_button_says_anyway() -> None:
    screen = sc.ConfirmPurchase(a_draft(), a_rate("7.42"), OrderId("ord_1"), NOW, frozenset())
    twin = an_order(created_at=NOW - dt.timedelta(minutes=3))
    message = render(screen, evolve(some_facts(), twin=twin, to_top_up=usd("0")))

    assert "3 minutes ago" in message.html
    assert message.buttons[0][0].text.endswith("Buy again anyway for $7.42")


def test_given_more_missing_than_may_come_in_at_once_when_confirmed_then_amounts_are_offered() -> None:
    screen = sc.ConfirmPurchase(a_draft(), a_rate("7.42"), OrderId("ord_1"), NOW, frozenset())
    key = render(screen, evolve(some_facts(), most=usd("4.17"))).buttons[0][0]

    assert key.text.endswith("Top up")


@pytest.mark.parametrize(
    ("most", "said"),
    [("5.00", "from $1.00 to $5.00"), ("0.00", "You cannot top up at the moment.")],
    ids=["little", "nothing"],
)
def test_given_limits_of_ones_own_when_an_amount_is_asked_for_then_page_and_note_name_them(
    most: str, said: str
) -> None:
    facts = evolve(some_facts(), offers=(), most=usd(most))
    note = sc.Note("topup_amount", {"from": "1.00 USD", "to": f"{most} USD"})
    html = render(sc.TopUpAmounts(), facts, note).html

    assert html.count(said) == 2


def test_given_too_little_money_when_the_purchase_is_confirmed_then_one_button_tops_up_just_that() -> None:
    screen = sc.ConfirmPurchase(a_draft(), a_rate("7.42"), OrderId("ord_1"), NOW, frozenset())
    offered = [key.text for row in render(screen, some_facts()).buttons for key in row]
    closed = [
        key.text for row in render(screen, evolve(some_facts(), can_top_up=False)).buttons for key in row
    ]

    assert offered[0].endswith("Top up $4.18 and buy")
    assert not any("Buy for" in text for text in offered)
    assert closed[0].endswith("Buy for $7.42")


@pytest.mark.parametrize(
    ("residential", "said"), [(True, "To a home."), (False, "To a business."), (None, "")]
)
def test_given_what_the_carrier_knows_of_the_address_when_confirmed_then_it_says_so(
    residential: bool | None, said: str
) -> None:
    screen = sc.ConfirmPurchase(a_draft(), a_rate("7.42"), OrderId("ord_1"), NOW, frozenset(), residential)
    shown = render(screen, some_facts()).html

    assert [s for s in ("To a home.", "To a business.") if s in shown] == ([said] if said else [])


def test_given_a_template_that_lacks_and_contradicts_when_shown_then_both_are_said_beforehand() -> None:
    lacking = (Field.WEIGHT, Field.LENGTH, Field.WIDTH, Field.HEIGHT, Field.FROM_NAME)
    draft = a_draft({Field.TO_STATE: "NY"}, without=lacking)
    text = render(ds.TemplateDetails(a_template(draft=draft)), some_facts()).html

    assert "To be written with each order: From: name; Parcel: weight, size, for example 10x8x6 in." in text
    assert "To: this ZIP code is in CA." in text
