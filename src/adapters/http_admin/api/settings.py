"""What is decided at run time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec
from attrs import evolve
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import UNSET, Meta, UnsetType

from adapters.http_admin.api.route import PERFORMED, Body, Reason, acts, answer, performed, reads
from adapters.http_admin.etags import version_of
from adapters.http_admin.models import model_of, view
from adapters.http_admin.office import Office
from shipping_core.domain.ids import Mode, UserId
from shipping_core.domain.markup import MarkupRule, MarkupRules
from shipping_core.domain.money import LIMIT_MINOR, Money
from shipping_core.domain.policy import Maintenance, Policy, RefundRules, RefundWindow, SecondPerson, Standing
from shipping_core.errors import InvalidInput

SETTINGS = msgspec.defstruct(
    "Settings", [("decided", model_of(Standing)), ("policy", model_of(Policy))], module=__name__
)
Cents = Annotated[int, Meta(ge=0, le=LIMIT_MINOR)]
Text = Annotated[str, Meta(max_length=1000)]


class Rule(Body, frozen=True):
    """max(least, cost x percent + fixed), at most cap; empty strings fit everything."""

    percent: Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$")] = "0"
    fixed_minor: Cents = 0
    least_minor: Cents = 0
    cap_minor: Cents | None = None
    carrier_code: Annotated[str, Meta(max_length=64)] = ""
    service_code: Annotated[str, Meta(max_length=64)] = ""
    user_id: Annotated[str, Meta(max_length=64)] | None = None


class Window(Body, frozen=True):
    """Days a carrier takes an unused label back, and who says so."""

    days: Annotated[int, Meta(ge=1, le=365)]
    source: Annotated[str, Meta(min_length=1, max_length=300)]


class Refunds(Body, frozen=True):
    """When labels may be asked back; the window `""` is of carriers that are not named."""

    least_age_days: Annotated[int, Meta(ge=0, le=60)]
    windows: Annotated[dict[Annotated[str, Meta(max_length=64)], Window], Meta(max_length=100)]
    remind_before_days: Annotated[int, Meta(ge=0, le=60)] = 3


class Second(Body, frozen=True):
    """Above which amount an act needs somebody else's consent; null never, and what is left out stays."""

    credit_above_minor: Cents | UnsetType | None = UNSET
    override_above_minor: Cents | UnsetType | None = UNSET
    production: bool | UnsetType = UNSET


class Changes(Body, frozen=True):
    """What is left out stays; null hands the decision back to the environment."""

    reason: Reason
    markup: Annotated[list[Rule], Meta(max_length=200)] | UnsetType | None = UNSET
    refunds: Refunds | UnsetType | None = UNSET
    second_person: Second | UnsetType | None = UNSET
    topup_least_minor: Cents | UnsetType | None = UNSET
    topup_most_minor: Cents | UnsetType | None = UNSET
    open_invoices: Annotated[int, Meta(ge=1, le=20)] | UnsetType | None = UNSET
    orders_a_day: Annotated[int, Meta(ge=0, le=10000)] | UnsetType | None = UNSET
    contact: Annotated[str, Meta(max_length=200)] | UnsetType | None = UNSET


class Switch(Body, frozen=True):
    """`confirm` is the mode once more, in capitals."""

    mode: Mode
    confirm: Annotated[str, Meta(max_length=20)]
    reason: Reason


class Languages(Body, frozen=True):
    """The same in each language."""

    en: Text = ""
    ru: Text = ""


class Pause(Body, frozen=True):
    """`message` is what customers read while it is on; `notice` is sent to those of the last days, with the
    mark-up of a broadcast. Left out, they hear when it is over; null tells nobody.
    """

    on: bool
    reason: Reason
    message: Languages = Languages()
    notice: Languages | UnsetType | None = UNSET


