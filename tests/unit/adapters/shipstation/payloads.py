"""Invented answers in the shape of V2's OpenAPI document of 2025 and of V1's public field lists."""

from __future__ import annotations

import base64
import json
from typing import Any

PDF = b"%PDF-1.4\n% an invented label\n"
PDF_DATA = base64.b64encode(PDF).decode()


def usd(amount: object) -> dict[str, object]:
    """Money as V2 writes it."""
    return {"currency": "usd", "amount": amount}


def v2_rate(**changes: Any) -> dict[str, Any]:
    """One offer of 7.86 dollars."""
    return {
        "rate_id": "se-700300",
        "rate_type": "shipment",
        "carrier_id": "se-11",
        "carrier_code": "stamps_com",
        "carrier_friendly_name": "Stamps.com",
        "carrier_nickname": "main",
        "service_code": "usps_ground_advantage",
        "service_type": "USPS Ground Advantage",
        "package_type": "package",
        "shipping_amount": usd(7.31),
        "insurance_amount": usd(0),
        "confirmation_amount": usd(0),
        "other_amount": usd(0.55),
        "zone": 4,
        "delivery_days": 3,
        "estimated_delivery_date": "2031-04-08T00:00:00Z",
        "guaranteed_service": False,
        "negotiated_rate": False,
        "ship_date": "2031-04-05T00:00:00Z",
        "trackable": True,
        "validation_status": "valid",
        "warning_messages": [],
        "error_messages": [],
        **changes,
    }


def v2_rates(*rates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The answer to a rates call, as far as we read it."""
    return {
        "shipment_id": "se-500100",
        "rate_response": {
            "status": "completed",
            "rate_request_id": "se-600200",
            "shipment_id": "se-500100",
            "created_at": "2031-04-05T10:11:12Z",
            "rates": list(rates),
            "invalid_rates": [],
            "errors": [],
            **changes,
        },
    }


def v2_label(**changes: Any) -> dict[str, Any]:
    """A finished label with its document inside."""
    place = f"data:application/pdf;base64,{PDF_DATA}"
    return {
        "label_id": "se-800400",
        "status": "completed",
        "shipment_id": "se-500100",
        "external_shipment_id": "t-42",
        "ship_date": "2031-04-05T00:00:00Z",
        "created_at": "2031-04-05T10:11:12Z",
        "shipment_cost": usd(7.86),
        "insurance_cost": usd(0),
        "tracking_number": "ZZ000111222333444555",
        "tracking_url": "https://tools.example.com/track?n=ZZ000111222333444555",
        "tracking_status": "in_transit",
        "carrier_id": "se-11",
        "carrier_code": "stamps_com",
        "service_code": "usps_ground_advantage",
        "package_code": "package",
        "voided": False,
        "voided_at": None,
        "label_format": "pdf",
        "label_layout": "4x6",
        "label_download": {"href": place, "pdf": place},
        **changes,
    }


def v2_carriers(**changes: Any) -> dict[str, Any]:
    """Two carrier accounts, the post with a flat-rate box."""
    post = {
        "carrier_id": "se-11",
        "carrier_code": "stamps_com",
        "account_number": "invented",
        "requires_funded_amount": True,
        "balance": 120.5,
        "nickname": "main",
        "friendly_name": "Stamps.com",
        "primary": True,
        "disabled_by_billing_plan": False,
        "services": [
            {
                "carrier_id": "se-11",
                "carrier_code": "stamps_com",
                "service_code": "usps_ground_advantage",
                "name": "USPS Ground Advantage",
                "domestic": True,
                "international": False,
            }
        ],
        "packages": [
            {"package_code": "package", "name": "Package"},
            {"package_code": "medium_flat_rate_box", "name": "Medium Flat Rate Box"},
        ],
    }
    parcels = {**post, "carrier_id": "se-22", "carrier_code": "ups_walleted", "friendly_name": "UPS"}
    parcels["services"] = [{**post["services"][0], "service_code": "ups_ground", "name": "UPS® Ground"}]  # type: ignore[index] # a literal list above
    return {
        "carriers": [post, parcels],
        "request_id": "5f0c1a52-1111-4222-8333-944455556666",
        "errors": [],
        **changes,
    }


def v2_error(
    code: str = "invalid_field_value", message: str = "No.", source: str = "ShipStation", **more: Any
) -> bytes:
    """The body of an error answer."""
    error = {
        "error_source": source,
        "error_type": "validation",
        "error_code": code,
        "message": message,
        **more,
    }
    return as_json({"request_id": "5f0c1a52-1111-4222-8333-944455556666", "errors": [error]})


def v1_shipment(**changes: Any) -> dict[str, Any]:
    """A bought label as V1 lists it."""
    return {
        "shipmentId": 90010001,
        "orderId": 70010001,
        "orderKey": "t-42",
        "orderNumber": "t-42",
        "createDate": "2031-04-05T10:11:12.3450000",
        "shipDate": "2031-04-05",
        "shipmentCost": 7.31,
        "insuranceCost": 0.0,
        "trackingNumber": "ZZ000111222333444555",
        "carrierCode": "stamps_com",
        "serviceCode": "usps_ground_advantage",
        "packageCode": "package",
        "voided": False,
        "voidDate": None,
        "labelData": None,
        **changes,
    }


def v1_label(**changes: Any) -> dict[str, Any]:
    """V1's answer to a purchase."""
    return {
        "shipmentId": 90010001,
        "shipmentCost": 7.31,
        "insuranceCost": 0.55,
        "trackingNumber": "ZZ000111222333444555",
        "labelData": PDF_DATA,
        "formData": None,
        **changes,
    }


def as_json(value: object) -> bytes:
    """The value as it would travel."""
    return json.dumps(value).encode()
