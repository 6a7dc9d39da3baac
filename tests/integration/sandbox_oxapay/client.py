"""A merchant, a payer and a test's knobs, each over HTTP."""

import json
from decimal import Decimal
from typing import Any

import httpx

Json = dict[str, Any]
ROOT = "/oxapay/v1"
CONTROL = "/sandbox/oxapay"


class Shop:
    """A merchant with a key, and everything a test may do to its invoices."""

    def __init__(self, http: httpx.AsyncClient, key: str = "shop-key") -> None:
        self.http = http
        self.key = key

    async def ask(self, path: str, **query: Any) -> httpx.Response:
        """GET a path of the API."""
        return await self.http.get(ROOT + path, params=query, headers={"merchant_api_key": self.key})

    async def post(self, body: Any) -> httpx.Response:
        """POST an order for an invoice: an object, or any text."""
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"merchant_api_key": self.key, "content-type": "application/json"}
        return await self.http.post(f"{ROOT}/payment/invoice", content=content, headers=headers)

    async def sells(self, **terms: Any) -> str:
        """Make an invoice over 25 dollars, or as `terms` say, and give its track id."""
        return str((await self.makes(**terms))["track_id"])

    async def makes(self, **terms: Any) -> Json:
        """Make an invoice and give the answer's data."""
        return data(await self.post({"amount": 25, "order_id": "topup-1", "sandbox": True, **terms}))

    async def sees(self, track_id: str) -> Json:
        """The payment as the API gives it."""
        return data(await self.ask(f"/payment/{track_id}"))

    async def status(self, track_id: str) -> str:
        """The payment's status."""
        return str((await self.sees(track_id))["status"])

    async def lists(self, **query: Any) -> list[str]:
        """Track ids of the history."""
        return [entry["track_id"] for entry in data(await self.ask("/payment", **query))["list"]]

    async def turn(self, knob: str, **values: Any) -> Json:
        """Use a control that must work."""
        answer = await self.http.post(f"{CONTROL}/{knob}", json=values)
        assert answer.status_code in (200, 201), answer.text
        done: Json = answer.json()
        return done

    async def act(self, track_id: str, name: str, **wish: Any) -> Json:
        """Do something to an invoice, and wait for its webhooks."""
        return await self.turn(f"invoices/{track_id}/{name}", wait=True, **wish)

    async def pays(self, track_id: str, **wish: Any) -> Json:
        """Pay, confirmed at once."""
        return await self.act(track_id, "pay", confirm_after_s=0, **wish)

    async def later(self, seconds: float) -> None:
        """Let time pass, and the webhook attempts that are due then."""
        await self.turn("clock", advance_s=seconds, wait=True)

    async def breaks(self, operation: str, fault: str, **details: Any) -> None:
        """Order an accident."""
        order = {"operation": operation, "fault": fault, **details}
        answer = await self.http.post("/sandbox/faults/oxapay", json=order)
        assert answer.status_code == 201, answer.text

    async def deliveries(self, track_id: str) -> list[Json]:
        """The webhooks of an invoice."""
        answer = await self.http.get(f"{CONTROL}/deliveries", params={"track_id": track_id})
        found: list[Json] = answer.json()["deliveries"]
        return found


def data(answer: httpx.Response) -> Json:
    """The data of an answer that says twice that it worked."""
    assert answer.status_code == 200, answer.text
    body = json.loads(answer.text, parse_float=Decimal)
    assert (body["status"], body["version"], body["error"]) == (200, "1.0.0", {})
    found: Json = body["data"]
    return found


def refused(answer: httpx.Response, status: int, key: str) -> Json:
    """The error of an answer that says twice with `status` that it did not work."""
    body: Json = answer.json()
    assert (answer.status_code, body["status"], body["error"]["key"]) == (status, status, key), body
    assert body["data"] == {}
    assert body["error"].keys() == {"type", "key", "message"}
    return body