def settings_routes(office: Office) -> list[HTTPRouteHandler]:
    """`/settings`, its mode and maintenance."""
    settings = office.settings

    async def now() -> Response[Any]:
        standing, policy = await settings.now()
        return answer(SETTINGS(view(standing), view(policy)), standing.version)

    @reads("/settings", "show_settings", SETTINGS, "What was decided, and what counts because of it")
    async def show() -> Response[Any]:
        return await now()

    @acts("/settings", "change_settings", SETTINGS, "Decide some of them, everywhere in 2 s", edits=True)
    async def change(data: JSONBody[Changes], request: Request[Any, Any, Any]) -> Response[Any]:
        version, (_, policy) = version_of(request), await settings.now()
        decided = _decided(data, version, policy)
        await settings.change(decided, version=version, actor=request.user.name, reason=data.reason)
        return await now()

    @acts(
        "/settings/mode", "switch_mode", PERFORMED,
        "Switch between test and production; what is under way keeps its own", edits=True,
    )  # fmt: skip
    async def switch(data: JSONBody[Switch], request: Request[Any, Any, Any]) -> Response[Any]:
        return performed(
            await settings.switch_mode(
                data.mode,
                typed=data.confirm,
                version=version_of(request),
                actor=request.user.name,
                reason=data.reason,
            )
        )

    @acts(
        "/settings/maintenance", "switch_maintenance", SETTINGS,
        "Stop new orders and top-ups, or take them again", edits=True,
    )  # fmt: skip
    async def maintain(data: JSONBody[Pause], request: Request[Any, Any, Any]) -> Response[Any]:
        await settings.maintain(
            Maintenance(data.on, _texts(data.message)),
            version=version_of(request),
            actor=request.user.name,
            reason=data.reason,
            notice=_notice(data.notice),
        )
        return await now()

    return [show, change, switch, maintain]


def _notice(given: Languages | UnsetType | None) -> dict[str, str] | None:
    if isinstance(given, UnsetType):
        return None
    return _texts(given) if given else {}


def _texts(languages: Languages) -> dict[str, str]:
    return {name: text for name in ("en", "ru") if (text := getattr(languages, name).strip())}


def _decided(data: Changes, version: int, present: Policy) -> dict[str, Any]:
    makers: dict[str, Any] = {
        "markup": lambda rules: MarkupRules(str(version + 1), tuple(_rule(r) for r in rules)),
        "refunds": _refunds,
        "second_person": lambda second: _second(second, present.second_person),
        "topup_least_minor": Money,
        "topup_most_minor": Money,
    }
    decided = {}
    for name in Changes.__struct_fields__:
        given = getattr(data, name)
        if name != "reason" and given is not UNSET:
            made = given if given is None else makers.get(name, lambda same: same)(given)
            decided[name.removesuffix("_minor")] = made
    return decided


def _second(given: Second, present: SecondPerson) -> SecondPerson:
    amounts = {"credit_above": given.credit_above_minor, "override_above": given.override_above_minor}
    changes: dict[str, Any] = {n: _money(v) for n, v in amounts.items() if not isinstance(v, UnsetType)}
    if not isinstance(given.production, UnsetType):
        changes["production"] = given.production
    return evolve(present, **changes)


def _rule(rule: Rule) -> MarkupRule:
    try:
        percent = Decimal(rule.percent)
    except InvalidOperation:
        raise InvalidInput("markup.percent", "must be a number such as 12.5") from None
    return MarkupRule(
        percent,
        Money(rule.fixed_minor),
        Money(rule.least_minor),
        _money(rule.cap_minor),
        rule.carrier_code,
        rule.service_code,
        UserId(rule.user_id) if rule.user_id else None,
    )


def _refunds(given: Refunds) -> RefundRules:
    return RefundRules(
        dt.timedelta(days=given.least_age_days),
        {carrier: RefundWindow(w.days, w.source) for carrier, w in given.windows.items()},
        dt.timedelta(days=given.remind_before_days),
    )


def _money(minor: int | None) -> Money | None:
    return None if minor is None else Money(minor)
