"""Counters: what a customer can do beside the order, each with its own pages and buttons."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Protocol

from shipping_core.domain.ids import UserId
from shipping_core.use_cases.converse import Input


class Counter(Protocol):
    """One of them. It never touches the order in progress; where it needs a text it asks aside."""

    @abstractmethod
    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:
        """A button of ours, or the command of the counter's name (`action` is then `open`).

        `subject` may be made up: whose it is must be looked at.

        Raises:
            NotFound: no such thing, or somebody else's; the customer hears that the button is stale.
        """


def page_of(subject: str) -> int:
    """The number of a page, as a button or a person names it; anything else is the first."""
    return int(subject) if re.fullmatch(r"[0-9]{1,6}", subject) else 0
