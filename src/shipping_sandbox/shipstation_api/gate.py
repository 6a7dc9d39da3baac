"""What happens around every call: credentials, limits, counting, ordered accidents."""

import asyncio
from typing import Any

import attrs
from litestar import Request
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from shipping_sandbox.shipstation_api.answers import Answer, Refusal
from shipping_sandbox.shipstation_api.call import Call, Caller, Dialect, Route
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.twist import Twist
from shipping_sandbox.shipstation_api.world import World

_NOBODY = Caller("nobody")


class LostAnswer(ASGIResponse):
    """Promises a body and ends without one, so that the server cuts the connection.

    ASGI has no word for "hang up". A response that ends early makes uvicorn close the socket, and the
    client's read fails (httpx: `RemoteProtocolError`; aiohttp: `ClientPayloadError`) without any answer.
    Only a real server does this; httpx's ASGI transport, having no socket, fails an assertion instead.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Send the head of an answer and nothing after it."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


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
        return _response(refusal.answer.plus(headers))
    except ValueError as problem:
        return _response(dialect.unreadable(problem).plus(headers))
    fault = world.faults.take(
        dialect.version, operation, f"{request.url.path}?{request.url.query} {_text(call)}"
    )
    answer = await _suffer(dialect, route, attrs.evolve(call, twist=Twist.from_fault(fault)), fault)
    return LostAnswer() if answer is None else _response(answer.plus(headers))


async def _suffer(dialect: Dialect, route: Route, call: Call, fault: Fault | None) -> Answer | None:
    """The answer after the accident; None when it never arrives."""
    if fault is None:
        return _run(dialect, route, call)
    match fault.fault:
        case "lose_answer_without_effect":
            return None
        case "429":
            return dialect.too_fast(fault)
        case "5xx":
            return dialect.broken(fault)
        case "refuse":
            return dialect.refused(fault, route.operation_of(call))
    answer = _run(dialect, route, call)
    match fault.fault:
        case "delay":
            await asyncio.sleep(fault.delay_s)
        case "lose_answer":
            return None
        case "5xx_with_effect":
            return dialect.broken(fault)
        case "truncated":
            return answer.cut()
    return answer


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


def _response(answer: Answer) -> ASGIResponse:
    return ASGIResponse(
        body=answer.body,
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type=answer.media_type,
    )
