"""Names of fields, questions, and the sentence for every note and every reason."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from adapters.telegram.html_text import sentence
from adapters.telegram.texts import DEFAULT, LANGUAGES, Texts
from shipping_core.conversation.screens import Note
from shipping_core.domain.desk import NAME_LIMIT
from shipping_core.domain.draft import SIZES, Field
from shipping_core.domain.money import Money


def part_name(t: Texts, part: str) -> str:
    """`From`, `To`, `Parcel`."""
    _ = t.gettext
    return {"from": _("From"), "to": _("To"), "parcel": _("Parcel")}[part]


def field_name(t: Texts, field: Field) -> str:
    """What one field is called, without its side."""
    _ = t.gettext
    return {
        "name": _("name"),
        "street1": _("street and number"),
        "street2": _("apartment"),
        "city": _("city"),
        "state": _("state"),
        "zip": _("ZIP code"),
        "phone": _("phone"),
        "weight": _("weight"),
        "length": _("length"),
        "width": _("width"),
        "height": _("height"),
        "box": _("carrier's box"),
    }[field.what]


def question(t: Texts, field: Field) -> str:
    """The question for one field."""
    _ = t.gettext
    sender = field.part == "from"
    match field.what:
        case "name":
            return _("Who sends the parcel? Full name.") if sender else _("Who gets the parcel? Full name.")
        case "street1":
            return (
                _("Sender's street and house number?")
                if sender
                else _("Recipient's street and house number?")
            )
        case "street2":
            return _("Sender's apartment or suite?") if sender else _("Recipient's apartment or suite?")
        case "city":
            return _("Sender's city?") if sender else _("Recipient's city?")
        case "state":
            return _("Sender's state?") if sender else _("Recipient's state?")
        case "zip":
            return _("Sender's ZIP code?") if sender else _("Recipient's ZIP code?")
        case "phone":
            return _("Sender's phone?") if sender else _("Recipient's phone?")
        case "weight":
            return _("How heavy is the parcel? For example: 2 lb 3 oz, or 1.2 kg.")
        case "length":
            return _("How long is the box? In inches, or write cm after the number.")
        case "width":
            return _("How wide is the box?")
        case _:
            return _("How tall is the box?")


def reason(t: Texts, word: str) -> str:
    """Why an answer cannot be used, and what to do next."""
    _ = t.gettext
    return {
        "empty": _("I could not find an answer in that. Please write it as text."),
        "too_long": _("That is too long for a label. Please shorten it."),
        "not_a_state": _("I do not know that state. Please send its name or two letters, for example CA."),
        "not_a_zip": _("A US ZIP code has 5 digits, or 5+4, for example 94117."),
        "not_a_phone": _("That is not a phone number I can use. For example: 415 555 0100."),
        "not_a_weight": _("I could not read a weight. For example: 2 lb 3 oz, 12 oz, or 1.2 kg."),
        "not_a_size": _("I could not read a size. For example: 10, or 25 cm."),
        "too_heavy": _("Carriers take at most 150 lb (68 kg) per parcel. Please check the weight."),
        "too_large": _("Carriers take boxes up to 108 inches (274 cm) long. Please check the size."),
        "not_a_box": _("A carrier's box is picked with a button: see /parcels."),
        "no_letters": _("There are no letters in that. Please check it and send it again."),
        "no_digits": _(
            "There is no house number in that. Please send it with the street, for example 215 Clayton St."
        ),
    }.get(word, _("I could not use that. Please check it and send it again."))


def note(t: Texts, said: Note) -> str:
    """The sentence for a note; it says what to do next."""
    if said.word.startswith("reason:"):
        return reason(t, said.word.removeprefix("reason:"))
    facts = {
        name: _amount(t, value) for name, value in said.facts.items() if name in _MONEY.get(said.word, ())
    }
    return _notes(t, said, facts)[said.word]


_MONEY = {"funds": ("detail",), "price_changed": ("was", "now"), "price_same": ("was", "now")}
"""Which facts of which notes are amounts."""


def _amount(t: Texts, text: str) -> str:
    """Money that travelled as `7.42 USD`."""
    return t.money(_money(text))


def _money(text: str) -> Money:
    amount, _, currency = text.partition(" ")
    return Money.parse(amount, currency)


def _bad_field(t: Texts, said: Note) -> str:
    """Names the field that no label can carry, where it is known."""
    known = next((f for f in Field if f.value == said.facts.get("detail")), None)
    if known is None:
        return t.gettext("Something in the order cannot go on a label. Please check it.")
    text = t.gettext("{side}, {field}: this cannot go on a label. Please correct it.")
    return text.format(side=part_name(t, known.part), field=field_name(t, known))


def _lacks(t: Texts, said: Note) -> str:
    """Names all that is missing, where it is known."""
    lacking = said.facts.get("detail", "").split()
    names = names_of(t, [f for f in Field if f.value in lacking])
    if not names:
        return t.gettext("Something is missing. Please send all of it again in one message.")
    text = t.gettext("Still missing: {fields}. Please send all of it again in one message.")
    return text.format(fields=names)


def names_of(t: Texts, fields: Sequence[Field]) -> str:
    """What these fields of one part are called; the three sides together are the size."""
    names = [field_name(t, f) for f in fields if f not in SIZES or not set(SIZES) <= set(fields)]
    if set(SIZES) <= set(fields):
        names.append(t.gettext("size, for example 10x8x6 in"))
    return ", ".join(names)


def how_much(t: Texts, least: Money, most: Money) -> str:
    """How much may be topped up at once."""
    if most < least:
        return t.gettext("You cannot top up at the moment. To ask why, please write to us, see /contact.")
    text = t.gettext("How much? Tap an amount, or write one from {least} to {most}.")
    return text.format(least=t.money(least), most=t.money(most))


def _topup_amount(t: Texts, said: Note) -> str:
    """Names the limits where they are known."""
    if "from" in said.facts:
        least, most = _money(said.facts["from"]), _money(said.facts["to"])
        if most < least:
            return how_much(t, least, most)
        text = t.gettext("Please write an amount in dollars from {least} to {most}.")
        return text.format(least=t.money(least), most=t.money(most))
    return t.gettext("Please write an amount in dollars that is within the limits, for example 25.")


def _maintenance(t: Texts, said: Note) -> str:
    """The operators' own words in the customer's language, escaped."""
    own = html.escape(said.facts.get(t.language) or said.facts.get(DEFAULT, ""), quote=False)
    text = t.gettext(
        "We are working on the shop, and take no new orders for now. What is bought or paid already goes on, "
        "and your order is kept."
    )
    return f"{text} {own}".strip()


def _blocked(t: Texts, said: Note) -> str:
    """With the operators' reason where it is known, escaped."""
    rest = t.gettext("Your balance, labels and refunds are still yours; please write to us, see /contact.")
    why = " ".join(said.facts.get("why", "").split())
    if not why:
        return f"{t.gettext('You cannot order or top up at the moment.')} {rest}"
    text = t.gettext("You cannot order or top up at the moment: {why}")
    return f"{text.format(why=html.escape(sentence(why), quote=False))} {rest}"


