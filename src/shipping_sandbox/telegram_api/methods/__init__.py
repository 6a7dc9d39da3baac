"""The emulated methods; importing the package registers them all."""

from shipping_sandbox.telegram_api.methods import about, callbacks, fetching, files, messages
from shipping_sandbox.telegram_api.methods.registry import METHODS, Call, Described

__all__ = ["METHODS", "Call", "Described", "about", "callbacks", "fetching", "files", "messages"]
