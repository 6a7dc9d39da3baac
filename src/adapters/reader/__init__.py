"""What a pasted text says: one offline, deterministic reader behind the core's `Reader` port."""

from adapters.reader.reader import OfflineReader

__all__ = ["OfflineReader"]