def back_again() -> Mapping[str, str]:
    """That maintenance is over, in every language."""

    def said(t: Texts) -> str:
        return t.gettext("We are back: you can order labels and top up again.")

    return {language: said(Texts(language)) for language in LANGUAGES}


def _notes(t: Texts, said: Note, facts: Mapping[str, str]) -> dict[str, str]:
    _ = t.gettext
    most = int(said.facts.get("most", "0"))
    was, now, shortfall = (facts.get(name, "") for name in ("was", "now", "detail"))
    return {
        "lacks": _lacks(t, said),
        "address_unread": _(
            "I could not read an address in that. Please send name, street, city, state and ZIP code in one "
            "message, for example: Jane Doe, 215 Clayton St, San Francisco CA 94117."
        ),
        "parcel_unread": _(
            "I could not read a weight or a size in that. Please send both in one message, for example: "
            "2 lb 3 oz, 10x8x6 in."
        ),
        "forgotten": _("It is deleted."),
        "kept_many": t.ngettext(
            "You keep {n} of these, and no more fit. Please delete one first.",
            "You keep {n} of these, and no more fit. Please delete one first.",
            most,
        ).format(n=most),
        "name_empty": _("There is nothing in that I can use as a name. Please write it as text."),
        "name_long": t.ngettext(
            "A name has at most {n} character. Please send a shorter one.",
            "A name has at most {n} characters. Please send a shorter one.",
            NAME_LIMIT,
        ).format(n=NAME_LIMIT),
        "name_taken": _("You use that name already. Please send another one."),
        "already_bought": _("This label is already bought, and paid only once. Here it is again."),
        "bad_field": _bad_field(t, said),
        "blocked": _blocked(t, said),
        "busy": _("The label is being bought right now. One moment, please."),
        "cancelled": _("The order is cancelled. Nothing was charged."),
        "choose_first": _("Please choose one of the buttons first."),
        "closed": _(
            "Labels cannot be sold at the moment, and we have been told why. "
            "Your order is kept, and nothing was charged; please try again later."
        ),
        "decide_address": _(
            "One thing first: the carrier does not know an address as it is written. Please say which to use."
        ),
        "expired": _("Those prices have run out. Nothing was charged, and I am asking the carriers again."),
        "funds": _(
            "Your balance is short by {shortfall}. Nothing was charged, and your order is kept."
        ).format(shortfall=shortfall),
        "limit": t.ngettext(
            "You have bought as many labels as you may in 24 hours ({n}). Your order is kept; please come "
            "back later, or write to us, see /contact.",
            "You have bought as many labels as you may in 24 hours ({n}). Your order is kept; please come "
            "back later, or write to us, see /contact.",
            most,
        ).format(n=most),
        "maintenance": _maintenance(t, said),
        "moment": _("One moment, please."),
        "label_later": _(
            "The label is bought, but the carrier has not sent its file yet. I keep asking, and bring it as "
            "soon as it is there; or open the order in /orders and tap “Send label”."
        ),
        "not_paid_yet": _(
            "Nothing has arrived yet. A payment may take some minutes to be confirmed; I keep looking, and "
            "you will hear from me."
        ),
        "paid": _("Your payment has arrived."),
        "payment_seen": _("Your payment is on its way and waits for its confirmation. Nothing else to do."),
        "payments_away": _(
            "The payment service does not answer at the moment. Nothing is lost; please try again in a "
            "minute."
        ),
        "topup_amount": _topup_amount(t, said),
        "topup_many": _(
            "You have some unpaid top-ups already. Please pay one of them, or wait until its time is over."
        ),
        "no_rates": _(
            "No carrier offers a price for this parcel. Please check both addresses, weight and size."
        ),
        "not_bought": _(
            "The carrier did not sell this label. Nothing was charged, and the money is free again."
        ),
        "not_text": _("I do not see changes to a message. Please send it again as a new one.")
        if said.facts.get("kind") == "edited"
        else _("I can read text only. Please write it, or paste it."),
        "nothing_found": _(
            "I found no address, weight or size in that. Please paste it again, for example: 215 "
            "Clayton St, San Francisco CA 94117."
        ),
        "nothing_to_cancel": _("There is no order to cancel."),
        "price_changed": _(
            "The price has changed: it was {was} and is now {now}. Please choose again."
        ).format(was=was, now=now),
        "price_same": _("The price is still {now}. Please choose it again.").format(now=now),
        "refund_many": _("That is more than {most} labels. Please send fewer at once.").format(
            most=said.facts.get("most", "50")
        ),
        "refund_none": _(
            "There is no order number or tracking number in that. Please send one, for example ord_1a2b3c."
        ),
        "refund_unknown": _(
            "I know no label of yours under these numbers. Please check them, and send them again."
        ),
        "refused": _("The carrier refused this shipment. Please check both addresses, weight and size."),
        "service_gone": _(
            "The service you used last is not offered for this parcel now. Here are the others."
        ),
        "stale": _("That button no longer works, and nothing has changed. Please go on from here."),
        "unavailable": _(
            "The carriers are not answering at the moment. Nothing is lost; please try again in a minute."
        ),
    }
