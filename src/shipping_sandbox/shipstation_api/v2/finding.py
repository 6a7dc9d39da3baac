"""Looks up records by their V2 ids, within the caller's environment."""

from datetime import timedelta

from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.records import Label, Rate, Shipment
from shipping_sandbox.shipstation_api.v2.wire import missing, nothing_there

# No document says how long an offer lives; a day is long enough for any client with a limit of its own.
_RATE_LIFE = timedelta(days=1)


def number_of(identifier: str) -> int:
    """The number inside `se-...`; -1 where there is none."""
    digits = identifier.rpartition("-")[2]
    return int(digits) if identifier.startswith("se-") and digits.isdecimal() else -1


def shipment_named(call: Call, identifier: str) -> Shipment:
    """The shipment.

    Raises:
        Refusal: 404.
    """
    shipment = call.world.shipments.get(number_of(identifier))
    if shipment is None or shipment.test != call.caller.test:
        raise missing("shipment", identifier)
    return shipment


def rate_named(call: Call, identifier: str) -> Rate:
    """The offer, if it can still be bought.

    Raises:
        Refusal: 404, also for one that is a day old.
    """
    rate = call.world.rates.get(number_of(identifier))
    if rate is None or rate.test != call.caller.test or call.world.clock.now() - rate.created_at > _RATE_LIFE:
        raise missing("rate", identifier)
    return rate


def label_named(call: Call, identifier: str, *, silent: bool = False) -> Label:
    """The label; one bought by V1 answers to `se-` and its shipment id.

    Raises:
        Refusal: 404, `silent` without a body, as the published document has it for reading a label.
    """
    label = call.world.labels.get(number_of(identifier))
    if label is None or label.sandbox != call.caller.test or identifier != label.label_id:
        raise nothing_there() if silent else missing("label", identifier)
    return label


def labels_of(call: Call) -> list[Label]:
    """Every label of the caller's environment, oldest first."""
    return [label for label in call.world.labels.values() if label.sandbox == call.caller.test]
