"""What a test may switch over HTTP; GET and POST /sandbox/oxapay/settings."""

from typing import Annotated, Any, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Shape = Literal["v1", "legacy"]


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The defaults are the documented service, with quick confirmations for people who watch."""

    speed: Annotated[float, msgspec.Meta(gt=0)] = 1.0  # waits between webhook attempts are divided by it
    pushed: list[str] = msgspec.field(default_factory=lambda: ["paying", "paid"])  # nothing else is promised
    shape: Shape = "v1"  # of webhook bodies
    copies: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1  # every webhook comes so many times
    hold: bool = False  # webhooks pile up until they are released
    webhook_timeout_s: Seconds = 30.0
    confirm_after_s: Seconds = 3.0  # from a payment's first sight to its confirmation
    refund_after_s: Seconds = 5.0  # from refunding to refunded
    decimals: Literal["number", "string"] = "number"  # how amounts are written in JSON
    keys: list[str] | None = None  # the only keys that are known; null: any
    requests_per_minute: Annotated[int, msgspec.Meta(ge=0)] | None = None
    accepted: list[str] | None = None  # the coins the merchants take; null: all
    # The merchant's settings on the web, which hold where an invoice says nothing:
    fee_paid_by_payer: Literal[0, 1] = 0
    under_paid_coverage: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0
    mixed_payment: bool = True

    def changed(self, wish: dict[str, Any]) -> "Settings":
        """The settings with the named values in their places.

        Raises:
            msgspec.ValidationError: a name is unknown or a value out of range.
        """
        return msgspec.convert({**msgspec.to_builtins(self), **wish}, Settings)
