"""What happens around every call: credentials, limits, counting, ordered accidents."""

from functools import partial
from typing import Any

import attrs
from litestar import Request
from litestar.response.base import ASGIResponse

from shipping_sandbox.kit.accidents import suffer
from shipping_sandbox.kit.answers import Answer, LostAnswer, Refusal
from shipping_sandbox.shipstation_api.call import Call, Caller, Dialect, Route
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.twist import Twist
from shipping_sandbox.shipstation_api.world import World

_NOBODY = Caller("nobody")


async def serve(
    dialect: Dialect, route: Route, world: World, request: Request[Any, Any, Any]
) -> ASGIResponse:
    """The answer to one request, or the lack of it."""
    headers: dict[str, str] = {}
    try:
        caller = _NOBODY if route.open else dialect.identify(request.headers)
        headers |= {} if route.open else dialect.admit(world, caller)
        call = await _read(world, caller, request)
        operation = route.operation_of(call)
        _count(route, operation, call)
    except Refusal as refusal:
        return refusal.answer.plus(headers).response()
    except ValueError as problem:
        return dialect.unreadable(problem).plus(headers).response()
    text = f"{request.url.path}?{request.url.query} {_text(call)}"
    fault = world.faults.take(lambda f: f.fits(dialect.version, operation, text))
    answer = await _suffer(dialect, route, attrs.evolve(call, twist=Twist.from_fault(fault)), fault)
    return LostAnswer() if answer is None else answer.plus(headers).response()


async def _suffer(dialect: Dialect, route: Route, call: Call, fault: Fault | None) -> Answer | None:
    """The answer after the accident; None when it never arrives."""
    if fault is None:
        return _run(dialect, route, call)
    instead = {
        "429": partial(dialect.too_fast, fault),
        "5xx": partial(dialect.broken, fault),
        "refuse": partial(dialect.refused, fault, route.operation_of(call)),
    }
    return await suffer(fault.fault, fault.delay_s, partial(_run, dialect, route, call), instead)


def _run(dialect: Dialect, route: Route, call: Call) -> Answer:
    try:
        return route.act(call)
    except Refusal as refusal:
        return refusal.answer
    except ValueError as problem:
        return dialect.unreadable(problem)


def _count(route: Route, operation: str, call: Call) -> None:
    call.world.tally.calls[operation] += 1
    if route.reference is not None:
        call.world.tally.purchase_posts[route.reference(call) or "unknown"] += 1


async def _read(world: World, caller: Caller, request: Request[Any, Any, Any]) -> Call:
    return Call(
        world=world,
        caller=caller,
        home=str(request.base_url).rstrip("/"),
        path={name: str(value) for name, value in request.path_params.items()},
        query=dict(request.query_params.items()),
        raw=await request.body(),
    )


def _text(call: Call) -> str:
    return call.raw.decode("utf-8", errors="replace")
