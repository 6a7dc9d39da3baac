"""Reads what V2 is sent and says what is wrong with it, all at once and by field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from shipping_sandbox.shipstation_api.pricing import INCHES, OUNCES, Parcel
from shipping_sandbox.shipstation_api.stamps import read_v2_stamp
from shipping_sandbox.shipstation_api.v2.wire import problem, refusal

_ADDRESS_REQUIRED = (
    *("name", "address_line1", "city_locality", "state_province", "postal_code", "country_code"),
    "address_residential_indicator",
)
_ADDRESS_TEXTS = (
    *_ADDRESS_REQUIRED,
    "phone",
    "company_name",
    "address_line2",
    "address_line3",
    "instructions",
)
_RESIDENTIAL = ("unknown", "yes", "no")


@attrs.define
class Reader:
    """Collects the problems of one body; `finish` refuses it if there are any."""

    problems: list[dict[str, Any]] = attrs.field(factory=list)

    def finish(self) -> None:
        """Do nothing when all was well.

        Raises:
            Refusal: 400 with every problem found.
        """
        if self.problems:
            raise refusal(400, *self.problems)

    def lacks(self, field: str) -> None:
        """`field` is required and absent."""
        self.problems.append(problem("field_value_required", f"{field} is required.", field=field))

    def bad(self, field: str, text: str, code: str = "invalid_field_value") -> None:
        """`field` is there and wrong."""
        self.problems.append(problem(code, f"{field}: {text}", field=field))

    def thing(self, value: Any, field: str) -> dict[str, Any] | None:
        """A JSON object, or None after a note."""
        if value is None:
            self.lacks(field)
        elif not isinstance(value, dict):
            self.bad(field, "must be an object", "invalid_object")
        else:
            return value
        return None

    def text(self, holder: Mapping[str, Any], name: str, where: str, *, required: bool = True) -> str | None:
        """A text that is not empty."""
        value, field = holder.get(name), f"{where}{name}"
        if value is None:
            if required:
                self.lacks(field)
        elif not isinstance(value, str):
            self.bad(field, "must be a text")
        elif not value.strip():
            self.bad(
                field, "must not be empty", "field_value_required" if required else "invalid_field_value"
            )
        else:
            return value
        return None

    def choice(
        self, holder: Mapping[str, Any], name: str, where: str, options: tuple[str, ...], default: str
    ) -> str:
        """One of `options`."""
        value = holder.get(name, default)
        if value not in options:
            self.bad(f"{where}{name}", f"must be one of {', '.join(options)}")
            return default
        return str(value)

    def number(self, holder: Mapping[str, Any], name: str, where: str) -> Decimal | None:
        """A number that is not negative."""
        value = holder.get(name)
        if value is None:
            self.lacks(f"{where}{name}")
        elif isinstance(value, bool) or not isinstance(value, (int, Decimal)) or value < 0:
            self.bad(f"{where}{name}", "must be a number, zero or more")
        else:
            return Decimal(value)
        return None

    def address(self, value: Any, field: str, *, phone_required: bool) -> dict[str, Any]:
        """An address of V2; the sender's phone is required, the recipient's is not."""
        given = self.thing(value, field)
        if given is None:
            return {}
        required = (*_ADDRESS_REQUIRED, "phone") if phone_required else _ADDRESS_REQUIRED
        for name in _ADDRESS_TEXTS:
            self.text(given, name, f"{field}.", required=name in required)
        self.choice(given, "address_residential_indicator", f"{field}.", _RESIDENTIAL, "unknown")
        country = given.get("country_code")
        if isinstance(country, str) and len(country) != 2:
            self.bad(f"{field}.country_code", "must be two letters", "invalid_string_length")
        return {name: part for name, part in given.items() if part is not None}

    def weight_oz(self, value: Any, field: str) -> Decimal:
        """A weight in ounces."""
        given = self.thing(value, field)
        if given is None:
            return Decimal(1)
        amount = self.number(given, "value", f"{field}.")
        unit = self.choice({"unit": given.get("unit")}, "unit", f"{field}.", tuple(OUNCES), "ounce")
        if amount is not None and amount == 0:
            self.bad(f"{field}.value", "must be more than zero")
        return (amount or Decimal(1)) * OUNCES[unit]

    def size_in(self, value: Any, field: str) -> tuple[Decimal, Decimal, Decimal] | None:
        """A size in inches; None where none was given."""
        if value is None or (given := self.thing(value, field)) is None:
            return None
        factor = INCHES[self.choice(given, "unit", f"{field}.", tuple(INCHES), "inch")]
        sides = [
            self.number(given, side, f"{field}.") or Decimal(0) for side in ("length", "width", "height")
        ]
        return sides[0] * factor, sides[1] * factor, sides[2] * factor

    def parcels(self, packages: Any, *, insured: bool) -> tuple[Parcel, ...]:
        """The packages of a shipment, at least one."""
        if not isinstance(packages, list) or not packages:
            self.lacks("shipment.packages")
            return ()
        return tuple(self._parcel(p, f"shipment.packages[{i}]", insured) for i, p in enumerate(packages))

    def day(self, value: Any, field: str, default: date) -> date:
        """A plain day or a stamp, read as a day."""
        if value is None:
            return default
        try:
            return read_v2_stamp(str(value)).date()
        except ValueError:
            self.bad(field, "must be an ISO 8601 date")
            return default

    def _parcel(self, value: Any, field: str, insured: bool) -> Parcel:
        given = self.thing(value, field) or {}
        declared = given.get("insured_value")
        amount = Decimal(0)
        if insured and (money := self.thing(declared, f"{field}.insured_value")) is not None:
            amount = self.number(money, "amount", f"{field}.insured_value.") or Decimal(0)
        return Parcel(
            weight_oz=self.weight_oz(given.get("weight"), f"{field}.weight"),
            size_in=self.size_in(given.get("dimensions"), f"{field}.dimensions"),
            package_code=str(given.get("package_code") or "package"),
            insured_value=amount,
        )
