"""The setting MARKUP_RULES, read."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from shipping_core.domain.ids import UserId
from shipping_core.domain.markup import MarkupRule, MarkupRules
from shipping_core.domain.money import Money

PARTS = {"percent", "fixed", "min", "cap", "carrier", "service", "user"}


def read_rules(text: str) -> MarkupRules:
    """The rules, under a version that changes with them.

    Raises:
        ValueError: it says what is wrong, fit to stand behind the setting's name.
    """
    if not text.strip():
        return MarkupRules()
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("must be a JSON list of rules") from None
    if not isinstance(listed, list) or not all(isinstance(rule, dict) for rule in listed):
        raise ValueError("must be a JSON list of rules")
    version = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()[:8]
    return MarkupRules(version, tuple(_rule(number, rule) for number, rule in enumerate(listed, 1)))


def _rule(number: int, said: dict[str, Any]) -> MarkupRule:
    unknown = said.keys() - PARTS
    if unknown:
        raise ValueError(f"rule {number} has an unknown part: {min(unknown)}")
    try:
        percent = Decimal(str(said.get("percent", "0")))
        if not percent.is_finite() or percent > 1000:
            raise ValueError
        return MarkupRule(
            percent=percent,
            fixed=Money.parse(str(said.get("fixed", "0"))),
            least=Money.parse(str(said.get("min", "0"))),
            cap=Money.parse(str(said["cap"])) if said.get("cap") else None,
            carrier_code=str(said.get("carrier", "")),
            service_code=str(said.get("service", "")),
            user_id=UserId(str(said["user"])) if said.get("user") else None,
        )
    except (ValueError, InvalidOperation):
        raise ValueError(
            f"rule {number}: percent, fixed, min and cap must be positive numbers, the last three in dollars"
        ) from None
