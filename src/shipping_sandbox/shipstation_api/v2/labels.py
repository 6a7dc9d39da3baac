"""Finding, fetching, voiding and tracking labels."""

from collections.abc import Callable
from datetime import datetime, timedelta

from shipping_sandbox.kit.answers import Answer, in_json
from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.purchasing import give_back
from shipping_sandbox.shipstation_api.records import Label
from shipping_sandbox.shipstation_api.stamps import read_v2_stamp
from shipping_sandbox.shipstation_api.tracking import log_of
from shipping_sandbox.shipstation_api.v2.finding import label_named, labels_of, shipment_named
from shipping_sandbox.shipstation_api.v2.label_views import MEDIA_TYPES, RENDERERS, label_view
from shipping_sandbox.shipstation_api.v2.paging import one_page
from shipping_sandbox.shipstation_api.v2.wire import missing, nothing_there, problem, refusal

_LABELS = "/shipstation/v2/labels"
_LINK_LIFE = timedelta(days=90)
# Query names of GET /v2/labels and what they compare with.
_FILTERS: dict[str, Callable[[Label], str | None]] = {
    "service_code": lambda label: label.service.code,
    "carrier_id": lambda label: label.carrier.carrier_id,
    "tracking_number": lambda label: label.tracking_number,
    "rate_id": lambda label: f"se-{label.rate_number}",
    "shipment_id": lambda label: f"se-{label.shipment_number}",
    "external_shipment_id": lambda label: label.external_shipment_id,
}


def list_labels(call: Call) -> Answer:
    """GET /v2/labels."""
    found = [label for label in labels_of(call) if _fits(call, label)]
    now = call.world.clock.now()
    found = [label for label in found if label.visible(now)]
    if call.query.get("sort_dir", "desc") == "desc":
        found.reverse()
    shown, beside = one_page(call, _LABELS, found)
    return in_json({"labels": [label_view(label, call) for label in shown], **beside})


def labels_of_shipment(call: Call) -> Answer:
    """GET /v2/shipments/{shipment_id}/labels."""
    shipment = shipment_named(call, call.path["shipment_id"])
    now = call.world.clock.now()
    found = [x for x in labels_of(call) if x.shipment_number == shipment.number and x.visible(now)]
    shown, beside = one_page(call, f"/shipstation/v2/shipments/{shipment.shipment_id}/labels", found)
    return in_json({"labels": [label_view(label, call) for label in shown], **beside})


def label_by_external_id(call: Call) -> Answer:
    """GET /v2/labels/external_shipment_id/{id}: the earliest one; 404 with an empty body if none."""
    wanted, now = call.path["external_shipment_id"], call.world.clock.now()
    for label in labels_of(call):
        if label.external_shipment_id == wanted and label.visible(now):
            return in_json(label_view(label, call))
    raise nothing_there()


def one_label(call: Call) -> Answer:
    """GET /v2/labels/{label_id}; with label_download_type=inline its file comes along."""
    label = label_named(call, call.path["label_id"], silent=True)
    view = label_view(label, call, inline=wants_file(call))
    label.processing_reads = max(0, label.processing_reads - 1)
    return in_json(view)


def wants_file(call: Call) -> bool:
    """Whether the caller asked for the document, not only for the facts."""
    return call.query.get("label_download_type") == "inline"


def void_label(call: Call) -> Answer:
    """PUT /v2/labels/{label_id}/void; a refusal is a 200 with `approved: false`."""
    verdict = give_back(call.world, label_named(call, call.path["label_id"]))
    body = {"approved": verdict.approved, "message": verdict.message}
    return in_json(body if verdict.reason is None else {**body, "reason_code": verdict.reason})


def track_label(call: Call) -> Answer:
    """GET /v2/labels/{label_id}/track."""
    return in_json(log_of(label_named(call, call.path["label_id"]), call.world))


def track_number(call: Call) -> Answer:
    """GET /v2/tracking?carrier_code=&tracking_number=."""
    number = call.query.get("tracking_number")
    if not number:
        raise refusal(
            400, problem("field_value_required", "tracking_number is required.", field="tracking_number")
        )
    for label in labels_of(call):
        if label.tracking_number == number and call.query.get("carrier_code") in (None, label.carrier.code):
            return in_json(log_of(label, call.world))
    raise missing("parcel", number)


def download(call: Call) -> Answer:
    """GET /v2/downloads/...: the file, for 90 days, without a key."""
    stem, _, kind = call.path["filename"].partition(".")
    number = stem.removeprefix("label-")
    label = call.world.labels.get(int(number)) if number.isdecimal() else None
    if label is None or kind not in RENDERERS or call.path["subdir"] != label.tracking_number[-6:]:
        raise missing("file", call.path["filename"])
    if call.world.clock.now() - label.created_at > _LINK_LIFE:
        raise missing("file", call.path["filename"])
    return Answer(200, RENDERERS[kind](label), media_type=MEDIA_TYPES[kind])


def _fits(call: Call, label: Label) -> bool:
    query = call.query
    if any(name in query and query[name] != value(label) for name, value in _FILTERS.items()):
        return False
    if "label_status" in query and query["label_status"] != _status(label):
        return False
    since, until = _moment(call, "created_at_start"), _moment(call, "created_at_end")
    return (since is None or label.created_at >= since) and (until is None or label.created_at <= until)


def _status(label: Label) -> str:
    return "voided" if label.voided_at else "processing" if label.processing_reads else "completed"


def _moment(call: Call, name: str) -> datetime | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return read_v2_stamp(text)
    except ValueError as bad:
        raise refusal(400, problem("invalid_field_value", f"{name} must be ISO 8601.", field=name)) from bad
