"""What operators decide at run time: versions, audited, and everywhere within two seconds."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from attrs import evolve, field, fields, frozen, has

from shipping_core.domain.access import Act, Approval, Performed
from shipping_core.domain.audit import AuditRow
from shipping_core.domain.broadcast import LANGUAGES, Broadcast
from shipping_core.domain.ids import Mode
from shipping_core.domain.markup import check_rules
from shipping_core.domain.money import Money
from shipping_core.domain.plain_text import one_line, written
from shipping_core.domain.policy import STANDING, Maintenance, Policy, RefundRules, Standing
from shipping_core.errors import Conflict, InvalidInput, NotFound, StaleVersion
from shipping_core.ports.clock import Clock
from shipping_core.ports.readiness import Readiness
from shipping_core.ports.shelves import Shelf
from shipping_core.ports.unit_of_work import Transaction, UnitOfWork
from shipping_core.ports.users import UserRepository
from shipping_core.use_cases.bell import Bell
from shipping_core.use_cases.consent import Consent, save_decision
from shipping_core.use_cases.keep_broadcasts import put_announced
from shipping_core.use_cases.rulebook import Rulebook

Announces = Callable[[Mapping[str, str], str], Awaitable[Broadcast]]
"""Texts by language and who says so -> a broadcast to the customers of the last days, not kept yet."""

CHANGEABLE = frozenset(
    {
        "markup", "refunds", "second_person", "topup_least", "topup_most", "open_invoices", "orders_a_day",
        "contact",
    }
)  # fmt: skip
"""What `change` takes; None hands a decision back to the environment."""
MESSAGE_LIMIT = 1000
CONTACT_LIMIT = 200


@frozen
class ChangeSettings:
    """Each act raises StaleVersion when they were changed meanwhile, and InvalidInput without a reason."""

    shelf: Shelf[Standing]
    unit_of_work: UnitOfWork
    rulebook: Rulebook
    clock: Clock
    consent: Consent
    readiness: Readiness
    announce: Announces | None = None
    bell: Bell = field(factory=Bell)
    """Rung when there is a notice to send."""
    back_again: Mapping[str, str] = field(factory=dict)
    """What customers hear by language when maintenance is over and nobody wrote anything else."""
    users: UserRepository | None = None
    """Who may have a markup of their own; None knows nobody and asks nobody."""

    async def now(self) -> tuple[Standing, Policy]:
        """What was decided, and what counts because of it.

        Raises:
            NotFound: nothing was ever started on this store.
        """
        standing = await self.shelf.get(STANDING)
        return standing, standing.over(self.rulebook.base)

    async def change(self, changes: Mapping[str, Any], *, version: int, actor: str, reason: str) -> Standing:
        """Decide some of `CHANGEABLE`; what is decided so already stays, without a new version.

        Raises:
            InvalidInput: a value cannot be used; nothing was changed.
        """
        reason = written("reason", reason)
        before = await self._at(version)
        for name in changes:
            if name not in CHANGEABLE:
                raise InvalidInput(name, "cannot be changed here")
        if isinstance(changes.get("contact"), str):
            changes = {**changes, "contact": one_line(changes["contact"], limit=CONTACT_LIMIT + 1)}
        after = self._next(before, **changes)
        if evolve(after, version=before.version, updated_at=before.updated_at) == before:
            return before
        _check(after.over(self.rulebook.base), changes)
        if after.refunds is not None:
            _check_refunds(after.refunds)
        await self._check_people(after)
        return await self._save(before, after, "changed", actor, reason)

    async def switch_mode(
        self,
        mode: Mode,
        *,
        typed: str,
        version: int,
        actor: str,
        reason: str,
        consent: Approval | None = None,
    ) -> Performed:
        """New orders and top-ups in this mode; whatever is under way keeps its own.

        Raises:
            InvalidInput: `typed` is not the mode's name in capitals, or this installation is not ready.
        """
        reason = written("reason", reason)
        before = await self._at(version)
        if typed != mode.name:
            raise InvalidInput("confirm", f"type {mode.name} to switch")
        problems = self.readiness.problems(mode)
        if problems:
            raise InvalidInput("mode", "; ".join(problems))
        if before.over(self.rulebook.base).mode is mode:
            raise Conflict("settings", f"the mode is {mode.value} already")
        if mode is Mode.PRODUCTION and consent is None and self.consent.needed(Act.PRODUCTION):
            facts = {"version": str(version)}
            return Performed(await self.consent.ask(Act.PRODUCTION, facts, by=actor, why=reason))
        after = self._next(before, mode=mode)
        await self._save(before, after, f"mode_{mode.value}", actor, reason, consent)
        return Performed()

    async def go_live(self, granted: Approval) -> None:
        """The switch to production that a second person has allowed.

        Raises:
            Conflict: the settings are not those it was asked for any more.
        """
        await self.switch_mode(
            Mode.PRODUCTION,
            typed=Mode.PRODUCTION.name,
            version=int(granted.facts["version"]),
            actor=granted.asked_by,
            reason=granted.asked_why,
            consent=granted,
        )

    async def maintain(
        self,
        maintenance: Maintenance,
        *,
        version: int,
        actor: str,
        reason: str,
        notice: Mapping[str, str] | None = None,
    ) -> Standing:
        """Stop new orders and top-ups, or take them again; customers of the last days get `notice`.

        None tells them when it is over, in our own words; an empty one tells nobody.

        Raises:
            InvalidInput: there is no message in each language while it is on, or one is too long; or the
                notice cannot be sent. Nothing was changed.
        """
        reason = written("reason", reason)
        before = await self._at(version)
        if maintenance.on:
            for language in LANGUAGES:
                if not maintenance.message.get(language, "").strip():
                    raise InvalidInput(f"message.{language}", "say what customers shall read")
        for language, text in maintenance.message.items():
            if language not in LANGUAGES:
                raise InvalidInput(f"message.{language}", f"is none of {', '.join(LANGUAGES)}")
            if len(text) > MESSAGE_LIMIT:
                raise InvalidInput(f"message.{language}", f"is longer than {MESSAGE_LIMIT} characters")
        after = self._next(before, maintenance=maintenance)
        if notice is None:
            notice = self.back_again if before.maintenance.on and not maintenance.on else {}
        announced = await self._announced(notice, actor)
        word = "maintenance_on" if maintenance.on else "maintenance_off"
        saved = await self._save(before, after, word, actor, reason, announced=announced)
        if announced is not None:
            self.bell.ring()
        return saved

    async def _announced(self, notice: Mapping[str, str], actor: str) -> Broadcast | None:
        if not notice or self.announce is None:
            return None
        try:
            return await self.announce(notice, actor)
        except InvalidInput as exc:
            raise InvalidInput(exc.field.replace("texts", "notice"), exc.reason) from exc

    async def _at(self, version: int) -> Standing:
        standing = await self.shelf.get(STANDING)
        if standing.version != version:
            raise StaleVersion("settings", f"version {standing.version} is there, not {version}")
        return standing

    async def _check_people(self, standing: Standing) -> None:
        for rule in standing.markup.rules if standing.markup is not None else ():
            if rule.user_id is None or self.users is None:
                continue
            try:
                await self.users.get(rule.user_id)
            except NotFound:
                raise InvalidInput("markup", f"{rule.name}: nobody has this id") from None

    def _next(self, before: Standing, **changes: Any) -> Standing:
        return evolve(before, version=before.version + 1, updated_at=self.clock.now(), **changes)

    async def _save(
        self,
        before: Standing,
        after: Standing,
        action: str,
        actor: str,
        reason: str,
        consent: Approval | None = None,
        announced: Broadcast | None = None,
    ) -> Standing:
        old, new = before.over(self.rulebook.base), after.over(self.rulebook.base)
        row = AuditRow(
            f"settings:{after.version}",
            "settings",
            action,
            after.updated_at,
            before=_told(old, new, old),
            after=_told(old, new, new),
            actor=actor,
            reason=reason,
        )

        async def body(tx: Transaction) -> None:
            if consent is not None:
                await save_decision(tx, consent)
            await tx.audit.put(row)
            await tx.shelf(Standing).save(after)
            if announced is not None:
                await put_announced(tx, announced)

        await self.unit_of_work.run(body)
        await self.rulebook()
        return after


def _told(old: Policy, new: Policy, shown: Policy) -> str:
    """What differs between two policies, as it is in one of them: a JSON object."""
    names = (*sorted(CHANGEABLE), "mode", "maintenance")
    told = {n: _plain(getattr(shown, n)) for n in names if getattr(old, n) != getattr(new, n)}
    return json.dumps(told, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A decision as people would write it: money as `12.50 USD`, times in days."""
    if isinstance(value, Money | Decimal):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.timedelta):
        return f"{value / dt.timedelta(days=1):g} days"
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if has(type(value)):
        return {a.name: _plain(getattr(value, a.name)) for a in fields(type(value))}
    return value


