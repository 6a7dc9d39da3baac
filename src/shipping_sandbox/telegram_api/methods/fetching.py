"""The two ways of getting updates, each refusing while the other is on."""

import re
from collections.abc import Awaitable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

from shipping_sandbox.telegram_api.courier import Courier
from shipping_sandbox.telegram_api.errors import ApiError, Json, bad_request, conflict
from shipping_sandbox.telegram_api.methods.registry import Call, Described, method
from shipping_sandbox.telegram_api.world import Bot, Webhook

WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
PORTS = frozenset({80, 88, 443, 8443})
MAX_SECRET = 256
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


@method("getUpdates")
def get_updates(call: Call) -> Awaitable[msgspec.Raw]:
    """Give waiting updates; a second poll of the same bot ends the first with a 409."""
    if call.bot.webhook is not None:
        raise conflict(WEBHOOK_ACTIVE)
    _set_allowed(call)
    params = call.params
    limit = min(max(params.integer("limit") or 100, 1), 100)
    timeout_s = float(params.integer("timeout") or 0)
    return _fetch(call.bot, params.integer("offset") or 0, limit, timeout_s)


async def _fetch(bot: Bot, offset: int, limit: int, timeout_s: float) -> msgspec.Raw:
    updates = await bot.updates.poll(offset, limit, timeout_s)
    return msgspec.Raw(b"[" + b",".join(updates) + b"]")


@method("setWebhook")
def set_webhook(call: Call) -> Described:
    """Deliver updates to a URL from now on; an empty one ends that.

    The real service takes https only; the sandbox also takes http and any port on this machine itself.
    """
    bot, params = call.bot, call.params
    url = (params.text("url") or "").strip()
    if not url:
        return delete_webhook(call)
    _check_address(urlsplit(url))
    secret = params.text("secret_token") or ""
    if len(secret) > MAX_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    connections = min(max(params.integer("max_connections") or 40, 1), 100)
    _set_allowed(call)
    _detach(bot)
    if params.flag("drop_pending_updates"):
        bot.updates.clear()
    bot.updates.interrupt("terminated by setWebhook request")
    courier = Courier(
        url,
        secret,
        connections,
        bot.settings,
        delivered=lambda update_id: bot.updates.drop((update_id,)),
        replied=lambda answer: call.execute(bot, answer),
    )
    bot.webhook = Webhook(url, connections, courier)
    bot.updates.listener = courier.bring
    for update in bot.updates.waiting.values():
        courier.bring(update)
    return Described(True, "Webhook was set")


@method("deleteWebhook")
def delete_webhook(call: Call) -> Described:
    """Deliver nothing more; what waits stays unless it is to be dropped."""
    was_set = call.bot.webhook is not None
    _detach(call.bot)
    if call.params.flag("drop_pending_updates"):
        call.bot.updates.clear()
    return Described(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


@method("getWebhookInfo")
def get_webhook_info(call: Call) -> Json:
    """Say where updates go, how many wait and what went wrong last."""
    bot, hook = call.bot, call.bot.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(bot.updates.waiting),
    }
    if hook is not None:
        info["max_connections"] = hook.max_connections
        info["ip_address"] = _ip(urlsplit(hook.url))
        if hook.courier.last_error is not None:
            info["last_error_date"], info["last_error_message"] = hook.courier.last_error
    if bot.updates.allowed:
        info["allowed_updates"] = bot.updates.allowed
    return info


def _set_allowed(call: Call) -> None:
    kinds = call.params.nested("allowed_updates", "allowed updates")
    if isinstance(kinds, list):
        call.bot.updates.allowed = [str(kind) for kind in kinds] or None


def _detach(bot: Bot) -> None:
    if bot.webhook is not None:
        bot.webhook.courier.stop()
    bot.webhook = None
    bot.updates.listener = None


def _check_address(url: SplitResult) -> None:
    try:
        host, port = url.hostname, url.port
    except ValueError:
        raise _bad_webhook("invalid URL specified") from None
    if not host:
        raise _bad_webhook("invalid URL specified")
    if url.scheme in ("http", "https") and _is_loopback(host):
        return
    if url.scheme != "https":
        raise _bad_webhook("An HTTPS URL must be provided for webhook")
    if (port or 443) not in PORTS:
        raise _bad_webhook("Webhook can be set up only on ports 80, 88, 443 or 8443")


def _bad_webhook(reason: str) -> ApiError:
    return bad_request(f"bad webhook: {reason}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ip(url: SplitResult) -> str:
    host = url.hostname or ""
    return "127.0.0.1" if _is_loopback(host) else host
