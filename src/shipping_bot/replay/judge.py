"""What must be true after a load test, judged from evidence and nothing else."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from attrs import frozen
from pypdf import PdfReader

from shipping_bot.replay.people import Plan
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.ledger import Balance, Kind, Transfer, account_sums, available, held, open_holds


@frozen
class Seen:
    """What one customer has at the end: files, and every text that stands in the chat."""

    plan: Plan
    pdfs: tuple[bytes, ...]
    texts: tuple[str, ...]
    lost: str = ""


@frozen
class Evidence:
    """Everything the judge looks at."""

    seen: Sequence[Seen]
    journal: Sequence[Transfer]
    balances: dict[tuple[Mode, UserId], Balance]
    carrier: dict[str, Any]
    """The sandbox carrier's own account: `purchases`, `purchase_posts_by_reference`, `calls`."""
    errors: Sequence[str] = ()
    conflicts: int = 0


def judge(evidence: Evidence) -> list[str]:
    """Every rule that was broken, a sentence each."""
    checks = (_customers, _files, _strangers, _carrier, _money)
    return [violation for check in checks for violation in check(evidence)]


def _customers(e: Evidence) -> list[str]:
    lost = [f"user {s.plan.user} got no label: {s.lost}" for s in e.seen if s.lost]
    lost += [f"the log has an error: {text}" for text in e.errors]
    return lost + ([f"Telegram answered Conflict {e.conflicts} times"] if e.conflicts else [])


def _words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", text).casefold()


def _files(e: Evidence) -> list[str]:
    found = []
    for seen in e.seen:
        if len(seen.pdfs) != 1 and not seen.lost:
            found.append(f"user {seen.plan.user} got {len(seen.pdfs)} files")
        for pdf in seen.pdfs:
            found += _wrong_words(seen.plan, _words(pdf))
    every = Counter(pdf for seen in e.seen for pdf in seen.pdfs)
    return found + [f"{count} customers got the same file" for count in every.values() if count > 1]


def _wrong_words(plan: Plan, words: str) -> list[str]:
    found = [
        f"user {plan.user}'s label lacks the {side}'s {what}"
        for side, person in (("sender", plan.sender), ("recipient", plan.recipient))
        for what in (person.name, person.street1, person.street2, person.city, person.postal_code)
        if what.casefold() not in words
    ]
    sender, recipient = words.find(plan.sender.name.casefold()), words.find(plan.recipient.name.casefold())
    if sender > recipient >= 0:
        found.append(f"user {plan.user}'s label names the recipient as the sender")
    return found


def _strangers(e: Evidence) -> list[str]:
    """Nobody's name stands in anybody else's chat or label."""
    owners = {p.name.casefold(): s.plan.user for s in e.seen for p in (s.plan.sender, s.plan.recipient)}
    found = []
    for seen in e.seen:
        text = " ".join((*seen.texts, *(_words(pdf) for pdf in seen.pdfs))).casefold()
        for name, owner in owners.items():
            if owner != seen.plan.user and re.search(rf"\b{re.escape(name)}\b", text):
                found.append(f"user {seen.plan.user} sees data of user {owner}")
    return found


def _carrier(e: Evidence) -> list[str]:
    found = []
    bought = len(e.carrier["purchases"])
    labels = sum(len(s.pdfs) > 0 for s in e.seen)
    if bought != labels:
        found.append(f"the carrier sold {bought} labels, customers hold {labels}")
    for reference, posts in e.carrier["purchase_posts_by_reference"].items():
        if posts > 1:
            found.append(f"{posts} purchase requests for {reference}")
    return found


def _money(e: Evidence) -> list[str]:
    found = []
    sums = account_sums(e.journal)
    if total := sum(sums.values()):
        found.append(f"the journal sums to {total}")
    captures = [t for t in e.journal if t.kind is Kind.CAPTURE]
    if len(captures) != len(e.carrier["purchases"]):
        found.append(f"{len(captures)} captures for {len(e.carrier['purchases'])} purchases")
    found += [f"{t.key} was neither captured nor released" for t in open_holds(e.journal)]
    for (mode, user_id), balance in e.balances.items():
        folded = sums.get((mode, available(user_id)), 0), sums.get((mode, held(user_id)), 0)
        if folded != (balance.available.minor, balance.held.minor):
            found.append(f"user {user_id}'s balance is not what the journal says")
        if balance.available.minor < 0:
            found.append(f"user {user_id}'s balance is negative")
    return found
