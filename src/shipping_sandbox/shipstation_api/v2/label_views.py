"""Labels as V2 shows them, with their files as links or inside."""

import base64
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from shipping_sandbox.shipstation_api.call import Call
from shipping_sandbox.shipstation_api.documents import render_pdf, render_zpl
from shipping_sandbox.shipstation_api.pricing import Parcel
from shipping_sandbox.shipstation_api.records import Label
from shipping_sandbox.shipstation_api.stamps import v2_day, v2_stamp
from shipping_sandbox.shipstation_api.tracking import summary, tracking_url
from shipping_sandbox.shipstation_api.v2.views import money

DOWNLOADS = "/shipstation/v2/downloads"
MEDIA_TYPES = {"pdf": "application/pdf", "zpl": "application/zpl"}
RENDERERS: dict[str, Callable[[Label], bytes]] = {"pdf": render_pdf, "zpl": render_zpl}


def label_view(label: Label, call: Call, *, inline: bool = False) -> dict[str, Any]:
    """A label; while it is still processing it has no file."""
    processing = label.processing_reads > 0
    shipment = label.shipment_number or (label.order.number if label.order else label.number)
    return {
        "label_id": label.label_id,
        "status": "voided" if label.voided_at else "processing" if processing else "completed",
        "shipment_id": f"se-{shipment}",
        "external_shipment_id": label.external_shipment_id,
        "ship_date": v2_day(label.ship_date),
        "created_at": v2_stamp(label.created_at),
        "shipment_cost": money(label.postage),
        "insurance_cost": money(label.insurance),
        "tracking_number": label.tracking_number,
        "is_return_label": False,
        "rma_number": None,
        "is_international": label.ship_to.get("country_code", "US") != "US",
        "batch_id": "",
        "carrier_id": label.carrier.carrier_id,
        "carrier_code": label.carrier.code,
        "charge_event": "carrier_default",
        "service_code": label.service.code,
        "package_code": label.package_code,
        "confirmation": label.confirmation,
        "voided": label.voided_at is not None,
        "voided_at": v2_stamp(label.voided_at) if label.voided_at else None,
        "label_format": label.label_format,
        "label_layout": label.label_layout,
        "display_scheme": "label",
        "label_download_type": "inline" if inline else "url",
        "label_image_id": None,
        "trackable": True,
        "tracking_status": summary(label, call.world),
        "tracking_url": tracking_url(label),
        "label_download": {} if processing else _download(label, call, inline=inline),
        "form_download": None,
        "paperless_download": None,
        "insurance_claim": None,
        "packages": [_package(label, parcel, n) for n, parcel in enumerate(label.parcels, start=1)],
        "alternative_identifiers": [],
        "rate_details": [
            {"rate_detail_type": "shipping", "carrier_description": "Postage", "amount": money(label.postage)}
        ],
        "ship_to": label.ship_to,
    }


def _download(label: Label, call: Call, *, inline: bool) -> dict[str, str]:
    if inline:
        data = base64.b64encode(RENDERERS[label.label_format](label)).decode()
        link = f"data:{MEDIA_TYPES[label.label_format]};base64,{data}"
        return {"href": link, label.label_format: link}
    stem = f"{call.home}{DOWNLOADS}/10/{label.tracking_number[-6:]}/label-{label.number}"
    links = {kind: f"{stem}.{kind}" for kind in RENDERERS}
    return {"href": links[label.label_format], **links}


def _package(label: Label, parcel: Parcel, number: int) -> dict[str, Any]:
    view: dict[str, Any] = {
        "package_id": number,
        "package_code": parcel.package_code,
        "weight": {"value": parcel.weight_oz.quantize(Decimal("0.01")), "unit": "ounce"},
        "insured_value": money(parcel.insured_value),
        "tracking_number": label.tracking_number,
        "label_messages": {"reference1": label.reference, "reference2": "", "reference3": ""},
        "sequence": number,
    }
    if parcel.size_in is not None:
        sides = zip(("length", "width", "height"), parcel.size_in, strict=True)
        view["dimensions"] = {"unit": "inch", **{n: side.quantize(Decimal("0.01")) for n, side in sides}}
    return view
