"""One request, and the table row that answers it."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol

import attrs

from shipping_sandbox.kit.answers import Answer
from shipping_sandbox.kit.control import Method
from shipping_sandbox.shipstation_api.faults import Fault
from shipping_sandbox.shipstation_api.twist import Twist
from shipping_sandbox.shipstation_api.world import World


@attrs.frozen
class Caller:
    """Whose credentials came with the request; the credential itself is never kept."""

    fingerprint: str
    test: bool = False


@attrs.frozen(kw_only=True)
class Call:
    """Everything an operation may look at."""

    world: World
    caller: Caller
    home: str  # scheme and host the client used, for links back
    path: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes = attrs.field(repr=False)
    twist: Twist = attrs.field(factory=Twist)

    def body(self) -> Any:
        """The JSON sent, with decimals for fractions; None for an empty body.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.raw, parse_float=Decimal) if self.raw.strip() else None


Act = Callable[[Call], Answer]


@attrs.frozen(kw_only=True)
class Route:
    """One path of the API, relative to its version's root."""

    method: Method
    path: str
    operation: str | Callable[[Call], str]  # the name faults and counts know it by
    act: Act
    reference: Callable[[Call], str | None] | None = None  # of a purchase: the key its caller knows it by
    open: bool = False  # needs no credentials and counts against no limit

    def operation_of(self, call: Call) -> str:
        """The name of this particular call."""
        return self.operation if isinstance(self.operation, str) else self.operation(call)


class Dialect(Protocol):
    """How one version of the API says the things every call may have to say."""

    version: str

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """Who calls.

        Raises:
            Refusal: nobody the account knows.
        """

    def admit(self, world: World, caller: Caller) -> Mapping[str, str]:
        """Count the call; the headers to send with its answer.

        Raises:
            Refusal: too many calls in this minute.
        """

    def too_fast(self, fault: Fault) -> Answer:
        """The answer to an ordered 429."""

    def broken(self, fault: Fault) -> Answer:
        """The answer to an ordered 5xx."""

    def refused(self, fault: Fault, operation: str) -> Answer:
        """The answer to an ordered refusal."""

    def unreadable(self, problem: ValueError) -> Answer:
        """The answer to a body that is not JSON."""
