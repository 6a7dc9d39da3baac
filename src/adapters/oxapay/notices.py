"""Payment notices: whose they are, and what they hint at. Pure.

The header `HMAC` is the hex HMAC-SHA512 of exactly the raw body, keyed with the merchant key
(https://docs.oxapay.com/webhook). Nothing in it is fresh: an old one can be
sent again for ever, so it moves no money.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from adapters.oxapay.wire import Callback, Unreadable, decode, plain, track
from shipping_core.errors import NoticeRefused
from shipping_core.ports.payments import Notice

MAX_NOTICE_BYTES = 64 * 1024
_HEX = re.compile(r"[0-9a-f]{128}")
_LONGEST_WORD = 40


def read(raw: bytes, signature: str | None, keys: Sequence[bytes]) -> Notice:
    """What the notice says, if one of the merchant `keys` signed it; nothing is parsed before that.

    Raises:
        NoticeRefused: `size`, `signature` or `shape`, in this order.
    """
    if len(raw) > MAX_NOTICE_BYTES:
        raise NoticeRefused("size")
    if not _signed(raw, signature or "", keys):
        raise NoticeRefused("signature")
    try:
        return _notice(raw)
    except Unreadable:
        raise NoticeRefused("shape") from None


def _signed(raw: bytes, signature: str, keys: Sequence[bytes]) -> bool:
    given = signature.lower()
    if not signature.isascii() or not _HEX.fullmatch(given):
        return False
    expected = [hmac.new(key, raw, hashlib.sha512).hexdigest().encode() for key in keys]
    matches = [hmac.compare_digest(given.encode(), digest) for digest in expected]
    return any(matches)


def _notice(raw: bytes) -> Notice:
    said = decode(raw, Callback)
    word = plain(said.status, limit=_LONGEST_WORD).lower()
    if not word or (said.type or "").strip().lower() == "payout":
        raise Unreadable("not a payment's notice")
    legacy = said.track_id is None
    track_id = track(said.legacy_track_id if legacy else said.track_id)
    return Notice(hashlib.sha256(raw).hexdigest(), track_id, word, legacy)
