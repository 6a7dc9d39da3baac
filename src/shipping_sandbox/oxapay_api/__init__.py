"""Oxapay's merchant API V1 on one machine, under /oxapay/v1, with the pay page under /pay.

Invoices, invented rates, signed webhooks; no coin moves. Facts come from Oxapay's public documentation
(https://docs.oxapay.com). The controls under /sandbox/oxapay and /sandbox/faults/oxapay are ours.
"""

from shipping_sandbox.oxapay_api.router import create_router

__all__ = ["create_router"]