def _check(policy: Policy, changes: Collection[str]) -> None:
    """Whether these decisions make sense together; what was changed is named."""
    if not 0 < policy.topup_least.minor <= policy.topup_most.minor:
        named = "topup_most" if "topup_most" in changes else "topup_least"
        raise InvalidInput(named, "the least must be above zero, and the most not below it")
    if not 1 <= policy.open_invoices <= 20:
        raise InvalidInput("open_invoices", "must be from 1 to 20")
    if policy.orders_a_day is not None and not 0 <= policy.orders_a_day <= 10_000:
        raise InvalidInput("orders_a_day", "must be from 0 to 10000")
    if len(policy.contact) > CONTACT_LIMIT:
        raise InvalidInput("contact", f"is longer than {CONTACT_LIMIT} characters")
    if "markup" in changes:
        check_rules(policy.markup)
    for name in ("credit_above", "override_above"):
        amount = getattr(policy.second_person, name)
        if amount is not None and amount.minor < 0:
            raise InvalidInput(f"second_person.{name}", "must not be negative")


def _check_refunds(rules: RefundRules) -> None:
    """Whether there is a time for each carrier in which a label may be asked back."""
    if not dt.timedelta(0) <= rules.least_age <= dt.timedelta(days=60):
        raise InvalidInput("refunds.least_age", "must be from 0 to 60 days")
    if "" not in rules.windows:
        raise InvalidInput("refunds.windows.default", "say the window of the carriers that are not named")
    for carrier, window in rules.windows.items():
        name = f"refunds.windows.{carrier or 'default'}"
        if not 1 <= window.days <= 365:
            raise InvalidInput(name, "must be from 1 to 365 days")
        if dt.timedelta(days=window.days) <= rules.least_age:
            raise InvalidInput(name, "must be longer than refunds.least_age, or no label is ever asked back")
        if not window.source.strip():
            raise InvalidInput(name, "say where the figure is from")
