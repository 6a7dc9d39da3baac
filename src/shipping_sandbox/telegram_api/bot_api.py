"""The door for bots: `/bot<token>/<method>` and `/file/bot<token>/<path>`, faults included."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import msgspec

from shipping_sandbox.telegram_api.asgi import (
    Receive,
    Scope,
    Send,
    TooLarge,
    answer,
    answer_half,
    hang_up,
    header,
    read_body,
)
from shipping_sandbox.telegram_api.errors import ApiError, Json, not_found
from shipping_sandbox.telegram_api.faults import Fault, bad_gateway
from shipping_sandbox.telegram_api.methods import METHODS, Call, Described
from shipping_sandbox.telegram_api.params import Params, read_params
from shipping_sandbox.telegram_api.world import Bot, World

MAX_BODY = 51 * 1024 * 1024
_encode = msgspec.json.Encoder().encode


class BotApi:
    """Answers bots as the Bot API does (https://core.telegram.org/bots/api#making-requests)."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def call(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call of a method."""
        try:
            body = await read_body(receive, MAX_BODY)
            token, _, name = scope["path"][4:].partition("/")
            bot = self._world.bot_of(token)
            params = read_params(scope["query_string"], header(scope, b"content-type"), body)
        except TooLarge:
            await self._refuse(send, ApiError(413, "Request Entity Too Large"))
            return
        except ApiError as refusal:
            await self._refuse(send, refusal)
            return
        faults = self._world.faults
        fault = faults.take(name, params.integer("chat_id")) if faults.waiting else None
        if fault is None:
            status, reply = await self.run(bot, name, params)
            await answer(send, status, reply)
        else:
            await self._suffer(fault, Call(bot, params, self.execute), name, scope, receive, send)

    async def run(self, bot: Bot, name: str, params: Params) -> tuple[int, bytes]:
        """Run one method and give the HTTP status and the body of its answer."""
        try:
            result = self._start(bot, name, params)
            if isinstance(result, Awaitable):
                result = await result
        except ApiError as refusal:
            return refusal.code, _encode(refusal.envelope())
        if isinstance(result, Described):
            return 200, _encode({"ok": True, "result": result.result, "description": result.description})
        return 200, b'{"ok":true,"result":' + _encode(result) + b"}"

    def execute(self, bot: Bot, call: Json) -> None:
        """Run a call that was the answer to a webhook delivery; nobody hears its result."""
        values = {key: value for key, value in call.items() if key != "method"}
        try:
            self._start(bot, str(call["method"]), Params(values))
        except ApiError:
            return  # as in the real service, nobody is told

    async def download(self, scope: Scope, send: Send) -> None:
        """Give the bytes of a file."""
        token, _, path = scope["path"][len("/file/bot") :].partition("/")
        try:
            file = self._world.bot_of(token).files.at(path)
            if file is None:
                raise not_found()
        except ApiError as refusal:
            await self._refuse(send, refusal)
            return
        await answer(send, 200, file.data, [(b"content-type", b"application/octet-stream")])

    def _start(self, bot: Bot, name: str, params: Params) -> Any:
        method = METHODS.get(name.lower())
        if method is None:
            raise not_found()
        bot.calls[method.name] += 1
        if bot.logged_out:
            raise ApiError(400, "Logged out")
        return method.handler(Call(bot, params, self.execute))

    async def _suffer(
        self, fault: Fault, call: Call, name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        refusal = fault.refusal()
        if refusal is not None:
            await self._refuse(send, refusal)
            return
        if fault.fault == "refuse":
            await hang_up(scope, receive)
            return
        status, reply = await self.run(call.bot, name, call.params)
        if fault.fault == "lose_answer":
            await hang_up(scope, receive)
        elif fault.fault == "truncated":
            await answer_half(scope, receive, send, status, reply)
        elif fault.fault == "5xx_with_effect":
            await self._refuse(send, bad_gateway())
        else:
            await answer(send, status, reply)

    async def _refuse(self, send: Send, refusal: ApiError) -> None:
        await answer(send, refusal.code, _encode(refusal.envelope()))
