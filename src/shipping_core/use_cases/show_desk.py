"""What a customer keeps, page by page, and the answers to the questions about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from attrs import evolve, frozen

from shipping_core.conversation import desk_screens as ds
from shipping_core.conversation import screens as sc
from shipping_core.domain.desk import NAME_EMPTY, NAME_TAKEN, NAME_TOO_LONG, Contact, ParcelPreset, Template
from shipping_core.domain.draft import STEPS
from shipping_core.domain.ids import UserId
from shipping_core.errors import GatewayError, InvalidAddress, InvalidInput, NotFound, Rejected, TooMany
from shipping_core.ports.notifier import Notifier
from shipping_core.ports.sessions import SessionRepository
from shipping_core.use_cases.asides import TakesAnswer
from shipping_core.use_cases.gather_facts import GatherFacts
from shipping_core.use_cases.keep_contacts import KeepContacts
from shipping_core.use_cases.keep_parcels import PARCEL, KeepParcels
from shipping_core.use_cases.keep_templates import KeepTemplates, placed

PAGE = 8
NAMES = {NAME_EMPTY: "name_empty", NAME_TAKEN: "name_taken", NAME_TOO_LONG: "name_long"}
"""Why a name is refused, as a note's word."""
T = TypeVar("T")
Thing = TypeVar("Thing", Template, Contact, ParcelPreset)


@frozen
class ShowDesk:
    """Pages beside the order in progress, which they never touch.

    Each raises NotFound where what it is about is gone, or somebody else's.
    """

    templates: KeepTemplates
    contacts: KeepContacts
    parcels: KeepParcels
    sessions: SessionRepository
    notifier: Notifier
    facts: GatherFacts

    @property
    def takers(self) -> Mapping[str, TakesAnswer]:
        """Who takes the answers, by question."""
        templates, contacts, parcels = self.templates, self.contacts, self.parcels
        return {
            "template_new": self._taker(templates.empty, self.template),
            "template_name": self._taker(templates.rename, self.template),
            "template_field": self._taker(self._fill, self.template),
            "contact_new": self._taker(contacts.write, self.contact),
            "contact_name": self._taker(contacts.rename, self.contact),
            "contact_address": self._taker(contacts.rewrite, self.contact),
            "parcel_new": self._taker(parcels.write, self.parcel),
            "parcel_name": self._taker(parcels.rename, self.parcel),
        }

    async def template_list(
        self, user_id: UserId, number: int = 0, note: sc.Note | None = None, *, changing: bool = False
    ) -> None:
        """Tell one page of templates, the last where there are no more.

        `number` counts from 0, and `changing` is to change one instead of ordering it; here as below.
        """
        session = await self.sessions.load(user_id)
        shown, page, more = _page(await self.templates.own.all(user_id), number)
        draft = session is not None and not session.draft.empty
        await self.tell(user_id, ds.TemplateList(shown, page, more, draft, changing), note)

    async def template(self, user_id: UserId, template: Template) -> None:
        """Tell one template."""
        shown = evolve(template, draft=placed(self.templates.reader, template.draft))
        await self.tell(user_id, ds.TemplateDetails(shown, await self.templates.last_chosen(user_id)))

    async def contact_list(self, user_id: UserId, number: int = 0, note: sc.Note | None = None) -> None:
        """Tell one page of the address book."""
        await self.tell(user_id, ds.ContactList(*_page(await self.contacts.own.all(user_id), number)), note)

    async def contact(self, user_id: UserId, contact: Contact) -> None:
        """Tell one address."""
        await self.tell(user_id, ds.ContactDetails(contact))

    async def parcel_list(
        self, user_id: UserId, number: int = 0, note: sc.Note | None = None, *, changing: bool = False
    ) -> None:
        """Tell one page of parcels."""
        shown, page, more = _page(await self.parcels.all(user_id), number)
        last = await self.parcels.last(user_id)
        await self.tell(user_id, ds.ParcelList(shown, page, more, last, changing), note)

    async def box_list(self, user_id: UserId) -> None:
        """Tell the carriers' own boxes."""
        try:
            boxes = await self.parcels.boxes()
        except GatewayError:
            await self.tell(user_id, sc.Remark(), sc.Note("unavailable"))
            return
        await self.tell(user_id, ds.BoxList(tuple(boxes)))

    async def parcel(self, user_id: UserId, preset: ParcelPreset) -> None:
        """Tell one parcel."""
        await self.tell(user_id, ds.ParcelDetails(preset))

    async def attempt(
        self, user_id: UserId, act: Awaitable[T], show: Callable[[UserId, T], Awaitable[None]]
    ) -> None:
        """Show what came of an act; where our rules refuse it, say so.

        Raises:
            NotFound: what the act is about is gone, or somebody else's.
        """
        try:
            made = await act
        except Rejected as exc:
            await self.tell(user_id, sc.Remark(), why(exc))
            return
        await show(user_id, made)

    async def tell(self, user_id: UserId, screen: sc.Screen, note: sc.Note | None = None) -> None:
        """Tell any page."""
        await self.notifier.tell(user_id, screen, await self.facts(user_id, screen), note)

    def _taker(
        self,
        act: Callable[[UserId, str, str], Awaitable[T]],
        show: Callable[[UserId, T], Awaitable[None]],
    ) -> TakesAnswer:
        async def take(user_id: UserId, subject: str, text: str) -> sc.Note | None:
            try:
                made = await act(user_id, subject, text)
            except NotFound:
                await self.tell(user_id, sc.Remark(), sc.Note("stale"))
                return None
            except Rejected as exc:
                return why(exc)
            await show(user_id, made)
            return None

        return take

    async def _fill(self, user_id: UserId, subject: str, text: str) -> Template:
        template_id, _, name = subject.partition(":")
        which = next((f for f in STEPS if f.value == name), None)
        if which is None:
            raise NotFound("field", name)
        return await self.templates.fill(user_id, template_id, which, text)


def why(refusal: Rejected) -> sc.Note:
    """What to say of what our rules refuse to keep."""
    match refusal:
        case TooMany():
            return sc.Note("kept_many", {"most": str(refusal.most)})
        case InvalidAddress(reason="nothing_found"):
            return sc.Note("parcel_unread" if refusal.field == PARCEL else "address_unread")
        case InvalidAddress(reason="missing"):
            return sc.Note("lacks", {"detail": " ".join(refusal.lacking)})
        case InvalidAddress():
            return sc.Note(f"reason:{refusal.reason}")
        case InvalidInput():
            return sc.Note(NAMES[refusal.reason])
        case _:
            raise refusal


def _page(things: Sequence[Thing], number: int) -> tuple[tuple[Thing, ...], int, bool]:
    page = min(max(0, number), max(0, len(things) - 1) // PAGE)
    return tuple(things[page * PAGE : (page + 1) * PAGE]), page, len(things) > (page + 1) * PAGE
