"""Somebody who talks to us."""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from shipping_core.domain.ids import UserId


@frozen
class User:
    """A customer, known from the first message on."""

    user_id: UserId
    joined_at: dt.datetime
    language: str = "en"
