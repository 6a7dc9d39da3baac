"""Which role each route of the API needs, in one place; a route that is not here opens to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shipping_core.domain.access import Role

VIEWER, SUPPORT, FINANCE, OWNER = Role
NEEDED: Final[Mapping[str, Role]] = {
    "list_orders": VIEWER,
    "export_orders": VIEWER,
    "show_order": VIEWER,
    "adopt_label": FINANCE,
    "confirm_not_bought": FINANCE,
    "void_and_release": FINANCE,
    "list_users": VIEWER,
    "export_users": SUPPORT,
    "list_refunds": VIEWER,
    "export_refunds": VIEWER,
    "list_topups": VIEWER,
    "export_topups": VIEWER,
    "show_topup": VIEWER,
    "credit_review": FINANCE,
    "close_review": FINANCE,
    "list_transfers": VIEWER,
    "export_transfers": FINANCE,
    "list_letters": VIEWER,
    "export_letters": SUPPORT,
    "list_broadcasts": VIEWER,
    "export_broadcasts": VIEWER,
    "list_approvals": VIEWER,
    "export_approvals": VIEWER,
    "list_alerts": VIEWER,
    "export_alerts": VIEWER,
    "list_audit": SUPPORT,
    "export_audit": OWNER,
    "list_keys": OWNER,
    "export_keys": OWNER,
    "show_key": OWNER,
    "make_key": OWNER,
    "rotate_key": OWNER,
    "revoke_key": OWNER,
    "show_statistics": VIEWER,
}
