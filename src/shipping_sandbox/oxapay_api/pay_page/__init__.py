"""The page where a payer would pay: the invoice, its status as it changes, and buttons instead of coins."""

from shipping_sandbox.oxapay_api.pay_page.routes import page_handlers

__all__ = ["page_handlers"]
