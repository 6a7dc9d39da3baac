"""What a call gets back, in bytes."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import msgspec

# Decimals leave as JSON numbers with the digits they have, so 7.30 stays 7.30.
_ENCODER = msgspec.json.Encoder(decimal_format="number")
CENT = Decimal("0.01")


@attrs.frozen
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    media_type: str = "application/json"

    def plus(self, headers: Mapping[str, str]) -> "Answer":
        """The same answer with more headers; its own win."""
        return attrs.evolve(self, headers={**headers, **self.headers})

    def cut(self) -> "Answer":
        """The same answer with the second half of its body missing."""
        return attrs.evolve(self, body=self.body[: max(1, len(self.body) // 2)])


class Refusal(Exception):
    """The call is turned down; `answer` says how in the dialect of the API that was called."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def in_json(payload: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """`payload` as JSON; money keeps its two decimals."""
    return Answer(status, _ENCODER.encode(payload), headers or {})


def dollars(amount: Decimal) -> Decimal:
    """`amount` with exactly two decimals, half up."""
    return amount.quantize(CENT, rounding="ROUND_HALF_UP")


def minor(amount: Decimal) -> int:
    """`amount` in whole cents."""
    return int(dollars(amount) * 100)
