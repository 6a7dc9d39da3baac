"""The statement, help, and where to reach a person, in the chat."""

from __future__ import annotations

from attrs import frozen

from adapters.telegram.counters import Counter, page_of
from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation.screens import Help
from shipping_core.domain.ids import UserId
from shipping_core.use_cases.converse import Input
from shipping_core.use_cases.show_desk import ShowDesk
from shipping_core.use_cases.show_statement import ShowStatement


@frozen
class StatementCounter(Counter):
    """`/statement`, page by page."""

    statement: ShowStatement

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:  # noqa: ARG002 - one page or another
        await self.statement(user_id, page_of(subject))


@frozen
class HelpCounter(Counter):
    """`/help`."""

    desk: ShowDesk

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:  # noqa: ARG002 - there is one page
        await self.desk.tell(user_id, Help())


@frozen
class ContactCounter(Counter):
    """`/contact`."""

    desk: ShowDesk

    async def pressed(self, user_id: UserId, action: str, subject: str, source: Input) -> None:  # noqa: ARG002 - there is one page
        await self.desk.tell(user_id, ds.ContactUs())
