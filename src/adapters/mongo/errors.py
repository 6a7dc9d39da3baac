"""Why a store cannot be opened."""

from __future__ import annotations


class StoreRefused(Exception):
    """The store cannot be used as it is; the text is one sentence that names the mend."""
